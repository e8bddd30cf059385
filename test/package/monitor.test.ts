// `ml-lifecycle monitor` and the query worker, as they are shipped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/lib/run.mjs';
import { DriftReport } from '../../src/contracts/monitoring.ts';
import { QueryWorker } from '../../src/core/client/queryWorker.ts';

const runtime = path.join(root, 'dist', 'runtime');

describe('monitoring', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'monitor-'));
    const [header = '', ...lines] = readFileSync(path.join(root, 'examples', 'loans', 'loans.csv'), 'utf8').trimEnd().split(/\r?\n/);
    await writeFile(path.join(folder, 'reference.csv'), `${[header, ...lines.slice(0, 5000)].join('\n')}\n`);
    await writeFile(path.join(folder, 'current.csv'), `${[header, ...lines.slice(5000)].join('\n')}\n`);
    await writeFile(path.join(folder, 'empty.csv'), '');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const monitor = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, [path.join(runtime, 'cli.js'), 'monitor', ...args], { cwd: folder, encoding: 'utf8' });

  it('compares two files in both modes, in the form that scripts depend on', () => {
    for (const mode of ['monitor', 'evidently']) {
      const { status, stdout } = monitor('--reference', 'reference.csv', '--current', 'current.csv', '--mode', mode, '--json');
      assert.equal(status, 0);
      const report = DriftReport.parse(JSON.parse(stdout));
      assert.equal(report.mode, mode);
      assert.equal(report.dataset_drift, false);
      assert.equal(report.columns.length, 23);
      assert.deepEqual([report.columns[0]?.n_reference, report.columns[0]?.n_current], [5000, 4857]);
    }
    assert.match(monitor('--reference', 'reference.csv', '--current', 'current.csv').stdout, /^No drift: 0 of 23 columns \(mode monitor\)/);
  });

  it('ends with 2 and a sentence for bad input', () => {
    for (const [args, pattern] of [
      [['--current', 'current.csv'], /Missing option: --reference FILE/],
      [['--reference', 'reference.csv', '--current', 'nowhere.csv'], /There is no file .*nowhere\.csv/],
      [['--reference', 'reference.csv', '--current', 'empty.csv'], /empty\.csv is empty/],
      [['--reference', 'reference.csv', '--current', 'current.csv', '--mode', 'loud'], /--mode "loud" is not available/],
      [['--reference', 'reference.csv', '--current', 'current.csv', '--time', 'term'], /--time: `term` holds no dates/],
      [['parcels', '--project', folder], /There is no ml\.yaml/],
    ] as const) {
      const { status, stdout, stderr } = monitor(...args);
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr.trimEnd(), pattern);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    }
  });

  it('is computed in the query worker for a window', async () => {
    const worker = new QueryWorker({ folder: runtime, execPath: process.execPath, electron: false });
    const files = { reference: path.join(folder, 'reference.csv'), current: path.join(folder, 'current.csv') };
    assert.equal((await worker.drift({ ...files, mode: 'monitor', ignore: [] })).dataset_drift, false);
    await assert.rejects(worker.drift({ ...files, current: path.join(folder, 'empty.csv'), mode: 'evidently', ignore: [] }), /empty\.csv is empty/);
    const settings = { window: 500, consecutive: 2, drift_threshold: 0.1, metric: null, worse_by: 0.2, ignore: [] };
    const position = { judged: 0, files: {}, label: null };
    const answer = await worker.windows({ kind: 'data', endpoint: 'none', folder, ulid: 'U', version: null, settings, position, reference: null, signature: null, metrics: {} });
    assert.deepEqual(answer, { windows: [], position, more: false, waiting: 0, labels: null });
    worker.dispose();
  });
});
