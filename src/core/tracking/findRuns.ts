import type { RunFilter } from '../../contracts/experiments.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Database, Values } from '../store/api.ts';
import { ExperimentStore, type Lifecycle } from './experimentStore.ts';
import { RunSearch } from './runSearch.ts';

/** More than any project has: a search that is not paged. */
const all = 10_000_000;

/**
 * The ids of the runs that a person's filter finds, newest first.
 * @throws Refusal for a comparison that cannot be read; UserError for an experiment that there is not.
 */
export function findRuns(database: Database, { text = '', experiment, archived = false }: RunFilter): string[] {
  const view: Lifecycle = archived ? 'deleted' : 'active';
  const experiment_ids = experiment === undefined ? null : [idOf(database, experiment)];
  if (text.trim() !== '' && !isComparison(text)) {
    return findWords(database, text, view, experiment_ids?.[0] ?? null);
  }
  return new RunSearch(database).ids({ filter: text, order_by: ['attributes.created DESC', 'attributes.run_id DESC'], experiment_ids, view, max: all, token: '' }).ids;
}

/** Whether a text is meant in the search language, so that what is wrong with it is worth saying. */
export function isComparison(text: string): boolean {
  return /[=<>]|\s(?:i?like\s+['"]|(?:not\s+)?in\s*\(|is\s+(?:not\s+)?null\b)/i.test(text);
}

function idOf(database: Database, name: string): string {
  const found = new ExperimentStore(database).byName(name);
  if (found === null) {
    throw new UserError(`There is no experiment "${name}" in this project.`, { field: 'experiment' });
  }
  return found.experiment_id;
}

/** Each word must stand in the run's name, experiment, source or status, or in a parameter or tag, in either case. */
function findWords(database: Database, text: string, lifecycle: Lifecycle, experiment_id: string | null): string[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const values: Values = { lifecycle };
  const conditions = words.map((word, index) => {
    values[`word${index}`] = word;
    const has = (sql: string): string => `instr(lower(${sql}), :word${index}) > 0`;
    const among = (table: string): string => `EXISTS (SELECT 1 FROM ${table} AS each WHERE each.run_id = runs.run_id AND (${has('each.value')} OR ${has('each.key')}))`;
    return `(${[has('runs.name'), has('experiments.name'), has('runs.source'), has('runs.status'), among('params'), among('tags')].join(' OR ')})`;
  });
  if (experiment_id !== null) {
    values['experiment_id'] = experiment_id;
    conditions.push('runs.experiment_id = CAST(:experiment_id AS INTEGER)');
  }
  return database
    .all(`SELECT run_id FROM runs JOIN experiments USING (experiment_id) WHERE runs.lifecycle = :lifecycle AND ${conditions.join(' AND ')} ORDER BY runs.created DESC, run_id DESC`, values)
    .map((row) => String(row['run_id']));
}
