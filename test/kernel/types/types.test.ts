/** The types of cells, by the real language server. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { analyse } from '../../../kernel-setup/kernel/syntax/analyse';
import { createTypes } from '../../../kernel-setup/kernel/types/types';

const root = path.join(__dirname, '..', '..', '..');
const globals = ['declare function prompt(question?: string): string | null;'];
let cwd: string;
let types: ReturnType<typeof createTypes>;
let count: number;

beforeEach(() => {
  // Whatever a folder may be called.
  cwd = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'widenet types é #%20-')));
  types = createTypes({ cwd, root, globals });
  count = 0;
});

afterEach(() => {
  types.close();
  rmSync(cwd, { recursive: true });
});

/** Runs a cell as far as types go; gives its errors, each with the text where it is. */
async function errors(source: string): Promise<string[]> {
  const analysis = analyse(source);
  const found = await types.check(analysis, ++count);
  if (found.length === 0) types.enter(analysis);
  return found.map(({ code, message, file, start, end, details }) => {
    const where = file ? `${path.relative(cwd, file)} ${start}` : source.slice(start, end);
    return [`${code} ${where}: ${message}`, ...details].join('\n');
  });
}

async function runs(...sources: string[]): Promise<void> {
  for (const source of sources) expect([source, await errors(source)]).toEqual([source, []]);
}

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
  writeFileSync(path.join(cwd, file), text);
};

const notNumber = (what: string) => `2322 ${what}: Type 'string' is not assignable to type 'number'.`;

describe('names of earlier cells', () => {
  test('have their types, in every kind', async () => {
    await runs(
      'let lr: number | string = 0.1; const n = 5; var v = [1]; function f(x: number) { return x + n }',
      'class Cat { constructor(public name: string) {} } enum E { A, B } interface Foo { bar: E } type G<T> = T[]',
      'namespace N { export const q = 1; export type T = string }',
      'function over(a: string): string; function over(a: number): number; function over(a: any): any { return a }',
      'const v2 = await Promise.resolve(4); const { a: [first, ...rest], ...others } = { a: [1, 2], b: 1 }',
      'for (var i = 0; i < 3; i++) {} { var inBlock = 1 }',
      'using file = { [Symbol.dispose]() {}, size: 1 }',
      'lr = "text"; v = [f(n)]; const cat: Cat = new Cat("x"), foo: Foo = { bar: E.A }, g: G<number> = [N.q]',
      'const t: N.T = over("x").trim(); over(2).toFixed(); v2.toFixed() + first + rest.length + others.b; cat.name',
      'i = inBlock + file.size; i.toFixed()',
    );
    expect(await errors('let a: number = N.q; a = cat.name')).toEqual([notNumber('a')]);
    expect(await errors('over(true)')).toEqual([expect.stringContaining('No overload matches this call.')]);
  });

  test('keep the declared type of a variable, and constants stay constant', async () => {
    await runs('let lr = 0.1; const c = 1; function f() {} class Cat {} enum E { A }', 'lr = 2');
    expect(await errors("lr = 'fast'")).toEqual([notNumber('lr')]);
    expect(await errors('c = 2; f = null; Cat = null; E = null')).toEqual([
      "2588 c: Cannot assign to 'c' because it is a constant.",
      "2630 f: Cannot assign to 'f' because it is a function.",
      "2629 Cat: Cannot assign to 'Cat' because it is a class.",
      "2628 E: Cannot assign to 'E' because it is an enum.",
    ]);
  });

  test('may be declared anew, with other types, and mean the newest', async () => {
    await runs(
      'let lr = 0.1; class Cat { name = "" }',
      'const old = new Cat()',
      'let lr = "text"; class Cat { age = 1 }',
    );
    await runs('lr.trim(); new Cat().age; old.name', 'const lr = () => 1', 'lr().toFixed()');
    expect(await errors('const cat: Cat = old')).toEqual([
      "2741 cat: Property 'age' is missing in type 'Cat of cell 1' but required in type 'Cat of cell 3'.",
    ]);
  });

  test('may be a type in one cell and a value in another', async () => {
    await runs('interface Options { n: number }', 'const Options = { n: 1 } as Options', 'const o: Options = Options');
    await runs('const Dog = { parse: () => ({ legs: 4 }) }', 'type Dog = ReturnType<typeof Dog.parse>');
    await runs('const d: Dog = Dog.parse(); d.legs.toFixed()');
  });

  test('come from imports too', async () => {
    await runs(
      "import { train } from 'widenet'; import * as tslab from 'tslab'; import fs, { readFileSync } from 'fs'",
    );
    await runs(
      "import type { Stats } from 'node:fs'; import { type Dirent } from 'node:fs'; import tf = require('fs')",
    );
    await runs('let s: Stats, e: Dirent; const t: typeof train = train; tslab.display; fs.statSync; tf; readFileSync');
    expect(await errors('train(1)')).toEqual([expect.stringMatching(/^2554 train: Expected 3 arguments/)]);
  });

  test('are exported, global, or declared for all modules', async () => {
    await runs(
      'export const e1 = 1; const e2 = 2; export { e2, e2 as e3 }; export default function named() { return 1 }',
    );
    await runs('(e1 + e2 + named()).toFixed()');
    await runs('declare global { var mine: number; interface Array<T> { last(): T } } let own = 1');
    await runs('declare global { interface Array<T> { initial(): T[] } }', '[1].initial().concat([1].last(), mine)');
    await runs('declare global { var mine: string; interface Array<T> { last(): T } } let own = 2', 'mine.trim()');
    expect(await errors('declare global { var mine: boolean } let own: number = ""')).toEqual([notNumber('own')]);
    await runs('declare global { var mine: boolean } let own = 2', 'mine = true; [1].initial()');
    await runs('prompt("name?")?.trim(); __dirname.trim(); require; import.meta.url');
  });

  test('of a cell that declares them itself are not those of an earlier cell', async () => {
    await runs('let x = 1', 'const y = () => x; let x = "new"', 'y().trim()');
    expect(await errors('x.trim(); let x = "later"')).toEqual([
      "2448 x: Block-scoped variable 'x' used before its declaration.",
    ]);
  });

  test('leave few documents, however often they are declared', async () => {
    for (let i = 0; i < 20; i++) await runs('let a = 1; type A = number', 'const b: A = a', 'a + b');
    for (let i = 0; i < 5; i++) await runs('declare global { var everywhere: number }');
    // The configuration, the globals, two cells, and the one for all modules.
    expect(types.session.files().length).toBe(5);
  });
});

describe("today's language", () => {
  test('is known', async () => {
    await runs(
      '[2, 1].toSorted().at(-1)!.toFixed(); { await using r = { async [Symbol.asyncDispose]() {} } }',
      'function logged(value: Function, context: ClassDecoratorContext) {} @logged class D {}',
      'const point = { x: 1 } satisfies { x: number }; function of<const T>(t: T) { return t }',
    );
    write('config.json', '{ "n": 1 }');
    await runs("import config from './config.json' with { type: 'json' }; config.n.toFixed()");
  });
});

describe('errors', () => {
  test('have their place and the rest of their explanation', async () => {
    expect(await errors('const ok = 1;\nconst u: { a: { b: number } } = { a: { b: "" } as { b: string } };')).toEqual([
      "2322 a: Type '{ b: string; }' is not assignable to type '{ b: number; }'.\n" +
        "  Types of property 'b' are incompatible.\n    Type 'string' is not assignable to type 'number'.",
    ]);
    expect(await errors('/* \u{1d465} */ let a: number = ""\r\n\r\nlet b: number = ""')).toEqual([
      notNumber('a'),
      notNumber('b'),
    ]);
  });

  test('of syntax hide others', async () => {
    expect(await errors('let n: number = "";\nconst = 3')).toEqual([
      '1134 =: Variable declaration expected.',
      '1134 3: Variable declaration expected.',
    ]);
    expect(await errors('const text = `never ended')).toEqual(['1160 : Unterminated template literal.']);
    expect(await errors('// @ts-nocheck\nlet 3')).not.toEqual([]);
    expect(await errors('text')).toEqual([
      "2304 text: 'text' is declared in cell 2, which did not run because of a syntax error.",
    ]);
  });

  test('are not repeated for what depends on a cell that did not run', async () => {
    await runs('let kept = 1');
    expect(await errors('let kept = ""; const made = 1; type Made = number; const bad: number = ""')).toHaveLength(1);
    await runs('kept.toFixed()');
    const because = 'which did not run because of a type error.';
    expect(await errors('made + made; ({ made }); const further = made; let m: Made')).toEqual([
      `2304 made: 'made' is declared in cell 2, ${because}`,
      `2304 Made: 'Made' is declared in cell 2, ${because}`,
    ]);
    expect(await errors('further')).toEqual([`2304 further: 'further' is declared in cell 4, ${because}`]);
    expect(await errors('nowhere')).toEqual(["2304 nowhere: Cannot find name 'nowhere'."]);
    await runs('const made = 1; type Made = number', 'made.toFixed()');
  });

  test('are ignored where the cell or the environment says so', async () => {
    await runs(
      '/* why */\n// @ts-nocheck\nconst wrong: number = ""; const more = unknownName.x',
      'wrong.toFixed(); more.y',
    );
    await runs('// @ts-ignore\nconst a: number = ""');
    expect(await errors('"// @ts-nocheck"; const b: number = ""')).toHaveLength(1);
    process.env.WIDENET_TYPE_ERRORS = 'ignore';
    try {
      await runs('const c: number = ""');
      process.env.WIDENET_TYPE_ERRORS = 'off';
      await expect(errors('1')).rejects.toThrow('WIDENET_TYPE_ERRORS is "off". It may be "ignore"');
    } finally {
      delete process.env.WIDENET_TYPE_ERRORS;
    }
    expect(await errors('const c: number = ""')).toHaveLength(1);
  });
});

describe('files beside the notebook', () => {
  const cannotFind = (specifier: string) =>
    `2307 '${specifier}': Cannot find module '${specifier}' or its corresponding type declarations.`;

  test.each([
    ['./x', 'x.ts', 'export const a = 1', 'export const a = ""'],
    ['./x.js', 'x.ts', 'export const a = 1', 'export const a = ""'],
    ['../x', '../x.ts', 'export const a = 1', 'export const a = ""'],
    ['./x.mjs', 'x.mjs', 'export const a = 1', 'export const a = ""'],
    ['./x.js', 'x.js', 'exports.a = 1', 'exports.a = ""'],
    ['./x.json', 'x.json', '{ "a": 1 }', '{ "a": "" }'],
    ['./folder', 'folder/index.ts', 'export const a = 1', 'export const a = ""'],
  ])('%s is %s as it stands', async (specifier, file, before, after) => {
    const cell = `import { a } from '${specifier}'; const n: number = a`;
    // `..` is a folder of the test's own.
    types.close();
    const outer = cwd;
    cwd = path.join(cwd, 'notebooks');
    mkdirSync(cwd);
    types = createTypes({ cwd, root, globals });
    try {
      expect(await errors(cell)).toEqual([cannotFind(specifier)]);
      write(file, before);
      await runs(cell);
      write(file, after);
      expect(await errors(cell)).toEqual([notNumber('n')]);
      rmSync(path.join(cwd, file));
      expect(await errors(cell)).toEqual([cannotFind(specifier)]);
      write(file, before);
      await runs(cell);
    } finally {
      cwd = outer;
    }
  });

  test('and what they import in turn', async () => {
    write('x.ts', "export { b as a } from './deep/y'");
    write('deep/y.ts', 'export const b = 1');
    await runs("import { a } from './x'; const n: number = a");
    write('deep/y.ts', 'export const b = ""');
    expect(await errors("import { a } from './x'; const n: number = a")).toEqual([notNumber('n')]);
  });

  test('also where a copy keeps size and time', async () => {
    const cell = "import { a } from './x'; const n: number = a";
    write('x.ts', 'export const a = 10');
    const { atime, mtime } = statSync(path.join(cwd, 'x.ts'));
    utimesSync(path.join(cwd, 'x.ts'), atime, mtime);
    await runs(cell);
    write('x.ts', 'export const a = ""');
    utimesSync(path.join(cwd, 'x.ts'), atime, mtime);
    expect(await errors(cell)).toEqual([notNumber('n')]);
  });

  test('are refused with their file when they have errors', async () => {
    write('deep/y.ts', '\nexport const b: number = "";');
    write('x.ts', "export { b as a } from './deep/y'");
    expect(await errors("import { a } from './x'")).toEqual([notNumber('deep/y.ts 14')]);
    expect(await errors("const { a } = await import('./x')")).toEqual([notNumber('deep/y.ts 14')]);
    await runs("// @ts-nocheck\nimport { a } from './x'", 'a.toFixed()');
  });

  test('may be packages that were installed after a failed import, or again', async () => {
    const cell = "import { a } from 'some-package'; const n: number = a";
    expect(await errors(cell)).toEqual([cannotFind('some-package')]);
    write('node_modules/some-package/index.d.ts', 'export const a: number;');
    write('node_modules/some-package/package.json', '{ "version": "1.0.0", "types": "index.d.ts" }');
    await runs(cell);
    write('node_modules/some-package/index.d.ts', 'export const a: string;');
    write('node_modules/some-package/package.json', '{ "version": "2.0.00", "types": "index.d.ts" }');
    expect(await errors(cell)).toEqual([notNumber('n')]);
  });
});

describe('a language server that ends', () => {
  const kill = () => process.kill(types.session.pid()!, 'SIGKILL');

  test('is started again and knows all cells', async () => {
    await runs('let a = 1', 'const b = () => a');
    kill();
    await runs('b().toFixed()');
    kill();
    await new Promise(resolve => setTimeout(resolve, 200));
    expect((await types.complete('b().toF', 7)).items).toEqual([{ name: 'toFixed', kind: 'method' }]);
  });

  test('in the middle of a check loses nothing', async () => {
    await runs('let a = 1');
    const checked = errors('const s: number = "", t = a');
    kill();
    expect(await checked).toEqual([notNumber('s')]);
    const again = runs('const t = a');
    setTimeout(kill, 1);
    await again;
    await runs('t.toFixed()');
  });

  test('without ending, when it hangs, is taken for dead', async () => {
    await runs('let a = 1');
    process.kill(types.session.pid()!, 'SIGSTOP');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const checked = errors('const s: number = "", t = a');
      await new Promise(setImmediate);
      vi.advanceTimersByTime(300_000);
      expect(await checked).toEqual([notNumber('s')]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('again and again is said', async () => {
    await runs('let a = 1');
    let killing = true;
    const again = (): void => {
      if (!killing) return;
      if (types.session.pid()) kill();
      setImmediate(again);
    };
    again();
    try {
      await expect(errors('a')).rejects.toThrow("TypeScript's language server ended: SIGKILL");
    } finally {
      killing = false;
    }
    await runs('a');
  });
});

describe('a text that is being written', () => {
  beforeEach(async () => {
    await runs(
      '/** Adds.\n * @param b second */\nfunction add(a: number, b: number): number { return a + b }',
      'class Cat { constructor(public name: string) {} meow() {} }; const cat = new Cat("x"); let rate = 1',
      'type Letters = "abc" | "abd"',
      "import { readFileSync } from 'node:fs'; import * as fs from 'node:fs'",
    );
  });

  const at = (text: string) => ({ source: text.replace('|', ''), offset: text.indexOf('|') });
  async function complete(text: string) {
    const { source, offset } = at(text);
    const { start, end, items } = await types.complete(source, offset);
    return { replaced: source.slice(start, end), names: items.map(({ name }) => name), items };
  }
  const inspect = async (text: string) => {
    const { source, offset } = at(text);
    return types.inspect(source, offset);
  };

  test.each([
    ['rat|', 'rat', ['rate'], 'variable'],
    ['ad|', 'ad', ['add'], 'function'],
    ['Ca|', 'Ca', ['Cat', 'cat', 'case', 'catch'], 'class'],
    ['cat.me|ow()', 'me', ['meow'], 'method'],
    ['[1].toSor|', 'toSor', ['toSorted'], 'method'],
    ['`${ca|', 'ca', ['cat', 'case', 'catch', 'Cat'], 'variable'],
    ['const x: Letters = "ab|', 'ab', ['abc', 'abd'], 'constant'],
    ['fs.readFileS|', 'readFileS', ['readFileSync'], 'function'],
    ['readFileS|', 'readFileS', ['readFileSync'], 'function'],
    ['const local = 1; loc|', 'loc', ['local'], 'variable'],
    ['unknownName.x|', 'x', [], undefined],
  ])('%s is completed', async (text, replaced, names, kind) => {
    const { items, ...rest } = await complete(text);
    expect(rest).toEqual({ replaced, names });
    expect(items[0]?.kind).toBe(kind);
  });

  test('completes paths', async () => {
    write('helper.ts', '');
    write('deep/data-1.json', '');
    write('deep/data-2.mjs', '');
    expect(await complete("import x from './he|")).toMatchObject({ replaced: 'he', names: ['helper'] });
    expect(await complete("await import('./deep/data|")).toMatchObject({ names: ['data-1.json', 'data-2.mjs'] });
    expect(await complete("import x from './de|p'")).toMatchObject({ replaced: 'de', names: ['deep'] });
    expect(await complete("import x from 'widen|")).toMatchObject({ replaced: 'widen', names: ['widenet'] });
    expect((await complete("import x from './|")).names).toEqual(['deep', 'helper']);
  });

  test('is described', async () => {
    const add = { signature: 'function add(a: number, b: number): number', docs: 'Adds.\n\n*@param* `b` — second' };
    const called = { signature: 'add(a: number, b: number): number', docs: 'Adds.\n\n*@param* `b: number`: second' };
    expect(await inspect('ad|d(1, 2)')).toEqual(add);
    expect(await inspect('add|')).toEqual(add);
    expect(await inspect('add(1, |')).toEqual(called);
    expect(await inspect('const x = [add(1, | )]')).toEqual(called);
    expect(await inspect('new Cat(|')).toEqual({ signature: 'Cat(name: string): Cat', docs: '' });
    expect(await inspect('rate|')).toEqual({ signature: 'let rate: number', docs: '' });
    expect(await inspect('readFile|Sync')).toMatchObject({
      signature: expect.stringMatching(/^function readFileSync/),
    });
    expect(await inspect('  | ')).toBeUndefined();
    expect(await inspect('unknown|Name')).toBeUndefined();
  });

  test('changes nothing for cells', async () => {
    await complete('const a|');
    await inspect('const add| = 1');
    await runs('add(1, 2).toFixed()');
  });
});
