"""Runs the kernel's tests and tells each result as a line of JSON: `run.py --list`, or `run.py MODULE`."""

import importlib
import json
import queue
import sys
import unittest

from support import Hang

MODULES = [
    "conformance",
    "errors",
    "results",
    "figures",
    "interrupt",
    "output",
    "descriptors",
    "late",
    "console",
    "language",
    "names",
    "typed",
    "modules",
    "imports",
    "values",
    "rows",
    "messages",
    "fuzz",
    "death",
    "lifecycle",
    "clients",
    "server",
    "habits",
    "history",
]


def cases(module):
    suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(module))
    return [case for group in suite for case in group]


class Report(unittest.TestResult):
    """One line a test: its name, whether it passed, and why not."""

    def startTest(self, test):
        super().startTest(test)
        self.trouble = []
        self.skipped_because = None

    def addError(self, test, err, where=""):
        if not isinstance(test, unittest.TestCase):  # a class whose kernel does not start
            sys.stderr.write(self._exc_info_to_string(err, test))
            return
        # The error comes first, because a summary shows the first line alone.
        self.trouble.append(f"{err[0].__name__}: {err[1]}\n{where}{self._exc_info_to_string(err, test)}")
        if issubclass(err[0], (Hang, queue.Empty)):
            # What comes after it would wait as long, each, for a kernel that does not answer.
            sys.stderr.write(f"{test.id()} waited in vain: what comes after it is not run\n")
            self.failfast = True  # of subtests
            self.stop()

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addError(test, err, f"{subtest}\n")

    def addSkip(self, test, reason):
        self.skipped_because = reason

    def stopTest(self, test):
        status = "failed" if self.trouble else "skipped" if self.skipped_because else "passed"
        detail = "\n".join(self.trouble) or self.skipped_because or ""
        print(json.dumps({"name": test.id(), "status": status, "detail": detail}), flush=True)


def main(argument):
    if argument == "--list":
        print(json.dumps({name: [case.id() for case in cases(name)] for name in MODULES}))
    else:
        unittest.TestSuite(cases(argument)).run(Report())


main(sys.argv[1])
