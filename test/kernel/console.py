"""The console and the streams beside plain Node: the same text, and nothing that closes them."""

import subprocess

from jupyter_client.kernelspec import KernelSpecManager
from support import KERNEL, KernelCase

SAME = [
    "console.log('%s is %d, %i, %f, %j, %o, %O, %c%%', 'x', 1.5, 1.5, '2', { a: 1 }, [1], { b: 2 }, 'css')",
    "console.log({ a: 1, b: 'text', c: [null, undefined, true], d: new Map([[1, Symbol('s')]]) }, -0, 10n)",
    "const own = { }; own.self = own; own[Symbol('k')] = () => 1; console.log(own, [own])",
    "console.log([1, , 3], new Error('e').message, new Date(0), /x/g, new Uint8Array(3), 'a\\nb', ['a\\nb'])",
    "console.log({ get x() { throw new Error('ran'); } }, new Proxy({ a: 1 }, { get() { throw new Error('ran'); } }))",
    "console.log(Promise.resolve(1), new WeakMap(), class A {}, function f() {}, async () => {})",
    "console.log('%o', [Promise.resolve({ a: 1 }), new Promise(() => {})])",
    "const p = new Promise(done => setImmediate(() => done({ p }))); p.then(() => console.log('%o', p))",
    "console.log(); console.log(''); console.log(undefined, null, NaN)",
    "console.info(1); console.debug({ a: { b: { c: { d: 1 } } } }); console.dirxml([1])",
    "console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.dir({ a: 1 }, { colors: true })",
    "console.table([{ a: 1, b: 'x' }, { a: 2 }]); console.table(new Map([['k', 1]])); console.table(3)",
    "console.group('outer'); console.log('a\\nb'); console.group(); console.error('c'); console.groupEnd(); "
    "console.groupEnd(); console.log('d')",
    "console.count(); console.count('x'); console.count(); console.countReset(); console.count(); "
    "console.countReset('y')",
    "console.assert(true, 'no'); console.assert(false, 'said %s', 'so'); console.assert(false); "
    "console.assert(0, { a: 1 })",
    "console.error('e %d', 1); console.warn(new Map())",
    "console.timeLog('none'); console.timeEnd('none')",
    "process.stdout.write('6869', 'hex'); process.stdout.write(Buffer.from(' b')); process.stdout.write('\\ufeff')",
    "process.stdout.write(Buffer.of(0xe2)); process.stdout.write(Buffer.of(0x82, 0xac)); process.stderr.write('e')",
    "process.stdout.cork(); process.stdout.write('a'); process.stdout.write('b'); process.stdout.uncork()",
    "console.log([process.stdout.isTTY, process.stdout.columns, process.stdout.fd, process.stderr.fd, "
    "process.stdout.writable])",
]


class Console(KernelCase):
    def test_the_same_text_as_plain_node(self):
        node = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
        for code in SAME:
            with self.subTest(code):
                plain = subprocess.run([node, "-e", code], capture_output=True)
                outcome = self.ok(f"// @ts-nocheck\n{{ {code} }}\nundefined")
                # Node's warnings name its process.
                said = [line for line in plain.stderr.decode().splitlines(True) if "--trace-warnings" not in line]
                ours = [line for line in outcome.text("stderr").splitlines(True) if "--trace-warnings" not in line]
                self.assertEqual(outcome.text(), plain.stdout.decode())
                self.assertEqual(*(["(node)" if l.startswith("(node:") else l for l in ls] for ls in (ours, said)))

    def test_trace_prints_its_text_and_the_cells_frames(self):
        outcome = self.ok("function f() { console.trace('at %d', 5, { a: 1 }); }\nfunction g() { f(); }\ng();")
        first, *frames = outcome.text("stderr").splitlines()
        self.assertEqual(first, "Trace: at 5 { a: 1 }")
        self.assertEqual([frame.split()[1] for frame in frames[:2]], ["f", "g"])
        self.assertEqual([frame.count("cell ") for frame in frames], [1, 1, 1])
        self.assertTrue(self.ok("console.trace()").text("stderr").startswith("Trace\n    at cell "))

    def test_time_is_told(self):
        text = self.ok("console.time('t'); console.timeLog('t', 1); console.timeEnd('t')").text()
        self.assertRegex(text, r"^t: [\d.]+m?s 1\nt: [\d.]+m?s\n$")

    def test_what_would_close_a_stream_ends_nothing(self):
        self.assertEqual(self.ok("process.stdout.end('last\\n'); process.stdout.destroy(); undefined").text(), "last\n")
        pipes = self.ok("""
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stdout } from 'node:process';
Readable.from(['a', 'b']).pipe(process.stdout);
await pipeline(Readable.from(['c']), process.stdout);
await new Promise<void>(resolve => stdout.end('d', () => resolve()));
if (!process.stdout.write('e'.repeat(100_000))) await new Promise(resolve => process.stdout.once('drain', resolve));
await new Promise(resolve => process.stdout.write('f\\n', resolve));""")
        self.assertEqual(sorted(pipes.text().replace("e" * 100_000, "e")), sorted("abcdef\n"))
        self.assertEqual(self.ok("console.log('later')").text(), "later\n")

    def test_libraries_may_colour_and_children_may_not(self):
        colour = "require('chalk').red('x')"
        self.assertEqual(self.ok(f"console.log({colour}, {{ a: 1 }})").text(), "\x1b[31mx\x1b[39m { a: 1 }\n")
        child = "require('child_process').execFileSync(process.execPath, ['-p', '[1]'], { encoding: 'utf8' })"
        self.assertEqual(self.ok(child).plain, "'[ 1 ]\\n'")
        asked = self.ok("[process.stdout.hasColors(), process.stdout.hasColors(2 ** 25)]")
        self.assertEqual(asked.plain, "[ true, false ]")

    def test_the_console_keeps_no_value_alive(self):
        self.ok("""
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
v8.setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let printed: WeakRef<object>;
{ const value = { big: new Float64Array(10) }; printed = new WeakRef(value); console.log(value); }""")
        gone = "await new Promise(r => setTimeout(r, 50)); collect(); printed.deref() === undefined"
        self.assertEqual(self.ok(gone).plain, "true")
