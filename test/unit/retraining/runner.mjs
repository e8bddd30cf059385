// A job runner that trains nothing: it does what behave.json in the project says, in the files that a real one writes.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Recorder } from '../../../src/core/jobs/recorder.ts';
import { newDecision, withStep } from '../../../src/core/retraining/decision.ts';

const folder = process.argv[2];
const task = JSON.parse(readFileSync(path.join(folder, 'job.json'), 'utf8'));
const { spec, project, job_id } = task;
const behave = JSON.parse(readFileSync(path.join(project, 'behave.json'), 'utf8'));
const recorder = new Recorder(folder);
recorder.write({ type: 'started', at: Date.now() });
let decision = newDecision(job_id, spec, Date.now(), null);
const keep = (next) => {
  decision = next;
  writeFileSync(path.join(recorder.artifactFolder, 'decision.json'), JSON.stringify(decision));
};
while (behave.wait && existsSync(path.join(project, 'wait'))) {
  await pause(20);
}
const ulid = `01CAND${job_id.slice(6)}`;
for (const name of ['check', 'train', 'compare', 'propose']) {
  keep(withStep(decision, name, { status: 'running' }));
  if (behave.die === name) {
    process.exit(1);
  }
  if (behave.fail === name) {
    keep(withStep(decision, name, { status: 'failed', message: `No ${name} today.` }));
    recorder.ended('failed', null, new Error(`No ${name} today.`));
    process.exit(0);
  }
  if (name === 'check') {
    decision = { ...decision, data: { path: 'data.csv', sha256: 'd', rows: readFileSync(spec.request.file, 'utf8').trim().split('\n').length - 1 } };
  }
  if (name === 'train') {
    decision = { ...decision, challenger: { ulid, version: null, run_id: job_id, trainer: 'linear', fitted_rows: 80, fitted_until: null } };
  }
  if (name === 'compare' && behave.verdict) {
    decision = { ...decision, comparison: { metric: 'mae', min_gain: 0, margin: 0.1, policy: 'better', rows: { offered: 300, seen_by_champion: 100, seen_by_challenger: 100, compared: 200 }, from: null, to: null, newest: null, old: null, slices: [], verdict: behave.verdict, reasons: [`So it is: ${behave.verdict}.`], points: [] } };
  }
  if (name === 'propose') {
    const sha256 = createHash('sha256').update(job_id).digest('hex');
    const object = path.join(project, '.ml/objects', sha256.slice(0, 2), sha256);
    mkdirSync(path.dirname(object), { recursive: true });
    writeFileSync(object, job_id);
    const candidate = { model: spec.model, ulid, created: new Date().toISOString(), run_id: job_id, task: 'regression', target: 'y', trainer: 'linear', artifact: { sha256, bytes: 26 }, data: decision.data, git: null, metrics: { mae: 1 }, description: '', tags: {} };
    writeFileSync(path.join(recorder.artifactFolder, 'candidate.json'), JSON.stringify(candidate));
  }
  keep(withStep(decision, name, { status: 'done', seconds: 0, message: 'ok' }));
}
recorder.ended('finished', null);
process.exit(0);
