"""Runs a notebook from top to bottom with this interpreter: python run_notebook.py train.ipynb [arguments]

In a fresh kernel where ipykernel and jupyter_client are installed, else in IPython's shell, else as plain Python; what
then cannot work is named. The notebook with its outputs is kept in the folder of ML_LIFECYCLE_NOTEBOOK_FOLDER.
"""

import importlib
import importlib.util
import json
import os
import re
import signal
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def refuse(text):
    say("This notebook does not run: " + text)
    sys.exit(1)


def read(file):
    name = os.path.basename(file)
    try:
        with open(file, encoding="utf-8") as stream:
            notebook = json.load(stream)
    except ValueError as error:
        refuse(f"{name} is no valid notebook ({error}).")
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        refuse(f"{name} is in an old format or damaged. Open it in VS Code or Jupyter and save it there.")
    metadata = notebook.get("metadata", {})
    spec = metadata.get("kernelspec", {})
    language = spec.get("language") or metadata.get("language_info", {}).get("name") or "python"
    if language.lower() not in ("python", "ipython"):
        refuse(f"its cells are {language} (kernel {spec.get('display_name') or spec.get('name') or language}). Only Python notebooks can be run as experiments.")
    return notebook


def cells_of(notebook):
    """The code cells that have code, with their number among the code cells."""
    found = []
    number = 0
    for cell in notebook["cells"]:
        if cell.get("cell_type") != "code":
            continue
        number += 1
        source = cell.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        if source.strip() and "skip-execution" not in tags_of(cell):
            found.append((number, cell, source))
    return found


def tags_of(cell):
    return cell.get("metadata", {}).get("tags", [])


def may_fail(cell):
    return "raises-exception" in tags_of(cell)


def line_in(traceback):
    """The last line of a cell that a traceback of IPython, with or without colours, passes; None where there is none."""
    text = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(traceback))
    lines = re.findall(r"(?:Cell In ?\[\d+\]|Input In \[\d+\]|<ipython-input-[^>]*>|cell \d+\")[^\n]*?line:? (\d+)", text)
    return int(lines[-1]) if lines else None


def fail(number, line, name, message):
    """Says which cell failed, in the form that the run's error is read from, and ends."""
    place = f"code cell {number}" + (f", line {line}" if line else "")
    say(f"The error is in {place}: {name}: {message}" if message else f"The error is in {place}: {name}")
    sys.exit(1)


def fail_at_input(number, line):
    fail(number, line, "input() cannot be answered where a notebook runs as a whole", "run it live to be asked")


def end_as(value):
    """Ends as sys.exit(value) in a cell asked for."""
    value = str(value)
    sys.exit(int(value) if re.fullmatch(r"-?\d+", value) else 0 if value in ("", "None") else 1)


def show(book, kind, content):
    """Puts what a cell put out into the run's output, too, and keeps it."""
    pictures = book.output(kind, content)
    if kind == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        stream.write(content["text"])
        stream.flush()
    elif kind == "error":
        say("\n".join(content["traceback"]))
    elif pictures:
        print(f"[{', '.join(pictures)}]", flush=True)
    elif kind in ("display_data", "execute_result") and "text/plain" in content["data"]:
        text = content["data"]["text/plain"]
        print(text if isinstance(text, str) else "".join(text), flush=True)


def autologging():
    """The variables with which a kernel turns autologging on; here, where no cell runs, it is given up."""
    watch = next((finder for finder in sys.meta_path if type(finder).__module__ == "sitecustomize" and hasattr(finder, "hook")), None)
    if watch is None:
        return {}
    sys.meta_path.remove(watch)
    before = os.environ.get("PYTHONPATH")
    return {"ML_LIFECYCLE_AUTOLOG": "1", "PYTHONPATH": os.pathsep.join([watch.hook, before] if before else [watch.hook])}


def ours(name, folder):
    """A module beside this one: for its import alone, since nothing of ours lies on the path of what cells import."""
    sys.path.insert(0, folder)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)
        sys.dont_write_bytecode = before


def run_in_kernel(book, cells, live):
    kernel = live.Kernel(os.getcwd(), {**live.environment_of_kernel(), **autologging()})
    try:
        prelude = f"import sys; sys.argv = {sys.argv!r}; sys.path.insert(0, {sys.path[0]!r}) if {sys.path[0]!r} not in sys.path else None; del sys"
        kernel.execute(prelude, lambda *_: None, silent=True, store_history=False)
        for number, cell, source in cells:
            book.begin(cell, number)
            try:
                reply = kernel.execute(source, lambda kind, content: show(book, kind, content))
            except live.KernelDied:
                book.end(None)
                fail(number, None, "The kernel ended", "often that is for lack of memory, or a library crashed")
            book.end(reply.get("execution_count"))
            if reply["status"] == "ok" or may_fail(cell):
                continue
            if reply.get("ename") == "SystemExit":
                end_as(reply.get("evalue"))
            if reply.get("ename") == "StdinNotImplementedError":
                fail_at_input(number, line_in(reply.get("traceback", [])))
            fail(number, line_in(reply.get("traceback", [])), reply.get("ename", "Error"), reply.get("evalue", ""))
    finally:
        kernel.end()


def main():
    folder = os.environ.pop("ML_LIFECYCLE_NOTEBOOK_FOLDER", None)
    file = os.path.abspath(sys.argv[1])
    sys.argv = sys.argv[1:]
    notebook = read(file)
    here, sys.path[0] = sys.path[0], os.path.dirname(file)
    book = ours("executed_notebook", here).ExecutedNotebook(notebook, folder)
    cells = cells_of(notebook)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def there(name):
        return importlib.util.find_spec(name) is not None

    if there("ipykernel") and there("jupyter_client"):
        say("Runs in a fresh kernel.")
        run_in_kernel(book, cells, ours("live_kernel", here))
        return
    other = ours("notebook_without_kernel", here)
    if there("IPython"):
        say("Runs in IPython’s shell, since ipykernel is not installed for this Python: no widgets, and pictures only of Matplotlib and display().")
        other.run_in_ipython(book, cells)
    else:
        say("Runs as plain Python, since neither ipykernel nor IPython is installed for this Python: magics (%, %%), shell lines (!) and rich display() do not work.")
        other.run_plainly(book, cells, file)


if __name__ == "__main__":
    main()
