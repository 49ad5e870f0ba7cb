/** Failures as notebooks show them, of errors that are given. Node.js's own print is what they are compared with. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { refusedFailure } from '../../../kernel-setup/kernel/errors/findings';
import { stackOf } from '../../../kernel-setup/kernel/errors/frames';
import { excerpt, frameLines } from '../../../kernel-setup/kernel/errors/frame-lines';
import { addScript } from '../../../kernel-setup/kernel/syntax/locations';
import { thrownFailure } from '../../../kernel-setup/kernel/errors/traceback';

const plain = (lines: string[]) => lines.join('\n').replace(/\x1b\[\d+m/g, '');
const shown = (thrown: unknown) => plain(thrownFailure(thrown).traceback);

/** An error without frames. */
function bare(message: string, more: object = {}, made: Error = new Error(message)): Error {
  Object.defineProperty(made, 'stack', { value: `${made.name}: ${message}` });
  return Object.defineProperties(made, Object.getOwnPropertyDescriptors(more));
}

test.each<[string, object]>([
  ['values', { code: 'ENOENT', errno: -2, path: '/none', none: undefined, list: [1, 'a'], at: { x: { y: { z: 1 } } } }],
  ['a symbol', { [Symbol('kind')]: 1 }],
  [
    'a getter, which is not run',
    {
      get lazy(): number {
        throw new Error('ran');
      },
    },
  ],
  [
    'a circle',
    (() => {
      const circle: any = {};
      circle.self = circle;
      return { circle };
    })(),
  ],
  ['what has a name that needs quotes', { 'a b': 1, 2: 3 }],
])("an error's own properties, as Node.js prints them: %s", (_, more) => {
  const words = (text: string) => text.replace(/\s+/g, ' ').replace(/^[^{]*/, '');
  expect(words(shown(bare('m', more)))).toBe(words(inspect(bare('m', more))));
});

test('properties that are told anyway are not told twice, and a class without a name of its own gives it', () => {
  class Timeout extends Error {
    override name = 'Timeout';
  }
  expect(shown(bare('late', {}, new Timeout('late')))).toBe('Timeout: late');
  class Refused extends Error {}
  expect(thrownFailure(new Refused('no')).ename).toBe('Refused');
  expect(shown(Object.defineProperty(bare('m'), 'hidden', { value: 1 }))).toBe('Error: m');
  expect(shown(Object.assign(bare('own'), { message: 'later' }))).toContain('Error: later');
});

test('causes, errors of an aggregate and suppressed ones: a few in full, then their number; none twice', () => {
  const circle = bare('outer');
  circle.cause = bare('inner', { code: 7, cause: circle });
  expect(shown(circle)).toBe('Error: outer\nCaused by: Error: inner\n    { code: 7 }');
  const many = new AggregateError(
    Array.from({ length: 9 }, (_, i) => bare(`e${i}`)),
    'all',
  );
  const lines = shown(bare('all', {}, many)).split('\n');
  expect(lines).toEqual([
    'AggregateError: all',
    ...[0, 1, 2, 3].map(i => `Error ${i + 1} of 9: Error: e${i}`),
    'and 5 more errors behind it',
  ]);
  let chain = bare('0');
  for (let i = 1; i < 1000; i++) chain = bare(String(i), { cause: chain });
  expect(shown(chain).split('\n').length).toBeLessThan(10);
  const suppressed = { name: 'SuppressedError', error: bare('disposal'), suppressed: bare('first') };
  expect(shown(bare('both', suppressed))).toBe(
    'SuppressedError: both\nThrown last: Error: disposal\nThrown before it: Error: first',
  );
  expect(shown(bare('o', { cause: 'text' }))).toBe("Error: o\nCaused by: string: 'text'");
});

test('whatever is thrown is shown, and no code of its own runs', () => {
  const trap = () => {
    throw new Error('ran');
  };
  const traps = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap });
  // Node.js 26 says that it is a Proxy.
  expect(shown(traps)).toBe(`thrown Proxy: ${inspect(new Proxy({}, {}))}`);
  expect(shown(null)).toBe('thrown null: null');
  expect(shown(undefined)).toBe('thrown undefined: undefined');
  expect(shown(Object.create(null))).toBe('thrown Object: [Object: null prototype] {}');
  expect(
    shown({
      get a() {
        return trap();
      },
    }),
  ).toBe('thrown Object: { a: [Getter] }');
  expect(shown({ [inspect.custom]: trap })).toMatch(/^thrown Object: \{ .*inspect\.custom.*\}$/);
  expect(shown(Object.defineProperty(new Error('x'), 'message', { get: trap }))).toMatch(/^Unreadable: /);
  expect(shown(Object.defineProperty(new Error('x'), 'stack', { get: trap }))).toBe('Error: x');
});

const stack = (text: string, message = 'm') => {
  const { head, frames } = stackOf(Object.defineProperty(new Error(message), 'stack', { value: text }));
  return plain([...head, ...frameLines(frames)]);
};

test('a stack that was made elsewhere: its own words, its places, and nothing of Node.js', () => {
  expect(stack('remote\n  line 3')).toBe('remote\n  line 3');
  expect(stack('Error: m\n    at f (far.js:3:5)\n    at node:internal/x:1:1\n    at Array.map (<anonymous>)')).toBe(
    '    at f in far.js, line 3',
  );
  expect(stack('context: Error: m\n    at far.js:3:5')).toBe('context: Error: m\n    at far.js, line 3');
  expect(stack('Error: m\n more\n    at async g (https://a.b/c.js:12:5)')).toBe(
    ' more\n    at async g in https://a.b/c.js, line 12',
  );
  const worker =
    '[worker eval]:2\nlet x = null.y\n        ^\n\nTypeError: m\n    at [worker eval]:2:14\n    at [worker eval]-wrapper:6:24';
  expect(stack(worker)).toBe('    at [worker eval], line 2\n    > 2 | let x = null.y\n        |              ^');
  expect(
    stack(
      'Error: m\n    at async Promise.all (index 1)\n    at f (/x/node_modules/@a/b/c.js:1:2)\n    at g (/x/node_modules/@a/b/d.js:1:2)',
    ),
  ).toBe('    in @a/b, 2 calls deep: f in @a/b');
  addScript('known', 'cell 700', 'one\ntwo', 'one\ntwo', []);
  expect(stack('Error: m\n    at cell 700:2:1')).toBe(
    '    at cell 700, line 2\n      1 | one\n    > 2 | two\n        | ^',
  );
});

const finding = (source: string, text: string, more: object = {}) => {
  const start = source.indexOf(text);
  return { code: 2304, message: `Cannot find name '${text}'.`, start, end: start + text.length, details: [], ...more };
};
const refused = (...given: Parameters<typeof refusedFailure>) => plain(refusedFailure(...given).traceback);

test('what the compiler refuses: each finding once, a few in full, then their number', () => {
  const source = ['one', 'two', 'one', 'n0', 'n1', 'n2', 'n3', 'n4'].join(';\n');
  const again = { ...finding(source, 'one'), start: source.lastIndexOf('one'), end: source.lastIndexOf('one') + 3 };
  const all = [
    finding(source, 'one'),
    finding(source, 'two'),
    again,
    ...[0, 1, 2, 3, 4].map(i => finding(source, `n${i}`)),
  ];
  const text = refused(all, source, 'cell 3');
  expect(text.split('\n').slice(0, 5)).toEqual([
    "TS2304: Cannot find name 'one'.",
    '    at cell 3, line 1, also line 3',
    '    > 1 | one;',
    '        | ^^^',
    '      2 | two;',
  ]);
  expect(text.match(/^TS/gm)).toHaveLength(4);
  expect(text).toMatch(/and 3 more findings$/);
  expect(refusedFailure(all, source, 'cell 3').evalue).toBe("Cannot find name 'one'. (TS2304, cell 3, line 1)");
});

test('of syntax errors the others are consequences; what is elsewhere is told with its file', () => {
  const source = 'let = 3;\nfoo;';
  const syntax = finding(source, '=', { code: 1134, message: 'Variable declaration expected.' });
  expect(refused([finding(source, 'foo'), syntax, syntax], source, 'cell 1').match(/^TS\d+/gm)).toEqual(['TS1134']);
  const beside = {
    code: 2322,
    message: 'no',
    start: 0,
    end: 3,
    details: ['why'],
    file: `${process.cwd()}/package.json`,
  };
  expect(refused([beside], source, 'cell 1')).toBe(
    'TS2322: no\n  why\n    at package.json, line 1\n    > 1 | {\n        | ^',
  );
});

test('of a long line the part around the column is shown', () => {
  const line = `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`;
  const [first, second] = excerpt({ label: 'a', line: 1, column: 5001, lines: [line] }, 2);
  expect(first.length).toBeLessThan(300);
  expect(plain([second]).indexOf('^')).toBe(plain([first]).indexOf('HERE'));
});
