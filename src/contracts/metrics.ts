// What a metric's name says about it.

/** Whether more of a metric is better. */
export function higherIsBetter(metric: string): boolean {
  return !/(^|_)(loss|rmse|mae|mse|mase|error)$/.test(metric);
}
