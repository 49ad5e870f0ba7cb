"""Figures in frontends that have a Plotly renderer and in those that have none, and in any folder."""

import base64
import os
import shutil
import signal
import tempfile
import time
import unittest
from unittest import mock

from support import TIMEOUT, KernelCase

PLOTLY = "application/vnd.plotly.v1+json"
CODE = "figure([{ y: [1, 2, 3], name: 'f' }], { title: { text: 'T' }, height: 300 })"


class InCells(KernelCase):
    def in_cell(self, identity, code):
        """What a cell gives whose frontend says which one it is."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": identity})
        self.client.shell_channel.send(message)
        outcome = self.outcome(message["header"]["msg_id"])
        self.assertEqual(outcome.reply["status"], "ok", outcome.reply)
        return [c["data"] for kind in ("display_data", "execute_result") for c in outcome.contents(kind)]


class Figures(InCells):
    def test_without_a_renderer_a_figure_is_a_picture_and_html_and_plotly_js_comes_once(self):
        self.in_cell("imports", "import { figure, show } from 'widenet'")
        (first,) = self.in_cell("a", CODE)
        self.assertEqual(first[PLOTLY]["data"][0]["y"], [1, 2, 3])
        picture = base64.b64decode(first["image/png"])
        self.assertEqual((picture[1:4], picture[16:24]), (b"PNG", bytes([0, 0, 3, 132, 0, 0, 1, 44])))
        self.assertIn(f"data:image/png;base64,{first['image/png']}", first["text/html"])
        self.assertGreater(len(first["text/html"]), 1e6)
        self.assertLess(len(first["text/html"]), 3e6)
        for cell in ("b", "b", None):
            (other,) = self.in_cell(cell, CODE)
            self.assertLess(len(other["text/html"]), 30_000)
        again = [len(data["text/html"]) for data in self.in_cell("a", f"show({CODE}); {CODE}")]
        self.assertGreater(again[0], 1e6, "its cell ran again, so that the output with plotly.js is gone")
        self.assertLess(again[1], 30_000)


class WithoutCellIds(InCells):
    def test_what_is_no_text_is_no_cell_that_ran_again(self):
        self.in_cell(None, "import { figure } from 'widenet'")
        (first,) = self.in_cell(7, CODE)
        self.assertGreater(len(first["text/html"]), 1e6)
        for identity in (7, None, None, ["7"], {}):
            (other,) = self.in_cell(identity, CODE)
            self.assertLess(len(other["text/html"]), 30_000, identity)


class WithBrowser(KernelCase):
    """A kernel that draws with a browser of the test's own, in a temporary folder of its own."""

    script = ""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.mkdtemp()
        cls.browser = os.path.join(cls.temporary, "browser")
        with open(cls.browser, "w") as file:
            file.write(f"#!/bin/sh\n{cls.script}\n")
        os.chmod(cls.browser, 0o755)
        with mock.patch.dict(os.environ, WIDENET_CHROMIUM=cls.browser, TMPDIR=cls.temporary):
            super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.temporary)

    def profiles(self):
        return [name for name in os.listdir(self.temporary) if name.startswith("widenet-browser-")]


class BrowserThatFails(WithBrowser):
    script = "echo 'no display here' >&2; exit 1"

    def test_the_reader_is_told_once_which_browser_and_what_it_said(self):
        self.ok("import { figure, show } from 'widenet'")
        first = self.ok(CODE)
        self.assertNotIn("image/png", first.data)
        self.assertIn("text/html", first.data)
        self.assertIn(f"{self.browser} does not start: no display here\n", first.text("stderr"))
        self.assertEqual(self.ok(CODE).text("stderr"), "")
        self.assertEqual(self.profiles(), [])


class WithBrowserThatHangs(WithBrowser):
    # The arguments stay in the command line, and the process outlives the end of its pipes.
    script = "while :; do sleep 1; done"

    def processes(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline") as file:
                    if self.browser in file.read():
                        found.append(pid)
            except OSError:
                pass
        return found


class BrowserThatHangs(WithBrowserThatHangs):
    @unittest.skipUnless(os.path.isdir("/proc/self"), "processes are looked up in /proc")
    def test_the_stop_button_ends_the_wait_and_a_killed_kernel_leaves_neither_browser_nor_folder(self):
        self.ok("import { figure } from 'widenet'")
        sent = self.send(f"const title = 'T';\n{CODE}")
        end = time.time() + TIMEOUT
        while not self.processes() and time.time() < end:
            time.sleep(0.1)
        stopped = self.stop(sent)
        self.assertEqual(stopped.error["ename"], "Interrupted")
        self.assertRegex(stopped.traceback, rf"in widenet.*\n +at cell {stopped.reply['execution_count']}, line 2\n")
        self.assertEqual(self.ok("1 + 1").plain, "2")
        self.assertEqual(len(self.profiles()), 1)
        os.kill(self.manager.provisioner.process.pid, signal.SIGKILL)
        while (self.processes() or self.profiles()) and time.time() < end:
            time.sleep(0.1)
        self.assertEqual((self.processes(), self.profiles()), ([], []))


class BrowserThatNeverDraws(WithBrowserThatHangs):
    def test_it_is_waited_for_two_minutes_once(self):
        self.ok('''// @ts-nocheck
import { figure } from 'widenet';
const waits = [], { wait } = Atomics;
Atomics.wait = (numbers, at, value, ms) => (waits.push(ms), wait(numbers, at, value, Math.min(ms, 100)));''')
        first = self.ok(CODE)
        self.assertNotIn("image/png", first.data)
        self.assertIn("the browser has not drawn it within 120 s; no other is drawn", first.text("stderr"))
        second = self.ok(CODE)
        self.assertEqual(("image/png" in second.data, second.text("stderr")), (False, ""))
        asked = "Atomics.wait = wait; waits.map(ms => ms > 90_000 && ms <= 120_000)"
        self.assertEqual(self.ok(asked).plain, "[ true ]")
        end = time.time() + TIMEOUT
        while (self.processes() or self.profiles()) and time.time() < end:
            time.sleep(0.1)
        self.assertEqual((self.processes(), self.profiles()), ([], []))


class WithRenderer(KernelCase):
    def test_a_figure_is_plotly_data_alone(self):
        self.open_renderer()
        shown = self.ok(f"import {{ figure }} from 'widenet';\n{CODE}")
        self.assertEqual(set(shown.data), {PLOTLY, "text/plain"})


class AnyFolder(KernelCase):
    @classmethod
    def setUpClass(cls):
        cls.outside = tempfile.TemporaryDirectory()
        cls.folder = cls.outside.name
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.outside.cleanup()

    def test_the_library_with_its_types_and_a_figure(self):
        self.ok("import { figure, random, tf } from 'widenet';")
        self.assertEqual(self.ok("random.normal([2], { seed: 0, stream: 'x' }).shape").plain, "[ 2 ]")
        self.assertIn("data-widenet-figure", self.ok(CODE).data["text/html"])
        wrong = self.fails("random.normal('two', { seed: 0, stream: 'x' })")
        self.assertRegex(wrong.traceback, r"TS2345: .*not assignable to parameter of type")
