// What is wrong in a window: each finding, confirmed often enough in a row, becomes an alert.
import type { EndpointStats, VersionStats } from '../../contracts/endpoints.ts';
import type { AlertKind, MonitorSettings, NewWindow } from '../../contracts/monitoring.ts';
import type { MetricName } from '../../contracts/training.ts';
import { metricLabels } from '../planning/api.ts';
import { qualityProblem } from './quality.ts';

export interface Finding {
  kind: AlertKind;
  column: string | null;
  /** A sentence with its figures. */
  message: string;
}

/** A metric at the beginning of a sentence. */
function nameOf(metric: string): string {
  const name = metric in metricLabels ? metricLabels[metric as MetricName] : metric;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));

/** Alerts are the same where kind and column are. */
export function keyOf({ kind, column }: Pick<Finding, 'kind' | 'column'>): string {
  return column === null ? kind : `${kind} ${column}`;
}

/** The kinds of alerts that a window can confirm or close. */
export const kindsOf: Record<NewWindow['kind'], readonly AlertKind[]> = { data: ['drift', 'quality'], performance: ['performance'] };

export function findingsOf(window: NewWindow, settings: MonitorSettings): Finding[] {
  const drifted = (window.drift?.columns ?? [])
    .filter((column) => column.drift)
    .map((column): Finding => ({
      kind: 'drift',
      column: column.name,
      message: `${column.role === 'prediction' ? `The predictions of \`${column.name}\`` : `\`${column.name}\``} drifted from the training data: stability index ${figure(column.statistic ?? 0)}, above ${figure(Math.max(column.threshold, column.null_quantile ?? 0))} (${window.rows} predictions${column.note === null ? '' : `, ${column.note}`}).`,
    }));
  const referenceRows = Math.max(1, ...(window.drift?.columns ?? []).map((column) => column.n_reference));
  const quality = window.quality.flatMap((column): Finding[] => {
    const problem = settings.ignore.includes(column.name) ? null : qualityProblem(column, window.rows, referenceRows);
    return problem === null ? [] : [{ kind: 'quality', column: column.name, message: problem }];
  });
  const { performance } = window;
  const worse: Finding[] = performance?.worse === true && performance.reference !== null && performance.limit !== null
    ? [{ kind: 'performance', column: null, message: `${nameOf(performance.metric)} is ${figure(performance.value)} (${figure(performance.low)} to ${figure(performance.high)}) on ${window.rows} labelled predictions; it was ${figure(performance.reference)} in training, and ${figure(performance.limit)} is the limit.` }]
    : [];
  return [...drifted, ...quality, ...worse];
}

const toleratedErrors = 0.05;
const fewestRequests = 20;

/** Follows the requests of versions and says what share of the new ones failed. */
export class ErrorRates {
  readonly #seen = new Map<string, { requests: number; errors: number }>();

  /** By ULID: a finding, or null where enough requests came and few failed. Versions with too few new requests are not in it. */
  judge(stats: EndpointStats): Map<string, Finding | null> {
    const judged = new Map<string, Finding | null>();
    for (const version of stats.versions.filter((each) => !each.shadow)) {
      const found = this.#judgeVersion(`${stats.endpoint} ${version.ulid}`, version);
      if (found !== undefined) {
        judged.set(version.ulid, found);
      }
    }
    return judged;
  }

  #judgeVersion(key: string, { requests, errors }: VersionStats): Finding | null | undefined {
    const seen = this.#seen.get(key);
    // A model server that started again counts from nothing.
    const before = seen === undefined || seen.requests > requests ? { requests: 0, errors: 0 } : seen;
    const [count, failed] = [requests - before.requests, errors - before.errors];
    if (count < fewestRequests) {
      return undefined;
    }
    this.#seen.set(key, { requests, errors });
    return failed / count > toleratedErrors ? { kind: 'errors', column: null, message: `${failed} of the last ${count} requests failed inside the server (${figure((100 * failed) / count)} %).` } : null;
  }
}
