"""What is printed past process.stdout, to descriptors 1 and 2: it reaches the running cell, whole and in order."""

import os
import shutil
import subprocess
import tempfile
import unittest

from jupyter_client.kernelspec import KernelSpecManager
from support import KERNEL, TIMEOUT, Gate, KernelCase, eventually

COPY = os.environ["WIDENET_TEST_COPY"]


class Descriptors(KernelCase):
    def setUp(self):
        self.ok("import fs from 'node:fs'; import { spawn, spawnSync, execSync } from 'node:child_process';")

    def test_children_with_inherited_descriptors_keep_their_order(self):
        outcome = self.ok("""
for (let i = 0; i < 20; i++) {
  console.log(`${i} a`);
  spawnSync('echo', [`${i} b`], { stdio: 'inherit' });
  process.stdout.write(`${i} c\\n`);
  fs.writeSync(1, `${i} d\\n`);
}
console.error('e1'); spawnSync('sh', ['-c', 'echo e2 >&2'], { stdio: 'inherit' }); fs.writeSync(2, 'e3\\n');
execSync('echo e4 >&2'); console.error('e5');""")
        self.assertEqual(outcome.text(), "".join(f"{i} {x}\n" for i in range(20) for x in "abcd"))
        self.assertEqual(outcome.text("stderr"), "".join(f"e{i}\n" for i in range(1, 6)))

    def test_displays_stand_between(self):
        outcome = self.ok("fs.writeSync(1, '1'); display(2); fs.writeSync(1, '3'); display(4); fs.writeSync(1, '5')")
        seen = [
            m["content"].get("text") or m["content"]["data"]["text/plain"]
            for m in outcome.messages
            if m["msg_type"] in ("stream", "display_data")
        ]
        self.assertEqual(seen, ["1", "2", "3", "4", "5"])

    def test_streams_as_the_descriptors_of_a_child(self):
        outcome = self.ok(
            "const { stdout, stderr } = process; "
            "spawnSync('sh', ['-c', 'echo o; echo e >&2'], { stdio: ['ignore', stdout, stderr] }).status"
        )
        self.assertEqual((outcome.plain, outcome.text(), outcome.text("stderr")), ("0", "o\n", "e\n"))

    def test_native_code(self):
        # Both of V8: one writes through C's stdout, which has a buffer, the other to stderr.
        outcome = self.ok("""
import v8 from 'node:v8';
v8.setFlagsFromString('--allow-natives-syntax');
console.log('before'); new Function('%DebugPrint(7)')(); console.log('after');
v8.setFlagsFromString('--no-allow-natives-syntax');
(process as any)._rawDebug('raw');""")
        self.assertRegex(outcome.text(), r"^before\nDebugPrint: Smi: 0x7 \(7\)\n+after\n$")
        self.assertEqual(outcome.text("stderr"), "raw\n")

    def test_tensorflows_own_log(self):
        code = "import { tf } from 'widenet'; tf.tensor([1]).reshape([1]).dataSync()[0]"
        outcome = self.ok(code)
        self.assertEqual(outcome.plain, "1")
        log = "".join(self.log())
        self.assertNotIn("tensorflow/", log)

    def test_a_full_pipe_waits_for_no_javascript(self):
        busy = self.ok("fs.writeSync(1, 'x'.repeat(3_000_000)); for (const t = Date.now() + 300; Date.now() < t; );")
        self.assertEqual(len(busy.text()), 3_000_000)
        lines = self.ok("spawnSync('seq', ['300000'], { stdio: 'inherit' });").text().split()
        self.assertEqual(lines, [str(i) for i in range(1, 300_001)])

    def test_it_leaves_while_the_cell_computes(self):
        gate = Gate("descriptors")
        sent = self.send(f"fs.writeSync(1, 'early'); while ({gate.shut}); 1")
        while (message := self.client.get_iopub_msg(timeout=TIMEOUT))["msg_type"] != "stream":
            pass
        self.assertEqual(message["content"]["text"], "early")
        gate.open()
        self.assertEqual(self.outcome(sent).plain, "1")

    def test_bytes_of_a_character_may_come_in_two_writes(self):
        outcome = self.ok(
            "const euro = Buffer.from('\\u20ac\\ufeff'); "
            "for (const byte of euro) fs.writeSync(1, Buffer.of(byte)); undefined"
        )
        self.assertEqual(outcome.text(), "\u20ac\ufeff")
        self.assertEqual(self.ok("fs.writeSync(1, Buffer.of(0xe2)); undefined").text(), "")
        self.assertEqual(self.ok("fs.writeSync(1, 'x'); undefined").text(), "x")

    def test_a_silent_cell_prints_nothing(self):
        hidden = "fs.writeSync(1, 'hidden'); spawnSync('echo', ['h'], { stdio: 'inherit' });"
        silent = self.run_cell(hidden, silent=True)
        self.assertEqual(silent.messages, [])
        self.assertEqual(self.ok("fs.writeSync(1, 'seen')").text(), "seen")

    def test_a_child_that_outlives_its_cell_prints_in_the_running_one(self):
        self.ok("const late = spawn('sh', ['-c', 'read line; echo late'], { stdio: ['pipe', 'inherit', 'inherit'] });")
        outcome = self.ok("late.stdin.end('now\\n'); await new Promise(r => late.on('exit', r)); console.log('after')")
        self.assertEqual(outcome.text(), "late\nafter\n")

    def test_what_the_kernel_says_itself_stays_on_its_stderr(self):
        since = len(self.log())
        self.client.input("unasked")
        eventually(lambda: len(self.log()) > since)
        self.assertIn("tslab kernel: dropped a message on stdin", self.log()[since])


class NotBuilt(unittest.TestCase):
    def test_a_kernel_whose_addon_is_missing_says_so(self):
        with tempfile.TemporaryDirectory() as root:
            shutil.copytree(os.path.join(COPY, "kernel-setup"), os.path.join(root, "kernel-setup"))
            for part in ("node_modules", "package.json", "src"):
                os.symlink(os.path.join(COPY, part), os.path.join(root, part))
            argv = [word.replace(COPY, root) for word in KernelSpecManager().get_kernel_spec("widenet-copy").argv]
            done = subprocess.run(argv, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr.splitlines()[-1],
            r"^tslab kernel: ended: it could not start: /.*/capture\.node is missing; run `npm run setup`$",
        )
