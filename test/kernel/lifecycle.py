"""Start, restart, end, and edits of the library while it runs."""

import os
import signal
import subprocess
import sys
import time
import unittest

from jupyter_client.manager import start_new_kernel
from support import KERNEL, NOTEBOOKS, TIMEOUT, Gate, KernelCase, beats


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid, seconds=TIMEOUT):
    end = time.time() + seconds
    while time.time() < end and alive(pid):
        time.sleep(0.1)
    return not alive(pid)


class Lifecycle(KernelCase):
    def pid(self):
        return int(self.ok("process.pid").plain)

    def test_control_is_answered_while_a_cell_computes(self):
        gate = Gate("control")
        sent = self.send(f"console.log('begins'); while ({gate.shut}); 'done'")
        while self.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
            pass
        self.assertEqual(self.ask("kernel_info_request", {}, "control")["content"]["implementation"], "tslab")
        self.assertTrue(beats(self.client))
        gate.open()
        self.assertEqual(self.outcome(sent).plain, "'done'")

    def test_restart_while_a_cell_computes_leaves_no_process(self):
        pid = self.pid()
        self.send("console.log('begins'); for (;;);")
        while self.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
            pass
        self.manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.assertTrue(gone(pid))
        self.assertNotEqual(self.pid(), pid)

    def test_shutdown_request_ends_the_process_and_its_threads(self):
        manager, client = start_new_kernel(kernel_name=KERNEL, cwd=NOTEBOOKS, startup_timeout=TIMEOUT)
        pid = manager.provisioner.pid
        client.shutdown()
        try:
            manager.provisioner.process.wait(timeout=TIMEOUT)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        self.assertTrue(gone(pid))


class LibraryEdits(KernelCase):
    """In a copy of the repository, since its files are edited."""

    kernel = os.environ["WIDENET_TEST_COPY_KERNEL"]
    folder = os.path.join(os.environ["WIDENET_TEST_COPY"], "notebooks")

    def test_the_next_import_picks_them_up(self):
        source = os.path.join(os.environ["WIDENET_TEST_COPY"], "src")
        self.ok("import { logLogistic, random } from 'widenet';\nconst old = logLogistic;")
        self.ok("const draw = (seed: number) => random.normal([2], { seed, stream: 'x' });")
        self.assertEqual(self.ok("import { fitLine } from 'widenet'").text("stderr"), "")
        with open(os.path.join(source, "math", "losses.ts"), "a") as out:
            out.write("\nexport const editedJustNow = 42;\n")
        with open(os.path.join(source, "index.ts"), "a") as out:
            out.write("export { editedJustNow } from './math/losses';\n")
        self.assertEqual(self.ok("typeof old").text("stderr"), "")
        end = time.time() + TIMEOUT
        while True:  # the compiler hears of the edit a moment later
            outcome = self.run_cell("import { editedJustNow } from 'widenet';\neditedJustNow")
            if outcome.reply.get("ename") != "CompileError" or time.time() > end:
                break
            time.sleep(0.5)
        self.assertEqual(outcome.plain, "42")
        self.assertRegex(outcome.text("stderr"), r"^Loading the library anew: .*sr./math/losses\.ts.* changed")


class Orphan(unittest.TestCase):
    def test_the_kernel_ends_with_the_program_that_started_it(self):
        code = (
            "import sys, time; from jupyter_client.manager import start_new_kernel\n"
            f"m, c = start_new_kernel(kernel_name={KERNEL!r}, cwd={NOTEBOOKS!r}, startup_timeout=600)\n"
            "print(m.provisioner.pid, flush=True); time.sleep(600)"
        )
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        self.assertTrue(gone(pid))
