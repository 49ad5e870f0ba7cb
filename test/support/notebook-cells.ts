/** The code of a notebook's cells, so that a test runs what the notebook shows and not a copy of it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as widenet from 'widenet';
import { root } from './root';

interface Cell {
  cell_type: string;
  metadata: { tags?: string[] };
  source: string[];
}

/**
 * Runs the code cells with this tag, in order, with all of widenet in scope, and returns the values of `names` that
 * they declare.
 */
export function runCells(notebook: string, tag: string, names: readonly string[]): Record<string, any> {
  const file = path.join(root, 'notebooks', `${notebook}.ipynb`);
  const cells = (JSON.parse(readFileSync(file, 'utf8')).cells as Cell[]).filter(
    c => c.cell_type === 'code' && c.metadata.tags?.includes(tag),
  );
  if (cells.length === 0) throw new Error(`runCells: ${notebook} has no code cell tagged '${tag}'`);
  const source = cells.map(c => c.source.join('')).join('\n');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  return new Function(
    'widenet',
    `const { ${Object.keys(widenet).join(', ')} } = widenet;\n${outputText}\nreturn { ${names.join(', ')} };`,
  )(widenet);
}
