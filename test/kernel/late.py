"""Output of what a cell left behind: it goes to that cell, whichever runs when it comes."""


from support import TIMEOUT, KernelCase

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
    def outputs(self, **options):
        """What came while the next cell ran: for each of the two cells, as one text."""
        texts = {
            self.send(LEAVE, **options): "",
            self.send("await new Promise(r => setTimeout(r, 2500)); console.log('second')"): "",
        }
        running = len(texts)
        while running:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
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
        first, second = self.outputs()
        self.assertEqual(second, "second\n")
        for what in SAID:
            with self.subTest(what):
                self.assertIn(f"LEFT {what}", first)

    def test_what_a_silent_cell_left_is_not_shown(self):
        self.assertEqual(self.outputs(silent=True), ["", "second\n"])
