"""A script that writes TensorBoard's events and logs one of its curves with MLflow too. argv: a file of events."""
import os
import shutil
import sys
import time

import mlflow

os.makedirs("runs/board", exist_ok=True)
shutil.copyfile(sys.argv[1], f"runs/board/events.out.tfevents.{int(time.time())}.host.{os.getpid()}.0")
with mlflow.start_run():
    for step in range(5):
        mlflow.log_metric("loss/train", 1 / (step + 1), step=step)
    mlflow.log_metric("only/mlflow", 2)
# The reader of the events looks around every half second.
time.sleep(2)
print("loss/train: 0.9")
