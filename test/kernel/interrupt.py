"""The stop button: all that a cell has under way ends within a second, clean-up excepted, and results are kept."""

import os
import subprocess
import tempfile
import time

from support import TIMEOUT, KernelCase, eventually

PENDING = "await new Promise(() => {})"
# A promise that timers of the kernel's own settle, so that nothing of the cell is needed for it.
SLEEP = "import { setTimeout as sleep } from 'node:timers/promises';\n"


def running(mark):
    """The processes whose command line holds this."""
    found = subprocess.run(["pgrep", "-f", mark], stdout=subprocess.PIPE, text=True, check=False)
    return found.stdout.split()


class Stop(KernelCase):
    def setUp(self):
        self.ok("1")

    def stopped(self, code, text=None, after=0.2, until=None):
        """Stops a cell that has begun to run: it prints, the `text` of its own or one that is put before it."""
        sent = self.send(code if text else f"console.log('begins'); {code}")
        outcome = self.stop(sent, after, text or "begins", until)
        self.assertEqual(outcome.reply["status"], "error")
        self.assertEqual(outcome.error["ename"], "Interrupted")
        self.assertEqual(self.ok("6 * 7").plain, "42")
        return outcome

    def assert_at(self, stopped, line):
        self.assertIn(f"cell {stopped.reply['execution_count']}, line {line}\n", stopped.traceback)

    def assert_value(self, code, value):
        self.assertEqual(self.ok(code).plain, value)


class Busy(Stop):
    def test_loop(self):
        loop = "let turns = 0;\nwhile (true) if (turns++ === 1000) console.log('turning');"
        self.assert_at(self.stopped(loop, text="turning"), 2)
        self.assert_value("turns > 0", "true")

    def test_loop_after_an_await(self):
        later = "await null; let later = 0; await new Promise(r => setTimeout(r, 5));"
        self.stopped(f"{later}\nwhile (true) if (later++ === 1000) console.log('turning');", text="turning")
        self.assert_value("later > 0", "true")

    def test_loop_in_a_timer(self):
        self.stopped(f"setTimeout(() => {{ for (;;); }}, 10); {PENDING}")

    def test_loop_in_a_promise(self):
        self.stopped(f"Promise.resolve().then(() => {{ for (;;); }}); {PENDING}")

    def test_loop_in_an_event_handler(self):
        self.stopped(
            "import { EventEmitter } from 'node:events'; const bus = new EventEmitter(); let turns = 0;\n"
            "bus.on('go', () => { while (true) if (turns++ === 1000) console.log('turning'); });\n"
            f"setTimeout(() => bus.emit('go'), 10); {PENDING}",
            text="turning",
        )
        self.assert_value("turns > 0", "true")

    def test_recursion_without_a_loop(self):
        stopped = self.stopped("const fib = (n: number): number =>\n  n < 2 ? n : fib(n - 1) + fib(n - 2);\nfib(70);")
        self.assertIn(f"at fib in cell {stopped.reply['execution_count']}, line 2", stopped.traceback)

    def test_promises_that_follow_each_other_without_end(self):
        self.stopped("let turns = 0;\nfor (;;) { await null; turns++; }")
        self.stopped("const again = (): Promise<void> => Promise.resolve().then(again); await again();")

    def test_engine_code_without_stop_points(self):
        for code in (
            "/(a+)+b/.test('a'.repeat(50))",
            "new Function('for (;;);')()",
            "await null; /(a+)+b/.test('a'.repeat(50))",
            "await new Promise(r => setTimeout(r, 10)); new Function('for (;;);')()",
            f"setTimeout(() => /(a+)+b/.test('a'.repeat(50)), 10); {PENDING}",
            f"setTimeout(new Function('for (;;);') as any, 10); {PENDING}",
            f"void Promise.resolve().then(new Function('for (;;);') as any); {PENDING}",
            f"void (async () => {{ await null; /(a+)+b/.test('a'.repeat(50)) }})(); {PENDING}",
        ):
            with self.subTest(code):
                self.stopped(code)
                # Timers and promises, whose bookkeeping the end of the code has cut, work on.
                self.assert_value("await new Promise(r => setTimeout(() => r('alive'), 20))", "'alive'")
        self.assert_at(self.stopped("1;\n/(a+)+b/.test('a'.repeat(50))"), 2)

    def test_callback_that_a_finished_cell_left_behind(self):
        begin, begun = (os.path.join(self.folder, name) for name in ("begin", "begun"))
        # It begins when the cell that left it has been answered, and not before.
        self.ok("import fs from 'node:fs';\n"
                f"setInterval(() => {{ if (!fs.existsSync({begin!r})) return; fs.writeFileSync({begun!r}, ''); for (;;); }}, 10);")
        open(begin, "w").close()
        eventually(lambda: os.path.exists(begun))
        self.assertEqual(self.stop(self.send("'runs after it'")).plain, "'runs after it'")

    def test_callbacks_that_follow_each_other_are_ended_by_force(self):
        # Node.js 20 and 22 enter each in a stack and take it off again. Whether the end comes in between is chance.
        self.ok("import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'; const resource = new AsyncResource('r');\n"
                "const inScope = resource.runInAsyncScope.bind(resource); const snapshot = AsyncLocalStorage.snapshot();")
        again = "new Function('next', 'const again = () => next(again); again()')"
        for _ in range(6):
            for code in (
                "await new Function('return (async () => { for (;;) await null })()')()",
                f"{again}(process.nextTick); {PENDING}",
                f"{again}(queueMicrotask); {PENDING}",
                "await new Function('return new Promise(() => { const f = () => Promise.resolve().then(f); f() })')()",
                "new Function('inScope', 'const f = () => {}; for (;;) inScope(f)')(inScope)",
                "new Function('snapshot', 'const f = () => 1; for (;;) snapshot(f)')(snapshot)",
                "try { for (;;); } finally { for (;;) await null; }",
            ):
                self.stopped(code, after=0)

    def test_code_that_sets_the_length_of_stacks(self):
        self.stopped("Error.stackTraceLimit = 0; /(a+)+b/.test('a'.repeat(50))")
        self.assert_value("Error.stackTraceLimit = 50", "50")

    def test_errors_that_are_swallowed(self):
        for code in (
            "while (true) { try { while (true); } catch {} }",
            "for (;;) try { for (;;); } catch (e) {}",
            "const f = () => { try { for (;;); } catch ({ message }) { f(); } }; f(); for (;;) f();",
            "for (;;) try { await new Promise(r => setTimeout(r, 5)); } catch {}",
            "for (;;) await (async () => { for (;;) await new Promise(r => setTimeout(r, 5)); })().catch(() => {});",
            "for (;;) try { for (;;); } finally { continue; }",
            "const never = (): any => { try { return (() => { for (;;); })(); } finally { return never(); } }; never();",
        ):
            with self.subTest(code):
                self.stopped(code)


class Waiting(Stop):
    def test_awaiting_loop_does_not_go_on_in_the_background(self):
        self.stopped(
            "const ticks: number[] = [];\n"
            "for (;;) {\n"
            "  await new Promise(r => setTimeout(r, 5));\n"
            "  if (ticks.push(1) === 1) console.log('ticking');\n"
            "}",
            text="ticking",
        )
        later = "const n = ticks.length; await new Promise(r => setTimeout(r, 200)); [n > 0, ticks.length - n]"
        self.assert_value(later, "[ true, 0 ]")

    def test_promise_that_never_settles(self):
        stopped = self.stopped("const before = 5;\nawait new Promise(() => {});")
        self.assert_at(stopped, 2)
        self.assert_value("before", "5")

    def test_nothing_more_of_the_cell_runs(self):
        self.ok("var done: string[] = []; " + SLEEP)
        for code in (
            "await new Promise(r => setTimeout(r, 5000)); done.push('await of a timer')",
            "await sleep(5000); done.push('await')",
            "const x = await sleep(5000); done.push('await in a declaration')",
            "let y; y = await sleep(5000, 'assigned'); done.push(y)",
            "done.push(await sleep(5000, 'argument')!)",
            "for (let i = 0; i < 3; i++) { await sleep(5000); done.push(`turn ${i}`); }; done.length",
            "try { await sleep(5000) } catch { done.push('catch') } done.push('after catch')",
            "for await (const x of (async function* () { await sleep(5000); yield 1 })()) done.push('for await')",
            f"void (async () => {{ await sleep(5000); done.push('not awaited') }})(); {PENDING}",
            f"const f = async () => {{ const z = await sleep(5000); done.push('helper') }}; void f(); {PENDING}",
            f"setTimeout(() => done.push('timer'), 5000); {PENDING}",
            f"setInterval(() => done.push('interval'), 5000); {PENDING}",
            f"setTimeout(done.push.bind(done, 'timer without stop points'), 5000); {PENDING}",
            f"setInterval(done.push.bind(done, 'interval without stop points'), 5000); {PENDING}",
            f"import timers from 'node:timers'; timers.setInterval(done.push.bind(done, 'module'), 5000); {PENDING}",
            f"import {{ setInterval as every }} from 'timers'; every(done.push.bind(done, 'name'), 5000); {PENDING}",
            f"void sleep(5000).then(() => done.push('then')); {PENDING}",
            f"void sleep(5000).finally(() => done.push('finally')); {PENDING}",
            f"void sleep(5000).then(() => {{ throw 1 }}).catch(() => done.push('catch')); {PENDING}",
            "await Promise.race([sleep(5000), new Promise(() => {})]); done.push('race')",
            "await import('node:timers/promises').then(({ setTimeout }) => setTimeout(5000)); done.push('import')",
            "import http from 'node:http'; const server = http.createServer(() => done.push('request')).listen(0);\n"
            "void sleep(5000).then(() => http.get({ port: (server.address() as any).port }).on('error', () => {}));\n"
            f"{PENDING}",
        ):
            with self.subTest(code):
                self.stopped(code)
        time.sleep(6)
        outcome = self.ok("done.slice()")
        self.assertEqual(outcome.plain, "[]")
        self.assertEqual(outcome.text("stderr"), "")

    def test_a_cell_that_ran_before_the_press_is_stopped_too(self):
        self.ok("var ticks = 0; setInterval(() => ticks++, 10); void (async () => { for (;;) { await null;\n"
                "await new Promise(r => setTimeout(r, 10)); ticks++; } })(); 'left'")
        self.ask("interrupt_request", {}, "control")
        self.assert_value("const n = ticks; await new Promise(r => setTimeout(r, 300)); ticks - n", "0")
        self.ok("var ticks = 0; var beat = setInterval(() => ticks++, 10)")
        self.assert_value("await new Promise(r => setTimeout(r, 300)); clearInterval(beat); ticks > 0", "true")

    def test_a_timer_that_prints_by_itself_ends(self):
        self.stopped(f"let beat = setInterval(console.log, 20, 'beat'); {PENDING}", text="beat")
        self.assertEqual(self.ok("await new Promise(r => setTimeout(r, 300)); beat.hasRef()").text(), "")
        self.assert_value("(beat as any)._destroyed", "true")
        # In later cells such timers work as ever, and are what they are without the kernel.
        later = self.ok("beat = setInterval(console.log, 20, 'later'); await new Promise(r => setTimeout(r, 300));\n"
                        "import { inspect } from 'node:util'; const shown = inspect(beat); clearInterval(beat); shown")
        self.assertIn("later\nlater\n", later.text())
        self.assertIn("_onTimeout: [Function: log]", later.plain)
        self.assert_value("import { promisify } from 'node:util'; await promisify(setTimeout)(1, 'waited')", "'waited'")
        self.assert_value("[setTimeout, setInterval].map(f => String(f).startsWith(`function ${f.name}(`))", "[ true, true ]")

    def test_functions_of_a_stopped_cell_work_in_later_ones(self):
        self.stopped(f"const double = async (x: number) => {{ await null; return 2 * x; }}; {PENDING}")
        self.assert_value("await double(4) + [1].map(x => x)[0]", "9")

    def test_what_nothing_else_holds_outlives_the_garbage_collector(self):
        self.ok("import v8 from 'node:v8'; import vm from 'node:vm'; v8.setFlagsFromString('--expose-gc');\n"
                "const collect: () => void = vm.runInNewContext('gc'); const beat = setInterval(() => collect(), 20);")
        never = "{ [Symbol.asyncIterator]: () => ({ next: () => new Promise<any>(() => {}) }) }"
        for code in (
            PENDING,
            f"await (async () => {{ {PENDING} }})()",
            f"for await (const x of {never}) x;",
            f"try {{ {PENDING} }} finally {{ await new Promise(() => {{}}) }}",
            "await null; setTimeout(collect, 700); new Function('for (;;);')()",
        ):
            with self.subTest(code):
                self.stopped(f"const beat = setInterval(() => collect(), 20); {code}")
                self.assert_value("await new Promise(r => setTimeout(r, 50)); collect(); 'lives'", "'lives'")

    def test_twice(self):
        for _ in range(2):
            self.stopped(PENDING)
        sent = self.send(PENDING)
        time.sleep(0.3)
        for _ in range(2):
            self.ask("interrupt_request", {}, "control")
        self.assertEqual(self.outcome(sent).error["ename"], "Interrupted")
        self.assert_value("'again'", "'again'")

    def test_queued_cells_do_not_run(self):
        running, queued = self.send(PENDING), self.send("var reached = 1")
        self.stop(running)
        self.assertEqual(self.reply(queued)["content"]["status"], "aborted")

    def test_while_nothing_runs_is_harmless(self):
        self.assertEqual(self.ask("interrupt_request", {}, "control")["content"]["status"], "ok")
        self.assert_value("'still here'", "'still here'")


class CleanUp(Stop):
    def test_finally_blocks_run_to_their_end(self):
        self.ok("var log: string[] = []; " + SLEEP)
        wait = "await new Promise(r => setTimeout(r, 50)); for (let i = 0; i < 3; i++) await sleep(1);"
        soon = "await sleep(10);"
        for code in (
            f"try {{ {PENDING} }} finally {{ log.push('a') }}",
            f"try {{ {PENDING} }} finally {{ {wait} log.push('a') }}",
            "try { for (;;); } finally { for (let i = 0; i < 1e6; i++); log.push('a') }",
            "try { for (;;); } finally { await sleep(20); log.push('a') }",
            f"try {{ {PENDING} }} catch {{ log.push('caught') }} finally {{ [1].map(() => log.push('a')) }}",
            f"const done = async () => {{ {wait} try {{ throw 1 }} catch {{ log.push('a') }} }};\n"
            f"try {{ {PENDING} }} finally {{ await done() }}; log.push('after')",
            f"const work = async () => {{ try {{ {PENDING} }} finally {{ {wait} log.push('a') }} }}; await work()",
            f"const work = async () => {{ try {{ return await new Promise<any>(() => {{}}) }} finally {{ log.push('a') }} }};\n"
            "void work(); await new Promise(() => {})",
            f"void (async () => {{ try {{ {PENDING} }} finally {{ {wait} log.push('a') }} }})(); {PENDING}",
            f"for await (const x of (async function* () {{ try {{ yield 1; }} finally {{ log.push('a') }} }})()) {PENDING}",
            f"{{ using x = {{ [Symbol.dispose]() {{ for (const y of [1]) log.push('a') }} }}; {PENDING} }}",
            f"{{ await using x = {{ async [Symbol.asyncDispose]() {{ {wait} log.push('a') }} }}; {PENDING} }}",
            f"using x = {{ [Symbol.dispose]() {{ for (const y of [1]) log.push('a') }} }}; {PENDING}",
            "function* g() { try { yield 1; yield 2 } finally { log.push('a') } } for (const x of g()) for (;;);",
        ):
            with self.subTest(code):
                self.stopped(f"log = []; {code}")
                self.assert_value(f"for (let i = 0; i < 6000 && !log.length; i++) {soon} {soon} log.join()", "'a'")

    def test_clean_up_under_way_is_let_end(self):
        self.stopped(
            "var log = ''; try { log += 'a' } finally { const end = Date.now() + 700; while (Date.now() < end);\n"
            f"await new Promise(r => setTimeout(r, 300)); log += 'b' }}; {PENDING}"
        )
        self.assert_value("log", "'ab'")

    def test_clean_up_that_hangs_is_ended(self):
        for hangs in (PENDING, "for (;;);", "for (;;) await null;", "for (;;) await new Promise(r => setTimeout(r, 5));"):
            with self.subTest(hangs):
                self.stopped(f"try {{ {PENDING} }} finally {{ {hangs} }}")
                self.stopped(f"try {{ for (;;); }} finally {{ {hangs} }}")

    def test_what_heeds_the_signal_gives_its_partial_result(self):
        outcome = self.stopped("""
const signal: AbortSignal = (globalThis as any)[Symbol.for('widenet.interrupt')];
const partial = await new Promise<number>(r => signal.addEventListener('abort', () => setTimeout(r, 20, 42)));
console.log('goes on');""")
        self.assertEqual(outcome.text(), "")
        self.assert_at(outcome, 3)
        self.assert_value("partial", "42")

    def test_training_keeps_its_rows(self):
        self.ok("import { tf, train } from 'widenet';\nconst step = ({ w }: any) => ({ w: w.mul(0.999999) });")
        options = """{
  steps: 2_000_000_000, every: 1000, record: { norm: ({ w }: any) => w.sum() },
  until: ({ step }: any) => { if (step === 5000) console.log('training'); return false; },
}"""
        start = "{ w: tf.ones([64, 64]) }"
        for code in (
            f"let run = await train(step, {start}, {options});",
            f"const go = async () => {{ const run = await train(step, {start}, {options}); return run; }};\n"
            "let run = await go();",
            f"let [run] = await Promise.all([1].map(async () => await train(step, {start}, {options})));",
            f"let run; try {{ run = await train(step, {start}, {options}); }} finally {{ console.log('end'); }}",
            f"let run; for (const lr of [1, 2]) run = await train(step, {start}, {options});",
            f"var runs: any[] = [await train(step, {start}, {options})];",
            f"const map = new Map(); for (const lr of [1, 2]) {{ map.set(lr, await train(step, {start}, {options})); }}",
            f"for (const lr of [1, 2]) runs.push({{ run: await train(step, {start}, {options}), lr }});",
            f"const one = async (lr: number) => runs.push({{ lr, run: await train(step, {start}, {options}) }});\n"
            "await Promise.all([1].map(one));",
        ):
            with self.subTest(code):
                stopped = self.stopped(code, text="training")
                self.assertNotIn("lost", stopped.text("stderr"))
                if "map.set" in code:
                    self.assert_value("run = map.get(1); map.size", "1")
                elif "runs" in code:
                    self.assert_value("const last = runs.pop(); run = last.run ?? last; runs.length", "0")
                self.assert_value("[run.status, run.rows.length > 1]", "[ 'interrupted', true ]")
                self.ok("run = { rows: [] } as any")
        for code in (
            f"console.log((await train(step, {start}, {options})).rows.length);",
            f"if ((await Promise.all([train(step, {start}, {options})])).length > 0) console.log('after');",
        ):
            with self.subTest(code):
                stopped = self.stopped(code, text="training")
                self.assertRegex(stopped.text("stderr"), r"^\d+ rows of an interrupted run are lost: no variable")
                self.assertEqual(stopped.text(), "")


class Children(Stop):
    def test_they_end_with_the_cell(self):
        self.ok("import cp, { exec, execFile, execFileSync, execSync, spawn, spawnSync } from 'node:child_process';\n"
                "import { promisify } from 'node:util';")
        for number, code in enumerate((
            "execSync('sleep %');",
            "execSync('sleep %; sleep %');",
            "try { execSync('sleep %') } catch {}; execSync('sleep %')",
            "spawnSync('sleep', ['%']);",
            "execFileSync('sh', ['-c', 'trap \"\" INT; sleep %']);",
            "execSync('sh -c \\'trap : INT; sleep %; sleep %\\'');",
            "await promisify(exec)('sleep %');",
            "await promisify(execFile)('sleep', ['%']);",
            "await new Promise(r => spawn('sleep', ['%']).on('exit', r));",
            "await new Promise(r => exec('sleep % & sleep % & wait', r));",
            "for (;;) spawnSync('sleep', ['%']);",
            "await new Promise(r => setTimeout(() => { execSync('sleep %'); r(0) }, 10));",
        )):
            with self.subTest(code):
                sleep = f"^sleep 300.0{number}71"
                self.stopped("1;\n" + code.replace("%", sleep[7:]), until=lambda: running(sleep))
                eventually(lambda: not running(sleep))

    def test_threads_end_with_the_cell_that_started_them(self):
        self.ok("import { Worker } from 'node:worker_threads'; const beats = new Int32Array(new SharedArrayBuffer(8));\n"
                "const beat = (at: number) => new Worker(`const { workerData: { beats, at } } = require('worker_threads');"
                "setInterval(() => beats[at]++, 10)`, { eval: true, workerData: { beats, at } });")
        self.assert_value("const kept = beat(0); await new Promise(r => kept.on('online', r)); 'kept'", "'kept'")
        self.stopped("const ended = beat(1); const seen = setInterval(() => { if (beats[1] === 0) return;\n"
                     "clearInterval(seen); console.log('beats'); }, 10); await new Promise(r => ended.on('exit', r));",
                     text="beats")
        self.assert_value("const then = [...beats]; while (beats[0] < then[0] + 20) await new Promise(r => "
                          "setTimeout(r, 10));\n[then[1] > 0, beats[1] > then[1]]", "[ true, false ]")
        self.ok("kept.terminate()")

    def test_those_of_earlier_cells_and_detached_ones_stay(self):
        self.ok("import { spawn } from 'node:child_process'; const before = spawn('sleep', ['310.071']); 1")
        eventually(lambda: running("^sleep 310.071"))
        time.sleep(0.1)  # what starts within two ticks of a cell's beginning counts as its own
        apart = f"const apart = spawn('sleep', ['310.072'], {{ detached: true }}); {PENDING}"
        self.stopped(apart, until=lambda: running("^sleep 310.072"))
        time.sleep(0.6)
        self.assertEqual((len(running("^sleep 310.071")), len(running("^sleep 310.072"))), (1, 1))
        self.ok("before.kill(); apart.kill()")

    def test_native_code_that_cannot_be_stopped_is_named_within_seconds(self):
        # A file that is read only when something is written into it: the thread waits in the operating system.
        pipe = os.path.join(tempfile.mkdtemp(dir=self.folder), "pipe")
        os.mkfifo(pipe)
        sent = self.send(f"console.log('begins'); require('node:fs').readFileSync({pipe!r}, 'utf8')")
        told = []

        def named():
            told.append(self.client.get_iopub_msg(timeout=TIMEOUT))
            return told[-1]["content"].get("name") == "stderr"

        self.press(sent, text="begins")
        try:
            eventually(named)
        finally:
            writer = os.open(pipe, os.O_RDWR)
            os.write(writer, b"read")
            os.close(writer)
            outcome = self.outcome(sent)
        self.assertIn("native code", told[-1]["content"]["text"])
        self.assertEqual(outcome.error["ename"], "Interrupted")


class Texts(Stop):
    def test_functions_are_what_their_author_wrote(self):
        self.ok("const f = (a: number) => a + 1; class A { static async m(x: string) { return x } get g() { return 1 } }")
        self.assert_value("String(f)", "'(a)=>a + 1'")
        self.assert_value("new Function('return (' + f + ')(1)')()", "2")
        self.assert_value("String(A).includes('__stop__')", "false")
        self.assert_value("String(A.m).startsWith('async m(x)')", "true")
        self.assert_value("String(Object.getOwnPropertyDescriptor(A.prototype, 'g')!.get).startsWith('get g()')", "true")
        self.assert_value("Object.keys(globalThis).filter(name => name.includes('stop'))", "[]")

    def test_they_run_elsewhere(self):
        self.ok("import { Worker } from 'node:worker_threads'; import vm from 'node:vm';")
        worker = (
            "const work = async (n: number) => { let s = 0; for (let i = 0; i < n; i++) s += await i; return s };\n"
            "const script = `require('node:worker_threads').parentPort.postMessage(await (${work})(5))`;\n"
            "const worker = new Worker(`(async () => { ${script} })()`, { eval: true });\n"
            "await new Promise((done, failed) => worker.on('message', done).on('error', failed))"
        )
        self.assert_value(worker, "10")
        self.assert_value("vm.runInNewContext(`(${(x: number) => { try { return x } finally {} }})(3)`)", "3")
