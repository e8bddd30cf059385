#!/usr/bin/env node
// Drift of a million rows against a reference as large, beside Evidently 0.7.21 on the same files, in one run:
//   node bench/drift.mjs [rows] [csv|parquet]
// Both sides include the start of their process and reading the files. Python packages: see docs/monitoring.md.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { cache, entry, root, run, say, ScriptError } from '../scripts/lib/run.mjs';

const rows = Number(process.argv[2] ?? 1_000_000);
const format = process.argv[3] === 'csv' ? 'csv' : 'parquet';
const folder = path.join(cache, 'bench');
const python = path.join(cache, 'evidently', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Fifteen columns: eight of measured numbers (one with gaps), a flag, two of few whole numbers, four of texts. Always the same. */
const columns = (/** @type {number} */ seed) => {
  const uniform = (/** @type {number} */ salt) => `((hash(i * 97 + ${seed * 1000 + salt}) >> 11)::DOUBLE / 9007199254740992.0)`;
  const normal = (/** @type {number} */ salt) => `(sqrt(-2 * ln(1 - ${uniform(salt)})) * cos(6.283185307179586 * ${uniform(salt + 500)}))`;
  const shift = seed === 2 ? 1 : 0;
  return `
    ${normal(1)} AS plain, ${normal(2)} + ${0.3 * shift} AS moved, ${normal(3)} * ${1 + 0.5 * shift} AS wider, exp(4 + 2 * ${normal(4)}) AS money,
    CASE WHEN ${uniform(5)} < 0.05 THEN NULL ELSE ${uniform(6)} END AS gaps, floor(${uniform(7)} * 1000)::INTEGER AS points, -ln(1 - ${uniform(8)}) * ${1 + 0.15 * shift} AS waiting, ${uniform(9)} AS share,
    ${uniform(10)} < ${0.3 + 0.2 * shift} AS flag, 1 + floor(${uniform(11)} * 5)::INTEGER AS rating, floor(${uniform(12)} ** ${1 + shift} * 10)::INTEGER AS step,
    chr(97 + floor(${uniform(13)} * 4)::INTEGER) AS kind, 'city ' || floor(${uniform(14)} ** ${1 + 0.6 * shift} * 20)::INTEGER AS city,
    'code ' || floor(${uniform(15)} * 5000)::INTEGER AS code, 'zone ' || floor(${uniform(16)} * 200)::INTEGER AS zone`;
};

const evidently = `
import json, sys, pandas as pd
from evidently import Dataset, DataDefinition, Report
from evidently.presets import DataDriftPreset
read = pd.read_csv if sys.argv[1].endswith("csv") else pd.read_parquet
reference, current = read(sys.argv[1]), read(sys.argv[2])
definition = DataDefinition(
    numerical_columns=["plain", "moved", "wider", "money", "gaps", "points", "waiting", "share"],
    categorical_columns=["flag", "rating", "step", "kind", "city", "code", "zone"],
)
snapshot = Report([DataDriftPreset()]).run(Dataset.from_pandas(current, definition), Dataset.from_pandas(reference, definition))
values = {m["metric_name"]: m for m in snapshot.dict()["metrics"]}
found = {}
for name, metric in values.items():
    if name.startswith("ValueDrift"):
        config = metric["config"]
        found[config["column"]] = {"value": float(metric["value"]), "method": config["method"], "threshold": config["threshold"]}
json.dump(found, open(sys.argv[3], "w"))
`;

/** @param {() => Promise<unknown>} work */
async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

await entry(async () => {
  if (!existsSync(python)) {
    throw new ScriptError(`There is no Evidently in ${path.dirname(python)}. Make it once: python3 -m venv .cache/evidently && .cache/evidently/bin/pip install evidently==0.7.21 "pandas<3" pyarrow`);
  }
  await buildIfChanged();
  mkdirSync(folder, { recursive: true });
  const fileOf = (/** @type {number} */ seed) => path.join(folder, `drift-${rows}-${seed}.${format}`);
  const [reference, current] = [fileOf(1), fileOf(2)];
  if (!existsSync(current)) {
    say(`Writing 2 × ${rows.toLocaleString('en')} rows …`);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const [index, file] of [reference, current].entries()) {
      await connection.run(`COPY (SELECT ${columns(index + 1)} FROM range(${rows}) t(i)) TO '${file}' (FORMAT ${format})`);
    }
  }
  const script = path.join(folder, 'drift.py');
  writeFileSync(script, evidently);
  const theirs = path.join(folder, 'drift-evidently.json');
  const cli = path.join(root, 'dist', 'runtime', 'cli.js');
  let output = '';
  const ours = async () => {
    output = await run(process.execPath, [cli, 'monitor', '--reference', reference, '--current', current, '--mode', 'evidently', '--json']);
  };
  say(`2 × ${(statSync(reference).size / 1e6).toFixed(0)} MB ${format}, 2 × ${rows.toLocaleString('en')} rows × 15 columns; process start and reading included`);
  const own = Math.min(await seconds(ours), await seconds(ours), await seconds(ours));
  const other = await seconds(() => run(python, [script, reference, current, theirs]));
  say(`ours       ${own.toFixed(2)} s (best of three)`);
  say(`Evidently  ${other.toFixed(2)} s`);
  say(`ratio      ${(other / own).toFixed(1)}`);
  const { columns: found } = JSON.parse(output);
  const expected = JSON.parse(readFileSync(theirs, 'utf8'));
  const wrong = Object.entries(expected).filter(([name, { value, threshold }]) => {
    const column = found.find((/** @type {{ name: string }} */ each) => each.name === name);
    return column === undefined || Math.abs(column.statistic - value) > 1e-6 || column.drift !== value >= threshold;
  });
  say(`same       ${Object.keys(expected).length - wrong.length} of ${Object.keys(expected).length} columns: statistic to 1e-6 and verdict`);
  return wrong.length === 0 && found.length === Object.keys(expected).length ? 0 : 1;
});
