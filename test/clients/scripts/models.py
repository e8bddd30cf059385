"""scikit-learn and LightGBM through autolog, log_model and load_model, as one line of JSON."""
import json
import warnings

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

warnings.filterwarnings("ignore")
client = MlflowClient()
major = mlflow.__version__.split(".")[0]
name = f"iris{major}"
told = {"version": mlflow.__version__}
X, y = load_iris(return_X_y=True, as_frame=True)

mlflow.set_experiment(f"models of {major}")
mlflow.sklearn.autolog()
with mlflow.start_run() as run:
    GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1, 10]}, cv=3).fit(X, y)
mlflow.sklearn.autolog(disable=True)
read = client.get_run(run.info.run_id)
told["search"] = {
    "metrics": sorted(read.data.metrics)[:2],
    "children": len(client.search_runs([read.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")),
    "dataset": [[each.dataset.name, [tag.value for tag in each.tags]] for each in read.inputs.dataset_inputs],
    "files": sorted(each.path for each in client.list_artifacts(run.info.run_id) if not each.is_dir),
    "by_dataset": len(client.search_runs([read.info.experiment_id], "dataset.context = 'train'")),
}

with mlflow.start_run() as run:
    model = LogisticRegression(max_iter=500).fit(X, y)
    mlflow.log_metric("accuracy", model.score(X, y))
    info = mlflow.sklearn.log_model(model, "model", registered_model_name=name, input_example=X.head(2))
client.set_registered_model_alias(name, "champion", "1")
expected = model.predict(X).tolist()
told["loaded"] = [
    mlflow.pyfunc.load_model(uri).predict(X).tolist() == expected
    for uri in (f"models:/{name}@champion", f"models:/{name}/1", f"models:/{name}/latest", f"runs:/{run.info.run_id}/model", info.model_uri)
]
client.transition_model_version_stage(name, "1", "Staging")
told["staged"] = mlflow.pyfunc.load_model(f"models:/{name}/Staging").predict(X).tolist() == expected
version = client.get_model_version(name, "1")
told["version_of"] = [version.run_id == run.info.run_id, version.status, list(version.aliases)]
copy = client.copy_model_version(f"models:/{name}@champion", f"production {name}")
told["copied"] = mlflow.pyfunc.load_model(f"models:/production {name}/{copy.version}").predict(X).tolist() == expected
if major == "3":
    found = mlflow.search_logged_models(experiment_ids=[read.info.experiment_id], filter_string="metrics.accuracy > 0.5", output_format="list")
    told["logged"] = [[each.name, each.metrics[0].key, str(each.status)] for each in found]
    told["outputs"] = [each.model_id == info.model_id for each in client.get_run(run.info.run_id).outputs.model_outputs]
table = mlflow.search_runs(search_all_experiments=True, order_by=["metrics.accuracy DESC"])
told["table"] = [len(table) >= 5, round(float(table["metrics.accuracy"][0]), 3)]

try:
    import lightgbm

    mlflow.lightgbm.autolog()
    with mlflow.start_run() as run:
        data = lightgbm.Dataset(X, y)
        lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1}, data, 10, valid_sets=[data], valid_names=["train"])
    told["rounds"] = len(client.get_metric_history(run.info.run_id, "train-multi_logloss"))
except ImportError:
    pass
print(json.dumps(told))
