import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { defaults, type Options } from '../../kernel-setup/run/options.mjs';
import { readResult, type Result } from '../../kernel-setup/run/results.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { runAll } from '../../kernel-setup/run/run.mjs';
import { verdictLines } from '../../kernel-setup/run/verdict-lines.mjs';
import { requireChromium } from '../support/browser';
import { root, scratchFolder, writeNotebook } from '../support/notebooks';
import { hasEnded } from '../support/processes';
import { core as test, long } from '../support/tier';

let folder: string;
let options: Options;
const by = (results: Result[], name: string) => results.find(r => r.name === name)!;

beforeAll(() => {
  requireChromium();
  folder = scratchFolder();
  options = { ...defaults(root), output: path.join(folder, 'output') };
});
afterAll(() => rmSync(folder, { recursive: true }));

const good = [
  '# A **good** notebook',
  "import { claim, columns, lines, params, sweep, verdicts } from 'widenet';",
  { source: 'const { n, seeds } = params({ quick: { n: 3, seeds: [0, 1] }, full: { n: 30 } });', tags: ['parameters'] },
  "const rows = await sweep('squares', [1, 2, n].map(k => ({ k })), ({ k }) => ({ square: k * k }));",
  "lines(rows, { x: 'k', y: 'square', title: 'Squares' })",
  "claim({ id: 'rises', statement: 'squares rise', measured: rows.map(row => Number(row.square)), " +
    "expect: { above: 1 }, source: 'own design' });",
  "claim({ id: 'falls', statement: 'squares fall', measured: [NaN, 1], expect: { below: 1 }, source: 'own design' });",
  'verdicts()',
];

test('notebooks run at once; one that fails stops no other; a broken cell never passes', async () => {
  const notebooks = [
    writeNotebook(folder, 'good', good),
    writeNotebook(folder, 'throws', ['const x = 1;', "throw new Error('boom ' + x)", 'console.log(3)']),
    writeNotebook(folder, 'mistyped', ["const y: number = 'text';"]),
    writeNotebook(folder, 'expected', [
      { source: "throw new Error('boom')", tags: ['raises-exception'] },
      'console.log(3)',
    ]),
    writeNotebook(folder, 'unexpected', [{ source: '1 + 1', tags: ['raises-exception'] }]),
  ];
  const { results, interrupted } = await runAll(root, notebooks, { ...options, set: { n: 4 }, jobs: 2 });
  expect(interrupted).toBe(false);
  expect(results.map(r => [r.name, r.status])).toEqual([
    ['good', 'done'],
    ['throws', 'failed'],
    ['mistyped', 'failed'],
    ['expected', 'done'],
    ['unexpected', 'failed'],
  ]);
  expect(by(results, 'throws').failure).toMatchObject({ cell: 2, name: 'Error', message: 'boom 1' });
  expect(by(results, 'mistyped').failure?.message).toMatch(/Type 'string' is not assignable to type 'number'/);
  expect(by(results, 'unexpected').failure?.message).toBe('the cell is tagged raises-exception but did not fail');
  expect(verdictLines(by(results, 'throws'))).toMatch(/^throws \(quick\)\n {2}FAILED in code cell 2: Error: boom 1\n/);

  const result = by(results, 'good');
  expect(result).toMatchObject({
    profile: 'quick',
    settings: { n: 4, seeds: [0, 1] },
    figures: [{ id: '01-squares', title: 'Squares' }],
  });
  expect(result.claims.map(c => [c.id, c.verdict])).toEqual([
    ['rises', 'holds'],
    ['falls', 'fails'],
  ]);
  expect(verdictLines(result)).toContain(
    '  holds       squares rise: 1 .. 16 (3 of 3 hold), expected ≥ 1\n' +
      '  fails       squares fall: 1 .. 1 (1 not finite, 1 of 2 hold), expected ≤ 1',
  );

  const at = outputPaths(options.output);
  expect(readdirSync(at.figures('good'))).toEqual(['01-squares.json', '01-squares.png', '01-squares.svg']);
  expect(readFileSync(path.join(at.figures('good'), '01-squares.svg'), 'utf8')).toMatch(/^<svg /);
  const executed = readFileSync(at.notebook('good'), 'utf8');
  expect(JSON.parse(executed).cells[4].outputs[0].data['image/png']).toBe(
    readFileSync(path.join(at.figures('good'), '01-squares.png')).toString('base64'),
  );
  expect(executed).toMatch(/"y": \[\s+1,\s+4,\s+16\s+\]/);
  const rows = readdirSync(path.join(at.rows, 'good', 'squares'), { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.jsonl'),
  );
  expect(
    rows.map(file => readFileSync(path.join(at.rows, 'good', 'squares', file), 'utf8').split('\n').length),
  ).toEqual([4]);
});

test('the same notebook run again is the same to the byte, and resume keeps it until its code or settings change', async () => {
  const notebook = { name: 'good', file: path.join(folder, 'good.ipynb') };
  const file = outputPaths(options.output).notebook('good');
  const before = readFileSync(file, 'utf8');
  const {
    results: [again],
  } = await runAll(root, [notebook], { ...options, set: { n: 4 } });
  expect(readFileSync(file, 'utf8')).toBe(before);
  const {
    results: [kept],
  } = await runAll(root, [notebook], { ...options, set: { n: 4 }, resume: true });
  expect(kept.finished).toBe(again.finished);
  const {
    results: [other],
  } = await runAll(root, [notebook], { ...options, set: { n: 5 }, resume: true });
  expect(other.finished).not.toBe(again.finished);
  expect(other.previous).toMatchObject({ settings: { n: 4 } });
});

test('save writes back a notebook that ran through, and no other', async () => {
  const text = (name: string) => readFileSync(path.join(folder, `${name}.ipynb`), 'utf8');
  const before = text('throws');
  await runAll(
    root,
    ['good', 'throws'].map(name => ({ name, file: path.join(folder, `${name}.ipynb`) })),
    { ...options, save: true },
  );
  expect(text('throws')).toBe(before);
  expect(text('good')).toBe(readFileSync(outputPaths(options.output).notebook('good'), 'utf8'));
  expect(JSON.parse(text('good')).metadata.widenet).toMatchObject({
    profile: 'quick',
    code: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
});

test('save takes a result that is kept, under the texts that were edited since', async () => {
  const file = path.join(folder, 'good.ipynb');
  const kept = outputPaths(options.output).notebook('good');
  const again = async () => {
    const { results, unsaved } = await runAll(root, [{ name: 'good', file }], { ...options, save: true, resume: true });
    expect([results[0].finished, unsaved]).toEqual([finished, []]);
    return [file, kept].map(name => readFileSync(name, 'utf8'));
  };
  const { finished } = readResult(options.output, 'good')!;
  const before = readFileSync(file, 'utf8');
  expect(await again(), 'to the byte').toEqual([before, before]);
  const edited = JSON.parse(before);
  edited.cells[0].source = ['# An edited title'];
  edited.cells.splice(2, 0, { cell_type: 'markdown', id: 'new', metadata: {}, source: ['more'] });
  writeFileSync(
    file,
    JSON.stringify({ ...edited, cells: edited.cells.map((c: any) => ({ ...c, ...(c.outputs && { outputs: [] }) })) }),
  );
  const [saved, executed] = await again();
  expect(saved).toBe(executed);
  expect(JSON.parse(saved).cells.map((c: any) => [c.source.join(''), c.outputs])).toEqual(
    edited.cells.map((c: any) => [c.source.join(''), c.outputs]),
  );
  writeFileSync(file, before);
});

long('when no kernel starts, the set-up is checked and its state told first', async () => {
  const notebook = writeNotebook(folder, 'unknown', ['1 + 1'], {
    kernelspec: { name: 'unknown-kernel', display_name: 'None' },
  });
  const {
    results: [result],
  } = await runAll(root, [notebook], options);
  expect(verdictLines(result)).toMatch(
    /FAILED before its first cell: .*\n +the set-up was checked and is in order: \d+ files/,
  );
});

test('an interrupt keeps what is done and leaves no kernel behind', async () => {
  const marker = path.join(folder, 'started');
  const quick = writeNotebook(folder, 'quick', ['1 + 1']);
  const slow = writeNotebook(folder, 'slow', [
    `require('node:fs').writeFileSync(${JSON.stringify(marker)}, String(process.pid)); ` +
      `await new Promise(resolve => setTimeout(resolve, 600_000))`,
  ]);
  const waiting = setInterval(() => {
    if (existsSync(marker)) {
      clearInterval(waiting);
      process.emit('SIGINT');
    }
  }, 100);
  const { results, interrupted } = await runAll(root, [quick, slow], { ...options, jobs: 1 });
  expect(interrupted).toBe(true);
  expect(results.map(r => r.name)).toEqual(['quick']);
  expect([readResult(options.output, 'quick')?.status, readResult(options.output, 'slow')]).toEqual([
    'done',
    undefined,
  ]);
  const pid = Number(readFileSync(marker, 'utf8'));
  await hasEnded(pid);
});

long('a notebook for another kernel is a failure of its own', async () => {
  const notebook = writeNotebook(folder, 'other', ['1 + 1'], {
    kernelspec: { name: 'no-such-kernel', display_name: 'None' },
  });
  const {
    results: [result],
  } = await runAll(root, [notebook], options);
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cell: 0, name: 'NoSuchKernel', message: 'No such kernel named no-such-kernel' },
  });
  expect(verdictLines(result)).toMatch(
    /FAILED before its first cell: NoSuchKernel: No such kernel named no-such-kernel/,
  );
});
