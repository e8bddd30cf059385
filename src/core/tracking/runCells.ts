import { higherIsBetter } from '../../contracts/metrics.ts';
import type { Aggregate, RunCell, RunColumn, RunHead } from '../../contracts/runTable.ts';
import type { Database, DatabaseRow } from '../store/api.ts';
import { invalid } from './refusal.ts';

/** What every run has, or may have; times in milliseconds since 1970. */
const attributes: Record<string, string> = {
  run_id: 'runs.run_id',
  name: 'runs.name',
  experiment: 'experiments.name',
  kind: 'runs.kind',
  status: 'runs.status',
  source: `nullif(runs.source, '')`,
  user: `nullif(runs.user, '')`,
  created: 'runs.created',
  started: 'runs.started',
  ended: 'runs.ended',
  seconds: 'round((runs.ended - runs.started) / 1000.0, 1)',
  commit: `substr(json_extract(runs.git, '$.commit'), 1, 8)`,
  error: 'runs.error',
};

export const attributeKeys: readonly string[] = Object.keys(attributes);

/** Texts in texts: of each run, its place in the list; of each key, its own. */
const lists = `WITH r AS MATERIALIZED (SELECT key AS place, value AS run_id FROM json_each(:ids)), k AS MATERIALIZED (SELECT key AS place, value AS name FROM json_each(:keys))`;

const aggregated: Record<Exclude<Aggregate, 'best'>, string> = {
  last: `coalesce(series.value, 'NaN')`,
  min: `coalesce((SELECT min(value) FROM points WHERE points.series_id = series.series_id AND typeof(value) <> 'text'), 'NaN')`,
  max: `coalesce((SELECT max(value) FROM points WHERE points.series_id = series.series_id AND typeof(value) <> 'text'), 'NaN')`,
};

/** The values of these columns for these runs, by column. Asked by primary keys, so it costs what is asked, whatever else there is. */
export function readCells(database: Database, ids: readonly string[], columns: readonly RunColumn[]): RunCell[][] {
  const cells = columns.map(() => new Array<RunCell>(ids.length).fill(null));
  const places = new Map<string, number[]>();
  columns.forEach((column, index) => {
    const source = sourceOf(column);
    places.set(source, [...(places.get(source) ?? []), index]);
  });
  for (const [source, indices] of places) {
    const keys = indices.map((index) => columns[index]?.key ?? '');
    if (source === 'attribute') {
      fillAttributes(database, ids, keys, indices, cells);
      continue;
    }
    const [table, value] = source === 'param' ? ['params', 'params.value'] : source === 'tag' ? ['tags', 'tags.value'] : ['series', aggregated[source as keyof typeof aggregated]];
    const rows = database.all(
      `${lists} SELECT r.place AS row, k.place AS key, ${value} AS value FROM r CROSS JOIN k CROSS JOIN ${table} ON ${table}.run_id = r.run_id AND ${table}.key = k.name`,
      { ids: JSON.stringify(ids), keys: JSON.stringify(keys) },
    );
    for (const row of rows) {
      const column = cells[indices[Number(row['key'])] ?? -1];
      if (column !== undefined) {
        column[Number(row['row'])] = cellOf(row['value']);
      }
    }
  }
  return cells;
}

/** The names and states of these runs, in their order; ids that are none are left out. */
export function readHeads(database: Database, ids: readonly string[]): RunHead[] {
  const rows = database.all(
    `SELECT runs.run_id, runs.name, experiments.name AS experiment, kind, status, runs.created
     FROM json_each(:ids) AS r CROSS JOIN runs ON runs.run_id = r.value JOIN experiments USING (experiment_id) ORDER BY r.key`,
    { ids: JSON.stringify(ids) },
  );
  return rows.map((row: DatabaseRow) => ({
    run_id: String(row['run_id']),
    name: String(row['name']),
    experiment: String(row['experiment']),
    kind: row['kind'] as RunHead['kind'],
    status: row['status'] as RunHead['status'],
    created: Number(row['created']),
  }));
}

/** Where the values of a column come from: one question can be about all columns of one source. */
function sourceOf({ group, key, aggregate = 'last' }: RunColumn): string {
  if (group !== 'metric') {
    return group;
  }
  return aggregate === 'best' ? (higherIsBetter(key) ? 'max' : 'min') : aggregate;
}

function fillAttributes(database: Database, ids: readonly string[], keys: readonly string[], indices: readonly number[], cells: RunCell[][]): void {
  const unknown = keys.find((key) => !Object.hasOwn(attributes, key));
  if (unknown !== undefined) {
    throw invalid(`A run has no attribute '${unknown}'. There are ${attributeKeys.join(', ')}.`);
  }
  const rows = database.all(
    `SELECT r.key AS row, ${keys.map((key, index) => `${attributes[key] ?? ''} AS a${index}`).join(', ')}
     FROM json_each(:ids) AS r CROSS JOIN runs ON runs.run_id = r.value JOIN experiments USING (experiment_id)`,
    { ids: JSON.stringify(ids) },
  );
  for (const row of rows) {
    indices.forEach((place, index) => {
      const column = cells[place];
      if (column !== undefined) {
        column[Number(row['row'])] = cellOf(row[`a${index}`]);
      }
    });
  }
}

function cellOf(value: unknown): RunCell {
  return typeof value === 'number' ? (Number.isFinite(value) ? value : String(value)) : typeof value === 'string' ? value : null;
}
