"""What a plain script does with an MLflow client, and what it gets back, as one line of JSON."""
import json
import math

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

client = MlflowClient()
told = {"version": mlflow.__version__}

mlflow.set_experiment("light")
with mlflow.start_run(run_name="first", tags={"team": "a b"}) as run:
    mlflow.log_params({"lr": 0.1, "model": "tree", "empty": ""})
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"nan": math.nan, "inf": math.inf, "ninf": -math.inf})
    mlflow.set_tag("kind", "light")
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"a": 1}, "d.json")
    mlflow.log_text("", "empty.txt")
    with mlflow.start_run(nested=True, run_name="child") as child:
        mlflow.log_metric("loss", 0.1)

parent, inner = run.info.run_id, child.info.run_id
read = client.get_run(parent)
experiment = read.info.experiment_id
told["status"] = [read.info.status, read.info.run_name, read.info.end_time is not None]
told["params"] = read.data.params
told["metrics"] = {key: repr(value) for key, value in read.data.metrics.items()}
told["tags"] = {key: read.data.tags[key] for key in ("team", "kind", "mlflow.runName", "mlflow.source.type")}
told["history"] = [[point.step, point.value] for point in client.get_metric_history(parent, "loss")]
told["files"] = [[entry.path, entry.is_dir, entry.file_size] for entry in client.list_artifacts(parent)]
told["text"] = mlflow.artifacts.load_text(f"{read.info.artifact_uri}/notes/hello.txt")

client.log_batch(
    parent,
    metrics=[Metric("long", step / 7, 1000 + step, step) for step in range(2500)],
    params=[Param(f"p{index}", str(index)) for index in range(150)],
    tags=[RunTag(f"t{index}", "x") for index in range(150)],
)
told["long"] = len(client.get_metric_history(parent, "long"))


def names(filter_string, **more):
    return [each.info.run_name for each in client.search_runs([experiment], filter_string, **more)]


told["search"] = {
    text: names(text, order_by=["metrics.loss DESC"])
    for text in (
        "metrics.loss < 0.3",
        "params.model = 'tree' and tags.kind = 'light'",
        f"tags.mlflow.parentRunId = '{parent}'",
        "attributes.run_name LIKE 'fir%'",
        "tags.`team` ILIKE 'A%'",
        "params.nope IS NULL",
    )
}
pages, token = [], None
while True:
    page = client.search_runs([experiment], max_results=1, order_by=["attributes.run_name"], page_token=token)
    pages += [each.info.run_name for each in page]
    token = page.token
    if not token:
        break
told["pages"] = pages

client.delete_run(inner)
told["deleted"] = [names(""), names("", run_view_type=ViewType.DELETED_ONLY)]
client.restore_run(inner)
told["restored"] = len(names(""))
client.set_terminated(inner, "KILLED")
told["killed"] = client.get_run(inner).info.status

client.create_registered_model("reg", tags={"owner": "ada"}, description="for a test")
first = client.create_model_version("reg", f"{read.info.artifact_uri}/notes", parent, tags={"v": "1"})
second = client.create_model_version("reg", f"{read.info.artifact_uri}/notes", parent)
client.set_registered_model_alias("reg", "champion", first.version)
client.set_registered_model_alias("reg", "champion", second.version)
client.set_model_version_tag("reg", "1", "checked", "yes")
client.update_model_version("reg", "2", "the second")
told["registry"] = {
    "alias": client.get_model_version_by_alias("reg", "champion").version,
    "model": [client.get_registered_model("reg").description, client.get_registered_model("reg").tags, client.get_registered_model("reg").aliases],
    "tags": client.get_model_version("reg", "1").tags,
    "found": [each.version for each in client.search_model_versions("name = 'reg'")],
    "models": [each.name for each in client.search_registered_models("name LIKE 're%'")],
    "text": mlflow.artifacts.load_text(f"{client.get_model_version_download_uri('reg', '2')}/hello.txt"),
}
client.delete_registered_model_alias("reg", "champion")
client.delete_model_version("reg", "2")


def refusal(work):
    try:
        work()
    except mlflow.MlflowException as error:
        return [error.error_code, error.message.split(":", 1)[-1].strip()[:60]]
    return None


told["refused"] = {
    "run": refusal(lambda: client.get_run("nope")),
    "param": refusal(lambda: client.log_param(parent, "lr", 2)),
    "alias": refusal(lambda: client.get_model_version_by_alias("reg", "champion")),
    "model": refusal(lambda: client.create_registered_model("reg")),
    "filter": refusal(lambda: client.search_runs([experiment], "params.a = 1 OR true")),
}
print(json.dumps(told))
