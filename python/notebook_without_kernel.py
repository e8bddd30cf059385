"""Runs the cells of a notebook in this process: in IPython's shell, or as plain Python."""

import ast
import asyncio
import base64
import builtins
import inspect
import io
import linecache
import sys
import traceback
import types

from __main__ import end_as, fail, fail_at_input, line_in, may_fail, say, show


class Tee:
    """Writes on, and keeps what was written with the cell."""

    def __init__(self, stream, name, book):
        self.stream, self.name, self.book = stream, name, book

    def write(self, text):
        if self.book.cell is not None and text:
            self.book.output("stream", {"name": self.name, "text": text})
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


def listen(book):
    sys.stdout, sys.stderr = Tee(sys.stdout, "stdout", book), Tee(sys.stderr, "stderr", book)


def keep_figures(book):
    """What Matplotlib has drawn and not shown elsewhere, as a notebook shows it under its cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        stream = io.BytesIO()
        pyplot.figure(number).savefig(stream, format="png", bbox_inches="tight")
        show(book, "display_data", {"data": {"image/png": base64.b64encode(stream.getvalue()).decode(), "text/plain": "<Figure>"}})
    pyplot.close("all")


def lines_of(error):
    """The traceback from the first cell on, as text."""
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(("<ipython-input", "cell ")):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace, chain=not isinstance(error, SyntaxError)))


def stop(book, number, cell, error, text):
    """Ends with the error of a cell, unless the cell may fail."""
    if isinstance(error, SystemExit):
        book.end(None)
        end_as("" if error.code is None else error.code)
    line = error.lineno if isinstance(error, SyntaxError) else line_in([text])
    book.output("error", {"ename": type(error).__name__, "evalue": str(error), "traceback": text.rstrip("\n").split("\n")})
    book.end(None)
    say(text.rstrip("\n"))
    if may_fail(cell):
        return
    if isinstance(error, EOFError):
        fail_at_input(number, line)
    fail(number, line, type(error).__name__, str(error))


def run_in_ipython(book, cells):
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *_, transient=None, update=False, **__):
            show(book, "update_display_data" if update else "display_data", {"data": encoded(data), "metadata": metadata or {}, "transient": transient or {}})

        def clear_output(self, wait=False):
            book.output("clear_output", {"wait": wait})

    shell = InteractiveShell.instance(display_pub_class=Publisher)
    listen(book)
    # Errors are printed once, by us.
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    for number, cell, source in cells:
        book.begin(cell, number)
        result = shell.run_cell(source, store_history=True)
        keep_figures(book)
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            book.end(result.execution_count)
        else:
            stop(book, number, cell, error, lines_of(error))


def encoded(data):
    return {kind: base64.b64encode(content).decode() if isinstance(content, bytes) else content for kind, content in data.items()}


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


def compiled(source, number):
    name = f"cell {number}"
    # So that a traceback shows the lines.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def run_plainly(book, cells, file):
    # Apart from what runs it: a cell may use any name.
    sys.modules["__main__"] = types.ModuleType("__main__")
    main = sys.modules["__main__"].__dict__
    main.update(__file__=file)
    builtins.display = lambda *values: print(*values)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    listen(book)
    for count, (number, cell, source) in enumerate(cells, start=1):
        book.begin(cell, number)
        try:
            try:
                code = compiled(source, number)
            except SyntaxError:
                source, left_out = without_magics(source)
                if left_out:
                    say(f"Cell {number}: left out without IPython: {'; '.join(left_out)}")
                code = compiled(source, number)
            if code.co_flags & inspect.CO_COROUTINE:
                loop.run_until_complete(eval(code, main))
            else:
                exec(code, main)
        except (Exception, SystemExit) as error:
            keep_figures(book)
            stop(book, number, cell, error, lines_of(error))
        else:
            keep_figures(book)
            book.end(count)
