"""A script that names no experiment: its runs must stand together, and be found where its client looks."""
import mlflow

with mlflow.start_run(run_name="outer") as outer:
    mlflow.log_metric("loss", 0.5)
    with mlflow.start_run(run_name="inner", nested=True):
        mlflow.log_metric("loss", 0.25)
with mlflow.start_run(run_name="second"):
    mlflow.log_metric("loss", 0.75)
found = mlflow.search_runs(order_by=["metrics.loss"], output_format="list")
assert [run.info.run_name for run in found] == ["inner", "outer", "second"], found
assert {run.info.experiment_id for run in found} == {outer.info.experiment_id}
everywhere = mlflow.search_runs(search_all_experiments=True, output_format="list")
print("experiments:", len({run.info.experiment_id for run in everywhere}))
