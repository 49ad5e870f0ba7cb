"""Clients of all kinds: consoles that ask early, servers that restart kernels, encrypted connections, other comms."""

import queue
import subprocess
import sys
import tempfile
import time
import unittest

from jupyter_client.manager import KernelManager, start_new_kernel
from support import KERNEL, NOTEBOOKS, TIMEOUT, Gate, KernelCase, beats

GATE = Gate("at-once")
BUSY = f"while ({GATE.shut}); 'done'"


class AtOnce(KernelCase):
    """What is answered by the thread of the sockets: it does not wait for a cell."""

    def before_the_cell_ends(self, kind, content):
        """The reply, which came while a cell computed; frontends then see the kernel busy again."""
        GATE.close()
        sent = self.send(BUSY)
        while self.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "execute_input":
            pass
        asked = self.client.session.msg(kind, content)
        self.client.shell_channel.send(asked)
        reply = self.client.get_shell_msg(timeout=TIMEOUT)
        self.assertEqual(reply["parent_header"]["msg_id"], asked["header"]["msg_id"])
        GATE.open()
        states = []
        while (sent, "idle") not in states:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "status":
                states.append((message["parent_header"]["msg_id"], message["content"]["execution_state"]))
        mine = asked["header"]["msg_id"]
        self.assertEqual(states, [(mine, "busy"), (mine, "idle"), (sent, "busy"), (sent, "idle")])
        self.assertEqual(self.reply(sent)["content"]["status"], "ok")
        return reply["content"]

    def test_is_complete(self):
        self.assertEqual(self.before_the_cell_ends("is_complete_request", {"code": "f("})["status"], "incomplete")

    def test_kernel_info(self):
        self.assertEqual(self.before_the_cell_ends("kernel_info_request", {})["implementation"], "tslab")

    def test_history(self):
        self.ok("'first'")
        last = {"hist_access_type": "tail", "n": 2}
        inputs = [entry[2] for entry in self.before_the_cell_ends("history_request", last)["history"]]
        self.assertEqual(inputs, ["'first'", BUSY])

    def test_requests_without_a_cell_leave_the_kernel_idle(self):
        last = {"hist_access_type": "tail", "n": 1}
        for kind, content in [("is_complete_request", {"code": "1"}), ("history_request", last)]:
            sent = self.ask(kind, content)["parent_header"]["msg_id"]
            states = []
            while len(states) < 2:
                message = self.client.get_iopub_msg(timeout=TIMEOUT)
                if message["parent_header"].get("msg_id") == sent:
                    states.append(message["content"]["execution_state"])
            self.assertEqual(states, ["busy", "idle"])


class Comms(KernelCase):
    def test_messages_with_buffers_end_in_a_closed_comm(self):
        session, socket = self.client.session, self.client.shell_channel.socket
        state = {"state": {}, "buffer_paths": [["value"]]}
        since = len(self.log())
        session.send(
            socket,
            "comm_open",
            {"comm_id": "w", "target_name": "jupyter.widget", "data": state},
            metadata={"version": "2.1.0"},
            buffers=[b"\x00\x01", memoryview(b"x" * 1000)],
        )
        session.send(socket, "comm_msg", {"comm_id": "w", "data": {"method": "update", **state}}, buffers=[b"\x02"])
        session.send(socket, "comm_close", {"comm_id": "w", "data": {}}, buffers=[b""])
        self.assertEqual(self.ok("1").plain, "1")
        self.assertEqual(self.log()[since:], [])


class Restarted(unittest.TestCase):
    """A kernel that dies in a cell and is started again on the same ports, as Jupyter's server does."""

    def test_its_state_becomes_idle_for_those_who_only_listen(self):
        manager, client = start_new_kernel(kernel_name=KERNEL, cwd=NOTEBOOKS, startup_timeout=TIMEOUT)
        try:
            client.execute("process.kill(process.pid, 'SIGKILL')")
            manager.provisioner.process.wait(timeout=TIMEOUT)
            manager.restart_kernel(newports=False, now=True)
            state, end = "busy", time.time() + TIMEOUT
            while state != "idle" and time.time() < end:
                message = client.get_iopub_msg(timeout=TIMEOUT)
                if message["msg_type"] == "status":
                    state = message["content"]["execution_state"]
            self.assertEqual((state, message["parent_header"]), ("idle", {}))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def test_a_client_that_connects_anew_has_its_answers(self):
        manager, lost = start_new_kernel(kernel_name=KERNEL, cwd=NOTEBOOKS, startup_timeout=TIMEOUT)
        again = manager.client()  # with the name of the other, whose connection has not ended
        try:
            again.start_channels()
            again.wait_for_ready(timeout=TIMEOUT)
            again.execute("prompt('?')")
            again.get_stdin_msg(timeout=TIMEOUT)
            again.control_channel.send(again.session.msg("interrupt_request", {}))
            self.assertEqual(again.get_control_msg(timeout=TIMEOUT)["content"]["status"], "ok")
        finally:
            lost.stop_channels()
            again.stop_channels()
            manager.shutdown_kernel(now=True)

    def test_the_server_shows_it_idle(self):
        with tempfile.TemporaryDirectory() as folder:
            code = SERVER.format(kernel=KERNEL, cwd=NOTEBOOKS)
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT * 2
            )
        self.assertEqual(done.stdout.splitlines()[-1:], ["idle"], done.stderr[-2000:])


# The state that the server keeps for its REST answers, before and after the kernel dies in a cell.
SERVER = """
import asyncio, logging
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

async def main():
    kernels = AsyncMappingKernelManager(root_dir={cwd!r})
    kernel_id = await kernels.start_kernel(kernel_name={kernel!r})
    kernel = kernels.get_kernel(kernel_id)
    client = kernel.client()
    client.start_channels()
    await client.wait_for_ready(timeout=600)
    client.execute("process.kill(process.pid, 'SIGKILL')")
    seen = set()
    for _ in range(6000):
        await asyncio.sleep(0.1)
        seen.add(kernel.execution_state)
        if "busy" in seen and kernel.execution_state == "idle":
            break
    print(kernel.execution_state, flush=True)
    client.stop_channels()
    await kernels.shutdown_all(now=True)

asyncio.run(main())
"""


class Encrypted(unittest.TestCase):
    def test_curve_on_every_channel(self):
        manager = KernelManager(kernel_name=KERNEL, transport_encryption="required")
        manager.start_kernel(cwd=NOTEBOOKS)
        client = manager.client()
        self.assertIsNotNone(client.curve_publickey)
        client.start_channels()
        stranger = KernelManager(connection_file=manager.connection_file)
        stranger.load_connection_file()
        stranger.curve_publickey = stranger.curve_secretkey = None
        plain = stranger.blocking_client()
        try:
            client.wait_for_ready(timeout=TIMEOUT)
            sent = client.execute("prompt('?') + 1")
            client.get_stdin_msg(timeout=TIMEOUT)
            client.input("x")
            reply = client.get_shell_msg(timeout=TIMEOUT)
            while reply["parent_header"]["msg_id"] != sent:
                reply = client.get_shell_msg(timeout=TIMEOUT)
            self.assertEqual(reply["content"]["status"], "ok")
            client.control_channel.send(client.session.msg("interrupt_request", {}))
            self.assertEqual(client.get_control_msg(timeout=TIMEOUT)["content"]["status"], "ok")
            self.assertTrue(beats(client))
            plain.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
            plain.kernel_info()
            with self.assertRaises(queue.Empty):  # a client in the clear gets nothing
                plain.get_shell_msg(timeout=1)
        finally:
            client.stop_channels()
            plain.stop_channels()
            manager.shutdown_kernel(now=True)
