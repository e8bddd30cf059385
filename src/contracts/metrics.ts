// What a metric's name says about it.

/** Those by which a model is usually judged, the first that a run has before the others. */
export const usualMetrics: readonly string[] = ['average_precision', 'roc_auc', 'accuracy', 'f1', 'mae', 'rmse', 'r2', 'log_loss'];

/** Whether more of a metric is better. */
export function higherIsBetter(metric: string): boolean {
  return !/(^|[_/])(loss|rmse|mae|mse|mase|mape|error|latency|perplexity|duration|seconds|ms)$/.test(metric);
}

export type Verdict = 'better' | 'worse' | 'same';

/** How far a value lies from the baseline's, as "+0.012"; null where either is missing. */
export function differenceTo(metric: string, value: number | null | undefined, baseline: number | null | undefined): { text: string; verdict: Verdict } | null {
  if (typeof value !== 'number' || typeof baseline !== 'number' || !Number.isFinite(value - baseline)) {
    return null;
  }
  const difference = value - baseline;
  if (difference === 0) {
    return { text: '±0', verdict: 'same' };
  }
  return { text: `${difference > 0 ? '+' : '−'}${digits(Math.abs(difference))}`, verdict: difference > 0 === higherIsBetter(metric) ? 'better' : 'worse' };
}

/** Three decimals below 10, as metrics are written; more where those would be zeros. */
function digits(size: number): string {
  return size < 0.0005 ? size.toPrecision(1) : size < 10 ? size.toFixed(3) : Number(size.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 });
}
