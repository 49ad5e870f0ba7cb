/** Notebooks that tests make. */
import fs from 'node:fs';
import path from 'node:path';

/**
 * Writes a notebook, not yet run. A cell is its code, or its code with tags; a text that starts with '# ' is a heading.
 * @param {string} file @param {readonly (string | { source: string, tags: string[] })[]} cells
 * @param {object} [metadata]
 */
export function writeNotebookFile(file, cells, metadata = {}) {
  const content = {
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
  };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(content, null, 1)}\n`);
  return file;
}
