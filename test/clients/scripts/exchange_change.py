# Changes everything of a run that a client can change ("change"), or tells what it is ("look"): mode, run, name.
import json
import sys

import mlflow
from mlflow import MlflowClient

mode, run_id, name = sys.argv[1:]
client = MlflowClient()
before = len(client.get_metric_history(run_id, "loss")) if mode == "look" or name == "online" else None
if mode == "change":
    text = mlflow.artifacts.load_text(f"runs:/{run_id}/notes/a.txt")
    with mlflow.start_run(run_id=run_id):
        mlflow.log_param(name, name)
        mlflow.log_metric("loss", 0.5, step=100 if name == "online" else 200)
        mlflow.log_metrics({"other": 1, "odd": float("inf")}, step=7)
        mlflow.set_tags({"changed": name, "extra": name})
        mlflow.delete_tag("extra")
        mlflow.log_text(name, "notes/change.txt")
    client.update_run(run_id, status="KILLED", name=name)
    client.delete_run(run_id)
    client.restore_run(run_id)
    experiment = client.get_run(run_id).info.experiment_id
    client.set_experiment_tag(experiment, "goal", name)
    print(json.dumps({"history": before, "text": text}))
else:
    run = client.get_run(run_id)
    experiment = client.get_experiment(run.info.experiment_id)
    print(json.dumps({
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "history": before,
        "text": mlflow.artifacts.load_text(f"runs:/{run_id}/notes/change.txt"),
        "goal": experiment.tags.get("goal"),
    }))
