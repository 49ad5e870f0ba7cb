/** Modules that cells import do what they do under Node.js itself. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../support/root';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'widenet-modules-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const node = (...args: string[]) => execFileSync(process.execPath, ['--no-warnings', ...args], { encoding: 'utf8' });

const driver = ['--experimental-vm-modules', '--require', path.join(root, 'kernel-setup', 'typescript-hook.cjs')];

const cases: Record<string, Record<string, string>> = {
  'modules run in the order of their imports': {
    'main.mjs': 'import "./env.mjs"; import c from "./c.cjs"; import * as all from "./d.cjs"; console.log(c, all.x)',
    'env.mjs': 'process.env.MY_X = "1"; console.log("env")',
    'c.cjs': 'console.log("c", process.env.MY_X); module.exports = 5',
    'd.cjs': 'console.log("d"); exports.x = 1',
  },
  'modules that import each other': {
    'main.mjs': 'import { b, get } from "./b.mjs"; export let a = 1; a = 2; console.log(b, get())',
    'b.mjs':
      'import { a } from "./main.mjs"; export const b = 3, get = () => a; try { a } catch (e) { console.log(e.message) }',
  },
  'bindings are live': {
    'main.mjs':
      'import { n, inc } from "./n.mjs"; import * as ns from "./n.mjs"; inc(); console.log(n, ns.n, Object.keys(ns))',
    'n.mjs': 'export let n = 0; export const inc = () => { n++ }; export default function () {}',
  },
  'modules that await': {
    'main.mjs': 'import "./a.mjs"; import "./b.mjs"; console.log("main")',
    'a.mjs': 'console.log("a1"); await new Promise(r => setTimeout(r, 20)); console.log("a2")',
    'b.mjs': 'console.log("b1"); await 0; console.log("b2")',
  },
  'CommonJS in ES modules': {
    'main.mjs':
      'import d, { x } from "./es.cjs"; import * as ns from "./es.cjs"; import f, { k } from "./f.cjs";' +
      'console.log(d, x, ns.default, ns.x, f(), k); export * from "./f.cjs"; export * as again from "./f.cjs"',
    'es.cjs': 'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = 1; exports.x = 2',
    'f.cjs': 'module.exports = () => 7; module.exports.k = 8',
  },
  'imports while a module runs': {
    'main.mjs':
      'const a = await import("./a.mjs"); console.log(a, await import("./a.mjs") === a, (await import("./c.cjs")).x);' +
      'for (const m of ["./no.mjs", "./thrown.mjs", "none", "./a.txt"]) await import(m).catch(e => console.log(e.code ?? e.message));' +
      'console.log((await import("data:text/javascript,export default 4")).default)',
    'a.mjs': 'export const v = 1',
    'c.cjs': 'exports.x = 1',
    'thrown.mjs': 'throw new Error("thrown")',
    'a.txt': 'text',
  },
  'import.meta': {
    'main.mjs':
      'const { url, dirname, filename, resolve } = import.meta;' +
      'console.log(url, dirname, filename, resolve("./x y.mjs"), resolve("fs"))',
  },
  'a module of each query': {
    'main.mjs':
      'import { n as a } from "./n.mjs?1"; import { n as b } from "./n.mjs?2"; import { url } from "./n.mjs?1"; console.log(a, b, url)',
    'n.mjs': 'globalThis.count = (globalThis.count ?? 0) + 1; export const n = globalThis.count, { url } = import.meta',
  },
  'the texts of functions': {
    'main.mjs': 'import f from "./f.cjs"; console.log((function  g ( ) { return 1 }).toString(), f.toString())',
    'f.cjs': 'module.exports = async x  => { for (;;) return await x }',
  },
  'CommonJS among itself': {
    'main.mjs': 'import "./a.cjs"; import "./a.cjs"',
    'a.cjs':
      'console.log(module.id === __filename, require.resolve("./a.cjs") === __filename, this === exports, require("./b").v);' +
      'console.log(require("./dir").d); try { require("./none") } catch (e) { console.log(e.code) }',
    'b.js': 'exports.v = 2',
    'dir/index.js': 'exports.d = 1',
  },
  packages: {
    'main.mjs':
      'import d, { a } from "dual"; import sub from "dual/sub"; import { r } from "legacy"; import deep from "legacy/deep.js";' +
      'console.log(d, a, sub, r, deep, (await import("#x")).default); await import("dual/none").catch(e => console.log(e.code))',
    'package.json': '{ "name": "me", "imports": { "#x": "./x.mjs" }, "exports": "./x.mjs" }',
    'x.mjs': 'import * as me from "me"; export default 5',
    'node_modules/dual/package.json':
      '{ "name": "dual", "exports": { ".": { "import": "./i.mjs", "require": "./r.cjs" }, "./sub": { "node": "./s.cjs" } } }',
    'node_modules/dual/i.mjs': 'export const a = "i"; export default "id"',
    'node_modules/dual/r.cjs': 'exports.a = "r"',
    'node_modules/dual/s.cjs': 'module.exports = "s"',
    'node_modules/legacy/package.json': '{ "name": "legacy", "main": "lib" }',
    'node_modules/legacy/lib/index.js': 'exports.r = "legacy"',
    'node_modules/legacy/deep.js': 'module.exports = "deep"',
  },
};

test.each(Object.entries(cases))('%s, as in Node.js', (_, files) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const own = node(...driver, path.join(__dirname, 'modules-driver.cjs'), folder);
  const main = JSON.stringify(pathToFileURL(path.join(folder, 'main.mjs')).href);
  expect(own).toBe(node('--input-type=module', '-e', `await import(${main})`));
  expect(own).not.toBe('');
});
