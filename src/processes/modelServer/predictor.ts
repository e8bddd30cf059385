import { performance } from 'node:perf_hooks';
import path from 'node:path';
import { endpointFiles, type LabelLine, type LoggedPrediction, type LogSettings } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Predictions, Row } from '../../contracts/model.ts';
import { chooseVersion, LineLog, unseenCategories, type PinnedModel } from '../../core/serving/api.ts';
import type { Loaded } from './config.ts';
import type { Metrics } from './metrics.ts';
import { Refusal } from './refusal.ts';

export interface Asked {
  pinned: PinnedModel;
  rows: Row[];
  /** The request's id. */
  request: string;
  /** One a row. */
  ids: string[];
  /** When the request came; performance.now(). */
  began: number;
}

/** Predicts, counts, logs, and gives shadows their copy. One per worker. */
export class Predictor {
  readonly #folder: string;
  readonly #metrics: Metrics;
  readonly #labels: LineLog;
  #loaded: Loaded;
  #log: { settings: LogSettings; lines: LineLog } | null = null;

  constructor(folder: string, loaded: Loaded, metrics: Metrics) {
    this.#folder = folder;
    this.#metrics = metrics;
    this.#loaded = loaded;
    this.#labels = this.#lineLog(endpointFiles.labels, { flush: 1000, durable: true });
    this.use(loaded);
  }

  get loaded(): Loaded {
    return this.#loaded;
  }

  /** Serves this from the next request on. */
  use(loaded: Loaded): void {
    this.#loaded = loaded;
    this.#metrics.serving(loaded);
    const { log } = loaded.config;
    if (JSON.stringify(log) !== JSON.stringify(this.#log?.settings)) {
      void this.#log?.lines.close();
      this.#log = log.enabled ? { settings: log, lines: this.#lineLog(endpointFiles.predictions, log) } : null;
    }
  }

  /** The version that answers: the one that is asked for, else by the weights. @throws Refusal where it is not served. */
  choose(routingKey: string | undefined, label?: string): PinnedModel {
    const { config, pinned } = this.#loaded;
    const found = label === undefined ? this.#pinned(chooseVersion(config.versions, routingKey).ulid) : pinned.find((each) => each.label === label || each.version.ulid === label);
    if (found === undefined) {
      throw new Refusal(404, `This endpoint serves no version "${(label ?? '').slice(0, 60)}". It serves ${pinned.map((each) => each.label).join(', ')}.`);
    }
    return found;
  }

  /**
   * Predicts and counts. `answered` must be called when the answer leaves.
   *
   * @throws UserError that names the field; Refusal where the log is durable and cannot be written.
   */
  async predict(asked: Asked): Promise<Predictions> {
    const { pinned, rows } = asked;
    let predictions: Predictions;
    try {
      predictions = this.#infer(pinned, false, rows);
    } catch (error) {
      if (!(error instanceof UserError)) {
        this.#metrics.answered(pinned, false, 500, performance.now() - asked.began, 0);
      }
      throw error;
    }
    if (this.#log?.settings.durable === true) {
      try {
        await this.#log.lines.append(this.#lines(asked, false, predictions));
      } catch (error) {
        this.#metrics.answered(pinned, false, 503, performance.now() - asked.began, 0);
        throw new Refusal(503, 'The prediction could not be logged, and this endpoint answers only what is logged. Make room on the disk, or deploy without durable logging.', { cause: error });
      }
    }
    return predictions;
  }

  /** The answer left: counts it, logs it where that was not done before, and lets shadows predict the same rows. */
  answered(asked: Asked, predictions: Predictions): void {
    this.#metrics.answered(asked.pinned, false, 200, performance.now() - asked.began, asked.rows.length);
    const log = this.#log;
    const lines = log === null || log.settings.durable ? null : this.#lines(asked, false, predictions);
    if (log !== null && lines !== null) {
      void log.lines.append(lines);
    }
    for (const version of this.#loaded.config.versions) {
      const shadow = version.shadow && version.ulid !== asked.pinned.version.ulid ? this.#pinned(version.ulid) : undefined;
      if (shadow !== undefined) {
        setImmediate(() => this.#shadow(asked, shadow));
      }
    }
  }

  /** Keeps labels; resolves when they are on disk. */
  async addLabels(labels: readonly LabelLine[]): Promise<void> {
    try {
      await this.#labels.append(labels.map((label) => JSON.stringify(label)));
    } catch (error) {
      throw new Refusal(503, 'The labels could not be written. Make room on the disk, then send them again.', { cause: error });
    }
    this.#metrics.labels.inc(labels.length);
  }

  async close(): Promise<void> {
    await Promise.all([this.#log?.lines.close(), this.#labels.close()]);
  }

  /** Writes what waits before this returns: the process is about to end. */
  closeNow(): void {
    this.#log?.lines.flushNow();
  }

  #pinned(ulid: string): PinnedModel | undefined {
    return this.#loaded.pinned.find((each) => each.version.ulid === ulid);
  }

  #infer(pinned: PinnedModel, shadow: boolean, rows: Row[]): Predictions {
    const began = performance.now();
    const predictions = pinned.model.predictRows(this.#readable(pinned, rows));
    this.#metrics.inferred(pinned, shadow, (performance.now() - began) / 1000, predictions.predictions, unseenCategories(pinned, rows));
    return predictions;
  }

  /** Without the fields that only other served versions read: a canary may read fewer than what it stands beside. */
  #readable({ version, model }: PinnedModel, rows: Row[]): Row[] {
    if (this.#loaded.pinned.length === 1) {
      return rows;
    }
    const own = new Set(model.file.signature.inputs.map(({ name }) => name));
    const foreign = this.#loaded.pinned.filter((each) => each.version.ulid !== version.ulid).flatMap((each) => each.model.file.signature.inputs.map(({ name }) => name).filter((name) => !own.has(name)));
    if (foreign.length === 0) {
      return rows;
    }
    const dropped = new Set(foreign);
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !dropped.has(name))));
  }

  #shadow(asked: Asked, pinned: PinnedModel): void {
    const copy = { ...asked, pinned, began: performance.now() };
    let status = 200;
    try {
      const predictions = this.#infer(pinned, true, copy.rows);
      void this.#log?.lines.append(this.#lines(copy, true, predictions)).catch(() => undefined);
    } catch {
      // It reads other fields, for example. Nobody waits for its answer; its errors are counted.
      status = 500;
    }
    this.#metrics.answered(pinned, true, status, performance.now() - copy.began, copy.rows.length);
  }

  #lines({ pinned, rows, request, ids, began }: Asked, shadow: boolean, { predictions, probabilities }: Predictions): string[] {
    const { ulid, version } = pinned.version;
    const { inputs } = pinned.model.file.signature;
    const at = Date.now();
    const latency = Math.round((performance.now() - began) * 1000) / 1000;
    return rows.map((row, index) =>
      JSON.stringify({
        id: ids[index] ?? request,
        request,
        at,
        ulid,
        version,
        shadow,
        inputs: Object.fromEntries(inputs.map(({ name }) => [name, row[name] ?? null])),
        prediction: predictions[index] ?? '',
        ...(probabilities === undefined ? {} : { probabilities: probabilities[index] ?? {} }),
        latency,
      } satisfies LoggedPrediction),
    );
  }

  #lineLog(folder: string, { flush, durable }: { flush: number; durable: boolean }): LineLog {
    return new LineLog({
      folder: path.join(this.#folder, folder),
      flush,
      durable,
      onError: (error, lost) => {
        this.#metrics.logErrors.inc();
        this.#metrics.logLost.inc(lost);
        if (lost === 0) {
          console.error(`${new Date().toISOString()} ${folder} cannot be written: ${error.message}`);
        }
      },
    });
  }
}
