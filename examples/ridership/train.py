"""How many people will ride tomorrow? Gradient boosting that is judged on the last year: python train.py --rounds 200"""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=150)
parser.add_argument("--learning-rate", type=float, default=0.1)
args = parser.parse_args()
print(f"params: rounds={args.rounds} learning_rate={args.learning_rate}")

days = pd.read_csv(Path(__file__).with_name("ridership.csv"), parse_dates=["date"]).sort_values("date")
stations = [name for name in days.columns if name not in ("ridership", "date")]
X = days[stations].assign(weekday=days["date"].dt.day_of_week, month=days["date"].dt.month)
y = days["ridership"]
X_train, X_test, y_train, y_test = X.iloc[:-365], X.iloc[-365:], y.iloc[:-365], y.iloc[-365:]

model = GradientBoostingRegressor(n_estimators=args.rounds, learning_rate=args.learning_rate, subsample=0.5, random_state=0)
model.fit(X_train, y_train)
for step, predicted in enumerate(model.staged_predict(X_test), start=1):
    if step % 10 == 0:
        print(f"step={step} mae={mean_absolute_error(y_test, predicted):.4f}")
print(f"test_mae: {mean_absolute_error(y_test, model.predict(X_test)):.4f}")
