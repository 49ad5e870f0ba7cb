"""A kernel to talk to."""

import os
import re
import sys
import tempfile
import time
import unittest

from jupyter_client.manager import start_new_kernel

KERNEL = os.environ["WIDENET_TEST_KERNEL"]
NOTEBOOKS = os.environ["WIDENET_TEST_FOLDER"]
TIMEOUT = 90


class Outcome:
    """What a cell gave: its reply, and the messages on iopub between busy and idle."""

    def __init__(self, reply, messages):
        self.reply = reply["content"]
        self.messages = messages

    def contents(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    def text(self, name="stdout"):
        return "".join(c["text"] for c in self.contents("stream") if c["name"] == name)

    @property
    def data(self):
        (result,) = self.contents("execute_result")
        return result["data"]

    @property
    def plain(self):
        return self.data["text/plain"]

    @property
    def error(self):
        (error,) = self.contents("error")
        return error

    @property
    def traceback(self):
        """The traceback without its colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(self.error["traceback"]))


class KernelCase(unittest.TestCase):
    """One kernel for the tests of a class, started in the notebooks' folder."""

    kernel = KERNEL
    folder = NOTEBOOKS

    @classmethod
    def setUpClass(cls):
        cls.stderr = tempfile.TemporaryFile()
        cls.manager, cls.client = start_new_kernel(
            kernel_name=cls.kernel, cwd=cls.folder, startup_timeout=TIMEOUT, stderr=cls.stderr
        )

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()
        sys.stderr.write("\n".join(cls.log()))
        cls.stderr.close()

    @classmethod
    def log(cls):
        """The lines that the kernel's process has written on stderr."""
        cls.stderr.seek(0)
        return cls.stderr.read().decode(errors="replace").splitlines()

    def send(self, code, **options):
        return self.client.execute(code, **{"allow_stdin": False, **options})

    def outcome(self, sent):
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
                continue
            messages.append(message)
        return Outcome(self.reply(sent), messages)

    def reply(self, sent):
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == sent:
                return reply

    def run_cell(self, code, **options):
        return self.outcome(self.send(code, **options))

    def ok(self, code, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.reply["status"], "ok", outcome.reply)
        return outcome

    def fails(self, code, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.reply["status"], "error")
        for field in ("ename", "evalue", "traceback"):
            self.assertEqual(outcome.reply[field], outcome.error[field])
        return outcome

    def open_renderer(self):
        """From here on the kernel knows that its frontend draws figures, so that it makes no pictures of them."""
        content = {"comm_id": "renderer", "target_name": "widenet-plotly", "data": {}}
        self.client.shell_channel.send(self.client.session.msg("comm_open", content))

    def ask(self, kind, content, channel="shell"):
        """A request of any type, and its reply."""
        message = self.client.session.msg(kind, content)
        getattr(self.client, f"{channel}_channel").send(message)
        get = getattr(self.client, f"get_{channel}_msg")
        end = time.time() + TIMEOUT
        while time.time() < end:
            reply = get(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply
        raise AssertionError(f"no reply to {kind}")

    def stop(self, sent, after=0.5, text=None):
        """Presses the stop button once the cell has printed `text`, or run for `after` seconds; the outcome."""
        while text:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "stream" and text in message["content"]["text"]:
                break
        time.sleep(after)
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
        return self.outcome(sent)
