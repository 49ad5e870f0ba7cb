/** Which code counts as having decided what a cell computes. */
import { expect, test } from 'vitest';
import { type CellRun, decidingCode, withoutResume } from '../../kernel-setup/kernel/ran';
import { reachedBy } from '../../kernel-setup/kernel/reach';

const known = { except: new Set<string>(), functions: new Set<string>() };
const none: CellRun['modules'] = new Map();
const ran = (...codes: string[]): CellRun[] =>
  codes.map(code => ({ code, modules: none, asked: new Map([['map', 'same']]) }));
const deciding = (...codes: string[]) => decidingCode(ran(...codes), 'map').join(' ');

test.each<[string, string[], string]>([
  ['every run counts, in order', ['import', 'A', 'B', 'sweep'], 'import A B sweep'],
  ['a cell that ran twice counts twice', ['import', 'A', 'double', 'double', 'sweep'], 'import A double double sweep'],
  [
    'a second run through all cells is as the first',
    ['import', 'A', 'sweep', 'import', 'A', 'sweep'],
    'import A sweep',
  ],
  ['so it is when the first ended early', ['import', 'A', 'import', 'A', 'B', 'sweep'], 'import A B sweep'],
  [
    'and when a cell ran twice in the first',
    ['import', 'A', 'double', 'double', 'import', 'A', 'double', 'sweep'],
    'import A double sweep',
  ],
  [
    'but not in another order',
    ['import', 'A', 'B', 'sweep', 'import', 'B', 'A', 'sweep'],
    'import A B sweep import B A sweep',
  ],
  [
    'nor when the second leaves a cell out',
    ['import', 'A', 'B', 'sweep', 'import', 'B', 'sweep'],
    'import A B sweep import B sweep',
  ],
  ['nor when a cell was edited', ['import', 'A', 'sweep', 'import', 'A2', 'sweep'], 'import A sweep import A2 sweep'],
  [
    'a third run through all cells is as the second',
    ['import', 'sweep', 'figure', 'import', 'sweep', 'figure', 'import', 'sweep'],
    'import sweep figure import sweep',
  ],
  ['the sweep run again, nothing else between', ['import', 'A', 'sweep', 'sweep', 'sweep'], 'import A sweep'],
])('%s', (_, codes, expected) => expect(deciding(...codes)).toBe(expected));

test('a cell run again counts each time when what it reaches has changed, or when it did not ask then', () => {
  const runs = ran('import', 'sweep', 'sweep');
  runs[1].asked.set('map', 'before');
  expect(decidingCode(runs, 'map')).toEqual(['import', 'sweep', 'sweep']);
  runs[1].asked.clear();
  expect(decidingCode(runs, 'map')).toEqual(['import', 'sweep', 'sweep']);
});

test('modules count as they are, and as they were when a cell ran', () => {
  const file = (name: string) => `${process.cwd()}/${name}`;
  const runs = ran('import', 'sweep');
  runs[1].modules = runs[0].modules = new Map([
    [file('helper.ts'), '1'],
    [file('src/train.ts'), 'a'],
  ]);
  expect(decidingCode(runs, 'map')).toEqual(['import', 'sweep', 'module helper.ts 1']);
  runs[1].modules = new Map([
    [file('helper.ts'), '2'],
    [file('src/train.ts'), 'b'],
  ]);
  expect(decidingCode(runs, 'map')).toEqual([
    'import',
    'sweep',
    'module helper.ts 2',
    'run 0 had helper.ts 1',
    'run 0 had src/train.ts a',
  ]);
});

test.each([
  ["await sweep('a', s, f, { resume: true });", "await sweep('a', s, f);"],
  ["await sweep('a', s, f, { resume: false, });", "await sweep('a', s, f);"],
  ["sweep('a', s, k => sweep('b', t, g, { resume: true }), { resume: on })", "sweep('a', s, k => sweep('b', t, g))"],
  ['train(s, f, g, { resume: true })', 'train(s, f, g, { resume: true })'],
  ["sweep('a', s, f, { resume: true, threads: 2 })", "sweep('a', s, f, { resume: true, threads: 2 })"],
  ["sweep('a', s, f, options)", "sweep('a', s, f, options)"],
  ["'sweep(a, s, f, { resume: true })'", "'sweep(a, s, f, { resume: true })'"],
])('%s without what asks to resume is %s', (code, expected) => expect(withoutResume(code)).toBe(expected));

test('what code reaches: values, through functions, lists and objects; not what it does not name', () => {
  const variables = (): Record<string, any> => ({
    lr: 0.1,
    list: [1, { deep: Float32Array.of(1) }],
    net: { m: new Map([['a', 1]]) },
    other: 5,
    f: new Function('return g()'),
    g: new Function('return lr + list[0]'),
    own: 1,
  });
  const reached = (change: (v: Record<string, any>) => void = () => {}, code = 'f(net)') => {
    const all = variables();
    change(all);
    return reachedBy(code, all, {
      except: new Set(['own']),
      functions: new Set(['g', 'f'].map(name => String(all[name]))),
    });
  };
  const before = reached();
  expect(reached()).toBe(before);
  expect(
    reached(v => {
      v.other = 6;
      v.own = 2;
    }, 'f(net, own)'),
  ).toBe(reached(() => {}, 'f(net, own)'));
  const changes: ((v: Record<string, any>) => void)[] = [
    v => {
      v.lr = 0.2;
    },
    v => {
      v.list.push(2);
    },
    v => {
      v.list[1].deep[0] = 2;
    },
    v => {
      v.net.m.set('a', 2);
    },
    v => {
      v.g = new Function('return lr');
    },
    v => {
      v.lr = '0.1';
    },
    v => {
      v.net = null;
    },
  ];
  expect(new Set([before, ...changes.map(change => reached(change))]).size).toBe(changes.length + 1);
  const circle: { self?: object } = {};
  circle.self = circle;
  expect(reachedBy('circle', { circle }, known)).toMatch(/^[0-9a-f]{64}$/);
});

test('what may keep something that cannot be seen is never as it was; what can be seen is', () => {
  const again = (x: unknown, code = 'x') => reachedBy(code, { x }, known) === reachedBy(code, { x }, known);
  let n = 0;
  const hiding: Record<string, unknown> = {
    closure: () => ++n,
    instance: new (class {
      #n = 0;
      next() {
        return ++this.#n;
      }
    })(),
    date: new Date(0),
    iterator: [1][Symbol.iterator](),
    buffer: new ArrayBuffer(8),
    accessor: {
      get n() {
        return ++n;
      },
    },
    hidden: Object.defineProperty({}, 'n', { value: n }),
    symbol: { [Symbol('n')]: n },
    method: {
      next() {
        return ++n;
      },
    },
    proxy: new Proxy({}, {}),
    refusing: new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no');
        },
      },
    ),
    promise: Promise.resolve(),
    native: Math.max.bind(null),
    global: globalThis,
  };
  expect(Object.entries(hiding).filter(([, value]) => again(value))).toEqual([]);
  expect(['globalThis.n', 'global.n', 'const h = require("./helper")'].filter(code => again(1, code))).toEqual([]);
  const plain = [
    1,
    'a',
    null,
    undefined,
    -0,
    1n,
    [1, [2]],
    { a: { b: 1 } },
    Object.create(null),
    new Map([[{ a: 1 }, 1]]),
    new Set([1]),
    new Float64Array(2),
  ];
  expect(plain.filter(value => !again(value))).toEqual([]);
  expect(again(Array.from({ length: 100 }, () => new Float32Array(100_000)))).toBe(true);
});

test('a pass that may keep something outside the variables counts, as does how a cell was cut', () => {
  expect(deciding('import', 'globalThis.n = 1', 'sweep', 'import', 'globalThis.n = 1', 'sweep')).toBe(
    'import globalThis.n = 1 sweep import globalThis.n = 1 sweep',
  );
  const withModule = (file: string) =>
    ran('import', 'sweep', 'import', 'sweep').map(run => ({ ...run, modules: new Map([[file, '1']]) }));
  expect(decidingCode(withModule('/beside/helper.ts'), 'map').filter(code => code === 'import')).toHaveLength(2);
  expect(decidingCode(withModule('/beside/data.json'), 'map').filter(code => code === 'import')).toHaveLength(1);
  const cut = (...at: number[]) =>
    decidingCode(
      ran('import', 'A', 'sweep', 'sweep').map((run, i) => (at.includes(i) ? { ...run, cut: 'was cut' } : run)),
      'map',
    );
  expect(cut(1)).toEqual(['import', 'A', 'sweep', 'run 1 was cut']);
  expect(cut(2)).toEqual(['import', 'A', 'sweep']);
});
