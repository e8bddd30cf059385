"""scikit-learn's autologging of a search: the best candidate in the run, each candidate as its child."""
import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

mlflow.sklearn.autolog()
X, y = load_iris(return_X_y=True, as_frame=True)
pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1, 10]}, cv=3)
search.fit(X, y)
print(f"best: {search.best_params_}")
