# Writes what a project is to import, where MLFLOW_TRACKING_URI says; tells what it wrote.
import json

import mlflow
from mlflow import MlflowClient

mlflow.set_experiment("churn")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_params({"lr": 0.1, "note": "a: b\nc"})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("odd", float("nan"))
    mlflow.log_metric("val/acc", 0.5, step=3)
    mlflow.set_tag("mlflow.note.content", "a note\nof two lines")
    mlflow.log_text("hello", "notes/a.txt")
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit([[0], [1]], [0, 1])
    mlflow.sklearn.log_model(model, "model", registered_model_name="churner")
client = MlflowClient()
client.set_registered_model_alias("churner", "champion", 1)
with mlflow.start_run(run_name="gone") as gone:
    mlflow.log_metric("loss", 2)
client.delete_run(gone.info.run_id)
print(json.dumps({"run_id": run.info.run_id, "gone": gone.info.run_id}))
