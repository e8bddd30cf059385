"""A script that knows nothing of tracking."""
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

X, y = load_iris(return_X_y=True)
model = LogisticRegression(C=0.5, max_iter=500).fit(X, y)
print(f"accuracy: {model.score(X, y):.4f}")
