"""Executes one notebook, cell by cell, and tells on stdout, one JSON object a line, how far it is.

Usage: execute.py NOTEBOOK FOLDER. The cells run in FOLDER, and NOTEBOOK is written anew after each of them, so that it
shows what ran, whatever becomes of this process. The lines are {"cell", "of"} when a code cell starts, {"cell",
"seconds"} when it has ended, and at last {"ended": "done"} or {"ended": "failed", "cell", "name", "message",
"traceback"}, with cell 0 before the first has started. Exit code 1 means failed. A cell has failed when its reply is
not 'ok' or it printed an error; a cell that is tagged raises-exception has to fail. When stdin ends, the execution and
its kernel end at once. Descriptors named in WIDENET_PASS are handed to the kernel.
"""

import os
import sys
import threading


def leave(why):
    os._exit(1)


def leave_with_stdin():
    sys.stdin.read()
    leave("whoever started it")


# Before anything that takes time, so that the process never outlives whoever started it.
threading.Thread(target=leave_with_stdin, daemon=True).start()

import asyncio
import json
import re
import signal
import time
import traceback

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def failed(name, message, traceback=()):
    return {"name": name, "message": message, "traceback": list(traceback)}


class CellFailed(Exception):
    def __init__(self, name, message, traceback):
        super().__init__(message)
        self.failure = failed(name, message, traceback)


def tell(**event):
    print(json.dumps(event), flush=True)


def plain(lines):
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


def failure_of(cell, reply):
    """What went wrong in a cell, as (name, message, traceback), or None."""
    for output in cell.outputs:
        if output.output_type == "error":
            return output.ename, output.evalue, plain(output.traceback)
    content = reply["content"]
    if content["status"] == "ok":
        return None
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    message = content.get("evalue") or printed.strip() or f"the kernel replied '{content['status']}'"
    return content.get("ename") or "Error", message, plain(content.get("traceback") or [printed])


class Kernel(AsyncKernelManager):
    """The kernel's process, with what it writes to its own stdout and stderr.

    Cells print elsewhere, so these are words about the end of the process.
    """

    process = None
    kept = 20_000

    async def start_kernel(self, **options):
        reader, writer = os.pipe()
        passed = [int(fd) for fd in os.environ.get("WIDENET_PASS", "").split()]
        self.words = b""
        self.listener = threading.Thread(target=self.listen, args=(reader,), daemon=True)
        self.listener.start()
        try:
            await super().start_kernel(stdout=writer, stderr=writer, pass_fds=passed, **options)
        finally:
            os.close(writer)
        self.process = self.provisioner.process

    def listen(self, reader):
        while part := os.read(reader, 65536):
            self.words = (self.words + part)[-self.kept:]

    def kill(self):
        """At once, without asking; also what the kernel started in its process group."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.cleanup_connection_file()

    def death(self):
        """Why the kernel died: how its process ended, what it is likely to mean, and its last words."""
        code = self.process and self.process.poll()
        self.listener.join(1)
        words = self.words.decode(errors="replace")
        heap = re.search(r"FATAL ERROR: (.*heap out of memory.*)", words)
        if code is None:
            ended = "does not answer"
        else:
            ended = f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        cause = f": {heap[1]}" if heap else ", probably out of memory" if code == -signal.SIGKILL else ""
        return failed("DeadKernel", f"the kernel {ended}{cause}", plain(words.strip().split("\n")[-15:]))


class Execution:
    """One execution: the hooks that tell the progress, judge each cell, and keep what ran."""

    def __init__(self, file, folder):
        self.file = file
        with open(file, encoding="utf8") as opened:
            self.notebook = nbformat.read(opened, as_version=4)
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        cells = enumerate(self.notebook.cells)
        self.code = [i for i, cell in cells if cell.cell_type == "code" and cell.source.strip()]
        self.current = 0
        self.since = 0.0
        self.client = NotebookClient(
            self.notebook,
            timeout=None,
            startup_timeout=300,
            iopub_timeout=300,
            raise_on_iopub_timeout=True,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
            kernel_manager_class=Kernel,
            on_notebook_start=self.take_signals,
            on_cell_start=self.start,
            on_cell_executed=self.judge,
        )
        self.kernel = self.client.create_kernel_manager()
        self.client.owns_km = True

    def take_signals(self, notebook):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.leave, signal.Signals(number).name)

    def leave(self, why):
        """Ends this process and the kernel's, at once."""
        self.kernel.kill()
        tell(ended="failed", cell=self.current, **failed("Interrupted", f"the execution was ended by {why}"))
        os._exit(1)

    def start(self, cell, cell_index):
        if cell_index in self.code:
            # As JupyterLab stores it when it opens the notebook, so that opening changes nothing.
            spec = self.kernel.kernel_spec
            name = self.kernel.kernel_name
            self.notebook.metadata.kernelspec = dict(display_name=spec.display_name, language=spec.language, name=name)
            self.current = self.code.index(cell_index) + 1
            self.since = time.monotonic()
            tell(cell=self.current, of=len(self.code))

    def judge(self, cell, cell_index, execute_reply):
        tell(cell=self.current, seconds=round(time.monotonic() - self.since, 3))
        failure = failure_of(cell, execute_reply)
        expected = "raises-exception" in cell.metadata.get("tags", [])
        if failure and not expected:
            raise CellFailed(*failure)
        if expected and not failure:
            raise CellFailed("Error", "the cell is tagged raises-exception but did not fail", [])
        self.write()

    def write(self):
        part = f"{self.file}.part"
        try:
            nbformat.write(self.notebook, part)
            os.replace(part, self.file)
        except OSError as error:
            if os.path.exists(part):
                os.remove(part)
            raise OSError(error.errno, error.strerror, self.file) from error

    def run(self):
        """The failure, or None."""
        global leave
        leave = self.leave
        failure = self.failure()
        try:
            self.write()
        except OSError as error:
            failure = failure or system_failure(error)
        return failure and {"cell": self.current, **failure}

    def failure(self):
        try:
            self.client.execute()
            return None
        except CellFailed as error:
            return error.failure
        except CellExecutionError as error:
            return failed(error.ename, error.evalue, plain([error.traceback]))
        except OSError as error:
            return system_failure(error)
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            died = isinstance(error, DeadKernelError) or "Kernel died" in str(error)
            return self.kernel.death() if died else failed(type(error).__name__, str(error))


def system_failure(error):
    return failed("Error", f"{error.strerror}: {error.filename}" if error.filename else str(error))


if __name__ == "__main__":
    try:
        failure = Execution(*sys.argv[1:]).run()
    except Exception as error:
        failure = {"cell": 0, **failed(type(error).__name__, str(error), traceback.format_exc().split("\n")[-15:])}
    tell(ended="failed" if failure else "done", **(failure or {}))
    sys.exit(1 if failure else 0)
