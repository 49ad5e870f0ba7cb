"""What the last value and `show` look like: true MIME bundles."""

import re

from support import KernelCase

PLOTLY = "application/vnd.plotly.v1+json"


class Results(KernelCase):
    def setUp(self):
        self.ok("import { figure, show, tf } from 'widenet'")

    def test_plain_values_are_execute_results_with_the_cells_number(self):
        outcome = self.ok("({ a: [1, 2], b: 'x' })")
        (result,) = outcome.contents("execute_result")
        self.assertEqual(result["execution_count"], outcome.reply["execution_count"])
        self.assertEqual(result["data"], {"text/plain": "{ a: [ 1, 2 ], b: 'x' }"})

    def test_functions(self):
        self.assertEqual(self.ok("(x: number) => x").plain, "[Function (anonymous)]")
        self.assertEqual(self.ok("Math.max").plain, "[Function: max]")

    def test_no_result_without_a_value(self):
        self.assertEqual(self.ok("undefined").contents("execute_result"), [])
        self.assertEqual(self.ok("const nothing = 1;").contents("execute_result"), [])

    def test_tensors_are_summarised(self):
        shown = self.ok("tf.tensor2d([[1, 2], [3, 4]])").plain
        self.assertEqual(shown, "Tensor float32 [2, 2], min 1, mean 2.5, max 4\n[[1, 2],\n [3, 4]]")
        large = self.ok("tf.linspace(-1, 1, 1_000_001)").plain
        self.assertRegex(large, r"^Tensor float32 \[1000001\], min -1, mean \S+, max 1\n\[-1, -1, -1, .*\.\.\.\]$")
        self.assertLess(len(large), 200)

    def test_long_lists_are_cut(self):
        self.assertLess(len(self.ok("Array.from({ length: 1_000_000 }, (_, i) => i)").plain), 2000)

    def test_figures_are_plotly_bundles(self):
        data = self.ok("figure([{ y: [1, 2, 3], name: 'f' }], { title: { text: 'T' } })").data
        self.assertEqual(data[PLOTLY]["data"][0]["y"], [1, 2, 3])
        self.assertIn("Figure: T", data["text/plain"])

    def test_show_displays_now_in_order(self):
        outcome = self.ok("show(1, figure([{ y: [1] }], {}));\nconsole.log('between');\nshow('after');")
        kinds = [m["msg_type"] for m in outcome.messages if m["msg_type"] != "execute_input"]
        self.assertEqual(kinds, ["display_data", "display_data", "stream", "display_data"])
        self.assertIn(PLOTLY, outcome.contents("display_data")[1]["data"])

    def test_whatever_displays_itself(self):
        code = (
            "({ async [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>x</b>', "
            "'image/png': new Uint8Array([1, 2]), 'application/json': new Float64Array([0.5]) }; } })"
        )
        data = self.ok(code).data
        self.assertEqual((data["text/html"], data["image/png"], data["application/json"]), ("<b>x</b>", "AQI=", [0.5]))
        self.assertIn("text/plain", data)

    def test_a_figure_is_renewed_in_place_while_a_run_trains_and_its_last_state_stands(self):
        self.open_renderer()
        outcome = self.ok(
            "import { lines, train } from 'widenet';\n"
            "const go = { steps: 40, record: { x: ({ x }: { x: tf.Tensor }) => x }, mode: 'eager' } as const;\n"
            "const slow = ({ x }: { x: tf.Tensor }) => (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60), "
            "{ x: x.mul(0.5) });\n"
            "await train(slow, { x: 1 }, { ...go, watch: rows => lines(rows, { x: 'step', y: 'x' }) });\n"
            "console.log('done');"
        )
        shown = [m["content"] for m in outcome.messages if m["msg_type"].endswith("display_data")]
        figures = [content for content in shown if PLOTLY in content["data"]]
        self.assertEqual(len({content["transient"]["display_id"] for content in figures}), 1)
        self.assertGreater(len(figures), 1)
        self.assertRegex(figures[-1]["data"]["text/plain"], r"x: 41 points, last \(40, 9\.095e-13\)")
        self.assertNotRegex(figures[0]["data"]["text/plain"], r"41 points")

    def test_data_frames_are_tables(self):
        self.ok(
            "import { dataFrame } from 'widenet';\n"
            "const df = dataFrame([{ n: 1, name: '<a>' }, { n: 2, name: 'b' }]);"
        )
        data = self.ok("df").data
        self.assertIn("<td style=\"text-align:left\">&lt;a&gt;</td>", data["text/html"])
        self.assertIn("2 rows x 2 columns", data["text/plain"])
        self.assertIn("2 values", self.ok("df['n']").data["text/html"])

    def test_display_that_fails_is_an_error(self):
        outcome = self.fails("({ [Symbol.for('Jupyter.display')]() { throw new Error('no display'); } })")
        self.assertEqual(outcome.error["evalue"], "no display")

    def test_tslabs_own_display(self):
        outcome = self.ok(
            "import { display, newDisplay } from 'tslab';\n"
            "const d = newDisplay(); d.html('<i>1</i>'); d.html('<i>2</i>');"
        )
        (first,), (second,) = outcome.contents("display_data"), outcome.contents("update_display_data")
        self.assertEqual(first["transient"]["display_id"], second["transient"]["display_id"])

    def test_user_expressions(self):
        got = self.ok("const u = 2;", user_expressions={"twice": "u * 2", "bad": "nope"}).reply["user_expressions"]
        self.assertEqual(got["twice"]["data"]["text/plain"], "4")
        self.assertEqual(got["bad"]["status"], "error")

    def test_silent_and_unstored_cells(self):
        before = self.ok("1").reply["execution_count"]
        silent = self.run_cell("console.log('x'); 5", silent=True)
        self.assertEqual((silent.messages, silent.reply["execution_count"]), ([], before))
        self.assertEqual(self.ok("7", store_history=False).reply["execution_count"], before)

    def test_names_may_be_declared_anew_imported_ones_too(self):
        self.assertEqual(self.ok("import { join } from 'path';\njoin('a', 'b')").plain, "'a/b'")
        self.assertEqual(self.ok("let join = 3; join + 1").plain, "4")
        self.assertEqual(self.ok("join = join * 2; join").plain, "6")
        self.assertEqual(self.ok("const join = 'text'; join.length").plain, "4")

    def test_void_shows_nothing(self):
        for code in ("void 5", "void 5;", "void show; // a comment", "void (async () => {})()", "const u = void 0; u"):
            with self.subTest(code):
                self.assertEqual(self.ok(code).contents("execute_result"), [])
        self.assertEqual(self.ok("5;").plain, "5")

    def test_display_needs_no_import(self):
        outcome = self.ok("display(1, figure([{ y: [1] }], {}), { a: tf.ones([2]) })")
        first, second, third = outcome.contents("display_data")
        self.assertEqual(first["data"], {"text/plain": "1"})
        self.assertIn(PLOTLY, second["data"])
        self.assertEqual(third["data"]["text/plain"], "{ a: Tensor float32 [2], min 1, mean 1, max 1 }")
        self.assertEqual(outcome.contents("execute_result"), [])
        self.assertEqual(self.ok("const display = 3; display + 1").plain, "4")

    def test_a_place_is_updated_from_later_cells(self):
        (first,) = self.ok("import { newPlace } from 'widenet'; const place = newPlace(); place.show(1)").contents(
            "display_data"
        )
        later = self.ok("place.show(figure([{ y: [1] }], {})); place.show({ last: 2 })")
        self.assertEqual(later.contents("display_data"), [])
        updates = later.contents("update_display_data")
        self.assertEqual([u["transient"] for u in updates], [first["transient"]] * 2)
        self.assertIn(PLOTLY, updates[0]["data"])
        self.assertEqual(updates[1]["data"]["text/plain"], "{ last: 2 }")
        other = self.ok("const other = newPlace(); other.show(3)").contents("display_data")
        self.assertNotEqual(other[0]["transient"], first["transient"])

    def test_a_place_keeps_what_was_shown_last_though_an_earlier_display_takes_longer(self):
        outcome = self.ok("""
import { newPlace } from 'widenet';
const slow = newPlace();
const taking = (ms: number, text: string) => ({
  [Symbol.for('Jupyter.display')]: () => new Promise(r => setTimeout(() => r({ 'text/plain': text }), ms)),
});
await Promise.all([slow.show(taking(300, 'first')), slow.show(taking(50, 'second'))]);""")
        self.assertEqual([d["data"]["text/plain"] for d in outcome.contents("display_data")], ["second"])
        self.assertEqual(outcome.contents("update_display_data"), [])

    def test_a_result_runs_none_of_its_code(self):
        self.ok("let ran = 0; const trap = (): never => { ran++; throw new Error('it ran'); };")
        for code, said in {
            "({ get x() { return trap(); } })": "{ x: [Getter] }",
            "({ get then() { return trap(); } })": "{ then: [Getter] }",
            "({ then() { return trap(); } })": "{ then: [Function: then] }",
            "({ get constructor() { return trap(); } })": "{ constructor: [Getter] }",
            "({ toString: trap, toJSON: trap })": "{ toString: [Function: trap], toJSON: [Function: trap] }",
            "new Proxy({ a: 1 }, { get: trap, has: trap, ownKeys: trap })": "{ a: 1 }",
            "[new Proxy([1], { get: trap })]": "[ [ 1 ] ]",
            "({ shape: [1], dtype: 'float32', dataSync: trap })": (
                "{ shape: [ 1 ], dtype: 'float32', dataSync: [Function: trap] }"
            ),
        }.items():
            with self.subTest(code):
                # Node.js 26 says that it is a Proxy.
                plain = re.sub(r"Proxy\((\{.*?\}|\[.*?\])\)", r"\1", self.ok(code).plain)
                self.assertEqual(plain, said)
                self.assertEqual(self.ok("ran").plain, "0")

    def test_values_show_nothing_of_the_kernel(self):
        self.assertEqual(self.ok("new Promise(() => {})").plain, "Promise { <pending> }")
        printed = self.ok("const p = Promise.resolve([1]); console.log({ p }); p").text()
        self.assertEqual(printed, "{ p: Promise { [ 1 ] } }\n")
        self.assertNotIn("ResourceStore", self.ok("setTimeout(() => {})").plain)
        for code, said in {
            "(class { x = 1 })": "[class (anonymous)]",
            "async () => {}": "[AsyncFunction (anonymous)]",
            "[() => 1, function* () {}]": "[ [Function (anonymous)], [GeneratorFunction (anonymous)] ]",
            "class Named {}; Named": "[class Named]",
            "class Derived extends Array {}; [Derived, new Derived(2)]": (
                "[ [class Derived extends Array], Derived(2) [ <2 empty items> ] ]"
            ),
            "-0": "-0",
            "[1, , -0]": "[ 1, <1 empty item>, -0 ]",
        }.items():
            with self.subTest(code):
                self.assertEqual(self.ok(f"// @ts-nocheck\n{code}").plain, said)
        self.assertRegex(self.ok("new Error('as a value')").plain, r"^Error: as a value\n    at cell \d+:1:1$")
