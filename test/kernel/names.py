"""Names of earlier cells, in every place of the syntax where they may stand."""

from support import KernelCase

DECLARED = """
const record = { b: 2 }; const other = 3; let third = 4; let p = 1, q = 2; const key = 'd'; const neurons = 5;
class K { z = 1 }
const rows = [{ d: 1, neurons: [1, 2], m: 2 }];
const first = (x: number[]) => x[0];
"""

SAID = {
    "({ other, record })": "{ other: 3, record: { b: 2 } }",
    "[1].map(c => ({ c, record, third: other }))": "[ { c: 1, record: { b: 2 }, third: 3 } ]",
    "(() => (() => ({ other, K }).other)())()": "3",
    "((record: number) => ({ record }))(7)": "{ record: 7 }",
    "rows.map(({ d, neurons: all }) => ({ d, at: first(all), neurons }))": "[ { d: 1, at: 1, neurons: 5 } ]",
    "rows.map(({ [key]: v }) => v)": "[ 1 ]",
    "({ [key]: neurons, other: 1 })": "{ d: 5, other: 1 }",
    "await (async ({ record }: any) => { await null; return { record, other }; })({ record: 0 })":
        "{ record: 0, other: 3 }",
    "new (class extends K { m({ other }: { other: number }) { return { other, neurons }; } })().m({ other: 1 })":
        "{ other: 1, neurons: 5 }",
    "({ p, q = 9 } = { p: 5 } as any); [p, q] = [q, p]; `${p} ${q}`": "'9 5'",
    "third += 2; for (third of [third + 2]) {} ({ third })": "{ third: 8 }",
    "let only: number; ({ neurons: [only] } = rows[0]); only": "1",
}


class Names(KernelCase):
    def test_names_of_earlier_cells(self):
        self.ok(DECLARED)
        for code, plain in SAID.items():
            with self.subTest(code):
                self.assertEqual(self.ok(code).plain, plain)

    def test_a_name_declared_again_is_the_new_one(self):
        self.ok("const again = 1;")
        self.assertEqual(self.ok("const again = 'new'; ({ again })").plain, "{ again: 'new' }")
        self.assertEqual(self.ok("({ again })").plain, "{ again: 'new' }")
