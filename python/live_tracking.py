"""Executed in a kernel, with `request` in its globals: points MLflow at a project while a run is recorded, and puts back what was before.

request: {"action": "begin", "slot", "variables", "autolog"}, {"action": "end", "slot"}, or {"action": "look"}, which only says what
kernel this is. Prints one line of JSON behind a mark.
"""

import json
import os
import socket
import sys
import types
import urllib.error
import urllib.parse
import urllib.request

mark = "ml-lifecycle:"
# Kept as a module, since a kernel's own names belong to the person.
memory = sys.modules.setdefault("_ml_lifecycle_live", types.ModuleType("_ml_lifecycle_live"))
slots = memory.__dict__.setdefault("slots", {})


def reachable(address):
    parts = urllib.parse.urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=3).close()
        return True
    except OSError:
        return False


def end_mlflow_run():
    """The run that MLflow has open belongs to what was executed before."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None and hasattr(mlflow, "active_run") and mlflow.active_run() is not None:
        mlflow.end_run()


def autolog(on):
    if not on and "mlflow" not in sys.modules:
        return "off"
    try:
        import mlflow
    except ImportError:
        return "off: mlflow is not installed for this kernel"
    mlflow.autolog(disable=not on, silent=True)
    return "on" if on else "off"


def begin():
    variables = request["variables"]
    address = variables["MLFLOW_TRACKING_URI"]
    named = os.environ.get("MLFLOW_TRACKING_URI", "")
    own = named == "" or os.environ.get("MLFLOW_TRACKING_TOKEN") == variables["MLFLOW_TRACKING_TOKEN"]
    why = None if own and reachable(address) else f"it logs to {named}" if not own else "it does not reach this machine"
    if slots.get(request["slot"]) is not None:
        end()
    if why is None:
        end_mlflow_run()
        slots[request["slot"]] = {"before": {name: os.environ.get(name) for name in variables}, "autolog": bool(request["autolog"])}
        os.environ.update(variables)
    return facts(why, autolog(True) if request["autolog"] and why is None else "off")


def facts(why=None, switch="off"):
    return {"pid": os.getpid(), "host": socket.gethostname(), "executable": sys.executable, "version": sys.version.split()[0], "cwd": os.getcwd(), "untracked": why, "autologging": switch}


def end():
    slot = slots.pop(request["slot"], None)
    if slot is None:
        return {}
    end_mlflow_run()
    if slot["autolog"]:
        autolog(False)
    for name, value in slot["before"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return {}


print(mark + json.dumps({"begin": begin, "end": end, "look": facts}[request["action"]]()))  # noqa: F821
