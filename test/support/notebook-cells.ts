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
 * Runs the code cells that have one of these tags, in order, and returns the values of `names` that they declare. In
 * scope are all of widenet and `given`, which stands for what other cells declare.
 */
export function runCells(
  notebook: string,
  tags: readonly string[],
  names: readonly string[],
  given: Record<string, unknown> = {},
): Record<string, any> {
  const file = path.join(root, 'notebooks', `${notebook}.ipynb`);
  const cells = (JSON.parse(readFileSync(file, 'utf8')).cells as Cell[]).filter(
    c => c.cell_type === 'code' && c.metadata.tags?.some(tag => tags.includes(tag)),
  );
  const missing = tags.find(tag => !cells.some(c => c.metadata.tags?.includes(tag)));
  if (missing) throw new Error(`runCells: ${notebook} has no code cell tagged '${missing}'`);
  const source = cells.map(c => c.source.join('')).join('\n');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const scope = { ...widenet, ...given };
  const body = `${outputText}\nreturn { ${names.join(', ')} };`;
  return new Function('scope', `const { ${Object.keys(scope).join(', ')} } = scope;\n${body}`)(scope);
}
