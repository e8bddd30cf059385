import { usualMetrics } from '../../contracts/metrics.ts';
import { keyMetricTag, noteTag, parentTag, trialsTag } from '../../contracts/tags.ts';
import type { Database } from '../store/api.ts';

/** A window's whole list of runs holds about so many values of each kind: parameters, metrics, tags. */
const mostValues = 200_000;

/** What a view needs of a run however many tags it has. */
const neededTags = [parentTag, noteTag, trialsTag, 'headline', 'cwd', 'autologging'];

/** How many values of a kind each of so many runs may show in a list, so that wide runs do not flood a window. */
export function valuesOfEach(runs: number): number {
  return Math.max(20, Math.floor(mostValues / Math.max(1, runs)));
}

/** So many parameters, tags or metrics of each of these runs, and always those that views are drawn by. As JSON objects by run. @param more keys that are needed as well. */
export function someValues(database: Database, table: 'params' | 'tags' | 'series', ids: readonly string[], each: number, more: readonly string[]): Map<string, Record<string, unknown>> {
  const needed = { params: more, tags: [...neededTags, ...more], series: [...usualMetrics, ...more] }[table];
  const told = table !== 'series' ? '' : `OR each.key IN (SELECT value FROM tags WHERE tags.run_id = runs.run_id AND tags.key = 'headline' UNION SELECT value FROM experiment_tags AS tag WHERE tag.experiment_id = runs.experiment_id AND tag.key = '${keyMetricTag}')`;
  const rows = database.all(
    `SELECT run_id, (SELECT json_group_object(key, value) FROM (
       SELECT key, value FROM (SELECT key, value FROM ${table} AS each WHERE each.run_id = runs.run_id LIMIT :each)
       UNION SELECT key, value FROM ${table} AS each WHERE each.run_id = runs.run_id AND (each.key IN (SELECT value FROM json_each(:needed)) ${told})
     )) AS found FROM runs WHERE run_id IN (SELECT value FROM json_each(:ids))`,
    { each, ids: JSON.stringify(ids), needed: JSON.stringify(needed) },
  );
  return new Map(rows.map((row) => [String(row['run_id']), JSON.parse(String(row['found'])) as Record<string, unknown>]));
}
