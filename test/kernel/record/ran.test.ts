/** Which code counts as having decided what a cell computes. */
import { expect, test } from 'vitest';
import type { CellCode } from '../../../src/notebook/cache-key';
import { analyse } from '../../../kernel-setup/kernel/syntax/analyse';
import { createEvaluate } from '../../../kernel-setup/kernel/cell/evaluate';
import {
  functionTexts,
  replacedNames,
  usesGlobalThis,
  withoutResume,
} from '../../../kernel-setup/kernel/record/cell-text';
import { type CellRun, createRecord, decidingCode } from '../../../kernel-setup/kernel/record/ran';
import { keepsElsewhere, reachedBy } from '../../../kernel-setup/kernel/record/reach';

const known = (variables: Record<string, unknown>) => ({
  isVariable: (name: string) => Object.hasOwn(variables, name),
  read: (name: string) => variables[name],
  isOpen: (_: string) => false,
});
const none: CellRun['modules'] = new Map();
const ran = (...codes: string[]): CellRun[] =>
  codes.map(code => ({ code, modules: none, asked: new Map([['map', 'same']]), keeps: code.startsWith('keeps') }));
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
])('%s without what asks to resume is %s', (code, expected) => expect(withoutResume(analyse(code))).toBe(expected));

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
    return reachedBy(code, {
      ...known(all),
      isVariable: name => Object.hasOwn(all, name) && name !== 'own',
      isOpen: text => ['g', 'f'].some(name => String(all[name]) === text),
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
  expect(reachedBy('circle', known({ circle }))).toMatch(/^[0-9a-f]{64}$/);
});

test('what may keep something that cannot be seen is never as it was; what can be seen is', () => {
  const again = (x: unknown, code = 'x') => reachedBy(code, known({ x })) === reachedBy(code, known({ x }));
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
  const elsewhere = [
    'globalThis.n',
    'global.n',
    'const h = require("./helper")',
    "import { h } from './helper'",
    "import '../helper'",
    'await import("/data/h.mjs")',
    "export * from '.'",
    "import h from 'file:///h.mjs'",
  ];
  expect(elsewhere.filter(code => again(1, code))).toEqual([]);
  expect(["import { sweep } from 'widenet'", 'const importance = "./a"', 'x.global1'].filter(keepsElsewhere)).toEqual(
    [],
  );
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
  expect(deciding('import', 'keeps', 'sweep', 'import', 'keeps', 'sweep')).toBe(
    'import keeps sweep import keeps sweep',
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

test.each([
  ['let lr = 0.1; const k = lr', 'lr k'],
  ['const { a, b: [c] } = f(); class A { static B = A }', 'a c A'],
  ['const f = (n: number): number => n * f(n - 1)', 'f'],
  ["const rows = await sweep('rows', s, f); rows.length", 'rows'],
  ["import a, { b } from 'c'; function g() {}; export const d = a.d;", 'a b g d'],
  ['var a = 1; var b = b ?? a; for (var c = 0; ;) break', 'a b c'],
  ['let a', 'a'],
  ['const x: typeof y = { x: o.x }; const { y } = x', 'x y'],
  ['let d = f(() => d)', ''],
  ['const f = () => d; let d = f()', 'f'],
  ['let d = f(); function f() { return g() } function g() { return d }', 'f g'],
  ['let d = 1; function f() { return d } const e = f()', 'd f e'],
])('what %s declares cannot depend on its old values: %s', (code, names) =>
  expect([...replacedNames(analyse(code))].sort()).toEqual(names.split(' ').filter(Boolean).sort()),
);

test('the global object goes by this only outside functions and classes; arrow functions do not count as such', () => {
  const uses = (code: string) => usesGlobalThis(analyse(code));
  expect(['this.n = 1', 'const f = () => this', '{ (async () => this.n)() }'].filter(code => !uses(code))).toEqual([]);
  expect(['class A { n = this.m }', 'function f() { return () => this }', 'f({ m() { this } })'].filter(uses)).toEqual(
    [],
  );
});

test('a function is open when it stands in no other function, class, block or loop', () => {
  const { outer, inner } = functionTexts(
    'const a = () => 1, b = { m() { return 2 }, f: async n => n, get g() { return () => 3 } };\n' +
      'function c(f = () => 4) { return () => 5 }\n' +
      'for (const k of ks) fs.push(() => k); { const d = () => 7 }\n' +
      'class A { m() { return 8 } static s = () => 9 }; const t = () => this.n; switch (1) { case 1: (() => 11)() }',
  );
  expect(outer).toEqual(['() => 1', 'm() { return 2 }', 'async n => n', 'function c(f = () => 4) { return () => 5 }']);
  for (const text of ['() => 3', '() => 4', '() => 5', '() => k', '() => 7', 'm() { return 8 }', '() => 9', '() => 11'])
    expect(inner).toContain(text);
});

test.each<[string, setup: string, cell: string, isSame: boolean]>([
  ['it sets what is there to the same value', 'let lr1 = 1; let step1 = () => 2;', 'let rows1 = [lr1, step1()];', true],
  ['it changes a variable', 'let lr2 = 1;', 'lr2 *= 2;', false],
  ['its name is no ASCII', 'let η = 1;', 'η *= 2;', false],
  ['a function changes it', 'let lr3 = 1; let step3 = () => { lr3 *= 2; };', 'step3();', false],
  ['it reads the old value of its own', 'let lr4 = 1;', 'let before4 = () => lr4; let lr4 = before4() + 1;', false],
  ['an earlier function does', 'let lr5 = 1; let next5 = () => lr5 + 1;', 'let lr5 = next5();', false],
  ['it changes what the global object holds', '', 'globalThis.lr6 = (globalThis.lr6 ?? 0) + 1;', false],
  ['so by this', 'this.lr7 = 0;', 'this.lr7++;', false],
  ['so by a name nobody declares', 'globalThis.lr8 = 1; let step8 = () => { lr8++; };', 'step8();', false],
  [
    'a closure counts',
    'let make9 = () => { let n = 0; return () => ++n; }; let next9 = make9();',
    '{ next9(); }',
    false,
  ],
  [
    'one with the text of an open function',
    'let n = 0; let open10 = () => ++n; let make10 = () => { let n = 0; return () => ++n; }; let next10 = make10();',
    '{ next10(); }',
    false,
  ],
])('a cell that runs twice counts once only when it does the same: %s', async (_, setup, cell, isSame) => {
  const evaluate = createEvaluate().evaluate;
  const record = createRecord({ loaded: () => none });
  const ask = (globalThis as any)[Symbol.for('widenet.cells')] as CellCode;
  const run = async (source: string) => {
    record.start(analyse(source), source);
    expect(await evaluate(source)).toMatchObject({ status: 'ok' });
    return ask('map', () => 0).code.filter(code => code === source).length;
  };
  await run(setup);
  await run(`${cell} // for sweep`);
  expect(await run(`${cell} // for sweep`)).toBe(isSame ? 1 : 2);
});
