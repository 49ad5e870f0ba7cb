import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatCells } from '../../kernel-setup/run/cell-format.mjs';
import { declared } from '../../kernel-setup/run/declared.mjs';
import { fork, template } from '../../kernel-setup/run/fork.mjs';
import { findNotebooks, readNotebook, sourceOf, writeNotebook as save } from '../../kernel-setup/run/notebooks.mjs';
import { root, writeNotebook } from '../support/notebooks';

let clone: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: clone, encoding: 'utf8' }).trim();

beforeAll(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'widenet-fork-'));
  writeNotebook(
    path.join(clone, 'notebooks'),
    'barboni2025',
    ['# Parent', "import { lines, show } from 'widenet';", 'show(1)'],
    { widenet: { code: 'x', profile: 'quick' } },
  );
  const executed = readNotebook(path.join(clone, 'notebooks', 'barboni2025.ipynb'));
  Object.assign(executed.cells[1], {
    execution_count: 1,
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'x' }],
  });
  save(path.join(clone, 'notebooks', 'barboni2025.ipynb'), executed);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
});
afterAll(() => rmSync(clone, { recursive: true }));

test('a fork has a hypothesis to fill in, its lineage, no outputs, and ends beside its parent', () => {
  const file = fork(clone, ['barboni2025', 'wider-student']);
  expect(path.relative(clone, file)).toBe(path.join('notebooks', 'forks', 'wider-student.ipynb'));
  const { cells, metadata } = readNotebook(file);
  expect(sourceOf(cells[0])).toMatch(
    /^# wider-student: title to fill in\n\nA fork of \[barboni2025\]\(\.\.\/barboni2025\.ipynb\) at commit [0-9a-f]{12}, which tells its claim and results\. The texts between the cells are still those of the parent: the results that they tell are not of this fork\.\n\n\*\*Hypothesis\.\*\*/,
  );
  expect(cells.filter(c => sourceOf(c).startsWith('# '))).toEqual([cells[0]]);
  expect(metadata.widenet).toEqual({ parent: 'barboni2025', commit: git('rev-parse', '--short=12', 'HEAD') });
  expect(
    cells.filter(c => c.cell_type === 'code').every(c => c.outputs?.length === 0 && c.execution_count === null),
  ).toBe(true);
  expect(sourceOf(cells.at(-1)!)).toContain("import { besideParent } from 'widenet';");
  expect(sourceOf(cells.at(-1)!)).toContain("show(...besideParent('../barboni2025.ipynb'))");
  expect(new Set(cells.map(c => c.id)).size).toBe(cells.length);
  const [formatted] = formatCells(root, [{ name: 'wider-student', notebook: readNotebook(file) }]);
  expect(sourceOf(formatted.notebook.cells.at(-1)!)).toBe(sourceOf(cells.at(-1)!));
});

test('a fork of a fork has its own parent, and one ending', () => {
  const file = fork(clone, ['wider-student', 'even-wider']);
  const { cells, metadata } = readNotebook(file);
  expect(metadata.widenet.parent).toBe('forks/wider-student');
  const endings = cells.filter(c => c.metadata.tags?.includes('beside-parent'));
  expect(endings.map(c => sourceOf(c).split('\n').at(-1))).toEqual(["show(...besideParent('wider-student.ipynb'));"]);
  expect(findNotebooks(clone, ['even-wider'])).toMatchObject([{ name: 'forks/even-wider' }]);
});

test.each([
  [['barboni2025'], /^a fork needs a parent and a name, but 1 arguments are given\n {2}usage: npm run fork/],
  [['barboni2025', 'wider-student'], /^there is already a notebook 'forks\/wider-student'/],
  [['barboni2025', 'Barboni2025'], /^there is already a notebook 'barboni2025'/],
  [['barboni2025', '../escape'], /^'\.\.\/escape' is not a name for a fork\n {2}letters, digits/],
  [['barboni2025', 'a b'], /is not a name for a fork/],
  [['barboni2025', '.hidden'], /is not a name for a fork/],
  [['barboni2025', ''], /is not a name for a fork/],
  [['barboni2025', 'x.ipynb'], /is not a name for a fork/],
  [['barboni2026', 'new'], /^there is no notebook 'barboni2026'/],
])('%j is refused', (args, message) => {
  expect(() => fork(clone, args)).toThrow(message);
  expect(existsSync(path.join(clone, 'notebooks', 'forks', 'new.ipynb'))).toBe(false);
});

test('a notebook from scratch is the template with a title and a hypothesis, formatted, of the form of the others', () => {
  const file = fork(clone, ['template', 'my-question']);
  expect(path.relative(clone, file)).toBe(path.join('notebooks', 'forks', 'my-question.ipynb'));
  const [title, ...rest] = readNotebook(file).cells;
  expect(sourceOf(title)).toMatch(/^# my-question: title to fill in\n\nIn one sentence: [^]*\*\*Against\.\*\*/);
  expect(rest).toEqual(readNotebook(template).cells);
  expect(JSON.stringify(title)).not.toMatch(/parent|fork/i);
  const [formatted] = formatCells(root, [{ name: 'template', notebook: readNotebook(file) }]);
  expect(formatted.notebook.cells.map(sourceOf)).toEqual(readNotebook(file).cells.map(sourceOf));
  expect(declared(readNotebook(file)).parameters?.quick).toMatchObject({ firstSeed: 200, seedCount: 5 });
  expect(rest.flatMap(c => c.outputs ?? [])).toEqual([]);
});

test('the parent is left as it was', () => {
  expect(git('status', '--porcelain', 'notebooks/barboni2025.ipynb')).toBe('');
  expect(readFileSync(path.join(clone, 'notebooks', 'barboni2025.ipynb'), 'utf8')).toContain('"code": "x"');
});
