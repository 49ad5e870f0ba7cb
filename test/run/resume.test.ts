/** What --resume and verify take up: results and rows of the very same code and parameters, and none else. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { defaults, type Options } from '../../kernel-setup/run/options.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { runAll } from '../../kernel-setup/run/run.mjs';
import { root, scratchFolder, writeNotebook } from '../support/notebooks';
import { core as test, long } from '../support/tier';

let folder: string;
let options: Options;
let notebook: { name: string; file: string };
const helper = (factor: number) =>
  writeFileSync(path.join(folder, 'factor.ts'), `export const factor: number = ${factor};\n`);

const cells = (more = '1') => [
  "import { claim, params, sweep, verdicts } from 'widenet';\nimport { factor } from './factor';",
  { source: 'const { scale } = params({ quick: { scale: 1 }, full: { scale: 100 } });', tags: ['parameters'] },
  more,
  `const rows = await sweep('map', [1, 2, 3].map(k => ({ k })), ({ k }) => {
     require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'ran'))}, 'x');
     return { y: k * scale * factor, loss: k === 2 ? NaN : 1e-9, W: Float32Array.of(k) };
   });`,
  "claim({ id: 'y', statement: 'y', measured: rows.map(row => Number(row.y)), expect: { above: 0 }, source: 'own' })",
  "claim({ id: 'converges', statement: 'the loss is small', " +
    "measured: rows.map(row => Number(row.loss)), expect: { below: 1e-6 }, source: 'own' })",
  "claim({ id: 'kept', statement: 'typed arrays stay', " +
    "measured: rows.map(row => row.W instanceof Float32Array ? 1 : 0), expect: { above: 1 }, source: 'own' })",
];

/**
 * A run; which y it found, and how many cases it computed. Whatever it is, a diverged case fails and arrays keep their
 * type.
 */
async function run(more: Partial<Options>) {
  const before = existsSync(path.join(folder, 'ran')) ? readFileSync(path.join(folder, 'ran')).length : 0;
  const {
    results: [result],
  } = await runAll(root, [notebook], { ...options, ...more });
  expect([result.status, result.failure]).toEqual(['done', undefined]);
  const [y, converges, kept] = result.claims;
  expect([converges.verdict, converges.measured, kept.verdict]).toEqual(['fails', [1e-9, NaN, 1e-9], 'holds']);
  return { y: y.measured, computed: readFileSync(path.join(folder, 'ran')).length - before, finished: result.finished };
}

beforeAll(() => {
  folder = scratchFolder();
  options = { ...defaults(root), output: path.join(folder, 'output') };
  helper(1);
  notebook = writeNotebook(folder, 'sweeping', cells());
});
afterAll(() => rmSync(folder, { recursive: true }));

test('parameters never mix: neither with --resume nor in what verify runs', async () => {
  expect(await run({})).toMatchObject({ y: [1, 2, 3], computed: 3 });
  expect(await run({ profile: 'full', resume: true })).toMatchObject({ y: [100, 200, 300], computed: 3 });
  expect(await run({ set: { scale: 7 } })).toMatchObject({ y: [7, 14, 21], computed: 3 });
  const plain = await run({ resume: true });
  expect(plain).toMatchObject({ y: [1, 2, 3], computed: 0 });
  expect(await run({ resume: true })).toEqual(plain);
  expect(await run({ set: { scale: 7 }, resume: true })).toMatchObject({ y: [7, 14, 21], computed: 0 });
  expect(readdirSync(path.join(outputPaths(options.output).rows, 'sweeping', 'map')).length).toBe(3);
});

long(
  'a changed line and a changed file beside the notebook are computed anew, and the rows of before stay',
  async () => {
    await run({});
    notebook = writeNotebook(folder, 'sweeping', cells('2'));
    expect(await run({ resume: true })).toMatchObject({ y: [1, 2, 3], computed: 3 });
    notebook = writeNotebook(folder, 'sweeping', cells());
    helper(3);
    expect(await run({ resume: true })).toMatchObject({ y: [3, 6, 9], computed: 3 });
    helper(1);
    expect(await run({ resume: true })).toMatchObject({ y: [1, 2, 3], computed: 0 });
  },
);
