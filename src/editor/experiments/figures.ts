// How metrics are named and written in views.
import { usualMetrics } from '../../contracts/metrics.ts';
import type { RunSummary } from '../../contracts/runs.ts';

const names: Record<string, string> = { average_precision: 'average precision', roc_auc: 'ROC AUC', accuracy: 'accuracy', f1: 'F1', mae: 'MAE', rmse: 'RMSE', r2: 'R²', log_loss: 'log loss' };

/** What libraries log that says how far a training is or what it took, and nothing of its model. */
const courseWord = /(^|[_-])(epoch|step|iteration|round|time|rank|count|lr|learning_rate)s?($|[_-])/i;
/** Rows that were not trained on. */
const heldOut = /^(val|valid|validation|test|eval|mean_test)([_/-]|$)/i;

/** The metric that is shown first; null where there is none. */
export function headlineKey(run: Pick<RunSummary, 'metrics' | 'tags'>): string | null {
  const told = run.tags['headline'];
  const measured = Object.keys(run.metrics).filter((name) => typeof run.metrics[name] === 'number');
  const known = [told, ...usualMetrics].find((name) => name !== undefined && measured.includes(name));
  if (known !== undefined) {
    return known;
  }
  const telling = measured.filter((name) => !courseWord.test(name));
  const plain = (names: readonly string[]): string | undefined => names.find((name) => !name.includes('/'));
  // What was measured on rows that were not fitted says more than the loss of a training.
  return telling.find((name) => heldOut.test(name)) ?? plain(telling) ?? plain(measured) ?? null;
}

/** The metric that a run is shown and sorted by: what was chosen for its experiment, else its headline. */
export function keyMetricOf(run: Pick<RunSummary, 'metrics' | 'tags'>, chosen: string | undefined): string | null {
  return chosen !== undefined && typeof run.metrics[chosen] === 'number' ? chosen : headlineKey(run);
}

/** Those of a run that say how good its model is: not a machine's load, not the course of a training. */
export function metricKeys(run: Pick<RunSummary, 'metrics'>): string[] {
  return Object.keys(run.metrics).filter((key) => !key.startsWith('system/') && typeof run.metrics[key] === 'number');
}

/** "0.4 s", "12 s", "1 min 5 s", "2 h 3 min", "3 d 4 h". */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 60) {
    return `${seconds < 1 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) {
    return `${minutes} min ${Math.floor(seconds % 60)} s`;
  }
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The metric that is shown first, as "0.737 ROC AUC", so that a narrow view cuts the name and not the figure; empty where there is none. */
export function headline(run: Pick<RunSummary, 'metrics' | 'tags'>): string {
  const key = headlineKey(run);
  const value = key === null ? null : run.metrics[key];
  return key === null || value === null || value === undefined ? '' : `${figure(value)} ${metricName(key)}`;
}

/** A metric of cross-validation says so; it is not the model's score. */
export function metricName(key: string): string {
  const name = key.replace(/^cv_/, '');
  return `${names[name] ?? name}${name === key ? '' : ' (cross-validation)'}`;
}

/** Three significant decimals for shares, four significant digits otherwise. */
export function figure(value: number): string {
  if (Math.abs(value) < 1 && Math.abs(value) >= 0.001) {
    return value.toFixed(3);
  }
  return value === 0 ? '0' : Number(value.toPrecision(4)).toLocaleString(undefined, { maximumSignificantDigits: 4 });
}
