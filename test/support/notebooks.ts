/**
 * Small notebooks for tests, in a folder of the repository that is ignored by git, so that they can import the library.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { writeNotebookFile } from './notebook-file.mjs';
import { root } from './root';

export { root };

/** A fresh folder under output/, from where `import ... from 'widenet'` works. */
export function scratchFolder(): string {
  const parent = path.join(root, 'output', 'test');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'notebooks-'));
}

/** Writes `<name>.ipynb` and gives what `runAll` takes. */
export const writeNotebook = (
  folder: string,
  name: string,
  cells: Parameters<typeof writeNotebookFile>[1],
  metadata?: object,
) => ({ name, file: writeNotebookFile(path.join(folder, `${name}.ipynb`), cells, metadata) });
