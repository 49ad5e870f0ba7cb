"""Output: complete, in order, and alive while a cell computes."""

from support import TIMEOUT, Gate, KernelCase


class Output(KernelCase):
    def test_ten_megabytes_arrive_complete(self):
        text = self.ok("for (let i = 0; i < 200_000; i++) console.log(i, 'x'.repeat(45));").text()
        self.assertGreater(len(text), 10_000_000)
        self.assertEqual([int(line.split()[0]) for line in text.splitlines()], list(range(200_000)))

    def test_a_thousand_figures_arrive_in_order_with_the_text_between(self):
        self.open_renderer()
        self.ok("import { figure, show } from 'widenet'")
        both = "for (let i = 0; i < 1000; i++) { show(figure([{ y: [i] }], {})); console.log(i); }"
        messages = self.ok(both).messages
        seen = []
        for message in messages:
            if message["msg_type"] == "display_data":
                seen.append(("figure", message["content"]["data"]["application/vnd.plotly.v1+json"]["data"][0]["y"][0]))
            elif message["msg_type"] == "stream":
                seen += [("text", int(line)) for line in message["content"]["text"].split()]
        self.assertEqual(seen, [pair for i in range(1000) for pair in (("figure", i), ("text", i))])

    def test_concurrent_tasks_lose_nothing(self):
        outcome = self.ok("""
import { show } from 'widenet';
const task = async (name: string) => {
  for (let i = 0; i < 50; i++) { show(`${name}${i}`); await new Promise(r => setTimeout(r, 1)); }
};
await Promise.all(['a', 'b', 'c'].map(task));""")
        shown = [d["data"]["text/plain"].strip("'") for d in outcome.contents("display_data")]
        for name in "abc":
            self.assertEqual([s for s in shown if s.startswith(name)], [f"{name}{i}" for i in range(50)])

    def test_stdout_and_stderr_keep_their_order(self):
        streams = self.ok("for (let i = 0; i < 5; i++) { console.log(i); console.error(i); }").contents("stream")
        self.assertEqual([s["text"].strip() for s in streams], [str(i) for i in range(5) for _ in range(2)])

    def test_output_leaves_while_the_cell_computes(self):
        gate = Gate("output")
        sent = self.send(f"console.log('early'); while ({gate.shut}); console.log('late')")
        while (message := self.client.get_iopub_msg(timeout=TIMEOUT))["msg_type"] != "stream":
            pass
        self.assertEqual(message["content"]["text"], "early\n")
        gate.open()
        self.assertEqual(self.outcome(sent).text(), "late\n")

    def test_bytes_of_a_character_may_come_in_two_writes(self):
        outcome = self.ok(
            "const e = Buffer.from('\\u20ac'); process.stdout.write(e.subarray(0, 1)); "
            "process.stdout.write(e.subarray(1)); undefined"
        )
        self.assertEqual(outcome.text(), "\u20ac")

    def test_progress_is_one_line_updated_in_place(self):
        self.ok("import { progress } from 'widenet'")
        outcome = self.ok(
            "for (const _ of progress([1, 2, 3, 4, 5], 'parts')) await new Promise(r => setTimeout(r, 300));"
        )
        (first,), updates = outcome.contents("display_data"), outcome.contents("update_display_data")
        self.assertRegex(first["data"]["text/plain"], r"^parts \d/5  \d+%  .* left$")
        self.assertEqual({u["transient"]["display_id"] for u in updates}, {first["transient"]["display_id"]})
        self.assertRegex(updates[-1]["data"]["text/plain"], r"^parts 5/5 in \d\.\d s")
        self.assertEqual(outcome.contents("stream"), [])
        quiet = self.ok(
            "process.env.WIDENET_BATCH = '1'; "
            "for (const _ of progress([1, 2], 'parts')) await new Promise(r => setTimeout(r, 400)); "
            "delete process.env.WIDENET_BATCH;"
        )
        self.assertEqual(quiet.contents("display_data"), [])

    def test_a_bar_that_a_failed_cell_left_open_says_that_it_was_stopped(self):
        self.ok("import { progress } from 'widenet'")
        outcome = self.fails(
            "const bar = progress(5, 'parts'); await new Promise(r => setTimeout(r, 600)); "
            "bar.at(2); throw new Error('within');"
        )
        shown = [m["content"]["data"]["text/plain"] for m in outcome.messages if "display_data" in m["msg_type"]]
        self.assertEqual(len(shown), 2)
        self.assertRegex(shown[0], r"^parts 2/5  40%  .* left$")
        self.assertRegex(shown[1], r"^parts 2/5, stopped, in \d\.\d s")
