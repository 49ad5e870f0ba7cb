/** Stop points change nothing that a cell does, and stand wherever it could go on. */
import { transformSync } from '@swc/core';
import MagicString from 'magic-string';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { addStopPoints } from '../../../kernel-setup/kernel/stop/points';

function withStopPoints(source: string): string {
  const { program, errors } = parseSync('cell.ts', source, { sourceType: 'module', lang: 'ts' });
  expect(errors, source).toEqual([]);
  const edits = new MagicString(source);
  addStopPoints(edits, program);
  return edits.toString();
}

const compiled = (source: string) =>
  transformSync(source, {
    filename: 'cell.ts',
    swcrc: false,
    configFile: false,
    isModule: true,
    env: { targets: { node: '20' }, include: ['transform-explicit-resource-management'] },
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { decoratorVersion: '2022-03' },
      keepClassNames: true,
    },
  }).code;

/** Calls that let everything pass, and count themselves. */
function calls() {
  const counts: Record<string, number> = {};
  const count = (name: string) => (counts[name] = (counts[name] ?? 0) + 1);
  const pass = (name: string) => (value: unknown) => {
    count(name);
    return value;
  };
  const stop = {
    counts,
    2: 0,
    get 0() {
      count('loop');
      return 0;
    },
    get 1() {
      count('anywhere');
      return 0;
    },
    enter: () => count('enter'),
    leave: () => count('leave'),
    caught: () => void count('caught'),
    disposed: () => ({ [Symbol.dispose]: () => void count('disposed') }),
    disposing: () => ({ [Symbol.dispose]: () => void count('disposing') }),
  };
  return Object.assign(
    stop,
    Object.fromEntries(['got', 'take', 'until', 'waiting', 'each'].map(name => [name, pass(name)])),
  );
}

const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => (...given: any[]) => Promise<void>;

/** What code logs, or throws. */
async function run(source: string, stop: object): Promise<unknown[]> {
  const log: unknown[] = [];
  try {
    await new AsyncFunction('log', '__stop__', compiled(source))((...values: unknown[]) => log.push(...values), stop);
    await new Promise(resolve => setTimeout(resolve, 1));
  } catch (error) {
    log.push(`thrown ${error}`);
  }
  return log;
}

const snippets = [
  // functions
  'function f(a = 1, ...b: number[]) { return [a, b] } log(f(), f(2, 3)); function g() { "use strict"; return this === undefined } log(g())',
  "function f() { 'use strict'\n return typeof this } log(f.call(5))",
  "function f() {\n  'use strict';\n  'other'\n  log(typeof this)\n} f()",
  'const f = () => ({ a: 1 }); const g = () => (1, 2); const h = () => [1]; log(f().a, g(), h())',
  'const f = (x: number) => /* why */ x + 1 // because\n; log(f(1))',
  'const f = (x: any) =>\n  // one\n  x as number; const g = (x: any) => x!; const h = (x: any) => <number>x; log(f(1), g(2), h(3))',
  'const f = async (x: number) => await x; log(await f(3))',
  'const f = async () => ({ x: await 1 }); log((await f()).x)',
  'const f = (a: number) => (b: number) => (c: number) => a + b + c; log(f(1)(2)(3))',
  'const f = () => () => {}; log(f()())',
  'const f = () => class A { m() { return 1 } }; log(new (f())().m(), f().name)',
  'const f = () => function () { return 1 }; log(f()(), f().name)',
  'const f = x => x ? y => y : z => -z; log(f(1)(2), f(0)(2))',
  'log([1, 2, 3].map(x => x * 2).filter(x => x > 2))',
  'const f = (x: unknown): x is string => typeof x === "string"; log(f("a"))',
  'const f = <T,>(x: T): T => x; log(f<number>(4))',
  'const f = () => `${(() => 1)()}`; log(f())',
  'log((() => void 0)(), (() => typeof log)(), (() => !1)())',
  'log((function () { return this })?.call(7) == 7, new (function () { this.x = 1 } as any)().x)',
  'function f(this: number, x: number) { return this + x } log(f.call(1, 2))',
  'function f(a: string): void; function f(a: number): void; function f(a: any) { log(a) } f(1)',
  'function f(): asserts this is any {} f(); declare function g(): void; declare const h: number; log(1)',
  'function f() { return arguments.length } log(f(...[1, 2]), ((...a: any[]) => a.length)(1))',
  'const o = { m() { return 1 }, get g() { return 2 }, set s(v: number) { log(v) }, async a() { return 3 }, *y() { yield 4 }, ' +
    'async *z() { yield 5 }, ["c" + 1]() { return 6 }, f: () => 7, "q-r"() { return 8 }, 9() { return 9 } };' +
    'o.s = 0; log(o.m(), o.g, await o.a(), ...o.y(), o.c1(), o.f(), o["q-r"](), o[9]()); for await (const z of o.z()) log(z)',
  // classes
  'class A { constructor(public x = 1) {} } class B extends A { y = this.x + 1; constructor() { super(4); log(this.y) } } new B()',
  'class A { constructor(readonly x: number) { log(x) } } class B extends A { constructor(private z: number) { super(z); } } new B(5)',
  'class A { static { for (let i = 0; i < 2; i++) log(i) } static x = (() => 3)(); static m() { return A.x } } log(A.m())',
  'class A { #p = 1; get p() { return this.#p } set p(v) { this.#p = v } static #q() { return 2 } static q = () => A.#q() }' +
    'const a = new A(); a.p = 5; log(a.p, A.q())',
  'abstract class A { abstract m(): void; abstract get x(): number; declare y: number; z?: number; n() { return 1 } }' +
    'class B extends A { m() {} get x() { return 2 } } log(new B().x, new B().n(), "y" in new B())',
  'class A { m(): void; m(x?: number) { log(x) } constructor(); constructor(x?: number) { log(x) } } new A().m()',
  'class A { f = async () => await 1; static async *g() { yield* [1, 2] } } log(await new A().f()); for await (const x of A.g()) log(x)',
  'const dec = (f: any, { name }: any) => function (this: any, ...a: any[]) { log(name); return f.call(this, ...a) };' +
    'class A { @dec m() { return 1 } } log(new A().m())',
  'class A extends (class { x() { return 1 } }) { x() { return super.x() + 1 } } log(new A().x())',
  'class A { accessor x = 1 } log(new A().x)',
  // loops
  'for (let i = 0; i < 3; i++) log(i); for (const x of [4, 5]) log(x); for (const k in { a: 1 }) log(k)',
  'let i = 0; while (i < 3) i++; do i--; while (i > 0)\nlog(i); do { i++ } while (i < 2); while (i-- > 0); log(i)',
  'let n = 0; for (;;) if (n++ > 2) break; else continue; log(n)',
  'outer: for (const a of [1, 2, 3]) for (const b of [1, 2, 3]) { if (b === 2) continue outer; if (a === 3) break outer; log(a, b) }',
  'a: b: while (true) { while (true) break a } log(1); c: { if (log) break c; log(2) }',
  'if (log) for (const x of [1]) log(x); else while (true) ; log(2)',
  'if (!log) ; else if (log) for (const x of [1]) if (x) log(x); else log(0)',
  'const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); log(fs.map(f => f()))',
  'const fs = []; for (const x of [1, 2]) fs.push(function () { return x }); log(fs.map(f => f()))',
  'for (var i = 0, j = 3; i < j; i++, j--); log(i, j)',
  'for (const [a, { b = 2 }] of [[1, {}]] as any) log(a, b)',
  'let x: number[]; for (x of [[1], [2]]) log(x[0])',
  'let s = 0; for (let i = 0; i < 9; i++) switch (i) { case 1: case 2: s += i; continue; case 5: break; default: s += 100 } log(s)',
  'for (const f = () => 1; ; ) { log(f()); break }',
  'do log(1)\nwhile (false) log(2)',
  'let i = 0; do if (i === 1) continue; while (++i < 3); log(i)',
  // generators
  'function* g() { const got = yield 1; log(got); try { yield 2 } finally { log("closed"); yield 3 } } const i = g();' +
    'log(i.next().value, i.next("x").value, i.return(9).value, i.next())',
  'function* g(n = 2) { while (n--) yield* [n, n] } log([...g()])',
  'async function* g() { try { yield 1; yield 2 } finally { await null; log("closed") } } for await (const x of g()) { log(x); break }',
  'const o = { async *[Symbol.asyncIterator]() { yield 1 } }; try { for await (const x of o) log(x) } finally { log(2) }',
  'try { for await (const x of [Promise.resolve(1), 2]) log(x) } finally { log(3) }',
  // awaits
  'const x = await 1, y = await Promise.resolve(2); log(x, y); log(await 3, [await 4], { a: await 5 }.a)',
  'let x; x = await 1\nlog(x)\n;[x] = await Promise.resolve([2])\nlog(x)',
  'log(1)\nawait null\nlog(2)',
  'const { a, b: [c] } = await Promise.resolve({ a: 1, b: [2] }); log(a, c)',
  'log((await Promise.resolve({ x: 1 })).x, (await [1])[0], -(await 1), !(await 0), (await 2) ** 3, await await 4)',
  'log(typeof await 1, (await (async () => 5)()) as number, (await 6)!, await (1, 7))',
  'async function f() { return await 1 } async function g() { return (await f()) + 1 } log(await g())',
  'async function f() { const r = await 1; return r } async function g() { if (log) return await f(); else throw 1 } log(await g())',
  'let x = 0; if (log) x = await 1; else x = await 2; log(x)',
  'for (let i = await 0; i < await 2; i += await 1) log(i)',
  'for (const x of await Promise.resolve([1])) log(x); while (await false) ; switch (await 1) { case await 1: const r = await 2; log(r) }',
  'const f = async ({ a = 1 }) => { const [x] = await [a]; log(x); await null; log(x) }; await f({}); await Promise.all([f({}), f({ a: 2 })])',
  'log(await (await (async () => async () => 1)())()); log(await new Promise(r => setTimeout(r, 1, 5)))',
  'log(`${await 1}`, (await (x => x))(2), new (await Date)(0).getTime(), await log?.name.length)',
  'throw await Promise.resolve(new Error("x"))',
  'await Promise.reject(new TypeError("y"))',
  // awaits whose value goes into a collection
  'const a = [0], m = new Map(), s = new Set(); a.push(await 1); a.push(...(await [2, 3])); m.set("k", { n: await 4, a }); s.add([await 5, 6]);' +
    'for (const x of [7, 8]) a.unshift(await x); const f = async (x: number) => a.push({ x, y: await x } as any); log(await f(9), a, m, s)',
  'const o = { push: (...x: any[]) => log(x) }, k = "push"; o.push(await 1, await 2); o?.push(await 3); o[k](await 4); o.push([await 5, ...[6]], { [await 7]: 8 })',
  'const f = async (): Promise<any> => ({ a: await 1, b: [2, await 3, ,] }); log(await f()); const [x, y = await 4] = [await 5] as any; log(x, y)',
  'for (const x of [1, 2]) await x; for (let x, i = 0; i < 2; i++) x = await i; let z; if (log) z = [await 1]; else z = [await 2]; log(z)',
  // the order of what waits
  'const go = async (n: string) => { log(n, 1); await null; log(n, 2); await Promise.resolve(); log(n, 3) }; go("a");' +
    'Promise.resolve().then(() => log("then 1")).then(() => log("then 2")).then(() => log("then 3")); go("b"); await go("c")',
  'const p = Promise.resolve(); (async () => { await p; log("async") })(); p.then(() => log("then")); queueMicrotask(() => log("micro")); await 0; await 0',
  // errors and clean-up
  'try { throw new Error("a") } catch { log(1) } try { throw 2 } catch (e) { log(e) } try { throw { m: 3 } } catch ({ m }) { log(m) }',
  'try { null!.x } catch (e: any) { log(e.constructor.name) } finally { log(2) } try { try { throw 3 } finally { log(4) } } catch (e: unknown) { log(e) }',
  'function f() { try { return 1 } finally { log("f") } } function g() { try { return 1 } finally { return 2 } } log(f(), g())',
  'const f = () => { for (;;) { try { continue } finally { break } } return 3 }; log(f())',
  'a: try { break a } finally { log(1) } for (const x of [1, 2]) try { if (x === 1) continue; log(x) } finally { log("f", x) }',
  'async function f() { try { return await 1 } finally { await null; log("done") } } log(await f())',
  'async function f() { try { await Promise.reject(1) } catch (e) { log(e); await 2 } finally { const x = await 3; log(x) } } await f()',
  'try {} finally {}try { } catch{} finally { }log(1)',
  'async function f() { try { log(1) } finally { for await (const x of [1]) log(x) } } await f()',
  'function f() { try { throw 1 } catch (e) { try { throw 2 } catch (e) { log(e) } finally { log(e) } } } f()',
  'async function f() { try { try { await Promise.reject(1) } finally { await null } } catch (e) { log(e) } } await f()',
  'Promise.reject(1).catch(e => log(e)).finally(() => log(2)); await null; await null; await null; await null',
  // using
  'const r = (n: string) => ({ [Symbol.dispose]() { log("dispose " + n) } }); { using a = r("a"), b = r("b"); log(1); using c = r("c"); log(2) } log(3)',
  'async function f() { await using a = { async [Symbol.asyncDispose]() { await null; log("disposed") } }; log(await 1) } await f(); log(2)',
  'function f() { using a = { [Symbol.dispose]: () => log("d") }; return 1 } log(f()); try { (() => { using a = { [Symbol.dispose]() { throw 5 } } })() } catch (e) { log(e) }',
  // TypeScript
  'enum E { A = 1, B = A << 1, C = "x".length } namespace N { export const f = () => E.B; export function* g() { yield 1 } } log(N.f(), E[1], E.C, ...N.g())',
  'type T = () => void; interface I { m(): void } let x = { m: () => log(1) } satisfies I; x.m(); abstract class A<T extends () => void> { abstract f: T }',
  'declare global { interface X { f(): void } } declare module "m" { export function f(): void } log(1)',
  'let f!: (x: number) => number; f = x => x as unknown as number; log(f(1)); type G = typeof f extends (x: infer X) => void ? X : never',
  // the end of lines
  'const a = 1\nconst f = () => a\n;(() => log(f()))()\nlet b = f\n() \nlog(b)',
  'var a = 1, b = function () { return a }\nfor (const x of [1])\n  log(x)\nif (a)\n  while (a < 3)\n    a++\nelse log(0)\nlog(a, b())',
  'const f = () =>\n{\n  return 1\n}\nlog(f())\nconst g = (\n  a: number,\n) =>\n  a +\n  1\nlog(g(1))',
];

test.each(snippets)('gives the same with stop points: %s', async source => {
  const expected = await run(source, {});
  expect(expected.length).toBeGreaterThan(0);
  // What does not run shows nothing.
  expect(expected.filter(value => /^thrown (?!Error: x|TypeError: y)/.test(String(value)))).toEqual([]);
  const stop = calls();
  expect(await run(withStopPoints(source), stop)).toEqual(expected);
  expect(stop[2]).toBe(0);
  expect(stop.counts.enter).toBe(stop.counts.leave);
  expect(stop.counts.disposing ?? 0).toBeGreaterThanOrEqual(stop.counts.disposed ?? 0);
});
