"""One place for each variable, whatever the cells' boundaries: what is set anew is used, what is declared anew is new."""

import itertools

from support import KernelCase

# Each declares `it`, with a value that `String(it)` or its name tells.
KINDS = {
    "let": ("let it = 'a let';", "a let"),
    "const": ("const it = 'a const';", "a const"),
    "var": ("var it = 'a var';", "a var"),
    "function": ("function it() {}", "it"),
    "class": ("class it {}", "it"),
    "enum": ("enum it { A }", "A"),
    "namespace": ("namespace it { export const n = 'a namespace'; }", "a namespace"),
    "import": ("import { basename as it } from 'node:path';", "basename"),
    "destructured": ("const { a: [it] } = { a: ['a part'] };", "a part"),
    "in a block": ("{ var it = 'in a block'; }", "in a block"),
    "of a loop": ("for (var it of ['of a loop']) {}", "of a loop"),
}
TOLD = "(it as any).n ?? (it as any).name ?? (typeof it === 'object' ? (it as any)[0] : it)"


class Values(KernelCase):
    def check(self, *cells):
        """Runs cells, those that are pairs with the value that they must have."""
        for cell in cells:
            if isinstance(cell, str):
                self.ok(cell)
            else:
                self.assertEqual(self.ok(cell[0]).plain, cell[1], cell[0])

    def test_a_function_uses_the_variable_as_it_is_now(self):
        self.check("let lr = 0.1; function step(w: number) { return w - lr }", ("lr = 0.5; step(1)", "0.5"))
        self.check("let lr = 0.75;", ("step(1)", "0.25"))
        self.check("const half = () => lr / 2; class Rate { now() { return lr } }", ("lr = 8; [half(), new Rate().now()]", "[ 4, 8 ]"))
        self.check(("({ lr } = { lr: 3 }); [lr, half()]", "[ 3, 1.5 ]"), ("[lr] = [1]; lr++; half()", "1"))

    def test_a_trained_step_uses_the_variable_as_it_is_now(self):
        train = "(await train(decay, { w: 1 }, { steps: 1, record: { w: ({ w }: any) => w } })).rows[1].w"
        self.check("import { train } from 'widenet'; let rate = 0.25; const decay = ({ w }: any) => ({ w: w.mul(rate) });")
        self.check((train, "0.25"), (f"rate = 0.5; {train}", "0.5"), ("let rate = 0.125;"), (train, "0.125"))

    def test_a_loop_in_the_background_ends_when_its_condition_changes(self):
        pause = "await new Promise(r => setTimeout(r, 20));"
        self.check(f"let running = true, turns = 0; const loop = (async () => {{ while (running) {{ turns++; {pause} }} return 'ended'; }})();")
        self.check(("running = false; await loop", "'ended'"), (f"const before = turns; {pause}{pause} turns === before", "true"))

    def test_callers_see_a_function_that_is_declared_again(self):
        self.check("function helper() { return 1 } function caller() { return helper() }", ("caller()", "1"))
        self.check("function helper() { return 2 }", ("caller()", "2"), "const helper = () => 3;", ("caller()", "3"))

    def test_a_name_may_be_declared_again_as_anything(self):
        for (_, (first, _)), (kind, (second, told)) in itertools.product(KINDS.items(), KINDS.items()):
            with self.subTest(f"{first} then {second}"):
                self.ok(first)
                self.ok(second)
                self.assertEqual(self.ok(f"String({TOLD})").plain, f"'{told}'")

    def test_an_enum_that_is_declared_again_keeps_no_old_members(self):
        self.check("enum Color { Red, Green }", "enum Color { Blue }", ("Object.keys(Color)", "[ '0', 'Blue' ]"))
        self.check("enum Rate { Low = 1 } const lowest = () => Rate.Low", "enum Rate { Low = 10 }", ("lowest()", "10"))

    def test_a_declaration_that_throws_leaves_the_old_value(self):
        self.ok("let kept = 1;")
        self.assertEqual(self.fails("let kept = ((): number => { throw new Error('no value') })();").error["evalue"], "no value")
        self.check(("kept", "1"), "let kept = 2;", ("kept", "2"))

    def test_what_a_cell_declares_is_hoisted_within_it(self):
        self.check(("const early = later(); function later() { return 'hoisted' } early", "'hoisted'"))
        self.check(("joined('a', 'b'); import { join as joined } from 'node:path';\njoined('a', 'b')", "'a/b'"))

    def test_exports_are_declarations(self):
        self.check("export const one = 1; export function two() { return 2 } export enum Three { A = 3 } export { one as uno };")
        self.check(("[one, two(), Three.A]", "[ 1, 2, 3 ]"), ("export default one + 1", "2"), ("export default function () {}", "[Function (anonymous)]"))

    def test_a_name_of_a_global_shadows_it_for_cells_alone(self):
        self.check("import { setTimeout } from 'node:timers/promises'; const Map = 5, window = 20;")
        self.check(("[Map, window, { Map }.Map, await setTimeout(1, 'waited')]", "[ 5, 20, 5, 'waited' ]"))
        self.check(("[typeof globalThis.Map, typeof (globalThis as any).window]", "[ 'function', 'undefined' ]"))
        self.check("class performance { static fetch() { return performance.name.length } }", ("performance.fetch() > 0", "true"))
        self.check("import { tf } from 'widenet';", ("tf.tensor([1, 2]).sum().dataSync()[0]", "3"))

    def test_using_disposes_at_the_end_of_its_block_or_cell(self):
        self.ok("const resource = (name: string) => ({ name, [Symbol.dispose]() { console.log(`end of ${name}`) } });")
        self.ok("const later = { async [Symbol.asyncDispose]() { await null; console.log('end of later') } };")
        self.assertEqual(self.ok("{ using b = resource('block'); console.log(b.name) } console.log('after')").text(), "block\nend of block\nafter\n")
        self.assertEqual(self.ok("using c = resource('cell'); await using l = later; console.log(c.name)").text(), "cell\nend of later\nend of cell\n")
        failed = self.fails("using c = resource('cell'); throw new Error('in between')")
        self.assertEqual((failed.text(), failed.error["evalue"]), ("end of cell\n", "in between"))

    def test_decorators(self):
        self.ok("const seen: string[] = []; const seeing = (v: any, { kind, name }: any) => void seen.push(`${kind} ${name}`);")
        self.ok("@seeing class Seen { @seeing method() {} @seeing accessor rate = 0.1; @seeing static count = 1 }")
        self.check(("seen.sort()", "[ 'accessor rate', 'class Seen', 'field count', 'method method' ]"))

    def test_what_is_not_an_expression_at_the_end_shows_nothing(self):
        for code in ("5; const after = 1;", "if (true) { 5 }", "for (const n of [1]) n;", "function f() {}", "void 5", "5; ;",
                     "export default function named() {}", "export default class Named {}", "export default interface Face {}"):
            with self.subTest(code):
                self.assertEqual(self.ok(code).contents("execute_result"), [])
        self.check(("5;", "5"), ("5 // five", "5"), ("'text'", "'text'"), ("await Promise.resolve(5)", "5"))
