# What a client finds at a server after runs were published there.
import json
import sys

import mlflow
from mlflow import MlflowClient

client = MlflowClient()
frame = mlflow.search_runs(experiment_names=[sys.argv[1]], order_by=["attributes.start_time ASC"])
runs = []
for run in client.search_runs([client.get_experiment_by_name(sys.argv[1]).experiment_id], order_by=["attributes.start_time ASC"]):
    history = {key: [[point.step, str(point.value)] for point in client.get_metric_history(run.info.run_id, key)] for key in sorted(run.data.metrics)}
    text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/notes/a.txt") if any(each.path == "notes" for each in client.list_artifacts(run.info.run_id)) else None
    runs.append({"id": run.info.run_id, "name": run.info.run_name, "status": run.info.status, "params": run.data.params, "history": history, "text": text, "note": run.data.tags.get("mlflow.note.content")})
print(json.dumps({"runs": runs, "columns": sorted(name for name in frame.columns if name.startswith(("metrics.", "params."))), "versions": [[version.name, version.version, version.run_id] for version in client.search_model_versions()], "predicted": [int(each) for each in mlflow.pyfunc.load_model("models:/churner@champion").predict([[0], [1]])]}))
