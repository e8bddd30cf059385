import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Latencies, type PinnedModel } from '../../core/serving/api.ts';
import type { Loaded } from './config.ts';
import type { Snapshot } from './messages.ts';

/** In seconds; a built-in model needs well under a millisecond. */
const durations = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const sizes = [1, 2, 5, 10, 50, 100, 500, 1000, 10_000, 100_000];
const versionLabels = ['model', 'version', 'role'] as const;

interface Counts {
  version: number | null;
  requests: number;
  rows: number;
  errors: number;
  latencies: Latencies;
}

/** What one worker counts. The primary adds up what all of them have. */
export class Metrics {
  readonly registry = new Registry();
  readonly #own = { registers: [this.registry] };
  readonly #requests = new Counter({ name: 'mlserve_requests_total', help: 'Prediction requests that a version took.', labelNames: [...versionLabels, 'status'], ...this.#own });
  readonly #duration = new Histogram({ name: 'mlserve_request_duration_seconds', help: 'From the arrival of a request until its answer leaves.', labelNames: versionLabels, buckets: durations, ...this.#own });
  readonly #inference = new Histogram({ name: 'mlserve_inference_duration_seconds', help: 'The model alone, for all rows of a request.', labelNames: versionLabels, buckets: durations, ...this.#own });
  readonly #batch = new Histogram({ name: 'mlserve_batch_size', help: 'Rows in a request.', labelNames: versionLabels, buckets: sizes, ...this.#own });
  readonly #predictions = new Counter({ name: 'mlserve_predictions_total', help: 'Predicted rows by class.', labelNames: [...versionLabels, 'class'], ...this.#own });
  readonly #unseen = new Counter({ name: 'mlserve_feature_unseen_total', help: 'Values that training never saw; they count as "other".', labelNames: [...versionLabels, 'feature'], ...this.#own });
  readonly #rejected = new Counter({ name: 'mlserve_rejected_total', help: 'Requests that were refused, by status.', labelNames: ['reason'], ...this.#own });
  readonly #info = new Gauge({ name: 'mlserve_model_info', help: 'What is served.', labelNames: [...versionLabels, 'ulid', 'sha256'], aggregator: 'first', ...this.#own });
  readonly inProgress = new Gauge({ name: 'mlserve_requests_in_progress', help: 'Requests under way.', ...this.#own });
  readonly labels = new Counter({ name: 'mlserve_labels_total', help: 'Labels that were taken.', ...this.#own });
  readonly logErrors = new Counter({ name: 'mlserve_log_errors_total', help: 'Writes of the prediction log that failed.', ...this.#own });
  readonly logLost = new Counter({ name: 'mlserve_log_lost_total', help: 'Predictions that were not logged, since the disk took none for too long.', ...this.#own });
  /** By ULID and role. */
  readonly #counts = new Map<string, Counts>();
  #refused = 0;

  /** Tells which versions are served from now on. */
  serving({ pinned }: Loaded): void {
    this.#info.reset();
    for (const each of pinned) {
      const { ulid, sha256, shadow } = each.version;
      this.#info.set({ ...labelsOf(each, shadow), ulid, sha256 }, 1);
      this.#countsOf(each, shadow);
    }
  }

  /** A version's model ran. @param seconds for all rows together. */
  inferred(pinned: PinnedModel, shadow: boolean, seconds: number, predictions: readonly (string | number)[], unseen: ReadonlyMap<string, number>): void {
    const labels = labelsOf(pinned, shadow);
    this.#inference.observe(labels, seconds);
    this.#batch.observe(labels, predictions.length);
    for (const [name, count] of countsOf(predictions)) {
      this.#predictions.inc({ ...labels, class: name }, count);
    }
    for (const [feature, count] of unseen) {
      this.#unseen.inc({ ...labels, feature }, count);
    }
  }

  /** A version's answer leaves, or its copy of a request is done. @param milliseconds since the request came. */
  answered(pinned: PinnedModel, shadow: boolean, status: number, milliseconds: number, rows: number): void {
    const labels = labelsOf(pinned, shadow);
    this.#requests.inc({ ...labels, status }, 1);
    this.#duration.observe(labels, milliseconds / 1000);
    const counts = this.#countsOf(pinned, shadow);
    counts.requests += 1;
    counts.latencies.add(milliseconds);
    if (status >= 500) {
      counts.errors += 1;
    } else {
      counts.rows += rows;
    }
  }

  refused(status: number): void {
    this.#rejected.inc({ reason: String(status) }, 1);
    this.#refused += 1;
  }

  async snapshot(): Promise<Snapshot> {
    return {
      metrics: await this.registry.getMetricsAsJSON(),
      versions: [...this.#counts].map(([key, { latencies, ...counts }]) => ({ ulid: key.split(' ')[0] ?? '', shadow: key.endsWith(' shadow'), ...counts, latencies: latencies.entries() })),
      refused: this.#refused,
    };
  }

  #countsOf({ version }: PinnedModel, shadow: boolean): Counts {
    const key = `${version.ulid}${shadow ? ' shadow' : ''}`;
    const found = this.#counts.get(key) ?? { version: version.version, requests: 0, rows: 0, errors: 0, latencies: new Latencies() };
    this.#counts.set(key, found);
    return found;
  }
}

function labelsOf({ version, label }: PinnedModel, shadow: boolean): { model: string; version: string; role: string } {
  return { model: version.model, version: label, role: shadow ? 'shadow' : 'live' };
}

function countsOf(predictions: readonly (string | number)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const prediction of predictions) {
    if (typeof prediction === 'string') {
      counts.set(prediction, (counts.get(prediction) ?? 0) + 1);
    }
  }
  return counts;
}
