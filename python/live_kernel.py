"""A fresh IPython kernel of this interpreter, over jupyter_client. Used by what runs whole notebooks and by the editor's bridge."""

import os
import queue
import sys

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

# How often a silent kernel is looked at, in seconds.
LOOK_EVERY = 0.1
# How long a kernel may take to answer for the first time, in seconds.
PATIENCE = 120


class KernelDied(Exception):
    """The kernel's process ended by itself."""


class OnlyThisPython(KernelSpecManager):
    """Whatever kernels are installed by name: the one of this interpreter is meant."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--IPKernelApp.log_level=40"], display_name="Python", language="python")


class Kernel:
    """One kernel, started by the constructor. `outputs`: where its process writes what is no output of a cell."""

    def __init__(self, folder, environment, outputs=None):
        self.folder = folder
        self.environment = environment
        self.outputs = outputs
        self.start()

    def start(self):
        # A manager of its own each time: with the end of a kernel its sockets are gone for good.
        self.manager = KernelManager(kernel_spec_manager=OnlyThisPython())
        self.manager.start_kernel(cwd=self.folder, env=self.environment, stdout=self.outputs, stderr=self.outputs)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    @property
    def pid(self):
        return getattr(getattr(self.manager, "provisioner", None), "pid", None)

    def interrupt(self):
        self.manager.interrupt_kernel()

    def restart(self):
        self.end()
        self.start()

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def answer(self, text):
        """Gives the kernel what it asked for with input()."""
        self.client.input(text)

    def execute(self, code, on_output, on_question=None, look=lambda: None, silent=False, store_history=True):
        """
        Executes code to its end and gives the reply's content (status, execution_count, and of an error ename, evalue, traceback).

        on_output(kind, content) is told of stream, display_data, execute_result, error, clear_output and update_display_data;
        on_question(prompt, password) of input(); without it, input() is an error. look() is called again and again.
        """
        request = self.client.execute(code, silent=silent, store_history=store_history, allow_stdin=on_question is not None)
        while True:
            look()
            try:
                message = self.client.get_iopub_msg(timeout=LOOK_EVERY)
            except queue.Empty:
                self.listen(on_question)
                if not self.manager.is_alive():
                    raise KernelDied() from None
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return self.reply_to(request)
            if kind in ("stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"):
                on_output(kind, content)

    def listen(self, on_question):
        if on_question is None:
            return
        try:
            message = self.client.get_stdin_msg(timeout=0)
        except queue.Empty:
            return
        if message["msg_type"] == "input_request":
            on_question(message["content"].get("prompt", ""), bool(message["content"].get("password")))

    def reply_to(self, request):
        while True:
            try:
                reply = self.client.get_shell_msg(timeout=LOOK_EVERY)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise KernelDied() from None
                continue
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]


def environment_of_kernel():
    """This process's variables, without the drawing that suits scripts only: a kernel shows figures in its cells."""
    environment = dict(os.environ)
    if environment.get("MPLBACKEND", "").lower() == "agg":
        del environment["MPLBACKEND"]
    return environment
