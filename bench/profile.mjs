#!/usr/bin/env node
// A profile of a million rows beside DuckDB's own SUMMARIZE of the same file, in one run: node bench/profile.mjs [rows]
// SUMMARIZE gives neither histograms nor top values, correlations or duplicate rows; it is the floor, not an equal.
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { cache, entry, root, run, say } from '../scripts/lib/run.mjs';

const rows = Number(process.argv[2] ?? 1_000_000);

/** Fifteen columns of the kinds that people have, always the same. @param {string} file */
async function generate(file) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const stream = createWriteStream(file);
  stream.write('id,count,money,normal,score,share,flag,kind,city,code,hash,day,moment,text,rating\n');
  for (let row = 0; row < rows; row += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const day = new Date(1577836800000 + Math.floor(next() * 1000) * 86400000).toISOString();
    const line = [
      row,
      next() < 0.05 ? '' : Math.floor(next() * 100),
      next() < 0.03 ? '' : Math.exp(4 + 2 * normal).toFixed(2),
      normal.toFixed(5),
      Math.floor(next() * 1000),
      next().toFixed(6),
      next() < 0.3,
      'abcd'[Math.floor(next() * 4)],
      `city ${Math.floor(next() * 20)}`,
      `code ${Math.floor(next() * 5000)}`,
      Math.floor(next() * 2 ** 32).toString(16) + row.toString(16),
      day.slice(0, 10),
      `${day.slice(0, 10)} ${day.slice(11, 19)}`,
      next() < 0.4 ? '' : `some words ${Math.floor(next() * 1e6)}`,
      1 + Math.floor(next() * 5),
    ].join(',');
    if (!stream.write(`${line}\n`)) {
      await once(stream, 'drain');
    }
  }
  stream.end();
  await once(stream, 'finish');
}

/** @param {() => Promise<unknown>} work */
async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

await entry(async () => {
  await buildIfChanged();
  const file = path.join(cache, 'bench', `profile-${rows}.csv`);
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true });
    say(`Writing ${rows.toLocaleString('en')} rows …`);
    await generate(file);
  }
  say(`${(statSync(file).size / 1e6).toFixed(0)} MB, ${rows.toLocaleString('en')} rows × 15 columns; each the better of two runs, process start included`);
  const ours = () => run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'profile', file, '--json']);
  const summarize = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.runAndReadAll("SUMMARIZE SELECT * FROM read_csv('${file}')");`;
  const theirs = () => run(process.execPath, ['--input-type=module', '-e', summarize]);
  const best = async (/** @type {() => Promise<unknown>} */ work) => Math.min(await seconds(work), await seconds(work));
  const [own, other] = [await best(ours), await best(theirs)];
  say(`ours       ${own.toFixed(2)} s  (histograms, top values, quantiles, correlations, duplicates, alerts)`);
  say(`SUMMARIZE  ${other.toFixed(2)} s`);
  say(`ratio      ${(own / other).toFixed(2)}`);
});
