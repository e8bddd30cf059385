"""What scripts log beside figures, as MLflow's documentation shows it; tells what the client reads back, as one line of JSON."""
import json
import multiprocessing
import os
import tempfile
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


def log_from_a_process(index, run_id):
    with mlflow.start_run(run_id=run_id):
        for step in range(20):
            mlflow.log_metric(f"process/{index}", step / 20, step=step)
            mlflow.log_metric("shared", index + step / 100, step=step)


def main():
    client = MlflowClient()
    major = int(mlflow.__version__.split(".")[0])
    told = {"version": mlflow.__version__}
    X, y = load_iris(return_X_y=True, as_frame=True)
    frame = X.assign(kind=y)

    with mlflow.start_run(run_name="all kinds") as run:
        mlflow.log_table({"question": ["a", "b"], "score": [0.5, None]}, "answers.json")
        mlflow.log_table({"question": ["c"], "score": [0.25]}, "answers.json")
        figure, axis = plt.subplots()
        axis.plot([1, 2, 3])
        mlflow.log_figure(figure, "plots/line.png")
        mlflow.log_dict({"a": [1, 2]}, "settings.yaml")
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), "black.png")
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), key="sample", step=3)
        mlflow.log_text("# Notes\n\nIt *works*.", "notes.md")
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "deep", "er"))
            with open(os.path.join(folder, "deep", "er", "x y.csv"), "w") as file:
                file.write("a,b\n1,2\n")
            mlflow.log_artifacts(folder, "folder")
        data = mlflow.data.from_pandas(frame, source="iris.csv", name="iris", targets="kind")
        mlflow.log_input(data, context="training")
        mlflow.log_input(mlflow.data.from_numpy(X.to_numpy(), name="matrix"), context="validation")
        with mlflow.start_run(run_name="inner", nested=True):
            with mlflow.start_run(run_name="innermost", nested=True):
                mlflow.log_metric("depth", 2)
    run_id = run.info.run_id

    with mlflow.start_run(run_id=run_id):
        mlflow.log_metric("resumed", 1)
    read = client.get_run(run_id)
    told["table"] = mlflow.load_table("answers.json", run_ids=[run_id])["question"].tolist()
    folder = mlflow.artifacts.download_artifacts(run_id=run_id)
    told["files"] = sorted(os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/") for place, _, names in os.walk(folder) for name in names)
    told["inputs"] = [[each.dataset.name, each.dataset.source_type, each.tags[0].value] for each in read.inputs.dataset_inputs]
    told["resumed"] = [read.info.status, read.data.metrics["resumed"]]
    told["marks"] = [read.data.tags["mlflow.loggedArtifacts"], read.data.tags["mlflow.loggedImages"]]

    # Eight processes that log into one run, each with a client of its own.
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        pool.starmap(log_from_a_process, [(index, run_id) for index in range(8)])
    told["processes"] = sorted(len(client.get_metric_history(run_id, f"process/{index}")) for index in range(8))
    told["shared"] = len(client.get_metric_history(run_id, "shared"))
    told["after"] = client.get_run(run_id).info.status

    mlflow.config.enable_async_logging()
    with mlflow.start_run(run_name="asynchronous") as run:
        for step in range(500):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_params({f"p{index}": index for index in range(30)})
        mlflow.set_tag("how", "later")
    mlflow.flush_async_logging()
    mlflow.config.enable_async_logging(False)
    read = client.get_run(run.info.run_id)
    told["asynchronous"] = [len(client.get_metric_history(run.info.run_id, "loss")), len(read.data.params), read.data.tags["how"], read.info.status]

    mlflow.set_system_metrics_sampling_interval(1)
    mlflow.set_system_metrics_samples_before_logging(1)
    mlflow.enable_system_metrics_logging()
    with mlflow.start_run(run_name="machine") as run:
        while not any(key.startswith("system/network") for key in client.get_run(run.info.run_id).data.metrics):
            time.sleep(0.1)
    mlflow.disable_system_metrics_logging()
    told["machine"] = sorted(client.get_run(run.info.run_id).data.metrics)

    with mlflow.start_run(run_name="model") as run:
        model = LogisticRegression(max_iter=500).fit(X, y)
        info = mlflow.sklearn.log_model(model, **({"name": "tree"} if major >= 3 else {"artifact_path": "tree"}), input_example=X.head(2))
    version = mlflow.register_model(info.model_uri, f"everything {major}", tags={"by": "hand"})
    told["registered"] = [version.version, version.status, client.get_model_version(f"everything {major}", version.version).run_id == run.info.run_id]
    if major >= 3:
        found = client.search_logged_models(experiment_ids=[run.info.experiment_id], filter_string="name = 'tree'")
        told["models"] = [[each.name, each.source_run_id == run.info.run_id, str(each.status)] for each in found]
    for stage in ("Staging", "Production", "Archived"):
        client.transition_model_version_stage(f"everything {major}", version.version, stage)
        told.setdefault("stages", []).append([each.current_stage for each in client.get_latest_versions(f"everything {major}", stages=[stage])])
    evaluate = mlflow.models.evaluate if hasattr(mlflow.models, "evaluate") else mlflow.evaluate
    with mlflow.start_run(run_name="evaluated") as run:
        result = evaluate(info.model_uri, frame, targets="kind", model_type="classifier", evaluators=["default"], evaluator_config={"default": {"log_explainer": False}})
    read = client.get_run(run.info.run_id)
    told["evaluated"] = [sorted(read.data.metrics), sorted(entry.path for entry in client.list_artifacts(run.info.run_id)), [[each.dataset.name] for each in read.inputs.dataset_inputs]]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
