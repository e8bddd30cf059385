// MLflow's file store, `mlruns/`: a folder for each experiment, one in it for each run, one file for each value.
import { readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetInput, LoggedPoint } from '../tracking/api.ts';
import { localArtifacts } from './artifactFolders.ts';
import { registeredInFolder } from './fileStoreRegistry.ts';
import { filesIn, foldersIn, metaOf, metricLines, pythonNumber, statusOfCode, textsIn, type Meta } from './fileStoreText.ts';
import type { Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from './source.ts';

const metaFile = 'meta.yaml';
const modelStatus = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

/** The folder of a file store that `folder` is or holds as `mlruns`; null where it is none. */
export async function fileStoreAt(folder: string): Promise<string | null> {
  for (const each of [folder, path.join(folder, 'mlruns')]) {
    const names = await readdir(each).catch((): string[] => []);
    const marks = await Promise.all(names.slice(0, 200).map((name) => stat(path.join(each, name, metaFile)).catch(() => null)));
    if (marks.some((mark) => mark !== null) || names.includes('.trash')) {
      return each;
    }
  }
  return null;
}

export class FileStoreSource implements RunSource {
  readonly origin: string;
  readonly local = true;
  readonly #report: Report;

  /** @param folder absolute. */
  constructor(folder: string, report: Report) {
    this.origin = folder;
    this.#report = report;
  }

  async experiments(): Promise<SourceExperiment[]> {
    const found: SourceExperiment[] = [];
    for (const folder of [this.origin, path.join(this.origin, '.trash')]) {
      for (const name of foldersIn(folder)) {
        const own = path.join(folder, name);
        if (name === '.trash' || (name === 'models' && !(await exists(path.join(own, metaFile))))) {
          continue;
        }
        const meta = metaOf(path.join(own, metaFile), this.#report);
        if (meta !== null) {
          found.push({ id: own, name: meta.text('name') ?? name, archived: meta.text('lifecycle_stage') === 'deleted' || folder !== this.origin, tags: textsIn(path.join(own, 'tags')) });
        }
      }
    }
    return found;
  }

  async *runs(experiment: SourceExperiment): AsyncGenerator<SourceRun> {
    for (const name of foldersIn(experiment.id).filter((each) => !['tags', 'datasets', 'models', 'traces'].includes(each))) {
      const run = this.#run(experiment.id, name);
      if (run !== null) {
        yield run;
      }
    }
  }

  async *history(run: SourceRun): AsyncGenerator<LoggedPoint[]> {
    for (const [key, file] of filesIn(path.join(run.experiment_id, run.id, 'metrics'))) {
      yield* metricLines(key, file, this.#report);
    }
  }

  artifacts(owner: Pick<SourceRun, 'id' | 'artifact_uri'>): AsyncIterable<SourceArtifact> {
    return localArtifacts(owner, [this.origin, path.join(this.origin, '.trash')], this.#report);
  }

  async *loggedModels(experiment: SourceExperiment): AsyncGenerator<SourceModel> {
    for (const name of foldersIn(path.join(experiment.id, 'models'))) {
      const folder = path.join(experiment.id, 'models', name);
      const meta = metaOf(path.join(folder, metaFile), this.#report);
      if (meta !== null && meta.text('lifecycle_stage') !== 'deleted') {
        yield {
          model_id: meta.text('model_id') ?? name,
          experiment_id: experiment.id,
          name: meta.text('name') ?? name,
          model_type: meta.text('model_type'),
          source_run_id: meta.text('source_run_id'),
          status: modelStatus[meta.number('status') ?? 2] ?? 'LOGGED_MODEL_READY',
          artifact_uri: meta.text('artifact_location') ?? '',
          created: meta.number('creation_timestamp') ?? 0,
          updated: meta.number('last_updated_timestamp') ?? 0,
          params: textsIn(path.join(folder, 'params')),
          tags: textsIn(path.join(folder, 'tags')),
          metrics: this.#modelMetrics(folder),
        };
      }
    }
  }

  registered(): AsyncIterable<SourceRegistered> {
    return registeredInFolder(path.join(this.origin, 'models'), this.#report);
  }

  close(): void {
    // Nothing is held open.
  }

  #run(experiment: string, name: string): SourceRun | null {
    const folder = path.join(experiment, name);
    const meta = metaOf(path.join(folder, metaFile), this.#report);
    if (meta === null) {
      return null;
    }
    const tags = textsIn(path.join(folder, 'tags'));
    const sizes = filesIn(path.join(folder, 'metrics')).map(([, file]) => statSync(file).size);
    const ended = meta.number('end_time');
    return {
      id: meta.text('run_id') ?? meta.text('run_uuid') ?? name,
      experiment_id: experiment,
      name: meta.text('run_name') || meta.text('name') || tags.find(([key]) => key === 'mlflow.runName')?.[1] || name,
      user: meta.text('user_id') ?? '',
      status: statusOfCode(meta.value('status')),
      started: meta.number('start_time') ?? 0,
      ended: ended === 0 ? null : ended,
      archived: meta.text('lifecycle_stage') === 'deleted',
      artifact_uri: meta.text('artifact_uri') ?? path.join(folder, 'artifacts'),
      params: textsIn(path.join(folder, 'params')),
      tags,
      metrics: [],
      datasets: this.#datasets(experiment, folder),
      ...this.#models(folder),
      size: sizes.join(' '),
    };
  }

  #datasets(experiment: string, run: string): DatasetInput[] {
    const found: DatasetInput[] = [];
    for (const name of foldersIn(path.join(run, 'inputs'))) {
      const input = metaOf(path.join(run, 'inputs', name, metaFile), this.#report);
      const id = input?.text('source_id') ?? '';
      if (input === null || input.text('source_type') !== 'DATASET' || !/^[\w-]+$/.test(id)) {
        continue;
      }
      const dataset = metaOf(path.join(experiment, 'datasets', id, metaFile), this.#report);
      if (dataset !== null) {
        found.push({
          name: dataset.text('name') ?? '',
          digest: dataset.text('digest') ?? '',
          source_type: dataset.text('source_type') ?? '',
          source: dataset.text('source') ?? '',
          schema: dataset.text('schema'),
          profile: dataset.text('profile'),
          tags: tagsOf(input),
        });
      }
    }
    return found;
  }

  #models(run: string): Pick<SourceRun, 'inputs' | 'outputs'> {
    const inputs: string[] = [];
    const outputs: SourceRun['outputs'] = [];
    for (const [side, type] of [['inputs', 'MODEL_INPUT'], ['outputs', 'MODEL_OUTPUT']] as const) {
      for (const name of foldersIn(path.join(run, side))) {
        const meta = metaOf(path.join(run, side, name, metaFile), this.#report);
        const model_id = meta?.text('destination_id') ?? '';
        if (meta !== null && meta.text('destination_type') === type && model_id !== '') {
          if (type === 'MODEL_INPUT') {
            inputs.push(model_id);
          } else {
            outputs.push({ model_id, step: meta.number('step') ?? 0 });
          }
        }
      }
    }
    return { inputs, outputs };
  }

  /** A line holds the run and the data set too: `time value step run [name digest]`. */
  #modelMetrics(folder: string): SourceModel['metrics'] {
    const found: SourceModel['metrics'] = [];
    for (const [key, file] of filesIn(path.join(folder, 'metrics'))) {
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        const [timestamp, value, step = '0', run_id = '', dataset_name = '', dataset_digest = ''] = line.split(' ');
        const number = pythonNumber(value);
        if (number !== null) {
          found.push({ key, value: number, timestamp: Number(timestamp), step: Number(step), run_id, dataset_name, dataset_digest });
        }
      }
    }
    return found;
  }
}

function tagsOf(input: Meta): Record<string, string> {
  const tags = input.value('tags');
  return typeof tags === 'object' && tags !== null && !Array.isArray(tags) ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) : {};
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
