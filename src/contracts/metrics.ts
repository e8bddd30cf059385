// What a metric's name says about it.

/** Whether more of a metric is better. */
export function higherIsBetter(metric: string): boolean {
  return !/(^|[_/])(loss|rmse|mae|mse|mase|mape|error|latency|perplexity|duration|seconds|ms)$/.test(metric);
}
