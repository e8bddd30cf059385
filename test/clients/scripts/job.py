"""A script that names its own experiment and prints what it logs, as many do."""
import argparse

import mlflow

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
options = parser.parse_args()
mlflow.set_experiment("named by the script")
with mlflow.start_run(run_name="mine"):
    mlflow.log_param("lr", options.lr)
    for epoch in range(3):
        print(f"epoch={epoch} loss={1 / (epoch + 1)}")
        mlflow.log_metric("loss", 1 / (epoch + 1), step=epoch)
    mlflow.log_text("x", "notes/x.txt")
