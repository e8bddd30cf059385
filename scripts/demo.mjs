#!/usr/bin/env node
// npm run demo: the loop without an editor. It leaves examples/loans as a project that npm start can open.
// npm run demo -- stream [--shuffled] [--days N]: examples/ridership replayed day by day through the whole loop.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { buildIfChanged } from './lib/build.mjs';
import { cli } from './lib/cli.mjs';
import { cache, entry, root, run, say, ScriptError } from './lib/run.mjs';

const loans = path.join(root, 'examples', 'loans');
const ridership = path.join(root, 'examples', 'ridership');

const three = (/** @type {number} */ value) => value.toFixed(3);

async function loop() {
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

  await serve(done);

  const riders = await cli(ridership, 'train', 'ridership', '--as', 'daily-riders');
  const naive = riders.baselines.seasonal_naive_7 ?? {};
  done(`Forecast ridership on the newest ${riders.n} days: mean error ${three(riders.metrics.mae)} thousand riders; repeating the value of 14 days before: ${three(naive.mae)}.`);

  say(`Done in ${((Date.now() - started) / 1000).toFixed(0)} s. "npm start" opens this project in VS Code.`);
}

/** Serves the version, asks it about loans, tells it what became of them, and looks at what the monitor saw. @param {(line: string) => void} done */
async function serve(done) {
  const { url, key, version } = await cli(loans, 'deploy', 'loan-default');
  done(`Deploy: loan-default version ${version} answers at ${url}.`);
  const [header = '', ...lines] = readFileSync(path.join(loans, 'loans.csv'), 'utf8').trimEnd().split('\n');
  const target = header.split(',').findIndex((name) => name.includes('Class'));
  const without = (/** @type {string} */ line) => line.split(',').toSpliced(target, 1).join(',');
  const asked = lines.slice(0, 2000);
  const headers = { authorization: `Bearer ${key}`, 'x-request-id': `demo-${Date.now()}` };
  const started = performance.now();
  const answer = await fetch(`${url}/invocations`, { method: 'POST', headers: { ...headers, 'content-type': 'text/csv' }, body: [header, ...asked].map(without).join('\n') });
  const { predictions, ids } = /** @type {{ predictions: string[], ids: string[] }} */ (await answer.json());
  done(`Ask: ${predictions.length} loans over HTTP in ${((performance.now() - started) / 1000).toFixed(2)} s, each logged.`);
  const labels = asked.map((line, index) => ({ id: ids[index], value: (line.split(',')[target] ?? '').replaceAll('"', '') }));
  await fetch(`${url}/labels`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ labels }) });
  const { windows, alerts } = await cli(loans, 'monitor', 'loan-default');
  const judged = windows.filter((/** @type {any} */ window) => window.kind === 'data').slice(-4);
  const scores = windows.filter((/** @type {any} */ window) => window.performance !== null).slice(-4);
  done(
    `Watch: ${judged.length} windows of ${judged[0]?.rows} predictions, ${judged.filter((/** @type {any} */ window) => window.drift.dataset_drift).length} with drift, ${alerts.length} alerts; ` +
      `average precision ${scores.map((/** @type {any} */ window) => three(window.performance.value)).join(', ')}.`,
  );
  const decision = await cli(loans, 'retrain', 'loan-default');
  done(`Retrain: ${decision.comparison?.reasons.slice(0, 2).join(' ') ?? decision.sentence}`);
  await cli(loans, 'endpoints', 'stop', 'loan-default');
}

/** The first years train, the later ones arrive day by day; shuffled, nothing changes and nothing must alarm. @param {{ shuffled: boolean, days: number }} options */
async function stream({ shuffled, days }) {
  const { prepareStream, replay, startStream } = await import('./lib/stream.mjs');
  const started = Date.now();
  const folder = path.join(cache, 'stream', shuffled ? 'shuffled' : 'ridership');
  await cli(folder, 'server', '--stop', '--cancel-jobs').catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
  const made = prepareStream(folder, { shuffled });
  const at = await startStream(made);
  say(`Trained on ${at.trained.rows ?? 'the first'} days: mean error ${three(at.trained.metrics.mae)} thousand riders on the newest ${at.trained.n}. ${made.days.length} days wait; ${Math.min(days, made.days.length)} arrive at ${at.url}.`);
  const { windows, alerts, decisions } = await replay(made, at, { days, say });
  const promoted = decisions.filter((decision) => decision.outcome === 'promoted');
  const scored = windows.filter((window) => window.performance !== null);
  say(`${scored.length} windows, ${alerts.length} alerts, ${decisions.length} retrainings, ${promoted.length} promoted, in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
  say(`npm start -- --folder ${path.relative(root, folder)} opens it: the monitor and each decision are pages there.`);
  await cli(folder, 'server', '--stop', '--cancel-jobs');
}

await entry(async () => {
  const { values, positionals } = parseArgs({ options: { shuffled: { type: 'boolean' }, days: { type: 'string' } }, allowPositionals: true });
  const days = Number(values.days ?? 1080);
  if (positionals.length > 1 || (positionals[0] ?? 'stream') !== 'stream' || !Number.isInteger(days) || days < 60) {
    throw new ScriptError('npm run demo, or npm run demo -- stream [--shuffled] [--days N], N at least 60.');
  }
  if (!(await bootstrap())) {
    return;
  }
  await buildIfChanged();
  await (positionals[0] === 'stream' ? stream({ shuffled: values.shuffled === true, days }) : loop());
});
