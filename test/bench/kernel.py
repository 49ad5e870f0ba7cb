"""
What the kernel costs beside ipykernel, in turns, medians: `.venv/bin/python test/bench/kernel.py [rounds]`.

Time of the wall, and CPU seconds of the kernel's whole process tree, for: the start up to the end of a first `1+1`, the
first import of the library, a cell with a variable, a function and a type after 10 and after 200 such cells, with and
without the library; memory of the process tree after those (proportional set size); and 100,000 printed lines.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
OURS = {
    "cell": "let rate{i} = 0.{i}; function step{i}(w: number[]): number[] {{ return w.map(v => v - rate{i}) }} type Row{i} = {{ loss: number }};",
    "library": "import { train, tf } from 'widenet'",
    "lines": "for (let i = 0; i < 100_000; i++) console.log('line', i)",
}
PEER = {
    "cell": "rate{i} = 0.{i}\ndef step{i}(w: list[float]) -> list[float]: return [v - rate{i} for v in w]\nclass Row{i}:\n  loss: float",
    "lines": "for i in range(100_000): print('line', i)",
}


def tree(pid):
    """The process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def cpu(pid):
    total = 0
    for process in tree(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += sum(int(fields[i]) for i in (11, 12, 13, 14))
    return total / TICK


def memory(pid):
    """Megabytes, pages that processes share counted once."""
    total = 0
    for process in tree(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1000


class Kernel:
    def __init__(self, name):
        self.began = time.perf_counter()
        self.manager, self.client = start_new_kernel(kernel_name=name, cwd=str(ROOT / "notebooks"), startup_timeout=120)
        self.pid = self.manager.provisioner.process.pid

    def run(self, code):
        """Seconds of the wall and of the CPU, which may still be at work for what comes next."""
        wall, busy = time.perf_counter(), cpu(self.pid)
        sent = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") == sent and message["content"].get("execution_state") == "idle":
                break
        wall = time.perf_counter() - wall
        reply = self.client.get_shell_msg(timeout=120)
        while reply["parent_header"].get("msg_id") != sent:
            reply = self.client.get_shell_msg(timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        time.sleep(0.02)
        return wall, cpu(self.pid) - busy

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def cells(kernel, code, results, title):
    spent = []
    for i in range(1, 201):
        spent.append(kernel.run(code.format(i=i)))
    for at in (10, 200):
        walls, cpus = zip(*spent[max(0, at - 10) : at], strict=True)
        results[f"{title} at {at}, ms"] = 1000 * statistics.median(walls)
        results[f"{title} at {at}, CPU ms"] = 1000 * statistics.mean(cpus)
    results[f"{title}: memory after 200, MB"] = memory(kernel.pid)


def measure(name, code):
    results = {}
    kernel = Kernel(name)
    kernel.run("1+1")
    results["start, s"] = time.perf_counter() - kernel.began
    time.sleep(0.5)
    results["start, CPU s"] = cpu(kernel.pid)
    cells(kernel, code["cell"], results, "a cell")
    results["100,000 lines, s"] = kernel.run(code["lines"])[0]
    kernel.close()
    if "library" in code:
        kernel = Kernel(name)
        results["first import, s"], results["first import, CPU s"] = kernel.run(code["library"])
        cells(kernel, code["cell"], results, "a cell with the library")
        kernel.close()
    return results


def register(folder):
    """Kernel specifications of this repository's kernel and of ipykernel in this environment."""
    script = "const { kernelspec } = await import(process.argv[1]); console.log(JSON.stringify(kernelspec(process.argv[2])))"
    module = (ROOT / "kernel-setup" / "kernel" / "kernelspec.mjs").as_uri()
    ours = subprocess.check_output(["node", "--input-type=module", "-e", script, module, str(ROOT)], text=True)
    peer = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "peer", "language": "python"}
    for name, spec in {"ours": ours, "peer": json.dumps(peer)}.items():
        Path(folder, "kernels", name).mkdir(parents=True)
        Path(folder, "kernels", name, "kernel.json").write_text(spec)
    os.environ.update(JUPYTER_PATH=folder, JUPYTER_RUNTIME_DIR=folder, IPYTHONDIR=folder)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        register(folder)
        measured = {"ours": [], "peer": []}
        for _ in range(rounds):
            measured["ours"].append(measure("ours", OURS))
            measured["peer"].append(measure("peer", PEER))
    print("| | widenet | ipykernel |\n| --- | --- | --- |")
    for key in measured["ours"][0]:
        values = [f"{statistics.median(r[key] for r in measured[who]):.3g}" if key in measured[who][0] else "" for who in measured]
        print(f"| {key} | {' | '.join(values)} |")


main()
