"""Completion, inspection, comms: per the messaging specification."""

from support import TIMEOUT, KernelCase


class Language(KernelCase):
    def setUp(self):
        self.ok("import { fitLine, random, train } from 'widenet'")

    def complete(self, code, at=None):
        return self.ask("complete_request", {"code": code, "cursor_pos": len(code) if at is None else at})["content"]

    def inspect(self, code, at):
        return self.ask("inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0})["content"]

    def test_completes_library_names_and_members(self):
        self.assertIn("train", self.complete("tra")["matches"])
        content = self.complete("random.nor")
        self.assertEqual((content["matches"][0], content["cursor_start"], content["cursor_end"]), ("normal", 7, 10))
        kinds = {t["text"]: t["type"] for t in content["metadata"]["_jupyter_types_experimental"]}
        self.assertIn("function", kinds["normal"])

    def test_positions_are_code_points(self):
        code = "/* \U0001d465\U0001d466 */ random.nor"
        content = self.complete(code)
        self.assertEqual(code[content["cursor_start"] : content["cursor_end"]], "nor")

    def test_inspects_signature_and_docstring(self):
        content = self.inspect("fitLine", 3)
        self.assertTrue(content["found"])
        self.assertTrue(content["data"]["text/plain"].startswith("function fitLine("), content["data"])
        self.assertGreater(len(content["data"]["text/plain"].split("\n\n")), 1)
        self.assertTrue(content["data"]["text/markdown"].startswith("```typescript\nfunction fitLine("))

    def test_inspects_the_function_whose_arguments_are_being_written(self):
        self.assertIn("fitLine(", self.inspect("fitLine(", 8)["data"]["text/plain"])
        self.assertFalse(self.inspect("   ", 1)["found"])

    def test_inspects_what_is_called_and_what_is_made(self):
        self.ok('''
/** Adds. */
function add(a: number, b: number): number { return a + b }
class Cat { constructor(public name: string) {} }''')
        data = self.inspect("add(1, ", 7)["data"]
        self.assertEqual(data["text/plain"], "add(a: number, b: number): number\n\nAdds.")
        self.assertEqual(data["text/markdown"], "```typescript\nadd(a: number, b: number): number\n```\nAdds.")
        self.assertEqual(self.inspect("new Cat(", 8)["data"]["text/plain"], "Cat(name: string): Cat")

    def test_completes_names_of_all_cells_and_paths(self):
        self.ok("const fromOneCell = 1")
        self.ok("const fromAnother = { member: 1 }")
        self.assertEqual(self.complete("from")["matches"], ["fromAnother", "fromOneCell"])
        self.assertEqual(self.complete("fromAnother.")["matches"], ["member"])
        self.assertEqual(self.complete("unheardOf.x")["matches"], [])
        self.ok("require('fs').mkdirSync('completed/deep', { recursive: true });"
                "require('fs').writeFileSync('completed/other.ts', '')")
        content = self.complete("import x from './completed/o")
        self.assertEqual((content["matches"], content["cursor_start"]), (["other"], 27))
        self.assertEqual(self.complete("await import('./completed/")["matches"], ["deep", "other"])
        self.ok("require('fs').rmSync('completed', { recursive: true })")

    def test_comms(self):
        self.assertEqual(self.ask("comm_info_request", {})["content"], {"status": "ok", "comms": {}})
        opened = self.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "jupyter.widget", "data": {}})
        self.client.shell_channel.send(opened)
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "comm_close":
                break
        self.assertEqual(message["content"]["comm_id"], "c1")

    def test_unknown_requests_are_answered(self):
        content = self.ask("nonsense_request", {})["content"]
        self.assertEqual(content["status"], "error")
        self.assertIn("nonsense_request", content["evalue"])
