"""Executes one notebook: cell by cell in its own folder, and tells on stdout, one JSON object a line, how far it is.

Usage: execute.py NOTEBOOK RESULT. Lines: {"cell", "of"} when a code cell starts, {"cell", "seconds"} when it has ended, and at
last {"ended": "done"} or {"ended": "failed", "cell", "name", "message", "traceback"}, with cell 0 before the first has started.
RESULT is written in both cases; exit code 1 means failed. When stdin ends, so does the execution. A cell counts as failed when
its reply is not 'ok' or it printed an error, unless it is tagged raises-exception, which then has to fail.
"""

import json
import os
import re
import signal
import sys
import threading
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


class CellFailed(Exception):
    def __init__(self, name, message, traceback):
        super().__init__(message)
        self.failure = {"name": name, "message": message, "traceback": traceback}


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


def end_with_stdin():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


class Execution:
    """The hooks of one execution: they tell the progress and judge each cell."""

    def __init__(self, notebook):
        self.code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
        self.current = 0
        self.since = 0.0

    def start(self, cell, cell_index):
        if cell_index in self.code:
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


def execute(source, result):
    with open(source, encoding="utf8") as file:
        notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    execution = Execution(notebook)
    client = NotebookClient(
        notebook, timeout=None, startup_timeout=120, iopub_timeout=60, raise_on_iopub_timeout=True, record_timing=False,
        coalesce_streams=True, resources={"metadata": {"path": os.path.dirname(os.path.abspath(source))}},
        on_cell_start=execution.start, on_cell_executed=execution.judge,
    )
    try:
        client.execute()
        return None
    except CellFailed as error:
        return {"cell": execution.current, **error.failure}
    except CellExecutionError as error:
        return {"cell": execution.current, "name": error.ename, "message": error.evalue, "traceback": plain([error.traceback])}
    except DeadKernelError:
        return {"cell": execution.current, "name": "DeadKernel", "message": "the kernel died", "traceback": []}
    except (CellTimeoutError, RuntimeError) as error:
        return {"cell": execution.current, "name": type(error).__name__, "message": str(error), "traceback": []}
    finally:
        part = f"{result}.part"
        nbformat.write(notebook, part)
        os.replace(part, result)


if __name__ == "__main__":
    threading.Thread(target=end_with_stdin, daemon=True).start()
    failed = execute(*sys.argv[1:])
    tell(ended="failed" if failed else "done", **(failed or {}))
    sys.exit(1 if failed else 0)
