"""Names that cells import follow their modules, as ES modules have it: Node.js itself says what is right."""

import json
import os
import shutil
import subprocess
import tempfile

from support import KernelCase

PACKAGE = "node_modules/locale"
FILES = {
    "counter.mjs": "export let n = 0; export const inc = () => { n++; };",
    "default.mjs": "export default function f() { return 1; }\nexport const swap = () => { f = () => 2; };",
    "value.mjs": "let v = 1; export default v; export { v as named }; export const set = to => { v = to; };",
    "patterns.mjs": "export let [a, { b }] = [1, { b: 2 }]; export let at; let own = 'x'; export { own as 'a b' };\n"
    "export const both = () => { [a, { b, ...own }] = [b, { b: a, own }]; for (at of [1, 2, 3]); };",
    "passes.mjs": "import { n } from './counter.mjs'; export { n }; export { n as m, inc } from './counter.mjs';\n"
    "export * as all from './counter.mjs'; export { default } from './default.mjs';",
    "stars.mjs": "export * from './passes.mjs'; export * from './default.mjs'; export * from './circle.mjs';",
    "circle.mjs": "export * from './stars.mjs'; export let c = 1; export const setC = to => { c = to; };",
    "old.cjs": "exports.n = 0; exports.inc = () => { exports.n++; };",
    f"{PACKAGE}/package.json": json.dumps({"name": "locale", "version": "1.0.0", "type": "module", "exports": "./i.js"}),
    f"{PACKAGE}/i.js": "export { format, setLocale } from './format.js'; export const fixed = 1;",
    f"{PACKAGE}/format.js": "export let format = x => `${x}`; export function setLocale(sign) { format = x => sign + x; }",
}

# Each is a module of Node.js, and a cell.
PROGRAMS = [
    "import { n, inc } from './counter.mjs'; inc(); inc(); console.log(n)",
    "import { n as m, inc } from './counter.mjs'; const f = () => ({ m }); inc(); console.log(f(), typeof m, [m].map(n => n))",
    "import f, { swap } from './default.mjs'; const before = f(); swap(); console.log(before, f())",
    "import v, { named, set } from './value.mjs'; set(2); console.log(v, named)",
    "import v, * as all from './value.mjs'; all.set(3); console.log(v, all.default, all.named)",
    "import { a, b, at, 'a b' as own, both } from './patterns.mjs'; both(); console.log(a, b, at, own)",
    "import f, { n, m, inc, all } from './passes.mjs'; inc(); console.log(n, m, all.n, f())",
    "import { n, m, inc, swap, c, setC } from './stars.mjs'; inc(); setC(5); console.log(n, m, c)",
    "import { n, inc } from './old.cjs'; inc(); console.log(n)",
    "import { fixed, format, setLocale } from 'locale'; setLocale('$'); console.log(fixed, format(1))",
    "const { n, inc } = await import('./counter.mjs'); inc(); console.log(n)",
    "console.log(above(), n); import { n, inc } from './counter.mjs'; function above() { inc(); return n }",
]


class Imports(KernelCase):
    """In a folder that is in no repository."""

    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.realpath(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name, text in FILES.items():
            cls.write(name, text)
        super().setUpClass()

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)

    def value(self, code, expected):
        self.assertEqual(self.ok(code).plain, expected, code)

    def test_they_print_what_node_prints(self):
        node = self.ok("process.execPath").plain.strip("'")
        for number, program in enumerate(PROGRAMS):
            with self.subTest(program):
                self.write(f"main{number}.mjs", program)
                right = subprocess.run(
                    [node, f"main{number}.mjs"], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=True
                ).stdout
                # Modules of their own, as a process of Node.js has them.
                for name, text in FILES.items():
                    if name.endswith("js"):
                        self.write(name, f"{text}\n// {number}")
                self.assertEqual(self.ok(f"// @ts-nocheck\n{program}").text(), right)

    def test_functions_and_later_cells_see_the_new_value(self):
        self.write("live.ts", "export let n: number = 0; export const inc = () => { (n as any)++; };\n"
                              "export interface Shape { side: number }")
        self.value("import { n, inc, Shape } from './live'; const see = () => n; inc(); [n, see()]", "[ 1, 1 ]")
        self.value("inc(); const shape: Shape = { side: n }; [shape, see(), { n }]", "[ { side: 2 }, 2, { n: 2 } ]")
        self.value("Object.keys(globalThis).includes('n')", "false")
        self.write("live.ts", "export let n: number = 10; export const inc = () => { n += 10; };")
        self.value("import { n, inc } from './live'; inc(); [n, see()]", "[ 20, 20 ]")
        self.write("live.ts", "export const n: number = 5;")
        self.value("import { n } from './live'; [n, see()]", "[ 5, 5 ]")

    def test_they_cannot_be_assigned_to(self):
        self.write("fixed.ts", "export let size = 1; export const grow = () => { size *= 2; };")
        self.ok("import { size, grow } from './fixed'")
        self.assertIn("Cannot assign to 'size' because it is an import", self.fails("size = 3").traceback)
        thrown = self.fails("// @ts-nocheck\nsize = 3")
        self.assertIn("TypeError: Assignment to constant variable.", thrown.traceback)
        self.assertIn("line 2", thrown.traceback)
        self.value("grow(); size", "2")

    def test_they_may_be_declared_anew_and_imported_again(self):
        self.write("again.ts", "export let k = 1; export const up = () => { k++; };")
        self.ok("import { k, up } from './again'; const seen = () => k;")
        self.value("let k = 50; up(); [k, seen()]", "[ 50, 50 ]")
        # V8 keeps the variable for good, so this is said.
        again = self.ok("import { k, up } from './again'; const now = () => k; up(); [k, { k }, seen(), now()]")
        self.assertEqual(again.plain, "[ 3, { k: 3 }, 50, 3 ]")
        self.assertRegex(again.text("stderr"), "^k was a variable until now.*functions of earlier cells keep")
        self.assertEqual(self.ok("import { k, up } from './again'; up(); k").text("stderr"), "")
        self.value("function k() { return 'f' } [k(), typeof now()]", "[ 'f', 'function' ]")

    def test_names_of_globals_follow_too(self):
        self.write("globals.ts", "export let fetch = 1; export const set = (to: number) => { fetch = to; };")
        self.value("import { fetch, set } from './globals'; set(2); [fetch, typeof globalThis.fetch]", "[ 2, 'function' ]")


del KernelCase
