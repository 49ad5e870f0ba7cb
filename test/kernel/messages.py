"""Messages that are not as they must be: dropped with a line on stderr, or answered with an error."""

import json
import time

from support import TIMEOUT, Gate, KernelCase

LONE = "a\ud800b"
FLAGS = ("silent", "store_history", "allow_stdin", "stop_on_error")
POSITIONED = ("complete_request", "inspect_request")

# Type, content, and what the reply says. "\U0001d465" is one code point and two UTF-16 units.
REFUSED = [
    ("execute_request", {}, "its code is missing"),
    ("execute_request", {"code": None}, "its code is null, not a text"),
    ("execute_request", {"code": 7}, "its code is 7, not a text"),
    ("execute_request", {"code": ["1"]}, "its code is an array, not a text"),
    *[
        ("execute_request", {"code": "1", flag: wrong}, f"its {flag} is {said}, not true or false")
        for flag in FLAGS
        for wrong, said in [("yes", "'yes'"), (0, "0"), (None, "null"), ({}, "an object")]
    ],
    *[
        (
            "execute_request",
            {"code": "1", "user_expressions": wrong},
            f"its user_expressions is {said}, not an object of texts",
        )
        for wrong, said in [
            (None, "null"),
            ("x", "'x'"),
            (["x"], "an array"),
            ({"x": 1}, "an object"),
            ({"__proto__": None}, "an object"),
        ]
    ],
    *[
        (kind, {"code": "\U0001d465y", **wrong}, f"its cursor_pos is {said}")
        for kind in POSITIONED
        for wrong, said in [
            ({}, "missing"),
            ({"cursor_pos": None}, "null"),
            ({"cursor_pos": "1"}, "'1'"),
            ({"cursor_pos": True}, "true"),
            ({"cursor_pos": -1}, "-1, not an integer from 0 to 2"),
            ({"cursor_pos": 0.5}, "0.5"),
            ({"cursor_pos": 3}, "3, not an integer from 0 to 2"),
            ({"cursor_pos": 1e300}, r"1e\+300"),
        ]
    ],
    *[
        (kind, {"cursor_pos": 0, **wrong}, f"its code is {said}")
        for kind in (*POSITIONED, "is_complete_request")
        for wrong, said in [({}, "missing"), ({"code": None}, "null"), ({"code": {}}, "an object")]
    ],
    *[
        ("inspect_request", {"code": "x", "cursor_pos": 0, "detail_level": wrong}, "its detail_level is .*, not 0 or 1")
        for wrong in (2, "0", None, True)
    ],
    *[
        (
            "history_request",
            {"hist_access_type": wrong},
            "its hist_access_type is .*, not 'range' or 'tail' or 'search'",
        )
        for wrong in ("all", "", "constructor", "__proto__", 3, None, ["tail"])
    ],
    ("history_request", {}, "its hist_access_type is missing"),
    ("history_request", {"hist_access_type": "tail"}, "its n is missing"),
    *[
        ("history_request", {"hist_access_type": kind, "n": wrong}, "its n is")
        for kind in ("tail", "search")
        for wrong in (-1, 1.5, "1", [])
    ],
    *[
        ("history_request", {"hist_access_type": "range", field: wrong}, f"its {field} is")
        for field in ("session", "start", "stop")
        for wrong in ("0", 0.5, {})
    ],
    ("history_request", {"hist_access_type": "range", "start": -1}, "its start is -1, not an integer from 0 or null"),
    ("history_request", {"hist_access_type": "search", "pattern": 1}, "its pattern is 1, not a text or null"),
    ("history_request", {"hist_access_type": "search", "unique": 1}, "its unique is 1, not true or false"),
    ("history_request", {"hist_access_type": "tail", "n": 1, "output": "no"}, "its output is 'no', not true or false"),
    *[
        (kind, {}, "shell: .* is not a request that this kernel answers here")
        for kind in (
            "nonsense_request",
            "interrupt_request",
            "shutdown_request",
            "connect_request",
            "a_request_request",
            "_request",
            "constructor_request",
        )
    ],
]

# What is as it must be, if seldom seen.
ACCEPTED = [
    ("complete_request", {"code": "\U0001d465y", "cursor_pos": 2}),
    ("complete_request", {"code": LONE, "cursor_pos": 3}),
    ("inspect_request", {"code": "", "cursor_pos": 0}),
    ("inspect_request", {"code": LONE, "cursor_pos": 1, "detail_level": 1}),
    ("is_complete_request", {"code": LONE}),
    ("is_complete_request", {"code": "\x00"}),
    ("history_request", {"hist_access_type": "range", "session": None, "start": None, "stop": None}),
    ("history_request", {"hist_access_type": "range", "session": -1, "start": 0, "stop": 2**40}),
    ("history_request", {"hist_access_type": "tail", "n": 0}),
    ("history_request", {"hist_access_type": "search", "pattern": "[(\\", "n": None}),
    ("comm_info_request", {"target_name": 7}),
    ("kernel_info_request", {"more": [[[]]]}),
]


class MessageCase(KernelCase):
    def parts(self, kind="kernel_info_request", content=None, **header):
        """Header, parent header, metadata and content as bytes."""
        message = self.client.session.msg(kind, content or {}, header=None)
        said = {**json.loads(self.client.session.pack(message["header"])), **header}
        return [json.dumps(said).encode(), b"{}", b"{}", json.dumps(content or {}).encode()]

    def signed(self, parts, buffers=()):
        return [b"<IDS|MSG>", self.client.session.sign(parts), *parts, *buffers]

    def put(self, frames, channel="shell"):
        getattr(self.client, f"{channel}_channel").socket.send_multipart(frames)

    def sent(self, kind, content):
        """The id of a request sent as JSON in ASCII, which can say what jupyter_client cannot."""
        parts = self.parts(kind, content)
        self.put(self.signed(parts))
        return json.loads(parts[0])["msg_id"]

    def replied(self, sent, channel="shell"):
        get = getattr(self.client, f"get_{channel}_msg")
        while True:
            reply = get(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == sent:
                return reply

    def around(self, sent):
        """What came on iopub between busy and idle."""
        return [(m["msg_type"], m["content"]) for m in self.framed(sent)]

    def framed(self, sent):
        states, messages = [], []
        while states[-1:] != ["idle"]:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status":
                states.append(message["content"]["execution_state"])
            else:
                messages.append(message)
        self.assertEqual(states, ["busy", "idle"])
        return messages

    def alive(self):
        self.assertEqual(self.ok("1 + 1").plain, "2")

    def logged(self, since, channel):
        """The lines on stderr that came since, once the kernel has read what was sent on the channel."""
        if channel == "stdin":
            end = time.time() + TIMEOUT
            while len(self.log()) == since and time.time() < end:
                time.sleep(0.02)
        else:
            self.ask("kernel_info_request", {}, channel)
        return self.log()[since:]

    def dropped(self, frames, pattern, channel="shell"):
        since = len(self.log())
        self.put(frames, channel)
        lines = self.logged(since, channel)
        self.assertEqual(len(lines), 1, (frames, lines))
        self.assertRegex(lines[0], f"^tslab kernel: dropped a message on {channel}: .*{pattern}")
        self.assertLess(len(lines[0]), 400)


class Wire(MessageCase):
    def test_what_cannot_be_answered_is_dropped_and_told(self):
        for channel in ("shell", "control", "stdin"):
            parts = self.parts()
            parts[2] = json.dumps({"channel": channel}).encode()
            good = self.signed(parts)
            for frames, pattern in [
                ([b""], "none of its 2 frames is the delimiter"),
                ([b"x" * 5, b"y" * 1_000_000], "none of its 3 frames is the delimiter"),
                (good[:1], "0 frames after the delimiter, not 5 or more"),
                (good[:2], "1 frames after the delimiter"),
                (self.signed(parts[:3]), "4 frames after the delimiter"),
                ([*good[:1], b"", *good[2:]], "its signature is not that of the kernel's key"),
                ([*good[:1], b"\xff" * 64, *good[2:]], "its signature is not"),
                ([*good[:1], good[1][:-1], *good[2:]], "its signature is not"),
                ([*good[:1], good[1] + b"0", *good[2:]], "its signature is not"),
                ([*good[:1], b"0" * 10_000_000, *good[2:]], "its signature is not"),
                ([*good[:5], b'{"a":1}'], "its signature is not"),
                (self.signed([b"\xff\xfe", *parts[1:]]), "its header of 2 bytes is not JSON in UTF-8"),
                (self.signed([b"\r\n\x1b[31m{", *parts[1:]]), "its header of 8 bytes is not JSON in UTF-8"),
                (self.signed([b"", *parts[1:]]), "its header of 0 bytes is not JSON"),
                *[
                    (self.signed([header, *parts[1:]]), f"its header is {said}, not an object")
                    for header, said in [(b"[]", "an array"), (b"null", "null"), (b"7", "7"), (b'"x"', "'x'")]
                ],
            ]:
                with self.subTest(pattern, channel=channel, first=frames[-1][:20]):
                    self.dropped(frames, pattern, channel)
        self.alive()

    def test_a_header_without_what_a_reply_needs_is_dropped(self):
        for field in ("msg_id", "msg_type", "session"):
            for wrong, said in [(None, "null"), (3, "3"), (["x"], "an array"), ({}, "an object")]:
                with self.subTest(field, wrong=wrong):
                    self.dropped(
                        self.signed(self.parts(**{field: wrong})), f"its header's {field} is {said}, not a text"
                    )
            header = json.loads(self.parts()[0])
            del header[field]
            self.dropped(
                self.signed([json.dumps(header).encode(), b"{}", b"{}", b"{}"]),
                f"its header's {field} is missing, not a text",
            )
        self.alive()

    def test_a_message_is_read_once(self):
        count = "(globalThis as any).reads = ((globalThis as any).reads ?? 0) + 1"
        parts = self.parts("execute_request", {"code": count})
        self.put(self.signed(parts))
        self.dropped(self.signed(parts), "it came before")
        self.dropped(self.signed(parts, [b"another buffer"]), "it came before", "control")
        self.assertEqual(self.ok("(globalThis as any).reads").plain, "1")

    def test_other_parts_of_another_shape_are_answered(self):
        for place, name in {1: "parent header", 2: "metadata", 3: "content"}.items():
            for part, said in [
                (b"[]", "an array, not an object"),
                (b"null", "null"),
                (b"-1e999", "-Infinity"),
                (b'"x"', "'x'"),
                (b"{", "not JSON"),
                (b"\xc3", "of 1 bytes is not JSON in UTF-8"),
                (b"", "of 0 bytes is not JSON"),
                (b"NaN", "not JSON"),
            ]:
                for channel in ("shell", "control"):
                    with self.subTest(name, part=part, channel=channel):
                        parts = self.parts()
                        parts[place] = part
                        self.put(self.signed(parts), channel)
                        sent = json.loads(parts[0])["msg_id"]
                        reply = self.replied(sent, channel)
                        self.assertEqual(
                            (reply["msg_type"], reply["content"]["status"]), ("kernel_info_reply", "error")
                        )
                        self.assertRegex(
                            reply["content"]["evalue"],
                            f"^{channel}: kernel_info_request is malformed: its {name} .*{said}",
                        )
                        self.assertEqual(self.around(sent), [])
        self.alive()

    def test_the_parent_header_is_the_header_as_it_came(self):
        more = {"extra": [1, {"deep": "\u20ac\U0001f600"}], "big": 2**70, "subshell_id": None}
        parts = self.parts(**more)
        self.put(self.signed(parts))
        parent = self.replied(json.loads(parts[0])["msg_id"])["parent_header"]
        self.assertEqual({name: parent[name] for name in more}, more)

    def test_deep_nesting_harms_nobody(self):
        deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
        for place in (2, 3):
            parts = self.parts()
            parts[place] = deep
            self.put(self.signed(parts))
            self.assertEqual(self.replied(json.loads(parts[0])["msg_id"])["content"]["status"], "ok")
        parts = self.parts()
        parts[0] = parts[0][:-1] + b', "deep": ' + deep + b"}"
        self.put(self.signed(parts))  # its reply repeats the header, which Python cannot read
        with self.assertRaisesRegex(RecursionError, "recursion"):
            self.replied("none")
        self.flush_iopub()
        self.alive()

    def flush_iopub(self):
        marker = self.client.session.msg("kernel_info_request", {})
        self.client.shell_channel.send(marker)
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=TIMEOUT)
            except RecursionError:
                continue
            ours = message["parent_header"].get("msg_id") == marker["header"]["msg_id"]
            if ours and message["content"].get("execution_state") == "idle":
                return


class Contents(MessageCase):
    def test_requests_are_refused_by_name_and_value(self):
        for kind, content, pattern in REFUSED:
            with self.subTest(kind, content=content):
                parts = self.parts(kind, content)
                self.put(self.signed(parts))
                sent = json.loads(parts[0])["msg_id"]
                reply = self.replied(sent)
                self.assertEqual(reply["msg_type"], kind.removesuffix("_request") + "_reply")
                said = reply["content"]
                self.assertEqual((said["status"], said["ename"]), ("error", "RequestError"))
                self.assertRegex(said["evalue"], pattern)
                self.assertEqual(said["traceback"], [f"RequestError: {said['evalue']}"])
                error = {name: said[name] for name in ("ename", "evalue", "traceback")}
                self.assertEqual(self.around(sent), [("error", error)] if kind == "execute_request" else [])
                if kind == "execute_request":
                    self.assertIsInstance(said["execution_count"], int)
        self.alive()

    def test_what_is_seldom_is_answered_all_the_same(self):
        for kind, content in ACCEPTED:
            with self.subTest(kind, content=content):
                self.assertNotEqual(self.replied(self.sent(kind, content))["content"]["status"], "error")

    def test_control_requests(self):
        for kind, content, pattern in [
            ("shutdown_request", {"restart": "yes"}, "its restart is 'yes', not true or false"),
            ("shutdown_request", {"restart": None}, "its restart is null"),
            ("nonsense_request", {}, "control: nonsense_request is not a request"),
            (
                "execute_request",
                {"code": "1"},
                "control: execute_request is not a request that this kernel answers here",
            ),
        ]:
            with self.subTest(kind, content=content):
                said = self.ask(kind, content, "control")["content"]
                self.assertEqual((said["status"], said["ename"]), ("error", "RequestError"))
                self.assertRegex(said["evalue"], pattern)
        self.alive()

    def test_what_has_no_reply_is_told_on_stderr(self):
        for kind, content, channel in [
            ("comm_open", {}, "shell"),
            ("comm_open", {"comm_id": "c"}, "shell"),
            ("comm_open", {"comm_id": 3, "target_name": "t"}, "shell"),
            ("comm_msg", {}, "shell"),
            ("comm_close", {"comm_id": None}, "shell"),
            ("execute_reply", {}, "shell"),
            ("constructor", {}, "shell"),
            ("toString", {}, "shell"),
            ("__proto__", {}, "shell"),
            ("", {}, "shell"),
            ("execute_reply", {}, "control"),
            ("input_reply", {}, "control"),
        ]:
            with self.subTest(kind, content=content, channel=channel):
                since = len(self.log())
                parts = self.parts(kind, content)
                self.put(self.signed(parts), channel)
                self.assertEqual(self.around(json.loads(parts[0])["msg_id"]), [])
                (line,) = self.logged(since, channel)
                self.assertRegex(line, f"^tslab kernel: refused a message: {channel}: {kind} is ")
        self.alive()

    def test_unusual_code_is_run_or_refused_as_code(self):
        sent = self.sent("execute_request", {"code": f"const lone = '{LONE}'"})
        self.assertIn("half of a surrogate pair", self.outcome(sent).error["evalue"])
        outcome = self.ok("const lone = 'a\\ud800b'; console.log(lone, '\\\\ud800', '\U0001d465'); [lone, lone.length]")
        self.assertEqual(outcome.plain, "[ 'a\\ud800b', 3 ]")
        # As a terminal shows it: no file could hold the half of a character.
        self.assertEqual(outcome.text(), "a\ufffdb \\ud800 \U0001d465\n")
        self.assertEqual(self.ok("1 // " + "\U0001d465" * 300_000).plain, "1")
        self.assertEqual(self.fails("1 + \x00").error["ename"], "CompileError")
        self.assertEqual(self.run_cell("").reply["status"], "ok")
        asked = self.ok("2 + 2", user_expressions={"__proto__": "1"}).reply["user_expressions"]
        self.assertEqual(asked["__proto__"]["data"]["text/plain"], "1")

    def test_a_refused_cell_stops_what_is_queued_as_a_failed_one_does(self):
        gate = Gate("messages")
        busy = self.send(gate.wait)
        parts = self.parts("execute_request", {"code": 3})
        self.put(self.signed(parts))
        queued = self.send("'not run'")
        self.all_received()
        gate.open()
        self.assertEqual(self.reply(busy)["content"]["status"], "ok")
        self.assertEqual(self.reply(json.loads(parts[0])["msg_id"])["content"]["status"], "error")
        self.assertEqual(self.reply(queued)["content"]["status"], "aborted")
        self.alive()

    def test_input_that_nobody_asked_for_is_dropped(self):
        since = len(self.log())
        self.client.input("unasked")
        said = "tslab kernel: dropped a message on stdin: input_reply came while no cell waits for input"
        self.assertEqual(self.logged(since, "stdin"), [said])
        sent = self.send("prompt('?')", allow_stdin=True)
        self.client.get_stdin_msg(timeout=TIMEOUT)
        self.dropped(self.signed(self.parts("nonsense", {"value": "no"})), "nonsense is not a request", "stdin")
        self.client.input("asked")
        self.assertEqual(self.outcome(sent).plain, "'asked'")

    def test_input_that_is_no_text_fails_the_cell(self):
        sent = self.send("prompt('?')", allow_stdin=True)
        self.client.get_stdin_msg(timeout=TIMEOUT)
        self.client.stdin_channel.send(self.client.session.msg("input_reply", {"value": 3}))
        said = "prompt: stdin: input_reply is malformed: its value is 3, not a text"
        self.assertEqual(self.outcome(sent).error["evalue"], said)
        self.alive()


class Buffers(MessageCase):
    def test_buffers_are_accepted_and_not_signed(self):
        session, socket = self.client.session, self.client.shell_channel.socket
        for buffers in (
            [],
            [b""],
            [b"\x00\xff" * 1000],
            [bytes([n]) * n for n in range(200)],
            [b"<IDS|MSG>"],
            [b"x" * 10_000_000],
        ):
            with self.subTest(buffers=len(buffers)):
                sent = session.send(socket, "execute_request", {"code": "6 * 7", "silent": False}, buffers=buffers)
                self.assertEqual(self.outcome(sent["header"]["msg_id"]).plain, "42")
        opened = session.send(
            socket, "comm_open", {"comm_id": "b", "target_name": "t", "data": {}}, buffers=[b"1", b"2"]
        )
        self.assertEqual(self.around(opened["header"]["msg_id"]), [("comm_close", {"comm_id": "b", "data": {}})])
