"""History, which outlives a kernel: `[session, line, input]`."""

import os
import tempfile
import unittest

from jupyter_client.manager import start_new_kernel
from support import KERNEL, NOTEBOOKS, TIMEOUT, KernelCase


class Sessions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.kept = os.path.join(self.folder.name, "of", "one user")

    def kernel(self, kept=None):
        """A kernel to which `KernelCase` speaks."""
        case = KernelCase()
        case.stderr = tempfile.TemporaryFile()
        self.addCleanup(case.stderr.close)
        case.manager, case.client = start_new_kernel(
            kernel_name=KERNEL,
            cwd=NOTEBOOKS,
            startup_timeout=TIMEOUT,
            stderr=case.stderr,
            env={**os.environ, "WIDENET_HISTORY": self.kept if kept is None else kept},
        )
        case.log = lambda: KernelCase.log.__func__(case)
        self.addCleanup(case.client.stop_channels)
        self.addCleanup(case.manager.shutdown_kernel, now=True)
        return case

    def asked(self, case, kind, **content):
        return case.ask("history_request", {"hist_access_type": kind, **content})["content"]["history"]

    def told(self, case):
        return [line for line in case.log() if line.startswith("tslab kernel: ")]

    def test_a_session_finds_those_before_it(self):
        first = self.kernel()
        for code in ("'one'", "'two'", "'one'"):
            first.ok(code)
        first.fails("throw 'three'")
        first.ok("'silent'", silent=True)
        first.ok("'not stored'", store_history=False)
        first.manager.shutdown_kernel(now=True)
        before = [[1, 1, "'one'"], [1, 2, "'two'"], [1, 3, "'one'"], [1, 4, "throw 'three'"]]
        second = self.kernel()
        self.assertEqual(self.asked(second, "tail", n=1000), before)
        self.assertEqual(self.asked(second, "range", session=-1, start=2, stop=4), before[1:3])
        self.assertEqual(self.asked(second, "range", session=0), [])
        second.ok("6 * 7")
        both = [*before, [2, 1, "6 * 7"]]
        self.assertEqual(self.asked(second, "tail", n=2), both[-2:])
        self.assertEqual(self.asked(second, "tail", n=0), [])
        self.assertEqual(self.asked(second, "range", session=0), both[-1:])
        self.assertEqual(self.asked(second, "range", session=2), both[-1:])
        self.assertEqual(self.asked(second, "range", session=-1, start=4), both[3:4])
        self.assertEqual(self.asked(second, "range", session=7), [])
        self.assertEqual(self.asked(second, "search", pattern="'*'"), both[:3])
        self.assertEqual(self.asked(second, "search", pattern="'*'", unique=True), both[1:3])
        self.assertEqual(self.asked(second, "search", pattern="*", n=2), both[-2:])
        outputs = [[1, 4, ["throw 'three'", None]], [2, 1, ["6 * 7", "42"]]]
        self.assertEqual(self.asked(second, "tail", n=2, output=True), outputs)

    def test_kernels_that_run_at_once_have_a_number_each(self):
        one, other = self.kernel(), self.kernel()
        one.ok("'in one'")
        other.ok("'in the other'")
        one.ok("'in one again'")
        all_entries = [[1, 1, "'in one'"], [1, 2, "'in one again'"], [2, 1, "'in the other'"]]
        for case in (one, other):
            self.assertEqual(self.asked(case, "tail", n=9), all_entries)
        self.assertEqual(self.asked(one, "range", session=0), all_entries[:2])

    def test_files_are_the_users_alone_and_bounded_in_number(self):
        os.makedirs(self.kept)
        for session in range(1, 1002):
            with open(os.path.join(self.kept, f"{session}.jsonl"), "w") as file:
                file.write('[1,"old"]\n[2,"cut')
        case = self.kernel()
        case.ok("'new'")
        names = os.listdir(self.kept)
        self.assertEqual(len(names), 1000)
        self.assertNotIn("2.jsonl", names)
        self.assertEqual(os.stat(os.path.join(self.kept, "1002.jsonl")).st_mode & 0o077, 0)
        self.assertEqual(self.asked(case, "tail", n=2), [[1001, 1, "old"], [1002, 1, "'new'"]])

    def test_a_folder_that_cannot_be_written_is_done_without(self):
        with open(os.path.join(self.folder.name, "a file"), "w"):
            pass
        case = self.kernel(os.path.join(self.folder.name, "a file", "history"))
        case.ok("'kept for now'")
        case.ok("1 + 1")
        self.assertEqual(self.asked(case, "tail", n=1), [[1, 2, "1 + 1"]])
        (line,) = self.told(case)
        self.assertRegex(line, "^tslab kernel: this session's history is not kept: ENOTDIR")

    def test_an_empty_variable_keeps_none(self):
        case = self.kernel("")
        case.ok("'here'")
        self.assertEqual(self.asked(case, "tail", n=9), [[1, 1, "'here'"]])
        self.assertEqual((os.listdir(self.folder.name), self.told(case)), ([], []))
