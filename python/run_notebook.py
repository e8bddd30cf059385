"""Runs a notebook from top to bottom in this interpreter: python run_notebook.py train.ipynb [arguments]

With IPython installed, cells run in its shell, magics and all. Without it they run as plain Python; lines for the shell
and magics are left out, and the output says so.
"""

import builtins
import json
import os
import sys
import traceback


def cells(file):
    with open(file, encoding="utf-8") as stream:
        notebook = json.load(stream)
    code = (cell for cell in notebook.get("cells", []) if cell.get("cell_type") == "code")
    return ["".join(cell["source"]) if isinstance(cell["source"], list) else cell["source"] for cell in code]


def without_magics(source):
    """The source with lines that are not Python taken out, and those lines. Line numbers stay."""
    lines, left_out = source.split("\n"), []
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in ("%%time", "%%timeit", "%%capture"):
        return "\n" * len(lines), [first]
    for number, line in enumerate(lines):
        text = line.lstrip()
        if text.startswith(("%", "!")) or text.rstrip().endswith("?"):
            left_out.append(text)
            lines[number] = line[: len(line) - len(text)] + "pass"
    return "\n".join(lines), left_out


def fail(number, error):
    traceback.print_exception(type(error), error, error.__traceback__)
    print(f"The error is in code cell {number}.", file=sys.stderr, flush=True)
    sys.exit(1)


def run_plainly(file, sources):
    main = sys.modules["__main__"].__dict__
    main.update(__file__=file, __name__="__main__")
    builtins.display = lambda *values: print(*values)
    for number, source in enumerate(sources, start=1):
        try:
            compiled = compile(source, f"{os.path.basename(file)} cell {number}", "exec")
        except SyntaxError:
            source, left_out = without_magics(source)
            print(f"Cell {number}: left out without IPython: {'; '.join(left_out)}" if left_out else "", file=sys.stderr, flush=True)
            try:
                compiled = compile(source, f"{os.path.basename(file)} cell {number}", "exec")
            except SyntaxError as error:
                fail(number, error)
        try:
            exec(compiled, main)
        except Exception as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            fail(number, error)


def run_in_ipython(shell, sources):
    for number, source in enumerate(sources, start=1):
        # Errors are printed once, by us, in Python's own form.
        shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, SystemExit):
            raise error
        if error is not None:
            fail(number, error)


def main():
    file = os.path.abspath(sys.argv[1])
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(file)
    sources = cells(file)
    try:
        from IPython.core.interactiveshell import InteractiveShell
    except ImportError:
        run_plainly(file, sources)
    else:
        run_in_ipython(InteractiveShell.instance(), sources)


main()
