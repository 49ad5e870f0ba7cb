"""Output of what a cell left behind: it goes to that cell, whichever runs when it comes."""

import queue
import time

from support import TIMEOUT, Gate, KernelCase

LEAVE = r"""
import { spawn, exec } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import * as tslab from 'tslab';
const left = 'LEFT';
const after = (work: () => unknown) => setTimeout(work, 300);
const say = (what: string) => console.log(`${left} ${what}`);
after(() => say('timer'));
after(() => queueMicrotask(() => say('microtask')));
after(() => process.nextTick(() => say('tick')));
after(() => setImmediate(() => say('immediate')));
after(() => console.error(left, 'stderr'));
after(() => display(`${left} display`));
after(() => tslab.display.html(`${left} html`));
after(() => { throw new Error(`${left} thrown`); });
after(() => Promise.reject(new Error(`${left} rejected`)));
after(() => new EventEmitter().emit('error', new Error(`${left} emitted`)));
const interval = setInterval(() => { say('interval'); clearInterval(interval); }, 300);
void (async () => {
  await new Promise(resolve => after(() => resolve(0)));
  say('async');
  throw new Error(`${left} async throw`);
})();
void new Promise((_, reject) => after(() => reject(new Error(`${left} promise`))));
const emitter = new EventEmitter().on('x', () => say('emitter'));
after(() => emitter.emit('x'));
const child = spawn('sh', ['-c', 'sleep 0.3; echo out']);
child.stdout.on('data', text => say(`child: ${text}`));
child.on('exit', () => say('exit'));
spawn('sh', ['-c', `sleep 0.3; echo ${left} piped`]).stdout.pipe(process.stdout);
exec('sleep 0.3; echo x', (_, out) => say(`exec: ${out}`));
const body = `const { parentPort } = require('node:worker_threads');
  setTimeout(() => { console.log('${left} worker'); parentPort.postMessage('hi'); }, 300);`;
new Worker(body, { eval: true }).on('message', text => say(`message: ${text}`));
fs.readFile('/dev/null', () => after(() => say('file')));
const server = http.createServer((_, answer) => { say('request'); answer.end('ok'); }).listen(0, () => after(() => {
  const { port } = server.address() as AddressInfo;
  http.get({ port }, answer => { answer.on('data', () => say('response')).on('end', () => server.close()); });
}));
undefined
"""

SAID = (
    "timer microtask tick immediate stderr display html thrown rejected emitted interval async promise emitter "
    "child: exit piped exec: worker message: file request response"
).split()


class Late(KernelCase):
    def outputs(self, expected, **options):
        """
        What came while the next cell ran, which ends when the first one's output has all that is expected, or after 2.5
        s when nothing is: for each of the two cells, as one text.
        """
        gate = Gate("late")
        wait = gate.wait if expected else "await new Promise(r => setTimeout(r, 2500));"
        first = self.send(LEAVE, **options)
        texts = {first: "", self.send(f"{wait} console.log('second')"): ""}
        running, end = len(texts), time.time() + TIMEOUT
        while running:
            if all(f"LEFT {what}" in texts[first] for what in expected):
                gate.open()
            try:
                message = self.client.get_iopub_msg(timeout=max(1, end - time.time()))
            except queue.Empty:
                gate.open()  # the second cell ends, and the test says what did not come
                continue
            content, parent = message["content"], message["parent_header"].get("msg_id")
            if parent not in texts:
                continue
            if message["msg_type"] == "status":
                running -= content["execution_state"] == "idle"
            elif message["msg_type"] == "stream":
                texts[parent] += content["text"]
            elif message["msg_type"] != "execute_input":
                texts[parent] += f"{message['msg_type']} {content}\n"
        return list(texts.values())

    def test_it_goes_to_the_cell_that_left_it(self):
        first, second = self.outputs(SAID)
        self.assertEqual(second, "second\n")
        for what in SAID:
            with self.subTest(what):
                self.assertIn(f"LEFT {what}", first)

    def test_what_a_silent_cell_left_is_not_shown(self):
        self.assertEqual(self.outputs([], silent=True), ["", "second\n"])
