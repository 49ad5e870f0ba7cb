/** The format of notebooks' code: that of the repository's files, with the names of an import side by side. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Refusal } from '../shared/refusal.mjs';
import { sourceOf, writeNotebook } from './notebooks.mjs';

/** @typedef {import('./notebooks.mjs').Notebook} Notebook */

/** Biome's own script, to be run by Node. @param {string} root */
export const biome = root => path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

const columns = 120;

/**
 * An import of many names in lines as full as they may be, where Biome gives each name a line of its own.
 * @param {string} code
 */
const filled = code =>
  code.replace(/^import (type )?\{\n([^}]*)\} from ('[^']*');$/gm, (_, type = '', names, from) => {
    const lines = [''];
    for (const name of names.split(',').map((/** @type {string} */ s) => s.trim())) {
      if (!name) continue;
      if (`${lines[lines.length - 1]} ${name},`.length > columns - 1) lines.push('');
      lines[lines.length - 1] += ` ${name},`;
    }
    return `import ${type}{\n${lines.map(line => ` ${line}\n`).join('')}} from ${from};`;
  });

/**
 * The notebooks with their code cells formatted. Code that cannot be read is refused by notebook and cell.
 * @template {{ name: string, notebook: Notebook }} N
 * @param {string} root @param {N[]} notebooks @returns {N[]}
 */
export function formatCells(root, notebooks) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'widenet-format-'));
  try {
    const fileOf = (/** @type {number} */ n, /** @type {number} */ c) => path.join(folder, `${n}-${c}.ts`);
    notebooks.forEach(({ notebook }, n) =>
      notebook.cells.forEach((cell, c) => {
        if (cell.cell_type === 'code') fs.writeFileSync(fileOf(n, c), sourceOf(cell));
      }),
    );
    const options = ['--write', '--vcs-enabled=false', `--config-path=${root}`, '--colors=off', '--max-diagnostics=20'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [biome(root), 'format', ...options, folder], {
      encoding: 'utf8',
    });
    if (status !== 0) {
      const cellAt = (/** @type {string} */ _, /** @type {string} */ n, /** @type {string} */ c) =>
        `${notebooks[Number(n)].name}, code cell ${codeCell(notebooks[Number(n)].notebook, Number(c))}, line `;
      throw new Refusal(
        `code cells cannot be formatted: ${`${stderr}${stdout}`.replace(/\S*?(\d+)-(\d+)\.ts:?/g, cellAt)}`,
      );
    }
    return notebooks.map((entry, n) => ({
      ...entry,
      notebook: {
        ...entry.notebook,
        cells: entry.notebook.cells.map((cell, c) =>
          cell.cell_type === 'code' ? withSource(cell, filled(fs.readFileSync(fileOf(n, c), 'utf8').trimEnd())) : cell,
        ),
      },
    }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Which code cell, counted from 1 as the run counts them, a cell is. @param {Notebook} notebook @param {number} index
 */
export const codeCell = ({ cells }, index) =>
  cells.slice(0, index + 1).filter(cell => cell.cell_type === 'code').length;

/**
 * The cell with this source, as a text or as lines, whichever the cell has.
 * @param {import('./notebooks.mjs').Cell} cell @param {string} source
 */
const withSource = (cell, source) => ({
  ...cell,
  source: Array.isArray(cell.source) ? source.split(/(?<=\n)/) : source,
});

/**
 * Writes the notebooks whose code is not formatted anew; their outputs stay. Gives their names.
 * @param {string} root @param {{ name: string, file: string, notebook: Notebook }[]} notebooks
 */
export function writeFormatted(root, notebooks) {
  const formatted = formatCells(root, notebooks);
  const changed = formatted.filter(({ notebook }, n) =>
    notebook.cells.some((cell, c) => sourceOf(cell) !== sourceOf(notebooks[n].notebook.cells[c])),
  );
  for (const { file, notebook } of changed) writeNotebook(file, notebook);
  return changed.map(({ name }) => name);
}
