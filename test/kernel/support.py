"""A kernel to talk to."""

import os
import re
import sys
import tempfile
import time
import unittest

import zmq
from jupyter_client.manager import start_new_kernel

KERNEL = os.environ["WIDENET_TEST_KERNEL"]
NOTEBOOKS = os.environ["WIDENET_TEST_FOLDER"]
# A hang, not a slow machine.
TIMEOUT = 600


class Hang(AssertionError):
    """What was waited for did not come."""


def eventually(holds):
    """Waits until that holds, and fails when it never does."""
    end = time.time() + TIMEOUT
    while not holds():
        if time.time() > end:
            raise Hang(f"{TIMEOUT} s, and what was waited for did not come")
        time.sleep(0.02)


def beats(client):
    """Whether the kernel's heart answers."""
    with zmq.Context() as context, context.socket(zmq.REQ) as heart:
        heart.linger = 0
        if client.curve_publickey:
            heart.curve_publickey, heart.curve_secretkey = zmq.curve_keypair()
            heart.curve_serverkey = client.curve_publickey
        heart.connect(f"tcp://{client.ip}:{client.hb_port}")
        heart.send(b"ping")
        return heart.poll(1000 * TIMEOUT) != 0 and heart.recv() == b"ping"


class Gate:
    """A file that a cell waits for, so that it ends when the test wants it to and at no other time."""

    def __init__(self, name):
        self.path = os.path.join(NOTEBOOKS, name)
        self.shut = f"!process.getBuiltinModule('node:fs').existsSync({self.path!r})"
        self.wait = f"while ({self.shut}) await new Promise(r => setTimeout(r, 20));"

    def open(self):
        with open(self.path, "w"):
            pass

    def close(self):
        if os.path.exists(self.path):
            os.remove(self.path)


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

    def all_received(self):
        """Waits until the kernel has read what was sent on the shell channel: this it answers beside a cell that runs."""
        self.ask("is_complete_request", {"code": "1"})

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
        raise Hang(f"no reply to {kind}")

    def stop(self, sent, after=0.5, text=None, until=None):
        """Presses the stop button; the outcome."""
        self.press(sent, after, text, until)
        return self.outcome(sent)

    def press(self, sent, after=0.5, text=None, until=None):
        """The stop button, `after` seconds after the cell was sent, or has printed `text`, or `until` holds."""
        while text:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "stream" and text in message["content"]["text"]:
                break
            self.assertNotEqual(message["content"].get("execution_state"), "idle", f"the cell never printed {text!r}")
        if until:
            eventually(until)
        time.sleep(after)
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
