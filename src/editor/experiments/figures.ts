// How metrics are named and written in views.
import type { RunSummary } from '../../contracts/runs.ts';

const preferred = ['average_precision', 'roc_auc', 'accuracy', 'f1', 'mae', 'rmse', 'r2', 'log_loss'];
const names: Record<string, string> = { average_precision: 'average precision', roc_auc: 'ROC AUC', accuracy: 'accuracy', f1: 'F1', mae: 'MAE', rmse: 'RMSE', r2: 'R²', log_loss: 'log loss' };

/** The metric that is shown first; null where there is none. */
export function headlineKey(run: Pick<RunSummary, 'metrics' | 'tags'>): string | null {
  const told = run.tags['headline'];
  return (
    [told, ...preferred].find((name) => name !== undefined && typeof run.metrics[name] === 'number') ??
    Object.keys(run.metrics).find((name) => !name.includes('/') && typeof run.metrics[name] === 'number') ??
    null
  );
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
