import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JournalEntry, type RetrainJob, type RunnerTask } from '../../../src/contracts/jobs.ts';
import { CandidateVersion } from '../../../src/contracts/registry.ts';
import { Decision } from '../../../src/contracts/retraining.ts';
import { TrainingReport, type TrainRequest } from '../../../src/contracts/training.ts';
import { readTable } from '../../../src/core/data/api.ts';
import { runTask } from '../../../src/core/jobs/api.ts';
import { objectPath, storeObject } from '../../../src/core/store/api.ts';
import { decodeFittedRows } from '../../../src/core/training/api.ts';
import { random } from '../../../src/core/training/random.ts';

describe('a retraining as a job', function () {
  this.timeout(90_000);
  let folder: string;
  let champion: NonNullable<RetrainJob['champion']>;
  let file: string;
  let jobs = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'retrain-'));
    file = path.join(folder, 'days.csv');
    await days(1200);
    const trained = await run({ champion: null });
    const { candidate } = trained;
    assert.ok(candidate !== null, JSON.stringify(trained.last));
    champion = { ulid: candidate.ulid, version: 1, model_file: objectPath(objects(), candidate.artifact.sha256), fitted_file: objectPath(objects(), candidate.fitted!.sha256), contestant: { ulid: candidate.ulid, version: 1, run_id: null, trainer: 'linear', fitted_rows: candidate.fitted!.rows, fitted_until: candidate.fitted!.until ?? null } };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const objects = (): string => path.join(folder, '.ml/objects');
  /** After day 1,200 the world is another one: y falls with x. */
  async function days(count: number, change: { header?: string; line?: (row: number, usual: string) => string } = {}): Promise<void> {
    const next = random(3);
    const lines = Array.from({ length: count }, (_, row) => {
      const x = next();
      const usual = `${new Date(Date.UTC(2020, 0, 1) + row * 86_400_000).toISOString().slice(0, 10)},${x.toFixed(5)},${(10 + (row < 1200 ? 5 : -5) * x + 0.3 * next()).toFixed(5)}`;
      return change.line?.(row, usual) ?? usual;
    });
    await writeFile(file, `${change.header ?? 'day,x,y'}\n${lines.join('\n')}\n`);
  }
  interface Done {
    decision: Decision;
    candidate: CandidateVersion | null;
    last: JournalEntry | undefined;
    artifacts: string;
  }
  async function run(change: Partial<RetrainJob> = {}, request: Partial<TrainRequest> = {}, prepare?: (job: string) => Promise<void>): Promise<Done> {
    jobs += 1;
    const job_id = `j${jobs}`;
    const job = path.join(folder, '.ml/jobs', job_id);
    await mkdir(job, { recursive: true });
    await writeFile(path.join(job, 'output.log'), '');
    await prepare?.(job);
    const spec: RetrainJob = {
      kind: 'retrain',
      retraining: 'r',
      model: 'm',
      trigger: { kind: 'manual', detail: 'By hand.' },
      request: { file, target: 'y', split: 'time', time: 'day', aside_rows: 200, exclude: [], trainers: ['linear'], folds: 2, seed: 0, ...request },
      champion,
      min_gain: 0,
      margin: null,
      slices: [],
      policy: 'better',
      ...change,
    };
    const task: RunnerTask = { job_id, folder: job, project: folder, spec };
    await runTask(task, new AbortController().signal);
    const artifacts = path.join(job, 'artifacts');
    const journal = (await readFile(path.join(job, 'journal.ndjson'), 'utf8')).split('\n').filter(Boolean).map((line) => JournalEntry.parse(JSON.parse(line)));
    const read = async (name: string): Promise<unknown> => readFile(path.join(artifacts, name), 'utf8').then((text) => JSON.parse(text) as unknown, () => null);
    const candidate = await read('candidate.json');
    return { decision: Decision.parse(await read('decision.json')), candidate: candidate === null ? null : CandidateVersion.parse(candidate), last: journal.at(-1), artifacts };
  }
  const failed = ({ decision, last }: Done): [string | undefined, string] => {
    assert.ok(last?.type === 'ended' && last.status === 'failed', JSON.stringify(last));
    const step = decision.steps.find(({ status }) => status === 'failed');
    assert.equal(step?.message, last.failure?.message);
    return [step?.name, step?.message ?? ''];
  };

  it('trains on the grown data, compares on what neither saw, and proposes with records', async () => {
    await days(1600);
    const { decision, candidate, last, artifacts } = await run();
    assert.ok(last?.type === 'ended' && last.status === 'finished', JSON.stringify(last));
    assert.deepEqual(decision.steps.slice(0, 4).map(({ status }) => status), ['done', 'done', 'done', 'done']);
    const { comparison, challenger } = decision;
    assert.equal(comparison?.verdict, 'promote', comparison?.reasons.join(' '));
    assert.deepEqual(comparison.rows, { offered: 1600, seen_by_champion: 1000, seen_by_challenger: 1400, compared: 200 });
    assert.equal(comparison.newest?.rows, 200);
    // Both judge by the same rows here, so the report and the comparison must say the same.
    const report = TrainingReport.parse(JSON.parse(await readFile(path.join(artifacts, 'report.json'), 'utf8')));
    assert.ok(Math.abs(report.metrics['mae']!.value - comparison.newest.challenger!) < 1e-9);
    assert.equal(challenger?.fitted_rows, 1400);
    assert.equal(candidate?.ulid, challenger.ulid);
    const fitted = decodeFittedRows(await readFile(objectPath(objects(), candidate.fitted!.sha256)));
    assert.deepEqual([fitted.fitted.length, fitted.aside.length], [1400, 200]);
    const reference = await readTable(path.join(artifacts, 'model/reference.parquet'));
    assert.deepEqual(reference.columns.map(({ name, type }) => `${name} ${type}`), ['day date', 'x number', '__prediction number', '__score number', '__truth number', '__aside boolean']);
    assert.equal(reference.rows, candidate.reference?.rows);
    const aside = reference.columns.at(-1)!.values as Float64Array;
    assert.equal(aside.reduce((sum, value) => sum + value, 0), 200);
  });

  it('decides nothing on missing evidence: too few new rows, no record of what the champion saw', async () => {
    await days(1250);
    assert.match((await run()).decision.comparison?.reasons[0] ?? '', /Not enough evidence.*50 rows are new/);
    await days(1600);
    for (const fitted_file of [null, file]) {
      const { decision } = await run({ champion: { ...champion, fitted_file } });
      assert.equal(decision.comparison?.verdict, 'inconclusive');
      assert.match(decision.comparison.reasons[0]!, /no record .* champion/);
    }
  });

  it('fails at the check, in words, on a delivery that is broken or lacks what the models need', async () => {
    const check = async (message: RegExp, change: Partial<RetrainJob> = {}, request: Partial<TrainRequest> = {}): Promise<void> => {
      const [step, said] = failed(await run(change, request));
      assert.equal(step, 'check');
      assert.match(said, message);
    };
    await check(/There is no file/, {}, { file: path.join(folder, 'nowhere.csv') });
    await days(1600, { header: 'day,z,y' });
    await check(/no column `x`/);
    await days(1600, { header: 'day,x,z' });
    await check(/no column `y`, which is to be predicted/);
    await days(1600, { line: (_row, usual) => usual.replace(/,([\d.]+),/, ',many,') });
    await check(/`x`/);
    await days(1600, { line: (row, usual) => (row > 20 ? usual.replace(/[\d.]+$/, '') : usual) });
    await check(/has 21 rows with a value of `y`; at least 50/);
    await days(1600, { line: (_row, usual) => usual.replace(/[\d.]+$/, 'high') });
    await check(/does not hold numbers any more/);
    await days(1600, { line: (row, usual) => (row === 700 ? `${usual},1,2,3` : usual) });
    await check(/line.* of days\.csv do not fit its header/);
    await writeFile(file, '');
    await check(/days\.csv is empty/);
    await writeFile(file, 'day,x,y\n');
    await check(/0 rows with a value/);
    await days(1600);
    await check(/no column `kind` to make slices of/, { slices: ['kind'] });
    await check(/not on this machine/, { champion: { ...champion, model_file: path.join(folder, 'gone') } });
    const damaged = path.join(folder, 'damaged');
    await writeFile(damaged, '{}');
    await check(/damaged/, { champion: { ...champion, model_file: damaged } });
    const noModel = objectPath(objects(), await storeObject(objects(), Buffer.from('{"format": "none"}')));
    await check(/not a model of this program/, { champion: { ...champion, model_file: noModel } });
  });

  it('fails at the training, and keeps what was checked', async () => {
    await days(1600);
    const done = await run({}, { exclude: ['nothing'] });
    const [step, said] = failed(done);
    assert.equal(step, 'train');
    assert.match(said, /no column `nothing` to leave out/);
    assert.equal(done.decision.data?.rows, 1600);
    assert.deepEqual(done.decision.steps.map(({ status }) => status), ['done', 'failed', 'skipped', 'skipped', 'skipped', 'skipped']);
  });

  it('fails at the proposal where its objects cannot be kept', async () => {
    await rm(path.join(folder, 'blocked'), { recursive: true, force: true });
    await mkdir(path.join(folder, 'blocked/.ml'), { recursive: true });
    await writeFile(path.join(folder, 'blocked/.ml/objects'), 'a file where a folder should be');
    await days(1600);
    jobs += 1;
    const job = path.join(folder, '.ml/jobs', `j${jobs}`);
    await mkdir(job, { recursive: true });
    const spec: RetrainJob = { kind: 'retrain', retraining: 'r', model: 'm', trigger: { kind: 'manual', detail: '' }, request: { file, target: 'y', split: 'time', time: 'day', exclude: [], trainers: ['linear'], folds: 2, seed: 0 }, champion, min_gain: 0, margin: null, slices: [], policy: 'better' };
    await runTask({ job_id: `j${jobs}`, folder: job, project: path.join(folder, 'blocked'), spec }, new AbortController().signal);
    const decision = Decision.parse(JSON.parse(await readFile(path.join(job, 'artifacts/decision.json'), 'utf8')));
    assert.equal(decision.steps.find(({ status }) => status === 'failed')?.name, 'propose');
    assert.notEqual(decision.comparison, null);
  });
});
