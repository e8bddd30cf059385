"""LightGBM's autologging: a metric for each round, parameters, the model."""
import lightgbm
import mlflow
from sklearn.datasets import load_iris

mlflow.lightgbm.autolog(silent=True)
X, y = load_iris(return_X_y=True, as_frame=True)
data = lightgbm.Dataset(X, y)
lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1, "learning_rate": 0.2}, data, 10, valid_sets=[data], valid_names=["train"])
