"""Rows of sweeps in a kernel: taken up when all that decides them is as it was, and never else."""

import os
import shutil
import tempfile

from jupyter_client.manager import start_new_kernel
from support import TIMEOUT, KernelCase

IMPORT = "import { params, sweep } from 'widenet';"
RATE = "let lr = 0.25;"
CELL = (
    "const rows = await sweep('squares', [1, 2, 3].map(k => ({ k })), async ({ k }) => {\n"
    "  console.log(k);\n"
    "  while (k === 3 && process.env.GATE && !require('node:fs').existsSync(process.env.GATE)) "
    "await new Promise(resolve => setTimeout(resolve, 50));\n"
    "  return { y: k * lr };\n"
    "}%s);\nrows.map(row => row.y).join()"
)
SWEEP, RESUME = CELL % "", CELL % ", { resume: true }"


def drawn(content):
    """The values of the cells of a map, None where there are none."""
    return content["data"]["application/vnd.plotly.v1+json"]["data"][0]["z"]


class WithRows(KernelCase):
    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.place = tempfile.mkdtemp()
        self.manager = None
        self.addCleanup(shutil.rmtree, self.place)
        self.addCleanup(self.end)
        os.environ["WIDENET_ROWS"] = self.place

    def end(self):
        if self.manager:
            self.client.stop_channels()
            self.manager.shutdown_kernel()
        self.manager = None

    def begin(self, **env):
        """A fresh kernel."""
        self.end()
        self.manager, self.client = start_new_kernel(
            kernel_name=self.kernel, cwd=self.folder, startup_timeout=TIMEOUT, env={**os.environ, **env}
        )

    def sweep(self, *cells):
        """Runs the cells; which cases the last one computed, and its rows."""
        for cell in cells:
            outcome = self.ok(cell)
        return outcome.text().split(), outcome.plain.strip("'"), outcome.text("stderr")

    def computes(self, *cells, rows="0.25,0.5,0.75"):
        ran, got, _ = self.sweep(*cells)
        self.assertEqual((ran, got), (["1", "2", "3"], rows))

    def takes_up(self, *cells, rows="0.25,0.5,0.75"):
        ran, got, said = self.sweep(*cells)
        self.assertEqual((ran, got), ([], rows))
        self.assertRegex(said, r"(?m)^sweep 'squares': 3 of 3 cases taken up from ")


class Rows(WithRows):
    def test_the_same_cells_take_rows_up_and_only_when_asked(self):
        gate = os.path.join(self.place, "gate")
        self.begin(GATE=gate)
        self.ok(IMPORT)
        self.ok(RATE)
        self.assertEqual(self.stop(self.send(SWEEP), text="3").reply["ename"], "Interrupted")
        open(gate, "w").close()
        ran, got, said = self.sweep(RESUME)
        self.assertEqual((ran, got), (["3"], "0.25,0.5,0.75"))
        self.assertRegex(said, r"^sweep 'squares': 2 of 3 cases taken up from ")
        self.takes_up(IMPORT, RATE, RESUME)
        self.computes("lr *= 2;", RESUME, rows="0.5,1,1.5")
        self.computes("lr *= 2;", RESUME, rows="1,2,3")
        self.takes_up(RESUME, rows="1,2,3")

        self.begin(WIDENET_RESUME="1")
        self.takes_up(IMPORT, RATE, SWEEP)
        self.takes_up("lr *= 2;", SWEEP, rows="0.5,1,1.5")
        self.computes(f"lr *= 2;\n{RESUME}", rows="1,2,3")
        self.computes(f"lr *= 2;\n{RESUME}", rows="2,4,6")
        ran, _, said = self.sweep(CELL % ", { resume: false }")
        self.assertEqual(ran, ["1", "2", "3"])
        _, _, said = self.sweep(CELL % ", { resume: false }")
        self.assertRegex(
            said, r"^sweep 'squares': 3 of 3 cases, of this very code and parameters, are in .*\{ resume: true \}"
        )

        twice = "for (const lr of [1, 2]) await sweep('twice', [{ k: 1 }], ({ k }) => ({ y: k * lr }));"
        refused = self.fails(twice).error["evalue"]
        self.assertRegex(refused, r"^sweep 'twice': this cell has a sweep of that name already")
        self.assertEqual(self.ok("(await sweep('twice', [{ k: 1 }], () => ({ y: 1 }))).length").plain, "1")

    def test_a_map_is_renewed_in_place_while_a_sweep_goes_on(self):
        self.begin()
        self.open_renderer()
        outcome = self.ok(
            "import { heatmap, sweep } from 'widenet';\n"
            "const cells = [1, 2, 3].flatMap(d => [1, 2].map(m => ({ d, m })));\n"
            "const watch = (rows: readonly any[]) => heatmap(rows, { x: 'd', y: 'm', z: 'risk' });\n"
            "const slow = () => new Promise(resolve => setTimeout(resolve, 700));\n"
            "const rows = await sweep('map', cells, async ({ d, m }) => (await slow(), { risk: d / m }), { watch });"
        )
        shown = [m["content"] for m in outcome.messages if m["msg_type"].endswith("display_data")]
        maps = [content for content in shown if "application/vnd.plotly.v1+json" in content["data"]]
        self.assertEqual(len({content["transient"]["display_id"] for content in maps}), 1)
        counts = [sum(z is not None for line in drawn(content) for z in line) for content in maps]
        self.assertEqual((counts, counts[-1], len(counts) > 2), (sorted(counts), 6, True))

    def test_a_cell_that_was_stopped_is_not_the_whole_cell(self):
        gate = os.path.join(self.place, "gate")
        slow = (
            "lr *= 2;\nconsole.log('half');\n"
            "while (!require('node:fs').existsSync(process.env.GATE)) "
            "await new Promise(resolve => setTimeout(resolve, 50));\nlr *= 2;"
        )
        self.begin(GATE=gate)
        self.ok(IMPORT)
        self.ok(RATE)
        self.assertEqual(self.stop(self.send(slow), text="half").reply["ename"], "Interrupted")
        open(gate, "w").close()
        self.computes(RESUME, rows="0.5,1,1.5")
        self.takes_up(RESUME, rows="0.5,1,1.5")
        self.begin(GATE=gate)
        self.computes(IMPORT, RATE, slow, RESUME, rows="1,2,3")
        self.takes_up(RESUME, rows="1,2,3")

    def test_what_cannot_be_seen_is_never_as_it_was(self):
        self.begin()
        self.ok(IMPORT)
        self.ok("const counter = () => { let n = 0; return () => ++n; };\nconst next = counter();\nlet lr = 0;")
        self.computes(f"lr = next();\n{RESUME}", rows="1,2,3")
        self.computes(f"lr = next();\n{RESUME}", rows="2,4,6")
        self.ok("const twice = () => lr * 2;\nlet η = 1;")
        self.ok("lr = 0.25;")
        self.computes(f"let lr = twice();\n{RESUME}", rows="0.5,1,1.5")
        self.computes(f"let lr = twice();\n{RESUME}", rows="1,2,3")
        self.computes(f"η *= 2;\nlr = η;\n{RESUME}", rows="2,4,6")
        self.computes(f"η *= 2;\nlr = η;\n{RESUME}", rows="4,8,12")
        step = "process.env.STEP = String(Number(process.env.STEP ?? 0) + 1);\nlr = Number(process.env.STEP);\n"
        self.computes(f"{step}{RESUME}", rows="1,2,3")
        self.computes(f"{step}{RESUME}", rows="2,4,6")

    def test_what_a_module_imports_counts(self):
        outer, inner = (os.path.join(self.place, name) for name in ("outer.mjs", "inner.mjs"))
        load = f"const {{ lr }} = require({outer!r});"
        with open(outer, "w") as file:
            file.write("export { lr } from './inner.mjs';")
        for lr, rows in (("1", "1,2,3"), ("2", "2,4,6")):
            with open(inner, "w") as file:
                file.write(f"export const lr = {lr};")
            self.begin()
            self.computes(IMPORT, load, RESUME, rows=rows)
        self.begin()
        self.takes_up(IMPORT, load, RESUME, rows="2,4,6")


class EditedLibrary(WithRows):
    """In a copy of the repository, since its files are edited."""

    kernel = os.environ["WIDENET_TEST_COPY_KERNEL"]
    folder = os.path.join(os.environ["WIDENET_TEST_COPY"], "notebooks")

    def test_the_library_counts_as_it_was_loaded(self):
        self.begin()
        self.computes(IMPORT, RATE, SWEEP)
        with open(os.path.join(os.environ["WIDENET_TEST_COPY"], "src", "math", "losses.ts"), "a") as out:
            out.write("// edited\n")
        self.takes_up(RESUME)
        self.begin()
        self.computes(IMPORT, RATE, RESUME)
