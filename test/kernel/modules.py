"""What cells import: files beside the notebook, as they are now, and packages."""

import json
import os
import shutil
import tempfile
import time

from support import KernelCase


class Modules(KernelCase):
    """In a folder that is in no repository."""

    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.realpath(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        super().setUpClass()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)

    def package(self, name, files, **fields):
        folder = f"node_modules/{name}"
        self.write(f"{folder}/package.json", json.dumps({"name": name, "version": "1.0.0", **fields}))
        for file, text in files.items():
            self.write(f"{folder}/{file}", text)

    def value(self, code, expected):
        self.assertEqual(self.ok(code).plain, expected, code)

    def test_a_json_file_and_another_file_written_beside_it(self):
        self.write("config.json", '{ "rate": 0.1 }')
        self.value("import config from './config.json'; config.rate", "0.1")
        self.write("other.ts", "export const x = 1")
        time.sleep(2)
        self.value("1 + 1", "2")
        self.write("config.json", '{ "rate": 0.2 }')
        self.value("import config from './config.json'; config.rate", "0.2")
        self.value("import config from './config.json' with { type: 'json' }; config.rate", "0.2")
        self.value("(await import('./config.json')).default.rate", "0.2")

    def test_a_file_that_is_made_later_deleted_and_made_again(self):
        self.fails("import { a } from './later'; a")
        self.write("later.ts", "export const a = 1")
        self.value("import { a } from './later'; a", "1")
        os.remove(os.path.join(self.folder, "later.ts"))
        self.fails("import { a } from './later'; a")
        self.value("1 + 1", "2")
        self.write("later.ts", "export const a = 2")
        self.value("import { a } from './later'; a", "2")

    def test_edited_files_of_each_kind_and_what_imports_them(self):
        for ending, text in {
            "ts": "export const n: number = ",
            "mts": "export const n: number = ",
            "cts": "exports.n = ",
            "mjs": "export const n = ",
            "js": "exports.n = ",
            "cjs": "exports.n = ",
        }.items():
            with self.subTest(ending):
                name = f"deep-{ending}.{ending}"
                self.write(f"top-{ending}.mjs", f"import {{ n }} from './{name}'; export const twice = 2 * n;")
                cell = f"(await import('./top-{ending}.mjs')).twice"
                for n in (1, 2):
                    self.write(name, text + f"{n};")
                    self.value(cell, str(2 * n))

    def test_an_unchanged_file_keeps_its_state(self):
        self.write("counter.ts", "let n = 0; export const next = () => ++n;")
        self.value("import { next } from './counter'; next()", "1")
        self.write("unrelated.ts", "export const x = 1")
        self.value("import { x } from './unrelated'; import { next as again } from './counter'; again()", "2")

    def test_commonjs_twice_by_import_and_by_require(self):
        self.write("old.cjs", "exports.n = (exports.n ?? 0) + 1; exports.folder = __dirname;")
        for _ in range(2):
            self.value("import old from './old.cjs'; old.n", "1")
            self.value("import { n, folder } from './old.cjs'; [n, folder === process.cwd()]", "[ 1, true ]")
            self.value("require('./old.cjs').n", "1")
        self.write("old.cjs", "exports.n = 7;")
        self.value("require('./old.cjs').n", "7")

    def test_files_above_the_notebook(self):
        name = os.path.basename(self.folder)
        self.write("above/helper.ts", "export const here: string = import.meta.dirname;")
        self.write("above/use.ts", f"export {{ here }} from '../../{name}/above/helper';")
        self.value(f"import {{ here }} from '../{name}/above/use'; here.endsWith('above')", "true")

    def test_a_package_that_is_installed_after_the_import_failed(self):
        for kind, fields in {"cjs": {"main": "lib/m.js"}, "esm": {"type": "module", "exports": "./lib/m.js"}}.items():
            with self.subTest(kind):
                text = "exports.v = 3" if kind == "cjs" else "export const v = 3"
                self.fails(f"import {{ v }} from 'late-{kind}'; v")
                self.package(f"late-{kind}", {"lib/m.js": text}, **fields)
                self.value(f"const {{ v }} = await import('late-{kind}'); v", "3")

    def test_a_package_whose_own_dependency_is_installed_later(self):
        self.package("outer", {"m.js": "export { inner as v } from 'inner'"}, type="module", exports="./m.js")
        self.write("uses-outer.mjs", "import { v } from 'outer'; export default v;")
        for cell in ("(await import('outer')).v", "(await import('./uses-outer.mjs')).default"):
            self.assertIn("inner", self.fails(cell).reply["evalue"])
        self.package("inner", {"m.js": "exports.inner = 5"}, main="m.js")
        for cell in ("(await import('outer')).v", "(await import('./uses-outer.mjs')).default"):
            self.value(cell, "5")

    def test_conditions_of_packages(self):
        self.package(
            "dual",
            {"i.mjs": "export const by = 'import'", "r.cjs": "exports.by = 'require'"},
            exports={"import": "./i.mjs", "require": "./r.cjs"},
        )
        self.package("only", {"i.js": "export default 'only'; export const n = await 1;"}, type="module",
                     exports={"import": "./i.js"})
        self.value("(await import('dual')).by + require('dual').by", "'importrequire'")
        self.value("const only = await import('only'); [only.default, only.n]", "[ 'only', 1 ]")

    def test_modules_that_await_and_know_where_they_are(self):
        self.write("await.mjs", "export const n = await Promise.resolve(4); export const url = import.meta.url;")
        self.value("const m = await import('./await.mjs'); [m.n, m.url.endsWith('/await.mjs')]", "[ 4, true ]")
        self.value("[__dirname === process.cwd(), import.meta.dirname === __dirname]", "[ true, true ]")
        self.write("data.txt", "text")
        self.value(
            "import { readFileSync } from 'node:fs'; readFileSync(new URL('./data.txt', import.meta.url), 'utf8')",
            "'text'",
        )

    def test_errors_in_files_are_told_by_their_own_lines(self):
        self.write("wrong.mjs", "export const a = 1;\nexport const b = ;\n")
        self.assertIn("wrong.mjs:2:18", self.fails("await import('./wrong.mjs')").traceback)
        self.write("throws.ts", "type T = number;\n\nexport function f(): T {\n  throw new Error('from f');\n}\n")
        self.assertIn("throws.ts, line 4", self.fails("import { f } from './throws'; f()").traceback)
        self.write("wrong.json", '{\n  "a": \n}')
        self.assertIn("wrong.json:3:1", self.fails("require('./wrong.json')").traceback)
        self.write("wrong.mjs", "export const a = 1;")
        self.value("(await import('./wrong.mjs')).a", "1")

    def test_the_library_and_tslab_in_any_folder(self):
        self.value("import { tf } from 'widenet'; tf.sum([1, 2]).dataSync()[0]", "3")
        self.write("with-library.ts", "import { tf } from 'widenet'; export const one = tf.scalar(1);")
        self.value("import { one } from './with-library'; one instanceof tf.Tensor", "true")
        shown = self.ok("import { display } from 'tslab'; display.html('<b>b</b>')").contents("display_data")
        self.assertEqual(shown[0]["data"], {"text/html": "<b>b</b>"})

    def test_a_module_whose_loading_is_stopped_is_loaded_again(self):
        for name, load in {"busy.mjs": "await import('./busy.mjs')", "busy.cjs": "require('./busy.cjs')"}.items():
            with self.subTest(name):
                self.write(name, "console.log('begins'); while (true);")
                self.assertEqual(self.stop(self.send(load), text="begins").reply["status"], "error")
                self.write(name, "console.log('ends');")
                self.assertEqual(self.ok(f"{load}; 0").text(), "ends\n")
                self.write(name, "console.log('begins'); if (globalThis.again) 1; else while (true);")
                self.assertEqual(self.stop(self.send(load), text="begins").reply["status"], "error")
                self.assertEqual(self.ok(f"globalThis.again = true; {load}; 0").text(), "begins\n")
                self.ok("globalThis.again = false")

    def test_a_package_whose_loading_is_ended_by_force_is_loaded_again(self):
        text = "exports.begun = 1; console.log('begins'); while (!globalThis.enough); exports.ended = 2;"
        self.package("endless", {"m.js": text}, main="m.js")
        self.package("around-endless", {"m.js": "exports.inner = require('endless')"}, main="m.js")
        for load in ("require('endless')", "require('around-endless').inner", "(await import('endless')).default"):
            with self.subTest(load):
                self.ok("globalThis.enough = false; for (const file in require.cache)\n"
                        "  if (file.includes('endless')) delete require.cache[file];")
                self.assertEqual(self.stop(self.send(load), text="begins").reply["status"], "error")
                self.value(f"globalThis.enough = true; {load}", "{ begun: 1, ended: 2 }")

    def test_the_same_of_a_package_of_es_modules(self):
        text = "console.log('begins'); while (!globalThis.enoughEs); export const ended = 2;"
        self.package("endless-es", {"m.js": text}, type="module", exports="./m.js")
        self.package("around-es", {"m.js": "export { ended } from 'endless-es'"}, type="module", exports="./m.js")
        self.write("uses-around.mjs", "export { ended } from 'around-es';")
        load = "(await import('./uses-around.mjs')).ended"
        self.assertEqual(self.stop(self.send(load), text="begins").reply["status"], "error")
        self.value(f"globalThis.enoughEs = true; {load}", "2")
        self.value("(await import('around-es')).ended", "2")

    def test_a_module_that_waits_when_it_is_stopped_is_loaded_again(self):
        waits = "console.log('begins'); await new Promise(r => setTimeout(r, 20000)); export const v = 1;"
        self.write("waits.mjs", waits)
        self.write("uses-waits.ts", "export { v } from './waits.mjs';")
        load = "(await import('./uses-waits')).v"
        self.assertEqual(self.stop(self.send(load), text="begins").reply["status"], "error")
        sent = self.send(load)
        self.assertEqual(self.stop(sent, text="begins").reply["status"], "error")
        self.write("waits.mjs", "await null; export const v = 2;")
        self.value(load, "2")


del KernelCase
