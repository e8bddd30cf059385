"""The calls of a real MLflow client, timed: prints milliseconds as JSON. MLFLOW_TRACKING_URI says where."""
import json
import statistics
import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric

client = MlflowClient()
experiment, history_run = sys.argv[1], sys.argv[2]


def median(count, work):
    times = []
    for index in range(count):
        began = time.perf_counter()
        work(index)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


run = client.create_run(experiment).info.run_id
print(json.dumps({
    "log one metric": median(200, lambda step: client.log_metric(run, "loss", 0.5, step=step)),
    "log a batch of 1,000": median(10, lambda index: client.log_batch(run, [Metric("batch", 0.1 * step, 1000 + step, index * 1000 + step) for step in range(1000)])),
    "history of 20,000 points": median(3, lambda _: client.get_metric_history(history_run, "long")),
    "search 500 runs": median(10, lambda _: client.search_runs([experiment], "metrics.accuracy > 0.9 and params.model = 'tree'", order_by=["metrics.accuracy DESC"], max_results=100)),
}))
