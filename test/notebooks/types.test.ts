import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatCells, writeFormatted } from '../../kernel-setup/run/cell-format.mjs';
import { template } from '../../kernel-setup/run/fork.mjs';
import { asModule, checkNames, typeErrors } from '../../kernel-setup/run/notebook-types.mjs';
import { allNotebooks, readNotebook, sourceOf, type Notebook } from '../../kernel-setup/run/notebooks.mjs';
import { compilers, complaints, languageService } from '../support/compilers';
import { root, scratchFolder, writeNotebook } from '../support/notebooks';

const notebooks = [...allNotebooks(root), { name: 'template', file: template }].map(({ name, file }) => ({
  name,
  file,
  notebook: readNotebook(file),
}));

/** A notebook of these code cells, with a heading between them. */
function made(name: string, ...cells: string[]) {
  const code = cells.flatMap(source => [
    { cell_type: 'markdown', source: '# heading', metadata: {} },
    { cell_type: 'code', source, metadata: {} },
  ]);
  const notebook: Notebook = { cells: code, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  return { name, file: path.join(root, 'notebooks', `made-${name}.ipynb`), notebook };
}

const right = made(
  'right',
  "import { mean,\n  last } from 'widenet';\nconst values = [1, 2];",
  "import { mean } from 'widenet';\nconst average = await Promise.resolve(mean(values));\naverage + last(values)",
  "const values = ['a'];\nvalues.map(text => text.length)",
);
const faults: [fault: string, cells: string[], message: string][] = [
  ['any', ['1', 'const f = x => x;\nf(1)'], "code cell 2, line 1: Parameter 'x' implicitly has an 'any' type."],
  ['type', ['const a: number = 1;\na', "\nconst b: number = 'a';\nb"], "code cell 2, line 2: Type 'string' is not"],
  ['later', ['b', 'const b = 1;'], "code cell 1, line 1: Cannot find name 'b'."],
  ['unused', ['const a = 1;', 'const c = 1;\nc'], "code cell 1, line 1: 'a' is declared but its value is never read."],
  ['import', ["import {\n  last,\n  mean } from 'widenet';\nmean([1])"], "code cell 1, line 2: 'last' is declared but"],
  ['unknown', ["import { nothing } from 'widenet';\nnothing()"], 'line 1: Module \'"widenet"\' has no exported member'],
  ['syntax', ['1', 'const a = ;'], 'code cell 2, line 1: Expression expected.'],
];

describe('the type check of cells', () => {
  // One program for all of them: it reads the library's types once.
  const found = typeErrors(root, [...notebooks, right, ...faults.map(([name, cells]) => made(name, ...cells))]);
  const errorsOf = (name: string) => found.map(({ said }) => said).filter(said => said.startsWith(`${name}, `));

  test.each(notebooks)('$name is typed strictly, and declares or imports nothing that it does not use', ({ name }) => {
    expect(errorsOf(name)).toEqual([]);
  });

  test('a cell sees the cells before it, may await, import again and declare anew', () => {
    expect(errorsOf('right')).toEqual([]);
  });

  test.each(faults)('%s: a fault is told by its notebook, cell and line', (name, _, message) => {
    expect(errorsOf(name).join('\n')).toContain(message);
  });
});

describe("the compiler and the options of tslab's own kernel, which refuses to run what has type errors", () => {
  const moduleOf = ({ name }: { name: string }) => `notebooks/${name}.cells.ts`;
  const compiler = compilers['TypeScript of the kernel'];
  const older = made('older', 'const rows = Math.random() < 1 ? [1] : ["a"];\nrows.filter(Boolean);');
  const service = languageService(
    compiler,
    Object.fromEntries([...notebooks, older].map(entry => [moduleOf(entry), asModule(entry.notebook).code])),
    { module: compiler.ModuleKind.ESNext, strict: false, noUnusedLocals: false, noUnusedParameters: false },
  );

  test.each(notebooks)('$name has no type errors', entry => {
    expect(complaints(compiler, service, [moduleOf(entry)])).toEqual([]);
  });

  test('a call that newer compilers alone understand is told', () => {
    expect(typeErrors(root, [older])).toEqual([]);
    expect(complaints(compiler, service, [moduleOf(older)]).join()).toContain('This expression is not callable');
  });
});

test('a fork that refers to what it renamed is refused before it runs, by cell and line; cells without types are not', () => {
  const activations =
    'const activations = { gelu: (x: number) => x, tanh: Math.tanh };\ntype Name = keyof typeof activations;';
  const renamed = made(
    'renamed',
    activations,
    "const curve = (name: Name) => activations[name](1);\ncurve('relu');",
    "const runs: { activation: Name }[] = [];\nruns.filter(run => run.activation === 'relu');",
    'activations.relu(1);',
    "const steps: Record<Name, number> = { relu: 1, tanh: 2 };\nconst one: Name = 'relu';\nsteps.tanh;\none;",
    'curves(1);',
  );
  const loose = made(
    'loose',
    'let total;\nconst f = x => x + total;',
    'total = 1;\nconst y = f(2);',
    'const z: any = f(1);',
  );
  const numeric = made('numeric', "const twice = (x: number) => 2 * x;\ntwice('3' as any);\nlet n = 1;\nn = null;");
  expect(() => checkNames(root, [loose, numeric, renamed])).toThrow(
    new RegExp(
      [
        `^renamed, code cell 2, line 2: Argument of type '"relu"' is not assignable to .*`,
        `  renamed, code cell 3, line 2: This comparison appears to be unintentional .*`,
        `  renamed, code cell 4, line 1: Property 'relu' does not exist on .*`,
        `  renamed, code cell 5, line 1: Object literal may only specify known properties, and 'relu' does not .*`,
        `  renamed, code cell 5, line 2: Type '"relu"' is not assignable to .*`,
        `  renamed, code cell 6, line 1: Cannot find name 'curves'. Did you mean 'curve'.*`,
        '  nothing was run$',
      ].join('\n'),
    ),
  );
  expect(() => checkNames(root, [loose, numeric])).not.toThrow();
});

describe('the format of cells', () => {
  const sources = ({ notebook }: { notebook: Notebook }) =>
    notebook.cells.filter(cell => cell.cell_type === 'code').map(sourceOf);

  test.each(formatCells(root, notebooks).map((formatted, i) => ({ ...formatted, before: notebooks[i] })))(
    '$name is formatted: npm run format does it',
    ({ before, ...after }) => expect(sources(before)).toEqual(sources(after)),
  );

  test.each(notebooks)('$name has no line of code over 120 columns, but for texts that cannot be broken', entry => {
    const lines = sources(entry).flatMap(source => source.split('\n'));
    expect(lines.filter(line => line.length > 120 && !/['"`]/.test(line.replace(/\/[/*].*/, '')))).toEqual([]);
  });

  test('npm run format writes what is not formatted, and leaves outputs, tags and headings as they are', () => {
    const folder = scratchFolder();
    try {
      const entry = writeNotebook(folder, 'odd', ['# Heading  x', { source: 'f( 1 )', tags: ['parameters'] }, 'g(2);']);
      const before = readNotebook(entry.file);
      before.cells[1].source = 'f( 1 )';
      before.cells[1].outputs = [{ output_type: 'stream', text: 'f( 1 )' }];
      before.cells[2].source = ['g( 2,\n', ' 3 )'];
      expect(writeFormatted(root, [{ ...entry, notebook: before }])).toEqual(['odd']);
      const after = readNotebook(entry.file);
      const sources = [['# Heading  x'], ['f(1);'], ['g(2, 3);']];
      expect(after.cells).toEqual(before.cells.map((cell, i) => ({ ...cell, source: sources[i] })));
      expect(writeFormatted(root, [{ ...entry, notebook: after }])).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('cells are formatted as files are; the names of an import stand side by side', () => {
    const names = Array.from({ length: 40 }, (_, i) => `name${i}`);
    const [formatted] = formatCells(root, [
      made('m', `import {${names}} from "widenet"`, 'const a = await f( "x" )\na'),
    ]);
    const [imports, code] = sources(formatted);
    expect(code).toBe("const a = await f('x');\na;");
    expect(imports.replace(/\s+/g, ' ')).toBe(`import { ${names.join(', ')}, } from 'widenet';`);
    expect(imports.split('\n').map(line => line.length <= 120)).toEqual([true, true, true, true, true]);
    expect(sources(formatCells(root, [formatted])[0])).toEqual([imports, code]);
  });

  test('code that cannot be read is refused by its cell', () => {
    expect(() => formatCells(root, [made('broken', '1', 'const a = ;')])).toThrow(
      /^code cells cannot be formatted: [^]*broken, code cell 2, line 1[^]*Expected an expression/,
    );
  });
});
