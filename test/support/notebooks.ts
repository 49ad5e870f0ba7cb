/**
 * Small notebooks for tests, in a folder of the repository that is ignored by git, so that they can import the library.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './root';

export { root };

/** A fresh folder under output/, from where `import ... from 'widenet'` works. */
export function scratchFolder(): string {
  const parent = path.join(root, 'output', 'test');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'notebooks-'));
}

/** A cell: its code, or its code with tags. A text that starts with '# ' is a heading. */
export type CellText = string | { source: string; tags: string[] };

/** Writes `<name>.ipynb` and gives what `runAll` takes. */
export function writeNotebook(folder: string, name: string, cells: readonly CellText[], metadata: object = {}) {
  const file = path.join(folder, `${name}.ipynb`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify(
      {
        cells: cells.map((text, i) => {
          const { source, tags } = typeof text === 'string' ? { source: text, tags: [] } : text;
          const common = { id: `cell-${i}`, metadata: tags.length ? { tags } : {}, source };
          return source.startsWith('# ')
            ? { cell_type: 'markdown', ...common }
            : { cell_type: 'code', execution_count: null, outputs: [], ...common };
        }),
        metadata: {
          kernelspec: { display_name: 'TypeScript (widenet)', language: 'typescript', name: 'tslab' },
          ...metadata,
        },
        nbformat: 4,
        nbformat_minor: 5,
      },
      null,
      1,
    ),
  );
  return { name, file };
}
