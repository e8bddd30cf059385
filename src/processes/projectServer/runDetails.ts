import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { jobFiles } from '../../contracts/jobs.ts';
import { modelFileName } from '../../contracts/model.ts';
import type { VersionFile } from '../../contracts/registry.ts';
import type { RunDetail, RunSummary } from '../../contracts/runs.ts';
import type { RegisterRequest } from '../../contracts/server.ts';
import { fittedRowsFile, mostReferenceRows, referenceFile, TrainingReport, trainingReportFile } from '../../contracts/training.ts';
import type { Project } from '../../core/project/api.ts';
import { listModels, registerVersion, type Registration } from '../../core/registry/api.ts';
import type { ArtifactStore, RunStore } from '../../core/tracking/api.ts';
import type { RunNotices } from './runNotices.ts';

/** A run with its report, its files and the versions that came from it. @param folder its job's folder. */
export async function runDetail(project: Project, runs: RunStore, artifacts: ArtifactStore, folder: string, run_id: string): Promise<RunDetail> {
  const run = runs.get(run_id);
  const { artifact_uri, ...facts } = runs.facts(run_id);
  const artifact_folder = artifacts.folderOf(artifact_uri) ?? '';
  const models = await listModels(project);
  const baseline = runs.baselineOf(run_id);
  return {
    run,
    ...facts,
    report: run.kind === 'training' ? await readReport(artifact_folder) : null,
    artifact_folder,
    output_file: path.join(folder, jobFiles.output),
    registered: models.flatMap((model) => model.versions.filter(({ file }) => file.run_id === run_id).map(({ file }) => ({ model: file.model, version: file.version }))),
    baseline: baseline?.run_id === run_id ? null : baseline,
    pinned: baseline?.run_id === run_id,
  };
}

/** @throws UserError where archiving the run would pull it from under what still writes into it. */
export function refuseWhileRunning(run: RunSummary, notices: RunNotices): void {
  const open = run.status === 'running' || run.status === 'queued';
  // A client that was killed leaves its run running for good: such a run can be put away.
  if (open && (run.kind !== 'external' || notices.isOpen(run.run_id))) {
    throw new UserError(`${run.name} has not ended. ${run.kind === 'external' ? 'Wait until its program has' : 'Cancel it or wait until it has'}, then archive it.`, { field: 'archived' });
  }
}

/** Makes a version of a run's model, without an alias. @param above the highest number given so far. @throws UserError where the run has no model. */
export async function registerRun(project: Project, runs: RunStore, folder: string, request: RegisterRequest, above: number): Promise<VersionFile> {
  const run = runs.get(request.run_id);
  const artifacts = path.join(folder, jobFiles.artifacts);
  const report = await readReport(artifacts);
  if (run.status === 'running' || run.status === 'queued') {
    throw new UserError('This run has not ended yet. Register it when it has.', { field: 'run_id' });
  }
  if (report === null) {
    throw new UserError(
      run.kind !== 'training'
        ? 'This run is a script; it kept no model that can be registered. Models from "Train a model…" can be.'
        : 'This run kept no model: it did not finish. Train again, then register that run.',
      { field: 'run_id' },
    );
  }
  const registration = {
    name: request.name,
    description: request.description ?? '',
    run_id: run.run_id,
    modelFile: path.join(artifacts, 'model', modelFileName),
    report,
    data: { path: run.source, sha256: run.tags['data_sha256'] ?? '', rows: Number(run.tags['data_rows'] ?? report.rows.total) },
    git: runs.facts(run.run_id).git,
    ...(await recordsOf(path.join(artifacts, 'model'))),
  };
  return registerVersion(project, registration, above, false);
}

/** What a training recorded beside its model; nothing where an older version of this program trained it. */
async function recordsOf(folder: string): Promise<Pick<Registration, 'fitted' | 'reference'>> {
  const file = path.join(folder, fittedRowsFile);
  const content = await readFile(file).catch(() => null);
  if (content === null) {
    return {};
  }
  const { decodeFittedRows } = await import('../../core/training/api.ts');
  const { time, fitted, aside } = decodeFittedRows(content).header;
  const reference = path.join(folder, referenceFile);
  return {
    fitted: { file, rows: fitted.rows, ...(time === null ? {} : { until: new Date(time.fitted_until).toISOString().slice(0, 10) }) },
    reference: { file: reference, rows: Math.min(mostReferenceRows, fitted.rows + aside.rows) },
  };
}

async function readReport(artifacts: string): Promise<TrainingReport | null> {
  const text = await readFile(path.join(artifacts, trainingReportFile), 'utf8').catch(() => null);
  return text === null ? null : TrainingReport.parse(JSON.parse(text));
}
