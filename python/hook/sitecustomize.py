"""Turns on the autologging of MLflow for a script that never calls it.

Python imports this before the script, since its folder stands first on PYTHONPATH. It steps aside at once: the
sitecustomize that would have been imported without it is run, and neither this folder nor the switch is passed on to
processes that the script starts. So only the root process logs.
"""

import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# What a script imports -> the module of mlflow that logs for it.
FLAVOURS = {
    "sklearn": "sklearn",
    "lightgbm": "lightgbm",
    "xgboost": "xgboost",
    "keras": "tensorflow",
    "tensorflow": "tensorflow",
    "pytorch_lightning": "pytorch",
    "lightning": "pytorch",
}


def step_aside():
    def elsewhere(folder):
        return os.path.abspath(folder or os.curdir) != HERE

    sys.path[:] = [folder for folder in sys.path if elsewhere(folder)]
    given = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder and elsewhere(folder)]
    if given:
        os.environ["PYTHONPATH"] = os.pathsep.join(given)
    else:
        os.environ.pop("PYTHONPATH", None)


def run_the_next():
    """Imports the sitecustomize of the environment or the distribution, in the place of this one."""
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


def say(text):
    print("Autologging: " + text, file=sys.stderr, flush=True)


class Watch:
    """Stands first among the finders, and has each library of FLAVOURS logged once it is imported."""

    def __init__(self):
        self.process = os.getpid()
        # What runs notebooks hands the switch on to the kernel by it.
        self.hook = HERE
        self.done = set()

    def find_spec(self, name, path=None, target=None):
        flavour = FLAVOURS.get(name)
        if flavour is None or flavour in self.done or os.getpid() != self.process:
            return None
        self.done.add(flavour)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            self.done.discard(flavour)
            return None
        load = spec.loader.exec_module

        def load_and_log(module):
            load(module)
            self.log(name, flavour)

        spec.loader.exec_module = load_and_log
        return spec

    def log(self, name, flavour):
        try:
            module = importlib.import_module("mlflow." + flavour)
            module.autolog(silent=True)
            say("on for " + name)
        except Exception as error:
            # A script must run whatever becomes of its log.
            say("off for " + name + ": " + str(error))


step_aside()
if os.environ.pop("ML_LIFECYCLE_AUTOLOG", None):
    sys.meta_path.insert(0, Watch())
run_the_next()
