"""Logs and registers a model, gives it an alias, and loads it by that; fails where what comes back is not the same."""
import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

client = MlflowClient()
name = "iris of " + mlflow.__version__.split(".")[0]
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
with mlflow.start_run() as run:
    model = LogisticRegression(C=0.5, max_iter=500).fit(X_train, y_train)
    mlflow.log_param("C", 0.5)
    mlflow.log_metric("accuracy", model.score(X_test, y_test))
    mlflow.sklearn.log_model(model, "model", registered_model_name=name, input_example=X.head(2))
version = client.search_model_versions(f"name = '{name}' and run_id = '{run.info.run_id}'")[0]
client.set_registered_model_alias(name, "champion", version.version)
loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
assert loaded.predict(X_test).tolist() == model.predict(X_test).tolist()
found = mlflow.search_runs(search_all_experiments=True, filter_string="metrics.accuracy > 0.9 and params.C = '0.5'")
assert run.info.run_id in found["run_id"].tolist()
