"""Failures: an `error` message with the user's own line; and the kernel lives on."""

import os
import re
import time

from support import NOTEBOOKS, KernelCase


class Errors(KernelCase):
    def test_thrown_error_points_at_the_typescript_line(self):
        outcome = self.fails("interface Gone { a: number }\n\nfunction f(o: any) {\n\n  return o.x.y;\n}\nf({});")
        self.assertEqual(outcome.error["ename"], "TypeError")
        self.assertIn("reading 'y'", outcome.error["evalue"])
        count = outcome.reply["execution_count"]
        self.assertIn(f"f in cell {count}, line 5", outcome.traceback)
        self.assertIn("    > 5 |   return o.x.y;\n        |              ^", outcome.traceback)
        self.assertIn(f"at cell {count}, line 7", outcome.traceback)
        self.assertEqual(outcome.traceback.count(" at "), 2)
        for own in ("tslab/", "kernel-setup", "node:"):
            self.assertNotIn(own, outcome.traceback)
        self.assertIn("\x1b[31m", outcome.error["traceback"][0])

    def test_error_in_a_function_of_an_earlier_cell(self):
        later = self.ok("const later = async (s: string) => {\n  await null;\n  throw new RangeError(s);\n};")
        first = later.reply["execution_count"]
        outcome = self.fails("1;\nawait later('deep');")
        self.assertIn(f"later in cell {first}, line 3", outcome.traceback)
        self.assertIn(f"cell {outcome.reply['execution_count']}, line 2", outcome.traceback)

    def test_compile_errors_come_all_with_their_lines(self):
        outcome = self.fails("const s: string =\n  3;\nnowhere;")
        self.assertEqual(outcome.error["ename"], "CompileError")
        self.assertIn("(TS2322, cell", outcome.error["evalue"])
        self.assertIn("TS2304: Cannot find name 'nowhere'.", outcome.traceback)
        self.assertIn("    > 3 | nowhere;\n        | ^^^^^^^", outcome.traceback)

    def test_syntax_error(self):
        self.assertIn("> 1 | let 3x = 1;", self.fails("let 3x = 1;").traceback)

    def test_rejected_promise_with_cause(self):
        outcome = self.fails("await Promise.reject(new Error('outer', { cause: new TypeError('inner') }))")
        self.assertEqual((outcome.error["ename"], outcome.error["evalue"]), ("Error", "outer"))
        self.assertIn("Caused by: TypeError: inner", outcome.traceback)

    def test_what_is_thrown_need_not_be_an_error(self):
        self.assertEqual(self.fails("throw 'text'").error["evalue"], "'text'")
        self.assertEqual(self.fails("throw { code: 7 }").error["evalue"], "{ code: 7 }")
        self.assertEqual(self.fails("throw undefined").error["ename"], "undefined")

    def test_stack_text_that_users_print_has_typescript_positions(self):
        outcome = self.ok(
            "type A = number;\n\ntry {\n  throw new Error('x');\n} catch (e) { console.log((e as Error).stack); }"
        )
        self.assertIn(f"cell {outcome.reply['execution_count']}:4:", outcome.text())

    def test_recursion_without_end_is_told_briefly(self):
        outcome = self.fails("const dive = (n: number): number => dive(n + 1) + 1;\ndive(0);")
        self.assertEqual(outcome.error["ename"], "RangeError")
        self.assertLess(outcome.traceback.count("\n"), 20)

    def test_the_kernel_outlives_a_cell_that_would_end_it(self):
        self.assertIn("process.exit", self.fails("process.exit(0)").error["evalue"])
        self.assertEqual(self.ok("6 * 7").plain, "42")

    def test_late_failures_are_shown_and_the_kernel_lives(self):
        outcome = self.ok(
            "setTimeout(() => { throw new Error('in a timer'); }, 20);\n"
            "void Promise.reject(new Error('nobody waits'));"
        )
        deadline, text = time.time() + 20, outcome.text("stderr")
        while time.time() < deadline and not ("in a timer" in text and "nobody waits" in text):
            message = self.client.get_iopub_msg(timeout=20)
            text += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
        self.assertIn("Error in a callback", text)
        self.assertIn("Unhandled rejection", text)
        self.assertEqual(self.ok("6 * 7").plain, "42")

    def test_declarations_of_a_failed_cell_survive(self):
        self.fails("const made: number[] = [1, 2];\ninterface Kept { a: string }\nthrow new Error('stop');")
        self.assertEqual(self.ok("const kept: Kept = { a: 'x' }; made.length").plain, "2")

    def test_queued_cells_are_aborted_after_an_error_and_later_ones_run(self):
        fails = "await new Promise(r => setTimeout(r, 300)); throw new Error('first')"
        sent = [self.send(code) for code in (fails, "var reached = 1", "reached = 2")]
        replies = [self.reply(s)["content"]["status"] for s in sent]
        self.assertEqual(replies, ["error", "aborted", "aborted"])
        self.fails("reached")
        self.assertEqual(self.ok("'runs'").plain, "'runs'")

    def test_queued_cells_run_when_errors_do_not_stop(self):
        sent = [self.send("throw new Error('first')", stop_on_error=False), self.send("1 + 1")]
        self.assertEqual([self.reply(s)["content"]["status"] for s in sent], ["error", "ok"])

    def test_library_and_package_frames(self):
        self.ok("import { tf, train } from 'widenet'")
        inside = self.fails("tf.matMul(tf.ones([3, 3]), tf.ones([2, 2]))").traceback
        self.assertRegex(inside, r"\n    in widenet, \d+ calls deep: [\w.]+ in @tensorflow/tfjs-node\n    at cell \d+, line 1\n")
        self.assertLess(inside.count("\n"), 12)
        self.ok("const late = { get steps(): number { throw new Error('late'); } };")
        library = self.fails("await train((s: any) => s, { a: 1 }, late)").traceback
        self.assertRegex(library, r"line 1\n    > 1 \| const late = .*\n +\| +\^\n    in widenet, \d+ calls deep: .* in src/[\w/-]+\.ts, line \d+\n    at cell")

    def test_a_usage_error_counts_the_calls_of_the_library(self):
        self.ok("import { tf, train, type Tensors } from 'widenet'; const far = tf.ones([3]);")
        text = self.fails("await train((s: any) => s, { a: 1 }, { steps: -1 })").traceback
        self.assertRegex(text, r"^UsageError: train: steps .*\n    in widenet, \d+ calls deep\n    at cell \d+, line 1\n")
        step = "({ w }: Tensors<'w'>) => ({ w: w.add(far) })"
        lines = self.fails(f"await train({step},\n  {{ w: far }}, {{ steps: 3 }})").traceback.split("\n")
        places = [re.sub(r"\d+", "N", line) for line in lines if re.match("    (at|in) ", line)]
        calls = "    in widenet, N calls deep"
        self.assertEqual(places, [calls, "    at cell N, line N", calls, "    at cell N, line N"])

    def test_error_in_a_file_beside_the_notebook(self):
        with open(os.path.join(NOTEBOOKS, "beside.ts"), "w") as file:
            file.write(
                "export interface T { a: number }\n\n"
                "export function broken(): number {\n  throw new Error('beside');\n}\n"
            )
        outcome = self.fails("import { broken } from './beside';\nbroken();")
        self.assertIn("broken in beside.ts, line 4", outcome.traceback)
