"""What people type out of habit: `?name`, `%timeit`, `exit`; prompt, confirm, readline."""

from support import TIMEOUT, KernelCase

TIME = r"\d+(\.\d+)? (ns|µs|ms|s)"


class Docs(KernelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        declared = "/** Twice as much. */\nfunction twice(a: number) { return a * 2 } // its own\n"
        cls.run_cell(cls(), f"{declared}const inner = {{ deep: {{ twice }} }};")

    def page(self, code):
        (payload,) = self.ok(code).reply["payload"]
        self.assertEqual((payload["source"], payload["start"]), ("page", 0))
        return payload["data"]

    def test_a_question_mark_before_or_behind_a_name_opens_its_documentation(self):
        for code in ("?twice", "twice?", " ? twice", "twice ?;", "?inner.deep.twice", "inner.deep.twice?\n"):
            with self.subTest(code):
                data = self.page(code)
                self.assertRegex(data["text/plain"], r"twice(: )?\(a: number\)(:| =>) number")
                self.assertIn("```typescript\n", data["text/markdown"])
        self.assertIn("Twice as much.", self.page("?twice")["text/plain"])
        self.assertNotIn("its own", self.page("?twice")["text/plain"])

    def test_two_show_the_source_too(self):
        for code in ("??twice", "twice??"):
            self.assertRegex(self.page(code)["text/plain"], r"return a \* 2")

    def test_a_name_that_there_is_not_is_an_error(self):
        self.assertEqual(self.fails("nowhere?").error["evalue"], "?nowhere: there is no nowhere here")

    def test_what_is_typescript_is_no_question(self):
        self.assertEqual(self.ok("const a = 1;\na ? 'yes' : 'no'").plain, "'yes'")
        self.assertEqual(self.ok("a ?? 2").plain, "1")


class Timing(KernelCase):
    def test_many_runs(self):
        self.ok("let calls = 0; const count = (by = 1) => (calls += by);")
        told = rf"^{TIME} a run \(median; best {TIME}, worst {TIME}; 7 rounds of [\d,]+ runs?\)\n$"
        for code in (
            "%timeit count()",
            "%timeit count();",
            "// a comment\n%timeit count( // another\n  1)",
            "%timeit await Promise.resolve(count())",
            "%timeit (await Promise.resolve(1)) + count()",
            "%timeit new Promise(done => setTimeout(done, 50)).then(() => count())",
            "%%timeit\nconst by = 1;\nif (by > 0) count(by);",
            "%%timeit\nawait null;\ncount();",
        ):
            with self.subTest(code):
                before = int(self.ok("calls").plain)
                self.assertRegex(self.ok(code).text(), told)
                self.assertGreaterEqual(int(self.ok("calls").plain) - before, 7)

    def test_a_promise_is_awaited(self):
        text = self.ok("%timeit new Promise(done => setTimeout(done, 50))").text()
        self.assertRegex(text, r"^(49|[5-9]\d|\d{3})(\.\d+)? ms a run")

    def test_one_run_does_what_the_code_does(self):
        for code in ("%time const one = 1 + 1; one", "%%time\nconst one = 1 + 1;\none"):
            outcome = self.ok(code)
            self.assertEqual(outcome.plain, "2")
            self.assertRegex(outcome.text(), rf"^{TIME} \({TIME} of processor time\)\n$")
        self.assertEqual(self.ok("one").plain, "2")

    def test_an_error_has_its_line(self):
        failed = self.fails("%%timeit\nconst fine = 1;\nthrow new Error('in it');")
        self.assertEqual(failed.error["evalue"], "in it")
        self.assertIn(f"at cell {failed.reply['execution_count']}, line 3", failed.traceback)
        refused = self.fails("%timeit Math.sqrt('two')")
        self.assertIn("line 1", refused.traceback)
        self.assertIn("%timeit Math.sqrt('two')", refused.traceback)

    def test_it_is_stopped(self):
        short = "%timeit new Promise(done => setTimeout(done, 30))"
        for code in ("%timeit new Promise(() => {})", short, "%%timeit\nfor (;;);"):
            with self.subTest(code):
                self.assertEqual(self.stop(self.send(code), after=0.3).error["ename"], "Interrupted")
        self.assertEqual(self.ok("1 + 1").plain, "2")

    def test_other_magics_are_refused_by_name(self):
        for code, said in {
            "%matplotlib inline": "%matplotlib is not known here; there are",
            "%%bash\nls": "%%bash is not known here",
            "%": "% is not known here",
            "const a = [1];\n%timeit a.at(0)": "%timeit stands at the head of a cell of its own",
            "%timeit -n 10 f()": "%timeit has no options",
            "%timeit": "%timeit stands before the code",
            "%%time": "%%time stands before the code",
            "%%timeit f()\ng()": "%%timeit takes the code on the lines below it",
        }.items():
            with self.subTest(code):
                error = self.fails(code).error
                self.assertEqual(error["ename"], "MagicError")
                self.assertTrue(error["evalue"].startswith(said), error["evalue"])
        self.assertEqual(self.ok("const n = 5;\nn\n% 3").plain, "2")
        self.assertEqual(self.ok("`\n%time it`.length").plain, "9")


class Leaving(KernelCase):
    def test_a_console_is_asked_to_end(self):
        for code in ("exit", "quit", "exit()", " quit();\n"):
            outcome = self.ok(code)
            self.assertEqual(outcome.reply["payload"], [{"source": "ask_exit", "keepkernel": False}])
            self.assertIn("elsewhere use Kernel, Shut Down", outcome.text())
        self.ok("const exit = 3;")
        self.assertEqual(self.ok("exit").plain, "3")


class Questions(KernelCase):
    def answered(self, code, *answers):
        """The outcome of a cell whose questions get the answers, and what it asked."""
        sent, asked = self.send(code, allow_stdin=True), []
        for answer in answers:
            asked.append(self.client.get_stdin_msg(timeout=TIMEOUT)["content"])
            self.client.input(answer)
        return self.outcome(sent), asked

    def test_prompt(self):
        for code, answer, value, shown in [
            ("prompt('name? ') + '!'", "Ada", "'Ada!'", "name? "),
            ("prompt()", "", "''", ""),
            ("prompt('rate', '0.1')", "", "'0.1'", "rate [0.1] "),
            ("prompt('rate: ', '0.1')", "0.2", "'0.2'", "rate: [0.1] "),
            ("prompt(undefined, '0.1')", "", "'0.1'", "[0.1] "),
        ]:
            with self.subTest(code):
                outcome, asked = self.answered(code, answer)
                self.assertEqual((outcome.plain, asked), (value, [{"prompt": shown, "password": False}]))

    def test_confirm(self):
        for answer, value in {"y": "true", "Yes ": "true", "n": "false", "": "false", "yesterday": "false"}.items():
            outcome, asked = self.answered("confirm('Sure?')", answer)
            self.assertEqual((outcome.plain, asked), (value, [{"prompt": "Sure? [y/N] ", "password": False}]))

    def test_a_secret_is_not_shown(self):
        outcome, asked = self.answered("promptSecret('Key: ').length", "s3cret")
        self.assertEqual((outcome.plain, asked), ("6", [{"prompt": "Key: ", "password": True}]))

    def test_readline(self):
        self.ok("import * as readline from 'node:readline'; import { createInterface } from 'node:readline/promises';")
        opened = "const rl = createInterface({ input: process.stdin, output: process.stdout });"
        both = f"{opened} const both = [await rl.question('a? '), await rl.question('b? ')]; rl.close(); both"
        outcome, asked = self.answered(both, "one", "two")
        self.assertEqual((outcome.plain, outcome.text()), ("[ 'one', 'two' ]", "a? b? "))
        self.assertEqual(asked, [{"prompt": "", "password": False}] * 2)
        by_callback = (
            "const old = readline.createInterface({ input: process.stdin });\n"
            "await new Promise(done => old.question('', line => { old.close(); done(line); }))"
        )
        self.assertEqual(self.answered(by_callback, "three")[0].plain, "'three'")
        lines = (
            "const lines: string[] = [], all = createInterface({ input: process.stdin });\n"
            "for await (const line of all) if (lines.push(line) === 3) all.close();\nlines"
        )
        self.assertEqual(self.answered(lines, "p", "", "q")[0].plain, "[ 'p', '', 'q' ]")

    def test_a_line_that_has_come_is_not_read_still(self):
        one = "await new Promise(done => process.stdin.once('data', line => done(String(line))))"
        for code, answers in ((one, ["a"]), (f"[{one}, {one}]", ["b", "c"])):
            outcome, asked = self.answered(code, *answers)
            self.assertEqual([outcome.plain.count(f"{answer}\\n") for answer in answers], [1] * len(answers))
            self.assertEqual((len(asked), outcome.text("stderr")), (len(answers), ""))
        given_up = "const heard = () => {}; process.stdin.on('data', heard); await new Promise(r => setTimeout(r, 50));"
        silent = self.ok(f"{given_up} process.stdin.off('data', heard); 0", allow_stdin=True)
        self.assertEqual(silent.text("stderr"), "")
        self.client.get_stdin_msg(timeout=TIMEOUT)
        self.assertEqual(self.answered(one, "d")[0].plain, "'d\\n'")

    def test_reading_descriptor_0_is_refused(self):
        self.ok("import fs, { readFileSync } from 'node:fs'; import { readFile } from 'node:fs/promises';")
        for name, code in {
            "fs.readFileSync": "readFileSync(0, 'utf8')",
            "fs.readSync": "fs.readSync(0, Buffer.alloc(9))",
            "fs.read": "fs.read(0, Buffer.alloc(9), () => {})",
            "fs.createReadStream": "fs.createReadStream('', { fd: 0 })",
            "fs.openSync": "require('fs').openSync('/dev/stdin')",
            "fs.promises.readFile": "await readFile('/dev/stdin')",
        }.items():
            with self.subTest(code):
                said = self.fails(code, allow_stdin=True).error["evalue"]
                self.assertRegex(said, rf"^{name}: a notebook has no standard input.*prompt\(\)")
        same = "readFileSync(fs.openSync('/dev/null', 'r'), 'utf8') + fs.readFileSync.name + fs.readFile.length"
        self.assertEqual(self.ok(same).plain, "'readFileSync3'")

    def test_what_is_asked_and_not_awaited_is_told(self):
        self.ok("import { createInterface as later } from 'node:readline';")
        said = self.ok("const left = later({ input: process.stdin });", allow_stdin=True).text("stderr")
        self.assertIn("process.stdin was still read when the cell ended", said)
        self.assertEqual(self.ok("await new Promise(r => setTimeout(r, 50)); 'nothing asked'").plain, "'nothing asked'")
        self.assertIn("closed", self.fails("left.question('again? ', () => {});", allow_stdin=True).error["evalue"])

    def test_where_nobody_answers_it_is_refused(self):
        for code in (
            "prompt('?')",
            "promptSecret()",
            "confirm('?')",
            "import { createInterface as open } from 'node:readline/promises';\n"
            "await open({ input: process.stdin }).question('')",
            "for await (const chunk of process.stdin) chunk;",
        ):
            with self.subTest(code):
                said = self.fails(code).error["evalue"]
                self.assertRegex(said, r"^(prompt|promptSecret|confirm|process.stdin): .*takes no input")

    def test_waiting_for_an_answer_is_stopped(self):
        self.ok("import { createInterface as again } from 'node:readline/promises';")
        for code in ("prompt('never answered')", "await again({ input: process.stdin }).question('')"):
            sent = self.send(code, allow_stdin=True)
            self.client.get_stdin_msg(timeout=TIMEOUT)
            self.assertEqual(self.stop(sent).error["ename"], "Interrupted")
        self.assertEqual(self.answered("prompt('afterwards')", "fine")[0].plain, "'fine'")
        one = "const last = again({ input: process.stdin }); const got = await last.question(''); last.close(); got"
        self.assertEqual(self.answered(one, "too")[0].plain, "'too'")
