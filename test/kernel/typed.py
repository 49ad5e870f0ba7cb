"""Cells are checked before they run, by a language server that may end at any time; in any folder."""

import contextlib
import os
import pathlib
import signal
import tempfile
import threading
import time

from support import KernelCase


class Typed(KernelCase):
    @classmethod
    def setUpClass(cls):
        cls.outside = tempfile.TemporaryDirectory()
        cls.folder = cls.outside.name
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.outside.cleanup()

    def refused(self, code):
        return self.fails(code).error["evalue"]

    def write(self, name, text):
        pathlib.Path(self.folder, name).write_text(text)

    def servers(self):
        """The processes of the language server that this kernel has started."""
        kernel = self.ok("process.pid").plain
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                if parent == kernel and b"--lsp" in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                pass
        return found

    def test_the_library_and_tslab_are_found_in_any_folder(self):
        self.ok("import { tf } from 'widenet'; import * as tslab from 'tslab'")
        self.assertIn("2345", self.fails("tf.add('a')").traceback + self.refused("tslab.display.html(1)"))
        self.assertIn("toSorted", self.ok("`${[].toSorted}`").plain)

    def test_a_cell_with_a_type_error_does_not_run(self):
        self.ok("let ran = 0")
        outcome = self.fails("ran = 1;\nconst made: number = 'text'")
        self.assertIn("not assignable to type 'number'", outcome.error["evalue"])
        self.assertIn("const made", outcome.traceback)
        self.assertEqual(self.ok("ran").plain, "0")
        self.assertIn("which did not run because of a type error", self.refused("made + 1"))
        self.refused("const syntax = ; let unmade = 3")
        self.assertIn("which did not run because of a syntax error", self.refused("unmade"))
        self.ok("const made = 1")
        self.assertEqual(self.ok("made + 1").plain, "2")

    def test_a_cell_runs_in_spite_of_type_errors_where_that_is_said(self):
        self.assertEqual(self.ok("// @ts-nocheck\nconst odd: number = 'text'; odd").plain, "'text'")
        self.ok("process.env.WIDENET_TYPE_ERRORS = 'ignore'")
        self.assertEqual(self.ok("const odder: number = 'text'; odder").plain, "'text'")
        self.ok("delete process.env.WIDENET_TYPE_ERRORS")
        self.refused("const odder: number = 'text'")

    def test_files_are_checked_as_they_are_now(self):
        cell = "import { rate } from './settings'; rate.toFixed(1)"
        self.assertIn("./settings", self.refused(cell))
        self.write("settings.ts", "export const rate = 1")
        self.assertEqual(self.ok(cell).plain, "'1.0'")
        self.write("settings.ts", "export const rate = 'fast'")
        self.assertIn("toFixed", self.refused(cell))
        self.assertEqual(self.ok("import { rate } from './settings'; rate.trim()").plain, "'fast'")
        self.write("settings.ts", "export const rate: number = 'fast'")
        self.assertIn("settings.ts", self.fails(cell).traceback)
        self.write("other.ts", "")
        time.sleep(2)
        self.assertEqual(self.ok("1 + 1").plain, "2")

    def test_files_by_url_are_those_by_path(self):
        self.write("by url.ts", "export const step = 1")
        url = pathlib.Path(self.folder, "by url.ts").as_uri()
        self.assertEqual(self.ok(f"import {{ step }} from '{url}'; step.toFixed(1)").plain, "'1.0'")
        self.assertEqual(self.ok(f"(await import('{url}')).step.toFixed(2)").plain, "'1.00'")
        wrong = self.fails(f"import {{ step }} from '{url}'; step.trim()").traceback
        self.assertIn("^^^^", wrong.splitlines()[-1])
        self.assertEqual(wrong.splitlines()[-1].index("^"), wrong.splitlines()[-2].index("trim"))
        self.write("by url.ts", "export const step = 'fast'")
        self.assertEqual(self.ok(f"import {{ step }} from '{url}'; step.trim()").plain, "'fast'")

    def test_a_file_that_is_required_is_checked_as_one_that_is_imported(self):
        self.write("inner.ts", "import { seeds } from 'widenet';\nexport const numbers = seeds(2).toSorted();")
        self.write("outer.ts", "export const { numbers } = require('./inner');")
        self.assertEqual(self.ok("require('./outer.ts').numbers").plain, "[ 0, 1 ]")
        self.write("inner.ts", "export const numbers: number = 'none';")
        self.assertIn("TS2322", self.refused("require('./outer.ts').numbers"))

    def test_a_file_with_await_using_is_imported_and_not_required(self):
        self.write("held.ts", "await using held = { async [Symbol.asyncDispose]() {} };\nexport const open = 1;")
        self.assertIn("held.ts awaits outside functions", self.refused("require('./held.ts')"))
        self.assertEqual(self.ok("import { open } from './held'; open").plain, "1")

    def test_a_language_server_that_dies_loses_no_cell(self):
        self.ok("let before = 1; function double(x: number) { return 2 * x }")
        for pid in self.servers():
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.ok("double(before)").plain, "2")
        self.assertIn("Argument of type", self.refused("double('x')"))

        ends = threading.Event()

        def kill():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):  # the one killed last may have been found dying
                    os.kill(pid, signal.SIGKILL)
            ends.set()

        # While a check is going on, as far as times allow.
        for delay in (0, 0.002, 0.01):
            pids = self.servers()
            self.assertEqual(len(pids), 1)
            ends.clear()
            sent = self.send(f"double(before + {delay})")
            threading.Timer(delay, kill).start()
            self.assertEqual(self.outcome(sent).reply["status"], "ok")
            self.assertTrue(ends.wait(10))
