/** The library in processes that are not its own kernel's: plain Node.js, and tslab's own kernel as npm ships it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import { afterAll, beforeAll, describe, expect, test as both } from 'vitest';
import { execute } from '../kernel-setup/run/execute.mjs';
import { readNotebook, sourceOf, writeNotebook, type Notebook } from '../kernel-setup/run/notebooks.mjs';
import { plotlyMime, storedClaims } from '../src/notebook/stored-results';
import { root } from './support/root';
import { core as test, isLong, long } from './support/tier';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'widenet-plain-')));
/** A folder outside the repository, which resolves the library and nothing else. */
const outside = path.join(folder, 'outside', 'notebooks');
const packages = path.join(root, 'node_modules');

/** As tslab's own installation registers it. */
function register(name: string, tslab: string): void {
  const argv = [process.execPath, path.join(tslab, 'bin', 'tslab'), 'kernel', '--config-path', '{connection_file}'];
  mkdirSync(path.join(folder, 'kernels', name), { recursive: true });
  const spec = { argv, display_name: 'TypeScript', language: 'typescript' };
  writeFileSync(path.join(folder, 'kernels', name, 'kernel.json'), JSON.stringify(spec));
}

/** A second installation of tslab, as `npm install --global` makes it. */
function installElsewhere(): string {
  const modules = path.join(folder, 'elsewhere', 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(packages).filter(name => !['widenet', '.cache'].includes(name)))
    if (name === 'tslab') cpSync(path.join(packages, name), path.join(modules, name), { recursive: true });
    else symlinkSync(path.join(packages, name), path.join(modules, name));
  return path.join(modules, 'tslab');
}

beforeAll(() => {
  mkdirSync(outside, { recursive: true });
  mkdirSync(path.join(folder, 'outside', 'node_modules'));
  symlinkSync(root, path.join(folder, 'outside', 'node_modules', 'widenet'));
  register('tslab-here', path.join(packages, 'tslab'));
  register('tslab-elsewhere', installElsewhere());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The notebook as this kernel leaves it. tslab sends no errors: that a cell failed is in the reply. */
async function ran(kernel: string, name: string, notebook: Notebook, cwd: string): Promise<Notebook> {
  const file = path.join(folder, `${name}.ipynb`);
  const kernelspec = { name: kernel, display_name: 'TypeScript', language: 'typescript' };
  writeNotebook(file, { ...notebook, metadata: { kernelspec } });
  const failure = await execute(root, {
    file,
    folder: cwd,
    profile: 'quick',
    set: {},
    env: { JUPYTER_PATH: folder, WIDENET_ROWS: path.join(folder, 'rows') },
    signal: new AbortController().signal,
    onProgress() {},
  });
  expect(failure).toBe(undefined);
  return readNotebook(file);
}

const outputsOf = (notebook: Notebook): any[] => notebook.cells.flatMap(cell => cell.outputs ?? []);
const shown = ({ text, data }: any) => [text ?? data['text/plain']].flat().join('').trimEnd();

describe('require', () => {
  const node = (script: string) => execFileSync(process.execPath, ['-e', script], { cwd: outside, encoding: 'utf8' });

  test('loads the library in any process that resolves it', () => {
    expect(node("console.log(require('widenet').mean([1, 2]))")).toBe('1.5\n');
  });

  test('gives the library as it was loaded last', () => {
    const script = `
      const { mean } = require('widenet');
      for (const file of Object.keys(require.cache)) if (file.endsWith('.ts')) delete require.cache[file];
      console.log(require('widenet').mean === mean, require('widenet').mean === require('widenet').mean);`;
    expect(node(script)).toBe('false true\n');
  });
});

test("the library has no type errors under the compiler and the options of tslab's own kernel", () => {
  const ts: typeof TypeScript = createRequire(path.join(packages, 'tslab', 'bin', 'tslab'))(
    '@tslab/typescript-for-tslab',
  );
  const program = ts.createProgram([path.join(root, 'src', 'index.ts')], {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    typeRoots: [path.join(packages, '@types')],
    esModuleInterop: true,
    experimentalDecorators: true,
    declaration: true,
    skipLibCheck: true,
  });
  const found = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => [file?.fileName, messageText]);
  expect(found).toEqual([]);
  expect(program.getSourceFiles().map(({ fileName }) => fileName)).toContain(
    path.join(root, 'src', 'train', 'train.ts'),
  );
});

/** Cells, and what each shows. All come after the cell that imports the library, as tslab is mended from there on. */
const cells: [of: string, code: string, shows: string[]][] = [
  ['the first import', "import { figure, ndarray, show, table } from 'widenet';", []],
  ['variables', 'const n = 1; let f = 3; const items = [{ f: 7, n: 9 }]; function g() {} class K {}', []],
  ['a shorthand', '({ n, g, K, items: 0 })', ['{ n: 1, g: [Function: g], K: [class K], items: 0 }']],
  ['one beside a spread', '[{ n, ...{ f } }]', ['[ { n: 1, f: 3 } ]']],
  ['an import', '({ show }).show === show', ['true']],
  ['a parameter of that name', 'const h = (n: number) => ({ n, f }); h(4)', ['{ n: 4, f: 3 }']],
  ['a variable of a block', '{ const f = 8; console.log({ f, n }); }', ['{ f: 8, n: 1 }']],
  ['a variable of a loop', 'for (const { f: a, n } of items) console.log({ a, n });', ['{ a: 7, n: 9 }']],
  ['a caught error', "try { throw 'e'; } catch (n) { console.log({ n }); }", ["{ n: 'e' }"]],
  ['a function by its own name', 'typeof (function n() { return { n }; })().n', ['function']],
  ['a class by its own name', 'typeof (class n { static a() { return { n }; } }).a().n', ['function']],
  ['a namespace', 'namespace N { export const n = 22; export const o = { n }; } N.o', ['{ n: 22 }']],
  ['a type of that name', 'type f = 1; { type n = f; console.log({ n }); }', ['{ n: 1 }']],
  ['a renaming', 'const { f: y, n: z } = items[0]; [y, z, f]', ['[ 7, 9, 3 ]']],
  ['a nested one with a default', 'const { f: { a } = { a: f } }: any = {}; ({ a, n })', ['{ a: 3, n: 1 }']],
  ['one of a parameter', '(({ f: a, n: b }) => [a, b, n])(items[0])', ['[ 7, 9, 1 ]']],
  ['one by a computed name', "const key = 'f' as const; const { [key]: k } = items[0]; k", ['7']],
  ['an assignment to it', '({ n: f } = items[0]); f', ['9']],
  ['an assignment by shorthand', '({ f } = items[0]); f', ['7']],
  ['one with a default', '({ f = 5 } = {} as { f?: number }); f', ['5']],
  ['the same name anew', 'const { f } = items[0]; ({ f })', ['{ f: 7 }']],
  ['a figure', "figure([], { title: { text: 'T' } })", ['Figure: T']],
  ['a table', 'table([{ a: 1 }])', ['a\n-\n1']],
  ['an array', 'ndarray([1, 2])', ['NdArray float64 [2], min 1, mean 1.5, max 2\n[1, 2]']],
  ['a text', "'text'", ['text']],
  ['a number', 'await Promise.resolve(1 + 1)', ['2']],
  ['nothing', 'null', []],
  ['nothing again', 'void 0', []],
  ['shown on the way', "show(table([{ a: 2 }]), 'b'); n", ['a\n-\n2', "'b'", '1']],
];

const places: [where: string, kernel: string, cwd: string][] = isLong
  ? [
      ['in the folder of the repository', 'tslab-here', root],
      ['in a folder outside, under a tslab of its own', 'tslab-elsewhere', outside],
    ]
  : [['beside the notebooks', 'tslab-here', path.join(root, 'notebooks')]];
both.each(places)('%s, cells give what TypeScript says, and last values are shown', async (_, kernel, cwd) => {
  const notebook: Notebook = {
    cells: cells.map(([id, source]) => ({
      id: id.replaceAll(' ', '-'),
      cell_type: 'code',
      source,
      outputs: [],
      execution_count: null,
      metadata: {},
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  const after = await ran(kernel, 'cells', notebook, cwd);
  expect(after.cells.map((cell, i) => [cells[i][0], sourceOf(cell), (cell.outputs ?? []).map(shown)])).toEqual(cells);
  const typesOf = (of: string) => Object.keys(after.cells[cells.findIndex(([id]) => id === of)].outputs![0].data!);
  expect(typesOf('a figure')).toContain(plotlyMime);
  expect(typesOf('a table')).toContain('text/html');
});

long('a notebook runs to its end with the verdicts and figures that it was committed with', async () => {
  const committed = readNotebook(path.join(root, 'notebooks', 'barboni2025.ipynb'));
  const after = await ran('tslab-here', 'barboni2025', committed, path.join(root, 'notebooks'));
  const verdicts = (notebook: Notebook) => storedClaims(notebook).claims.map(({ id, verdict }) => [id, verdict]);
  expect(verdicts(after)).toEqual(verdicts(committed));
  const titles = (notebook: Notebook) =>
    outputsOf(notebook).flatMap(output => (output.data?.[plotlyMime] ? shown(output).split('\n')[0] : []));
  expect(titles(after)).toEqual(titles(committed));
  expect(outputsOf(after).filter(({ name }) => name === 'stderr')).toEqual([]);
});
