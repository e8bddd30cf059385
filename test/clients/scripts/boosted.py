"""LightGBM's autologging, with the log that its users have it print: a metric for each round and each set of rows."""
import lightgbm
import mlflow
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

mlflow.lightgbm.autolog()
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
train = lightgbm.Dataset(X_train, y_train)
test = lightgbm.Dataset(X_test, y_test, reference=train)
settings = {"objective": "multiclass", "num_class": 3, "metric": ["multi_logloss", "multi_error"], "learning_rate": 0.2}
lightgbm.train(settings, train, 10, valid_sets=[train, test], valid_names=["train", "valid"], callbacks=[lightgbm.log_evaluation(1), lightgbm.early_stopping(5)])
