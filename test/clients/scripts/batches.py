"""Logs batches until it is told to end; the server may be killed meanwhile. Says how many points it logged and reads."""
import json
import os
import sys

from mlflow import MlflowClient
from mlflow.entities import Metric

client = MlflowClient()
run = client.create_run("0").info.run_id
logged = 0
while not os.path.exists(sys.argv[1]):
    client.log_batch(run, [Metric("m", float(step), 1000 + step, step) for step in range(logged, logged + 500)])
    logged += 500
    with open(sys.argv[2], "w") as progress:
        progress.write(str(logged))
print(json.dumps({"logged": logged, "read": len(client.get_metric_history(run, "m"))}))
