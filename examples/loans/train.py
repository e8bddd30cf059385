"""Which loans will turn bad? A scikit-learn baseline: python train.py --C 0.5"""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float, default=1.0, help="inverse of the regularisation")
parser.add_argument("--folds", type=int, default=5)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
print(f"params: C={args.C} folds={args.folds} seed={args.seed}")

loans = pd.read_csv(Path(__file__).with_name("loans.csv"))
X, y = loans.drop(columns="Class"), (loans["Class"] == "bad").astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=args.seed)


def build():
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=10), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, LogisticRegression(C=args.C, max_iter=500))


folds = StratifiedKFold(args.folds, shuffle=True, random_state=args.seed)
for step, (fit, check) in enumerate(folds.split(X_train, y_train), start=1):
    fold = build().fit(X_train.iloc[fit], y_train.iloc[fit])
    score = fold.predict_proba(X_train.iloc[check])[:, 1]
    print(f"step={step} fold_roc_auc={roc_auc_score(y_train.iloc[check], score):.4f}", flush=True)

model = build()
model.fit(X_train, y_train)
score = model.predict_proba(X_test)[:, 1]
print(f"roc_auc: {roc_auc_score(y_test, score):.4f}")
print(f"average_precision: {average_precision_score(y_test, score):.4f}")
