"""Holds one kernel for an editor's window: JSON lines in, JSON lines out. The kernel ends when its input does.

In:  {"type": "execute", "id", "code", "hidden"}, {"type": "input", "text"}, {"type": "interrupt"}, {"type": "restart"}
Out: {"type": "ready", "pid", "executable", "version"}, {"type": "output", "id", "kind", "content"},
     {"type": "question", "id", "prompt", "password"}, {"type": "done", "id", "status", "execution_count", "error"},
     {"type": "died"}, {"type": "failed", "message"}
"""

import json
import os
import queue
import sys
import threading

# Whatever a library prints must not be taken for a line of ours.
lines, sys.stdout = sys.stdout, sys.stderr
commands = queue.Queue()


def tell(**message):
    lines.write(json.dumps(message, default=str) + "\n")
    lines.flush()


def listen():
    for line in sys.stdin:
        commands.put(json.loads(line))
    commands.put({"type": "end"})


class Restart(Exception):
    pass


class End(Exception):
    pass


class Bridge:
    def __init__(self, live):
        self.live = live
        self.kernel = live.Kernel(os.getcwd(), live.environment_of_kernel(), sys.stderr)
        # Asked for while a cell runs.
        self.waiting = []
        self.interruptible = False

    def ready(self):
        tell(type="ready", pid=self.kernel.pid, executable=sys.executable, version=sys.version.split()[0])

    def look(self):
        """Does what was asked for while a cell runs, as far as it is about that cell."""
        while True:
            try:
                command = commands.get_nowait()
            except queue.Empty:
                return
            if command["type"] == "execute":
                self.waiting.append(command)
            else:
                self.do(command)

    def do(self, command):
        kind = command["type"]
        if kind == "interrupt":
            # A kernel that is between two cells may not survive it.
            if self.interruptible:
                self.kernel.interrupt()
        elif kind == "input":
            self.kernel.answer(command["text"])
        elif kind == "restart":
            raise Restart()
        elif kind == "end":
            raise End()
        else:
            self.execute(command)

    def execute(self, command):
        name, hidden = command["id"], bool(command.get("hidden"))

        def ask(prompt, password):
            tell(type="question", id=name, prompt=prompt, password=password)

        def put_out(kind, content):
            if kind == "error":
                self.interruptible = False
            tell(type="output", id=name, kind=kind, content=content)

        self.interruptible = not hidden
        reply = self.kernel.execute(
            command["code"],
            put_out,
            on_question=None if hidden else ask,
            look=self.look,
            store_history=not hidden,
        )
        self.interruptible = False
        error = None if reply["status"] == "ok" else {key: reply.get(key) or default for key, default in (("ename", reply["status"]), ("evalue", ""), ("traceback", []))}
        tell(type="done", id=name, status=reply["status"], execution_count=reply.get("execution_count"), error=error)

    def run(self):
        self.ready()
        while True:
            try:
                self.do(self.waiting.pop(0) if self.waiting else self.next())
            except Restart:
                self.waiting.clear()
                self.kernel.restart()
                self.ready()
            except self.live.KernelDied:
                self.waiting.clear()
                tell(type="died")
                self.kernel.restart()
                self.ready()

    def next(self):
        """The next command; a kernel that dies meanwhile is noticed."""
        while True:
            try:
                return commands.get(timeout=1)
            except queue.Empty:
                if not self.kernel.manager.is_alive():
                    raise self.live.KernelDied() from None


def main():
    sys.dont_write_bytecode = True
    bridge = None
    threading.Thread(target=listen, daemon=True).start()
    try:
        import live_kernel

        bridge = Bridge(live_kernel)
        bridge.run()
    except End:
        pass
    except Exception as error:
        tell(type="failed", message=f"{type(error).__name__}: {error}")
    finally:
        if bridge is not None:
            bridge.kernel.end()


main()
