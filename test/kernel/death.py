"""A kernel that cannot go on: the last lines of its stderr say why, for whoever started it."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from unittest import mock

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager, start_new_kernel
from support import KERNEL, NOTEBOOKS, TIMEOUT, KernelCase

ALLOCATE = "const kept: object[] = []; for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));"


# Resolves no name that begins with MISSING; with FOUND, resolves it to that file.
MISSING = """
const Module = require('node:module');
const { _resolveFilename } = Module;
Module._resolveFilename = function (name, ...rest) {
  if (!name.startsWith(process.env.MISSING)) return _resolveFilename.call(this, name, ...rest);
  if (process.env.FOUND) return process.env.FOUND;
  throw new Error(`there is no ${name}`);
};
"""


def without(missing):
    """Words before the command of a kernel whose installation lacks a package."""
    with tempfile.NamedTemporaryFile("w", suffix=".cjs", delete=False) as file:
        file.write(MISSING)
    unittest.addModuleCleanup(os.remove, file.name)
    return ["env", f"NODE_OPTIONS=--require {file.name}", f"MISSING={missing}"]


class Ended(unittest.TestCase):
    def ended(self, code, **variables):
        """Exit code and stderr of a kernel that a cell ends."""
        with tempfile.TemporaryFile() as stderr:
            manager, client = start_new_kernel(
                kernel_name=KERNEL,
                cwd=NOTEBOOKS,
                startup_timeout=TIMEOUT,
                stderr=stderr,
                env={**os.environ, **variables},
            )
            try:
                client.execute(code)
                status = manager.provisioner.process.wait(timeout=TIMEOUT)
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
            stderr.seek(0)
            return status, stderr.read().decode(errors="replace").splitlines()

    def test_a_full_heap_is_told_by_v8(self):
        for when in ("", "await new Promise(r => setTimeout(r, 10)); "):
            with self.subTest(when):
                status, lines = self.ended(when + ALLOCATE, NODE_OPTIONS="--max-old-space-size=200")
                self.assertEqual(status, -6)
                fatal = [line for line in lines if line.startswith("FATAL ERROR: ")]
                self.assertEqual(len(fatal), 1, lines)
                self.assertRegex(fatal[0], "JavaScript heap out of memory$")
                self.assertLess(len(lines) - lines.index(fatal[0]), 25)

    def test_a_signal_adds_nothing_to_stderr(self):
        for name, number in {"SIGSEGV": 11, "SIGABRT": 6, "SIGKILL": 9}.items():
            with self.subTest(name):
                self.assertEqual(self.ended(f"process.kill(process.pid, '{name}')"), (-number, []))


class NotStarted(unittest.TestCase):
    def started(self, connection, before=()):
        """Exit code and last line of a kernel with this connection file; `before` are words before its command."""
        argv = [*before, *KernelSpecManager().get_kernel_spec(KERNEL).argv]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(connection)
            file.flush()
            done = subprocess.run(
                [arg.format(connection_file=file.name) for arg in argv],
                cwd=NOTEBOOKS,
                stderr=subprocess.PIPE,
                text=True,
                timeout=TIMEOUT,
            )
        return done.returncode, done.stderr.splitlines()[-1]

    def connection(self, **changed):
        ports = {f"{name}_port": 0 for name in ("shell", "iopub", "stdin", "control", "hb")}
        return json.dumps(
            {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256", **ports, **changed}
        )

    def test_connection_files_are_checked(self):
        for connection, said in {
            "{": "the connection file of 1 bytes is not JSON in UTF-8: ",
            "[]": "the connection file is an array, not an object",
            self.connection(key=None): "the connection file's key is null, not a text",
            self.connection(hb_port="x"): "the connection file's hb_port is 'x', not a port",
            self.connection(curve_publickey="0" * 40): "the connection file's curve_secretkey is not a key of CurveZMQ",
            self.connection(
                curve_publickey="%nSc0" * 8, curve_secretkey="%nSc1" * 8
            ): "the connection file's curve_secretkey is not a key of CurveZMQ, 40 characters in Z85",
            self.connection(curve_publickey="~" * 40): "the connection file's curve_publickey is not a key",
            self.connection(shell_port=70_000): "the connection file's shell_port is 70000, not a port",
            self.connection(
                signature_scheme="sha999"
            ): "the connection file's signature_scheme is 'sha999', which is not known",
        }.items():
            with self.subTest(connection):
                status, last = self.started(connection)
                self.assertEqual(status, 1)
                self.assertTrue(last.startswith(f"tslab kernel: ended: it could not start: {said}"), last)

    def test_a_folder_that_is_gone(self):
        leave = ["sh", "-c", 'cd "$1" && rmdir "$1" && shift && exec "$@"', "sh", tempfile.mkdtemp()]
        status, last = self.started(self.connection(), leave)
        self.assertEqual(status, 1)
        self.assertRegex(last, "^tslab kernel: ended: it could not start: ENOENT: .*cwd")

    def test_broken_installations_are_told_with_the_command_that_mends_them(self):
        for missing, package in {
            "@swc/core-linux-x64-gnu": "@swc/core",
            "@typescript/typescript-linux-x64": "typescript-7",
            "@oxc-parser/binding-linux-x64-gnu": "oxc-parser",
            "zeromq": "zeromq",
            "magic-string": "magic-string",
            "tslab": "tslab",
        }.items():
            with self.subTest(missing):
                status, last = self.started(self.connection(), without(missing))
                self.assertEqual(status, 1)
                self.assertRegex(
                    last,
                    "^tslab kernel: ended: (it could not start|the thread of its sockets failed): "
                    f"{package} is not as installed; run `npm run setup -- --repair` ",
                )

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            status, last = self.started(self.connection(iopub_port=port))
        self.assertIn(status, (1, -signal.SIGTERM))  # by signal when the compiler takes long to load
        address = f"tcp://127.0.0.1:{port}"
        self.assertEqual(last, f"tslab kernel: ended: its sockets failed: {address}: Address already in use")

    def test_a_port_that_is_held_for_a_moment(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            manager = KernelManager(kernel_name=KERNEL, cache_ports=False, iopub_port=taken.getsockname()[1])
            manager.start_kernel(cwd=NOTEBOOKS)
            # The heart's port is the last that it binds.
            while manager.provisioner.process.poll() is None:
                with socket.socket() as heart:
                    if heart.connect_ex(("127.0.0.1", manager.hb_port)) == 0:
                        break
                time.sleep(0.05)
            time.sleep(0.2)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT)
            self.assertIsNone(manager.provisioner.process.poll())
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


class WithoutCompiler(unittest.TestCase):
    def test_a_cell_says_how_to_get_it(self):
        with tempfile.TemporaryDirectory() as folder:
            words = [*without("@typescript/typescript-"), f"FOUND={folder}/package.json"]
            variables = dict(word.split("=", 1) for word in words[1:])
            with mock.patch.dict(os.environ, variables):
                manager, client = start_new_kernel(kernel_name=KERNEL, cwd=NOTEBOOKS, startup_timeout=TIMEOUT)
            try:
                case = KernelCase()
                case.client = client
                evalue = case.fails("1 + 1").error["evalue"]
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
        self.assertRegex(evalue, "language server ended: .*tsc ENOENT, .*run `npm run setup -- --repair`")


class Outlived(KernelCase):
    def test_what_cannot_be_read_ends_no_kernel(self):
        hostile = {
            "new Proxy({}, { get() { throw 1; } })": "thrown Proxy",
            "Object.create(null)": "thrown Object",
            "Object.assign(new Error('x'), { message: { toString() { throw 1; } } })": "Unreadable",
        }
        for thrown, said in hostile.items():
            with self.subTest(thrown):
                self.run_cell(f"throw {thrown}")
                late = f"setTimeout(() => {{ throw {thrown}; }}, 5); void Promise.reject({thrown});"
                outcome = self.ok(f"{late} await new Promise(r => setTimeout(r, 50)); 'lives'")
                self.assertEqual(outcome.plain, "'lives'")
                self.assertEqual(outcome.text("stderr").count(said), 2)

    def test_an_error_that_is_its_own_cause_is_told_once(self):
        code = "const own: any = new Error('own'); own.cause = new Error('other', { cause: own }); throw own;"
        outcome = self.fails(code)
        self.assertEqual(outcome.error["evalue"], "own")
        self.assertEqual(outcome.traceback.count("Caused by"), 1)

    def test_a_result_that_is_no_json_fails_its_cell(self):
        made = "const b: any = { 'text/plain': 'x' }; b['application/json'] = b;"
        round = f"(() => {{ {made} return {{ [Symbol.for('Jupyter.display')]: () => b }}; }})()"
        before = self.ok("1").reply["execution_count"]
        outcome = self.fails(round)
        self.assertIn("circular", outcome.error["evalue"])
        self.assertEqual(outcome.reply["execution_count"], before + 1)
        asked = self.ok("2", user_expressions={"round": round}).reply["user_expressions"]["round"]
        self.assertEqual((asked["status"], asked["ename"]), ("error", "TypeError"))

    def test_a_cell_does_not_end_it(self):
        for name in ("exit", "abort"):
            self.assertIn(f"process.{name}: the kernel does not end", self.fails(f"process.{name}()").error["evalue"])
        self.assertEqual(self.ok("6 * 7").plain, "42")
