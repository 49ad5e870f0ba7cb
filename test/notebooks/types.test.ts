import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatCells } from '../../kernel-setup/run/cell-format.mjs';
import { allNotebooks, readNotebook, sourceOf, type Notebook } from '../../kernel-setup/run/notebooks.mjs';
import { typeErrors } from '../support/notebook-types';
import { root } from '../support/notebooks';

const notebooks = allNotebooks(root).map(({ name, file }) => ({ name, file, notebook: readNotebook(file) }));

/** A notebook of these code cells, with a heading between them. */
function made(name: string, ...cells: string[]) {
  const code = cells.flatMap(source => [
    { cell_type: 'markdown', source: '# heading', metadata: {} },
    { cell_type: 'code', source, metadata: {} },
  ]);
  const notebook: Notebook = { cells: code, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  return { name, file: path.join(root, 'notebooks', `made-${name}.ipynb`), notebook };
}

describe('the type check of cells', () => {
  test('every notebook is typed strictly, and declares or imports nothing that it does not use', () => {
    expect(typeErrors(notebooks)).toEqual([]);
  });

  test('a cell sees the cells before it, may await, import again and declare anew', () => {
    const cells = [
      "import { mean,\n  last } from 'widenet';\nconst values = [1, 2];",
      "import { mean } from 'widenet';\nconst average = await Promise.resolve(mean(values));\naverage + last(values)",
      "const values = ['a'];\nvalues.map(text => text.length)",
    ];
    expect(typeErrors([made('right', ...cells)])).toEqual([]);
  });

  const faults: [fault: string, cells: string[], message: string][] = [
    ['any', ['1', 'const f = x => x;\nf(1)'], "code cell 2, line 1: Parameter 'x' implicitly has an 'any' type."],
    ['type', ['const a: number = 1;\na', "\nconst b: number = 'a';\nb"], "code cell 2, line 2: Type 'string' is not"],
    ['later', ['b', 'const b = 1;'], "code cell 1, line 1: Cannot find name 'b'."],
    [
      'unused',
      ['const a = 1;', 'const c = 1;\nc'],
      "code cell 1, line 1: 'a' is declared but its value is never read.",
    ],
    [
      'import',
      ["import {\n  last,\n  mean } from 'widenet';\nmean([1])"],
      "code cell 1, line 2: 'last' is declared but",
    ],
    [
      'unknown',
      ["import { nothing } from 'widenet';\nnothing()"],
      'line 1: Module \'"widenet"\' has no exported member',
    ],
    ['syntax', ['1', 'const a = ;'], 'code cell 2, line 1: Expression expected.'],
  ];
  const found = typeErrors(faults.map(([name, cells]) => made(name, ...cells)));
  test.each(faults)('%s: a fault is told by its notebook, cell and line', (name, _, message) => {
    expect(found.filter(error => error.startsWith(`${name}, `)).join('\n')).toContain(message);
  });
});

describe('the format of cells', () => {
  const sources = ({ notebook }: { notebook: Notebook }) =>
    notebook.cells.filter(cell => cell.cell_type === 'code').map(sourceOf);

  test.each(formatCells(root, notebooks).map((formatted, i) => ({ ...formatted, before: notebooks[i] })))(
    '$name is formatted: npm run format does it',
    ({ before, ...after }) => expect(sources(before)).toEqual(sources(after)),
  );

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
