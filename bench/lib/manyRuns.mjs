// A project with many finished runs and many columns, made straight in the database.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../src/core/store/api.ts';
import { cache, say } from '../../scripts/lib/run.mjs';

/**
 * The folder of a project with `runs` runs, of which each has all `columns`: half metrics, half parameters, and a few
 * tags. Every hundredth run has a history of 200 steps in three metrics. Made once, kept under .cache.
 * @param {number} runs @param {number} columns
 */
export function manyRuns(runs, columns) {
  const folder = path.join(cache, `many-runs-${runs}-${columns}`);
  if (existsSync(folder)) {
    return folder;
  }
  say(`Making ${runs.toLocaleString('en')} runs with ${columns.toLocaleString('en')} columns …`);
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(path.join(making, '.ml'), { recursive: true });
  writeFileSync(path.join(making, 'ml.yaml'), '# Many runs, for a benchmark.\nproject: sweep\n');
  const file = path.join(making, '.ml', 'ml.db');
  openDatabase(file).close();
  const database = new DatabaseSync(file);
  const tags = 10;
  const params = Math.floor((columns - tags) / 2);
  const metrics = columns - tags - params;
  const id = `printf('01J%023d', r.n)`;
  const upTo = (/** @type {string} */ name, /** @type {number} */ count) => `${name}(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ${name} WHERE n < ${count - 1})`;
  const chance = '(abs(random() % 1000000) / 1000000.0)';
  database.exec(`
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
    INSERT INTO experiments (experiment_id, name, created, updated) VALUES (1, 'sweep', 1700000000000, 1700000000000);
    WITH RECURSIVE ${upTo('r', runs)} INSERT INTO runs (run_id, experiment_id, name, kind, status, created, started, ended, source)
      SELECT ${id}, 1, 'trial ' || r.n, 'external', 'finished', 1700000000000 + r.n * 60000, 1700000000000 + r.n * 60000, 1700000030000 + r.n * 60000, 'sweep.py' FROM r;
    WITH RECURSIVE ${upTo('r', runs)}, ${upTo('c', params)} INSERT INTO params (run_id, key, value)
      SELECT ${id}, printf('param_%03d', c.n), CASE WHEN c.n % 5 = 0 THEN 'same' WHEN c.n % 5 = 1 THEN trim(substr('adam  sgd   lamb  ', 1 + 6 * ((r.n + c.n) % 3), 5)) ELSE printf('%.5g', ${chance}) END FROM r CROSS JOIN c;
    WITH RECURSIVE ${upTo('r', runs)}, ${upTo('c', tags)} INSERT INTO tags (run_id, key, value) SELECT ${id}, printf('tag_%02d', c.n), 'team ' || ((r.n + c.n) % 7) FROM r CROSS JOIN c;
    WITH RECURSIVE ${upTo('r', runs)}, ${upTo('c', metrics)} INSERT INTO series (run_id, key, series_id, step, timestamp, value, last_mark, journalled)
      SELECT ${id}, CASE c.n WHEN 0 THEN 'accuracy' WHEN 1 THEN 'loss' ELSE printf('metric_%03d', c.n) END, 1 + r.n * ${metrics} + c.n, 0, 1700000000000 + r.n * 60000, ${chance}, 1 + r.n * ${metrics} + c.n, 0 FROM r CROSS JOIN c;
    INSERT INTO points (series_id, timestamp, step, value, mark) SELECT series_id, timestamp, step, value, last_mark FROM series ORDER BY series_id;
    WITH RECURSIVE ${upTo('s', 200)} INSERT INTO points (series_id, timestamp, step, value, mark)
      SELECT series_id, timestamp + s.n + 1, s.n - 200, value + (200 - s.n) * 0.004 + ${chance} * 0.1, 10000000 + s.n FROM series CROSS JOIN s WHERE series_id % ${metrics} < 4 AND series_id / ${metrics} % 100 = 0;
  `);
  database.close();
  renameSync(making, folder);
  return folder;
}
