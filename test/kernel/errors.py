"""Failures: an `error` message with the user's own line; and the kernel lives on."""

import os
import re
import time

from support import NOTEBOOKS, TIMEOUT, Gate, KernelCase


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

    def place(self, code, line, call="", **options):
        """The traceback of a cell whose innermost line is this one, in this function."""
        outcome = self.fails(code, **options)
        count = outcome.reply["execution_count"]
        where = next(text for text in outcome.traceback.split("\n") if re.match("    (at|in|>) ", text))
        self.assertEqual(where, f"    at {call + ' in ' if call else ''}cell {count}, line {line}", code)
        calls = [line for line in outcome.traceback.split("\n") if re.match("    (at|in) ", line)]
        for own in ("node:", "kernel-setup", "<anonymous>", "REPL", "__"):
            self.assertNotIn(own, "\n".join(calls), code)
        return outcome.traceback

    def test_wherever_it_is_thrown_the_users_line_comes_first(self):
        boom = "throw new Error('boom');"
        for code, line, call in [
            (f"[1, 2].map(x => {{\n  {boom}\n}})", 2, ""),
            (f"class A {{\n  constructor() {{\n    {boom}\n  }}\n}}\nnew A()", 3, "new A"),
            (f"class B {{ get g(): number {{\n    {boom}\n  }} }}\nnew B().g", 2, "get g"),
            (f"class C {{ static s() {{\n    {boom}\n  }} }}\nC.s()", 2, "C.s"),
            (f"class D {{ static {{\n    {boom}\n  }} }}", 2, "static block"),
            (f"function* gen() {{ yield 1;\n  {boom}\n}}\n[...gen()]", 2, "gen"),
            (f"for await (const x of (async function* agen() {{\n{boom} }})()) ;", 2, "agen"),
            (f"const o = {{ m() {{\n    {boom} }} }};\no.m()", 2, "m"),
            (f"await new Promise((_, no) => setTimeout(() => {{\n  try {{\n{boom} }} catch (e) {{ no(e) }} }}, 1))", 3, ""),
            (f"const on = new (require('node:events'))().on('x', () => {{\n  {boom}\n}});\non.emit('x')", 2, ""),
            (f"await Promise.all([1].map(async n => {{\n  await null;\n  {boom}\n}}))", 3, ""),
            (f"'abc'.replace(/b/, () => {{\n  {boom}\n}})", 2, ""),
            (f"JSON.stringify({{ toJSON() {{\n  {boom}\n}} }})", 2, "toJSON"),
            (f"const p: any = new Proxy({{}}, {{ get() {{\n  {boom}\n}} }});\np.x", 2, "get"),
            (f"enum E {{ A = (() => {{\n  {boom}\n}})() }}", 2, ""),
            ("\n\nJSON.parse('{')", 3, ""),
            ("\nnew Array(-1)", 2, ""),
            ("import fs from 'node:fs';\n\nfs.readFileSync('none')", 3, ""),
            ("const [a]: any = null as any;", 1, ""),
            ("\nstructuredClone(() => 1)", 2, ""),
            ("\nthrow structuredClone(new TypeError('cloned'))", 2, ""),
            ("\nthrow new DOMException('over', 'AbortError')", 2, ""),
        ]:
            with self.subTest(code=code):
                self.place(code, line, call)

    def test_own_properties_and_stacks(self):
        text = self.place("import fs from 'node:fs';\nfs.readFileSync('none')", 2)
        self.assertRegex(text, r"\n    \{ errno: -2, code: 'ENOENT', syscall: 'open', path: 'none' \}$")
        text = self.place("throw Object.assign(new RangeError('m'), { status: 404 })", 1)
        self.assertRegex(text, r"^RangeError: m\n(.*\n)+    \{ status: 404 \}$")
        text = self.fails("const far = new Error('m'); far.stack = 'Error: m\\n    at there.py:3'; throw far").traceback
        self.assertEqual(text, "Error: m\n    at there.py, line 3")
        count = self.fails("const near = new Error('m'); near.stack = 'seen: ' + near.stack; throw near")
        self.assertIn("    seen: Error: m\n    at cell", count.traceback)
        other = self.fails("require('node:vm').runInNewContext('\\nthrow new Error(\"x\")')").traceback
        self.assertIn("at evalmachine.<anonymous>, line 2\n    > 2 | throw new Error", other)

    def test_errors_of_workers_have_a_place(self):
        self.ok("const { Worker } = require('node:worker_threads');\n"
                "const failure = (...given: any[]) => new Promise((_, no) => "
                "{ new Worker(...(given as [any])).on('error', no); });")
        work = "function work(x: any) { return Object.assign(x, { code: 5 }).y; }"
        js = work.replace(": any", "").replace("return", "throw").replace(".y", "")
        code = f"await failure({chr(96)}\n{js}\nwork(new RangeError('w'))\n{chr(96)}, {{ eval: true }})"
        text = self.fails(code).traceback
        self.assertIn("RangeError: w\n    at [worker eval], line 3", text)
        self.assertIn("    { code: 5 }", text)
        for name, before in (("at-work.ts", "interface Gone { a: number }\n\n"), ("at-work.mjs", "\n\n")):
            with open(os.path.join(NOTEBOOKS, name), "w") as file:
                body = work if name.endswith("ts") else work.replace(": any", "")
                file.write(f"{before}{body}\nwork(null);\n")
            text = self.fails(f"await failure(require('node:path').resolve('{name}'))").traceback
            self.assertIn(f"at work in {name}, line 3\n    > 3 | function work(", text)
            self.assertIn(f"at {name}, line 4\n    > 4 | work(null);", text)

    def test_what_disposal_throws_does_not_hide_the_first_error(self):
        text = self.fails(
            "function work() {\n  using r = { [Symbol.dispose]() { throw new Error('second'); } };\n"
            "  throw new Error('first');\n}\nwork();"
        ).traceback
        self.assertRegex(text, r"^SuppressedError: ")
        self.assertRegex(text, r"(?s)Thrown last: Error: second\n.*line 2\n.*Thrown before it: Error: first\n.*line 3\n")

    def test_messages_quote_code_as_it_was_written(self):
        self.ok("const none: any = async () => ({});")
        for code, message in [
            ("(await none()).g()", "(await ...).g is not a function"),
            ("for (const x of await none()) ;", "(await ...) is not iterable"),
            ("new (await none())()", "(await ...) is not a constructor"),
            ("structuredClone(() => 1)", "()=>{\n    return 1;\n} could not be cloned."),
            ("(await import('node:fs') as any).none()", "(await ...).none is not a function"),
        ]:
            self.assertEqual(self.fails(code).error["evalue"], message)

    def test_an_error_without_a_stack_is_told_with_the_last_await(self):
        text = self.fails("1;\nawait Promise.any([Promise.reject(1)])").traceback
        self.assertRegex(text, r"^AggregateError: .*\n    the cell's last await is\n    at cell \d+, line 2\n")

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

    def test_syntax_error_is_told_once(self):
        for code in ("let 3x = 1;", "const s: string = ;\nlet 3x = 1;", "if (", "const x = 'open", "}", "await = 1 +;"):
            traceback = self.fails(code).traceback
            self.assertEqual(len(re.findall(r"(?m)^TS\d+: ", traceback)), 1, traceback)
            self.assertIn("> 1 | ", traceback)

    def test_findings_do_not_drown(self):
        outcome = self.fails("const lr: number = 'a';\n" + "\n".join(f"gone; gone{i}.x;" for i in range(50)))
        self.assertLess(outcome.traceback.count("\n"), 40)
        self.assertRegex(outcome.traceback, r"line 2, also lines 3, 4, 5, 6, 7, 8 and 43 more\n")
        self.assertRegex(outcome.traceback, r"and \d+ more findings$")

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
        while time.time() < deadline and not ("Error in a callback" in text and "Unhandled" in text):
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            text += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
            text = re.sub(r"\x1b\[\d+m", "", text)
        self.assertIn("Error in a callback", text)
        self.assertRegex(text, r"in a timer\n    at cell \d+, line 1\n")
        self.assertIn("Unhandled rejection", text)
        self.assertRegex(text, r"nobody waits\n    at cell \d+, line 2\n")
        self.assertEqual(self.ok("6 * 7").plain, "42")

    def test_declarations_of_a_failed_cell_survive(self):
        self.fails("const made: number[] = [1, 2];\ninterface Kept { a: string }\nthrow new Error('stop');")
        self.assertEqual(self.ok("const kept: Kept = { a: 'x' }; made.length").plain, "2")

    def test_queued_cells_are_aborted_after_an_error_and_later_ones_run(self):
        gate = Gate("errors")
        fails = f"{gate.wait} throw new Error('first')"
        sent = [self.send(code) for code in (fails, "var reached = 1", "reached = 2")]
        self.all_received()
        gate.open()
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
