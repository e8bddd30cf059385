// A remote tracking server to copy runs from.
import type { LoggedPoint } from '../tracking/api.ts';
import { RemoteRefusal, type MlflowClient } from './mlflowClient.ts';
import { answers, experimentOf, modelOf, pointOf, registeredOf, runOf } from './mlflowWire.ts';
import type { Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from './source.ts';

const page = 200;
const historyPage = 10_000;
const scheme = 'mlflow-artifacts:/';

export interface RunSearchOptions {
  experiment_ids: readonly string[];
  filter?: string;
  /** At most so many on a page. */
  max?: number;
}

export class RemoteSource implements RunSource {
  readonly origin: string;
  readonly local = false;
  readonly client: MlflowClient;
  readonly #report: Report;

  constructor(client: MlflowClient, report: Report) {
    this.origin = client.uri;
    this.client = client;
    this.#report = report;
  }

  async experiments(): Promise<SourceExperiment[]> {
    const found: SourceExperiment[] = [];
    for (let page_token = ''; ; ) {
      const answer = await this.client.post(answers.experiments, 'experiments/search', { max_results: 1000, view_type: 'ALL', ...(page_token === '' ? {} : { page_token }) });
      found.push(...(answer.experiments ?? []).map(experimentOf));
      page_token = answer.next_page_token ?? '';
      if (page_token === '') {
        return found;
      }
    }
  }

  async *runs(experiment: SourceExperiment): AsyncGenerator<SourceRun> {
    for await (const found of this.search({ experiment_ids: [experiment.id] })) {
      yield* found;
    }
  }

  /** Pages of runs, the newest first, archived ones too. */
  async *search({ experiment_ids, filter = '', max = page }: RunSearchOptions): AsyncGenerator<SourceRun[]> {
    for (let page_token = ''; ; ) {
      const answer = await this.client.post(answers.runs, 'runs/search', {
        experiment_ids,
        filter,
        run_view_type: 'ALL',
        max_results: max,
        order_by: ['attributes.start_time DESC'],
        ...(page_token === '' ? {} : { page_token }),
      });
      yield (answer.runs ?? []).map(runOf);
      page_token = answer.next_page_token ?? '';
      if (page_token === '') {
        return;
      }
    }
  }

  /** One run as it is there now. */
  async run(id: string): Promise<SourceRun> {
    return runOf((await this.client.get(answers.run, 'runs/get', { run_id: id, run_uuid: id })).run);
  }

  async *history(run: Pick<SourceRun, 'id' | 'metrics'>): AsyncGenerator<LoggedPoint[]> {
    for (const { key } of run.metrics) {
      for (let page_token = ''; ; ) {
        const answer = await this.client.get(answers.history, 'metrics/get-history', { run_id: run.id, run_uuid: run.id, metric_key: key, max_results: historyPage, page_token });
        const points = (answer.metrics ?? []).map(pointOf);
        for (let at = 0; at < points.length; at += 2000) {
          yield points.slice(at, at + 2000);
        }
        page_token = answer.next_page_token ?? '';
        if (page_token === '') {
          break;
        }
      }
    }
  }

  async *artifacts({ artifact_uri }: Pick<SourceRun, 'id' | 'artifact_uri'>): AsyncGenerator<SourceArtifact> {
    if (!artifact_uri.startsWith(scheme)) {
      if (artifact_uri !== '') {
        this.#report({ message: `${this.client.host} keeps the files of its runs at ${/^[^:]*:?\/*[^/]*/.exec(artifact_uri)?.[0] ?? artifact_uri}, which only programs with access to that place can read. They were not copied.` });
      }
      return;
    }
    yield* this.#under(artifact_uri.slice(scheme.length).replace(/^\/*([^/]*:\d+\/)?/, ''), '');
  }

  async *#under(root: string, folder: string): AsyncGenerator<SourceArtifact> {
    const answer = await this.client.list(folder === '' ? root : `${root}/${folder}`);
    for (const file of answer.files ?? []) {
      const path = folder === '' ? file.path : `${folder}/${file.path}`;
      if (file.is_dir === true) {
        yield* this.#under(root, path);
      } else {
        yield { path, bytes: file.file_size ?? 0, file: null, read: () => this.client.download(`${root}/${path}`) };
      }
    }
  }

  async *loggedModels(experiment: SourceExperiment): AsyncGenerator<SourceModel> {
    for (let page_token = ''; ; ) {
      try {
        const answer = await this.client.post(answers.loggedModels, 'logged-models/search', { experiment_ids: [experiment.id], max_results: 50, ...(page_token === '' ? {} : { page_token }) });
        yield* (answer.models ?? []).map(modelOf);
        page_token = answer.next_page_token ?? '';
      } catch (error) {
        if (isMissing(error)) {
          // A server before MLflow 3.
          return;
        }
        throw error;
      }
      if (page_token === '') {
        return;
      }
    }
  }

  async *registered(): AsyncGenerator<SourceRegistered> {
    for await (const { model } of this.registeredChanges(() => true)) {
      yield model;
    }
  }

  /** The registered models whose look is wanted, whole. `look`: what the server says of a model without its versions. */
  async *registeredChanges(isWanted: (name: string, look: string) => boolean): AsyncGenerator<{ look: string; model: SourceRegistered }> {
    for (let page_token = ''; ; ) {
      const answer = await this.client.get(answers.models, 'registered-models/search', { max_results: 100, page_token });
      for (const model of answer.registered_models ?? []) {
        const look = JSON.stringify(model);
        if (!isWanted(model.name, look)) {
          continue;
        }
        const { model_versions } = await this.client.get(answers.versions, 'model-versions/search', { filter: `name = '${model.name.replaceAll("'", "\\'")}'`, max_results: 10_000 });
        yield { look, model: registeredOf(model, model_versions ?? []) };
      }
      page_token = answer.next_page_token ?? '';
      if (page_token === '') {
        return;
      }
    }
  }

  close(): void {
    // Nothing is held open.
  }
}

/** The server does not know what was asked for, or how. */
export function isMissing(error: unknown): boolean {
  return error instanceof RemoteRefusal && error.status === 404;
}
