/**
 * What is told of a run that did not come to its end: the reason and the true cell, and no result that the run did not
 * find.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNotebook, writeNotebook as save } from '../../kernel-setup/run/notebooks.mjs';
import { defaults, type Options } from '../../kernel-setup/run/options.mjs';
import { passes, type Result } from '../../kernel-setup/run/results.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { runAll } from '../../kernel-setup/run/run.mjs';
import { verdictLines } from '../../kernel-setup/run/verdict-lines.mjs';
import { root, scratchFolder, writeNotebook } from '../support/notebooks';
import { hasEnded } from '../support/processes';

let folder: string;
let options: Options;
const results = new Map<string, Result>();

const claims = (id: string) => ({
  'application/vnd.widenet.claims+json': {
    claims: [{ id, statement: `${id} statement`, measured: 1, expect: { above: 0 }, source: 'own', verdict: 'holds' }],
  },
});
const figure = { 'application/vnd.plotly.v1+json': { data: [], layout: { title: { text: 'committed figure' } } } };
/** Says in its cell 1 what this run measured, and ends in cell 2. */
const ending = (end: string) => [
  "import { claim } from 'widenet';\nclaim({ id: 'fresh', statement: 'fresh statement', measured: 2, " +
    "expect: { above: 1 }, source: 'own' });",
  end,
  "claim({ id: 'never', statement: 'never', measured: 2, expect: { above: 1 }, source: 'own' })",
];

/** A notebook whose committed outputs show a claim and a figure. */
function committed(name: string, cells: string[]) {
  const notebook = writeNotebook(folder, name, cells);
  const content = readNotebook(notebook.file);
  for (const [i, cell] of content.cells.entries())
    Object.assign(cell, {
      execution_count: i + 1,
      outputs: [claims('stale'), figure].map(data => ({ output_type: 'display_data', metadata: {}, data })),
    });
  save(notebook.file, content);
  return notebook;
}

const block = (lines: string[]) =>
  `${lines.join(' ')} Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);`;

beforeAll(async () => {
  folder = scratchFolder();
  options = { ...defaults(root), output: path.join(folder, 'output'), jobs: 2 };
  const notebooks = [
    committed('killed', ending(block(["process.kill(process.pid, 'SIGKILL');"]))),
    committed(
      'execution',
      ending(
        block([
          "require('node:fs').writeFileSync('kernel.pid', String(process.pid));",
          "process.kill(process.ppid, 'SIGKILL');",
        ]),
      ),
    ),
    committed('terminated', ending(block(["process.kill(process.ppid, 'SIGTERM');"]))),
    committed(
      'aborted',
      ending(
        "require('node:fs').writeSync(2, 'last words\\n'); process.kill(process.pid, 'SIGABRT'); " +
          'await new Promise(() => {})',
      ),
    ),
    committed(
      'heap',
      ending(
        "require('node:v8').setFlagsFromString('--max-old-space-size=200'); const kept: unknown[] = []; " +
          'for (;;) kept.push(new Array(1e6).fill(kept.length));',
      ),
    ),
    committed('printing', [
      "require('node:fs').writeSync(1, 'not an event\\n'); require('node:fs').writeSync(1, '{\"cell\": 7}\\n');",
      '1 + 1',
    ]),
  ];
  for (const result of (await runAll(root, notebooks, options)).results) results.set(result.name, result);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['killed', 'DeadKernel', /^the kernel died of SIGKILL, probably out of memory$/],
  [
    'execution',
    'Ended',
    /^the process that executes the notebook was killed by SIGKILL, probably out of memory; what its cells showed until then is not a result$/,
  ],
  ['terminated', 'Interrupted', /^the execution was ended by SIGTERM$/],
  ['aborted', 'DeadKernel', /^the kernel died of SIGABRT$/],
  ['heap', 'DeadKernel', /^the kernel died of SIG(ABRT|TRAP|ILL): .*JavaScript heap out of memory/],
])(
  '%s: the reason, the true cell, nothing of the committed outputs, and what ran is told as partial',
  (name, kind, message) => {
    const result = results.get(name)!;
    expect(result).toMatchObject({
      status: 'failed',
      failure: { cell: 2, name: kind, message: expect.stringMatching(message) },
      claims: [],
      figures: [],
    });
    expect(result.partial?.map(claim => [claim.id, claim.measured])).toEqual([['fresh', 2]]);
    expect(passes(result)).toBe(false);
    expect(readFileSync(outputPaths(options.output).notebook(name), 'utf8')).not.toMatch(/stale|committed figure/);
    const lines = verdictLines(result);
    expect(lines).toMatch(/FAILED in code cell 2/);
    expect(lines).toMatch(
      /not a result: what its cells claimed before that\n {2}\(partial\) {3}holds {7}fresh statement/,
    );
    expect(lines).not.toMatch(/^ {2}holds/m);
    expect(JSON.parse(readFileSync(path.join(folder, `${name}.ipynb`), 'utf8')).cells[0].outputs.length).toBe(2);
  },
);

test('the last words of the kernel are told', () =>
  expect(results.get('aborted')!.failure?.traceback.join('\n')).toContain('last words'));

test('what a kernel writes to its own stdout is no progress and harms nothing', () =>
  expect(results.get('printing')).toMatchObject({ status: 'done' }));

test('the kernel ends with the process that executes its notebook', async () => {
  const pid = Number(readFileSync(path.join(folder, 'kernel.pid'), 'utf8'));
  await hasEnded(pid);
});
