"""The stop button: cells end, results are kept; restart and shutdown leave nothing behind."""

import time

from support import KernelCase


class Interrupt(KernelCase):
    def stopped(self, code, text=None):
        outcome = self.stop(self.send(code), text=text)
        self.assertEqual(outcome.reply["status"], "error")
        self.assertEqual(outcome.error["ename"], "Interrupted")
        return outcome

    def setUp(self):
        self.ok("1")

    def test_busy_loop(self):
        stopped = self.stopped("let turns = 0;\nwhile (true) turns++;")
        self.assertIn(f"at cell {stopped.reply['execution_count']}, line 2", stopped.traceback)
        self.assertEqual(self.ok("turns > 0").plain, "true")

    def test_busy_loop_after_an_await(self):
        self.stopped("await null; let later = 0; await new Promise(r => setTimeout(r, 5));\nwhile (true) later++;")
        self.assertEqual(self.ok("later > 0").plain, "true")

    def test_busy_loop_in_a_timer(self):
        self.stopped("setTimeout(() => { for (;;); }, 10); await new Promise(() => {})")
        self.assertEqual(self.ok("'alive'").plain, "'alive'")

    def test_recursion_without_a_loop(self):
        stopped = self.stopped("const fib = (n: number): number =>\n  n < 2 ? n : fib(n - 1) + fib(n - 2);\nfib(70);")
        self.assertIn(f"at fib in cell {stopped.reply['execution_count']}, line 1", stopped.traceback)

    def test_busy_library_code_in_a_timer(self):
        self.stopped("setTimeout(() => /(a+)+b/.test('a'.repeat(50)), 10); await new Promise(() => {})")
        self.assertEqual(self.ok("await new Promise(r => setTimeout(r, 50)); 'alive'").plain, "'alive'")

    def test_busy_callback_that_a_finished_cell_left_behind(self):
        self.ok("setTimeout(() => { for (;;); }, 10); 'left'")
        time.sleep(0.5)
        behind = self.stop(self.send("'runs after it'"))
        self.assertEqual(behind.plain, "'runs after it'")

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
        self.assertEqual(self.ok(later).plain, "[ true, 0 ]")

    def test_promise_that_never_settles(self):
        stopped = self.stopped("const before = 5;\nawait new Promise(() => {});")
        self.assertIn(f"at cell {stopped.reply['execution_count']}, line 2", stopped.traceback)
        self.assertEqual(self.ok("before").plain, "5")

    def test_what_heeds_the_signal_gives_its_partial_result(self):
        outcome = self.stopped("""
const signal: AbortSignal = (globalThis as any)[Symbol.for('widenet.interrupt')];
const partial = await new Promise<number>(r => signal.addEventListener('abort', () => setTimeout(() => r(42), 100)));
console.log('partial result', partial);
await null;""")
        self.assertEqual(outcome.text(), "partial result 42\n")
        self.assertIn(f"at cell {outcome.reply['execution_count']}, line 5", outcome.traceback)
        self.assertEqual(self.ok("partial").plain, "42")

    def test_training_keeps_its_rows(self):
        self.ok("import { tf, train } from 'widenet';\nconst step = ({ w }: any) => ({ w: w.mul(0.999999) });")
        self.stopped(
            """
const run = await train(step, { w: tf.ones([64, 64]) }, {
  steps: 2_000_000_000, every: 1000, record: { norm: ({ w }: any) => w.sum() },
  until: ({ step }: any) => { if (step === 0) console.log('training'); return false; },
});""",
            text="training",
        )
        self.assertEqual(self.ok("[run.status, run.rows.length > 1]").plain, "[ 'interrupted', true ]")

    def test_queued_cells_do_not_run(self):
        running, queued = self.send("await new Promise(() => {})"), self.send("var reached = 1")
        self.stop(running)
        self.assertEqual(self.reply(queued)["content"]["status"], "aborted")

    def test_stop_while_nothing_runs_is_harmless(self):
        self.assertEqual(self.ask("interrupt_request", {}, "control")["content"]["status"], "ok")
        self.assertEqual(self.ok("'still here'").plain, "'still here'")

    def test_native_code_that_cannot_be_stopped_is_named_within_seconds(self):
        sleeping = self.send("import { execSync } from 'node:child_process'; execSync('sleep 9'); 'ended'")
        outcome = self.stop(sleeping, after=0.5)
        self.assertIn("native code", outcome.text("stderr"))
        self.assertEqual(outcome.error["ename"], "Interrupted")
        self.assertEqual(self.ok("'session kept'").plain, "'session kept'")
