#!/usr/bin/env node
// npm run demo: the loop without an editor. It leaves examples/loans as a project that npm start can open.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { buildIfChanged } from './lib/build.mjs';
import { entry, root, run, say, ScriptError } from './lib/run.mjs';

const loans = path.join(root, 'examples', 'loans');
const ridership = path.join(root, 'examples', 'ridership');

/** Runs one command of the CLI in a project and gives back its JSON. @param {string} project @param {string[]} args */
function cli(project, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), args[0] ?? '', '--json', ...args.slice(1)], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new ScriptError(`ml-lifecycle ${args.join(' ')} ended with status ${code}.\n${log}`))));
  });
}

const three = (/** @type {number} */ value) => value.toFixed(3);

await entry(async () => {
  if (!(await bootstrap())) {
    return;
  }
  await buildIfChanged();
  const started = Date.now();
  let step = 0;
  const done = (/** @type {string} */ line) => say(`${(step += 1)}. ${line}`);

  const profile = await cli(loans, 'profile', 'loans');
  done(`Profile: ${profile.rows} loans, ${profile.columns.length} columns, ${profile.alerts.length} alerts.`);

  const trained = await cli(loans, 'train', 'loans', '--as', 'loan-default');
  const { metrics, intervals, baselines } = trained;
  done(
    `Train: ${trained.trainer}, on ${trained.n} loans it never saw: ROC AUC ${three(metrics.roc_auc)} (${three(intervals.roc_auc[0])} to ${three(intervals.roc_auc[1])}), ` +
      `average precision ${three(metrics.average_precision)}; ${baselines.best_single_column.column} alone: ROC AUC ${three(baselines.best_single_column.roc_auc)}.`,
  );
  done(`Register: ${trained.registered.model} version ${trained.registered.version}.`);

  const sample = path.join(loans, '.ml', 'sample.csv');
  writeFileSync(sample, readFileSync(path.join(loans, 'loans.csv'), 'utf8').split('\n').slice(0, 101).join('\n'));
  const scored = path.join(loans, 'scored.csv');
  const { predictions, probabilities } = await cli(loans, 'predict', 'loan-default', sample, '--out', scored, '--overwrite');
  const highest = Math.max(...probabilities.map((/** @type {Record<string, number>} */ row) => row['bad'] ?? 0));
  done(`Predict: ${predictions.length} loans scored into ${path.relative(root, scored)}; the highest probability of bad is ${three(highest)}.`);

  const python = process.platform === 'win32' ? 'python' : 'python3';
  const canRun = await run(python, ['-c', 'import pandas, sklearn']).then(
    () => true,
    () => false,
  );
  if (canRun) {
    const script = await cli(loans, 'run', 'train.py', '--interpreter', python, '--', '--C', '0.5');
    done(`Run train.py with ${python}: ROC AUC ${three(script.metrics.roc_auc)}, recorded with its parameters C=${script.params.C}, folds=${script.params.folds}.`);
  } else {
    done(`Run train.py: left out, since ${python} has no pandas and scikit-learn here.`);
  }

  const second = await cli(loans, 'train', 'loans', '--trainer', 'linear', '--exclude', 'int_rate,sub_grade');
  const comparison = await cli(loans, 'runs', 'compare', trained.run_id, second.run_id);
  const auc = comparison.columns.find((/** @type {{ key: string }} */ column) => column.key === 'roc_auc');
  done(`Compare: without int_rate and sub_grade ROC AUC falls from ${three(auc.values[0])} to ${three(auc.values[1])}.`);

  const riders = await cli(ridership, 'train', 'ridership', '--as', 'daily-riders');
  const naive = riders.baselines.seasonal_naive_7 ?? {};
  done(`Forecast ridership on the newest ${riders.n} days: mean error ${three(riders.metrics.mae)} thousand riders; repeating the value of 14 days before: ${three(naive.mae)}.`);

  say(`Done in ${((Date.now() - started) / 1000).toFixed(0)} s. "npm start" opens this project in VS Code.`);
});
