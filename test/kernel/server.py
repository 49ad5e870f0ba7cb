"""A kernel behind a Jupyter server, over REST and a websocket: so VS Code and other editors speak to it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import uuid
from urllib.error import URLError
from urllib.request import Request, urlopen

from support import KERNEL, TIMEOUT, eventually
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

TOKEN = "a-token"


class Server(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        runtime = os.path.join(self.folder.name, "runtime")
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"]
        self.server = subprocess.Popen(
            [*command, f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.folder.name}"],
            env={**os.environ, "JUPYTER_RUNTIME_DIR": runtime},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        file = os.path.join(runtime, f"jpserver-{self.server.pid}.json")
        eventually(lambda: os.path.exists(file) and os.path.getsize(file) > 0)
        with open(file) as about:
            self.url = json.load(about)["url"]
        # The server writes where it is before it listens there.
        eventually(self.answers)

    def answers(self):
        try:
            return bool(self.rest("GET", "status"))
        except URLError:
            return False

    def rest(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}api/{path}", data, {"Authorization": f"token {TOKEN}"}, method=method)
        with urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read() or "null")

    def test_a_session_runs_cells_draws_stops_restarts_and_ends(self):
        given = {"name": KERNEL}
        session = self.rest("POST", "sessions", {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": given})
        kernel = session["kernel"]["id"]

        async def talk():
            address = f"{self.url.replace('http', 'ws', 1)}api/kernels/{kernel}/channels?token={TOKEN}"
            socket = await websocket_connect(address)

            async def cell(code, on_start=None):
                header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
                header.update(username="", session="s", date="2000-01-01T00:00:00Z")
                content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
                sent = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
                await socket.write_message(json.dumps({**sent, "channel": "shell"}))
                data, status, idle = [], None, False
                while not (status and idle):
                    message = json.loads(await socket.read_message())
                    if message["parent_header"].get("msg_id") != header["msg_id"]:
                        continue
                    kind, content = message["header"]["msg_type"], message["content"]
                    if kind == "execute_reply":
                        status = content["status"]
                    if kind in ("display_data", "execute_result"):
                        data.append(content["data"])
                    if kind == "stream" and on_start:
                        await IOLoop.current().run_in_executor(None, on_start)
                    idle = idle or (kind == "status" and content["execution_state"] == "idle")
                return status, data

            status, [figure] = await cell("import { lines } from 'widenet'\nlines([{ t: 0, r: 1 }], { x: 't', y: 'r' })")
            self.assertEqual(status, "ok")
            self.assertEqual(figure["application/vnd.plotly.v1+json"]["data"][0]["y"], [1])
            stop = lambda: self.rest("POST", f"kernels/{kernel}/interrupt", {})
            self.assertEqual((await cell("console.log('begun');\nfor (;;) {}", stop))[0], "error")
            status, [value] = await cell("lines.name")
            self.assertEqual(value["text/plain"], "'lines'")
            await IOLoop.current().run_in_executor(None, lambda: self.rest("POST", f"kernels/{kernel}/restart", {}))
            self.assertEqual((await cell("lines"))[0], "error")
            socket.close()

        IOLoop().run_sync(talk)
        self.rest("DELETE", f"sessions/{session['id']}")
        self.assertEqual(self.rest("GET", "kernels"), [])
