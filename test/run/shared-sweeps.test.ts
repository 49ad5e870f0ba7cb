/** Several processes on the sweeps of one notebook: no case is lost, none doubled, and the result is that of one. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { defaults, type Options } from '../../kernel-setup/run/options.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { runAll } from '../../kernel-setup/run/run.mjs';
import { root, scratchFolder, writeNotebook } from '../support/notebooks';
import { core as test, long } from '../support/tier';

let folder: string;
let options: Options;
beforeAll(() => {
  folder = scratchFolder();
  options = { ...defaults(root), jobs: 2 };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The cells of a notebook whose second sweep depends on the rows of the first. */
const cells = (noted: string, body: string) => [
  "import { claim, sweep } from 'widenet';\nimport { appendFileSync } from 'node:fs';\nimport os from 'node:os';",
  `const computed = (what: string) => appendFileSync(${JSON.stringify(noted)}, \`\${what} \${process.pid} \` +
    \`\${os.availableParallelism()}\\n\`);
   const rows = await sweep('first', Array.from({ length: 12 }, (_, k) => ({ k })), async ({ k }) => {
     computed(\`first \${k}\`);
     ${body}
     await new Promise(resolve => setTimeout(resolve, 150));
     return { y: k * k + 0.1 };
   }, { seconds: 1 });`,
  'const most = Math.max(...rows.map(row => row.y));',
  `const later = await sweep('second', [0, 1, 2, 3].map(j => ({ j, most })), ({ j, most }) => {
     computed(\`second \${j}\`);
     return { z: most + j };
   });`,
  "claim({ id: 'z', statement: 'z', measured: later.map(row => row.z), expect: { above: 0 }, source: 'own' });",
  "claim({ id: 'y', statement: 'y', measured: rows.map(row => row.y), expect: { above: 0 }, source: 'own' });",
];

async function run(name: string, body: string, more: Partial<Options> = {}) {
  const noted = path.join(folder, `${name}.computed`);
  const output = path.join(folder, `output-${name}`);
  const notebook = writeNotebook(folder, name, cells(noted, body));
  const {
    results: [result],
  } = await runAll(root, [notebook], { ...options, ...more, output });
  const lines = existsSync(noted) ? readFileSync(noted, 'utf8').trim().split('\n') : [];
  rmSync(noted, { force: true });
  const stored = readdirSync(outputPaths(output).rows, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.jsonl'))
    .flatMap(file =>
      readFileSync(path.join(outputPaths(output).rows, file), 'utf8')
        .trim()
        .split('\n'),
    )
    .map(line => JSON.parse(line).settings);
  expect(existsSync(outputPaths(output).teams) ? readdirSync(outputPaths(output).teams) : []).toEqual([]);
  return { result, computed: lines.map(line => line.split(' ')), stored };
}
const squares = Array.from({ length: 12 }, (_, k) => k * k + 0.1);
const names = [...Array.from({ length: 12 }, (_, k) => `first ${k}`), ...[0, 1, 2, 3].map(j => `second ${j}`)].sort();
const measured = [[0, 1, 2, 3].map(j => 121.1 + j), squares];

test('two processes compute each case once, in stages, and share the processors', async () => {
  const { result, computed, stored } = await run('plain', '');
  expect([result.status, result.failure]).toEqual(['done', undefined]);
  expect(result.claims.map(claim => claim.measured)).toEqual(measured);
  expect(computed.map(([sweep, k]) => `${sweep} ${k}`).sort()).toEqual(names);
  expect(stored.length).toBe(16);
  expect(new Set(computed.map(([, , pid]) => pid)).size).toBeGreaterThan(1);
  expect(new Set(computed.map(([, , , threads]) => threads))).toEqual(new Set(['1']));
});

test('a process that is killed while it computes is replaced; one that always is gives a row that says so', async () => {
  const { result, computed } = await run('deadly', "if (k === 5) process.kill(process.pid, 'SIGKILL');");
  expect([result.status, result.failure]).toEqual(['done', undefined]);
  expect(computed.filter(([sweep, k]) => sweep === 'first' && k === '5').length).toBe(3);
  expect(new Set(computed.map(([sweep, k]) => `${sweep} ${k}`)).size).toBe(16);
  expect(computed.length).toBe(18);
  const [z, y] = result.claims;
  expect(y.measured).toEqual(squares.map((value, k) => (k === 5 ? NaN : value)));
  expect(y.verdict).toBe('fails');
  expect(z.measured).toEqual([NaN, NaN, NaN, NaN]);
});

long('a case that blocks its process beyond its time has it ended, and after the second time is late', async () => {
  const { result, computed } = await run('blocking', 'if (k === 7) for (;;);');
  expect([result.status, result.failure]).toEqual(['done', undefined]);
  expect(computed.filter(([sweep, k]) => sweep === 'first' && k === '7').length).toBe(2);
  expect(result.claims[1].measured).toEqual(squares.map((value, k) => (k === 7 ? NaN : value)));
});
