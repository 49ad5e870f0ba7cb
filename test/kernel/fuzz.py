"""Four hundred signed messages, each damaged at one point by a seed: none is passed over, and the kernel lives."""

import json
import random
import time

from messages import LONE, MessageCase
from support import TIMEOUT

SEED = 15
BATCHES, SIZE = 16, 25

CONTENTS = {
    "execute_request": {
        "code": "3",
        "silent": False,
        "store_history": True,
        "user_expressions": {"x": "1"},
        "allow_stdin": False,
        "stop_on_error": False,
    },
    "complete_request": {"code": "Math.", "cursor_pos": 5},
    "inspect_request": {"code": "Math.max", "cursor_pos": 6, "detail_level": 0},
    "is_complete_request": {"code": "if (1) {"},
    "history_request": {"hist_access_type": "range", "session": 0, "start": 0, "stop": 5, "output": True, "raw": True},
    "comm_info_request": {"target_name": "t"},
    "comm_open": {"comm_id": "c", "target_name": "t", "data": {}},
    "comm_msg": {"comm_id": "c", "data": {}},
    "comm_close": {"comm_id": "c", "data": {}},
    "kernel_info_request": {},
    "interrupt_request": {},
    "input_reply": {"value": "v", "status": "ok"},
    "constructor": {},
    "nonsense_request": {},
}
NESTED = json.loads("[" * 50 + "]" * 50)
VALUES = [
    None,
    True,
    False,
    -1,
    0,
    1,
    1.5,
    1e308,
    10**30,
    "",
    "x",
    LONE,
    "\x00",
    "__proto__",
    "x" * 100_000,
    [],
    [1],
    {},
    {"a": 1},
    {"__proto__": []},
    NESTED,
    "tail",
    "search",
    "range",
]
PARTS = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"{",
    b"\xff",
    b"{}{}",
    b"NaN",
    b"[" * 100_000,
    b'\xef\xbb\xbf{"a": 1}',
    b'{"a": Infinity}',
    b"\x00",
]


class Fuzz(MessageCase):
    def spoilt(self, draw):
        """The frames of a message, and its id when the header is whole, so that it has to be answered."""
        kind = draw.choice(list(CONTENTS))
        content = dict(CONTENTS[kind])
        spoil = draw.choice(["field", "field", "field", "part", "header", "frames"])
        if spoil == "field" and content and draw.random() < 0.9:
            field = draw.choice(list(content))
            if draw.random() < 0.2:
                del content[field]
            else:
                content[field] = draw.choice(VALUES)
        parts = self.parts(kind, content)
        sent = json.loads(parts[0])["msg_id"]
        if spoil == "part":
            parts[draw.randrange(1, 4)] = draw.choice(PARTS)
        if spoil == "header":
            sent = None
            if draw.random() < 0.5:
                parts[0] = parts[0][: draw.randrange(len(parts[0]))]
            else:
                wrong = draw.choice([v for v in VALUES if not isinstance(v, str)])
                parts = self.parts(kind, content, **{draw.choice(["msg_id", "msg_type", "session"]): wrong})
        frames = self.signed(parts, [draw.randbytes(draw.randrange(100)) for _ in range(draw.randrange(3))])
        if spoil == "frames":
            sent = None
            frames = frames[: draw.randrange(1, 6)]
        return frames, kind, sent

    def test_spoilt_messages(self):
        draw = random.Random(SEED)
        for _ in range(BATCHES):
            self.take(draw)
        self.assertEqual(self.manager.provisioner.process.poll(), None)

    def take(self, draw):
        since = len(self.log())
        idle, replies, lines = set(), {"shell": set(), "control": set()}, 0
        for _ in range(SIZE):
            frames, kind, sent = self.spoilt(draw)
            channel = draw.choice(["shell", "shell", "shell", "control", "stdin"])
            self.put(frames, channel)
            if channel == "stdin" or not sent:
                lines += 1
                continue
            idle.add(sent)
            if kind.endswith("_request"):
                replies[channel].add(sent)
        self.answered(idle, replies)
        self.alive()
        end = time.time() + TIMEOUT
        while len(self.said(since)) < lines and time.time() < end:
            time.sleep(0.05)
        self.assertEqual(len(self.said(since)), lines)
        self.assertEqual([line for line in self.log()[since:] if not line.startswith("tslab kernel: ")], [])

    def said(self, since):
        return [line for line in self.log()[since:] if line.startswith("tslab kernel: dropped a message on ")]

    def answered(self, idle, replies):
        """Every id has come back: as idle on iopub, and each request with a reply on its channel."""
        for channel, ids in replies.items():
            get = getattr(self.client, f"get_{channel}_msg")
            while ids:
                ids.discard(get(timeout=TIMEOUT)["parent_header"]["msg_id"])
        while idle:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["content"].get("execution_state") == "idle":
                idle.discard(message["parent_header"].get("msg_id"))
