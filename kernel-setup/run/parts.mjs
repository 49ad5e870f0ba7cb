/** The files that a result stands for: its executed notebook and its figures. */
import fs from 'node:fs';
import path from 'node:path';
import { readNotebook } from './notebooks.mjs';
import { outputPaths } from './output-folder.mjs';

/** @typedef {import('./draw.mjs').FigureJson} FigureJson */

/**
 * Reads each file once. `problems` says what is missing or damaged.
 * @param {string} output @param {import('./results.mjs').Result} result
 * @returns {{ notebook?: import('./notebooks.mjs').Notebook, figures: Map<string, FigureJson>, problems: string[] }}
 */
export function readParts(output, { name, figures }) {
  const paths = outputPaths(output);
  /** @type {string[]} */
  const problems = [];
  /** @template T @param {string} file @param {(file: string) => T} read */
  const tried = (file, read) => {
    try {
      return read(file);
    } catch (error) {
      const why = /** @type {Error} */ (error).message.split('\n')[0].replace(`${file}: `, '');
      problems.push(`${path.relative(output, file)} is ${fs.existsSync(file) ? `damaged: ${why}` : 'missing'}`);
      return undefined;
    }
  };
  const notebook = tried(paths.notebook(name), readNotebook);
  const found = figures.flatMap(({ id }) => {
    const figure = tried(path.join(paths.figures(name), `${id}.json`), readFigure);
    return figure ? [/** @type {[string, FigureJson]} */ ([id, figure])] : [];
  });
  return { notebook, figures: new Map(found), problems };
}

/** @param {string} file @returns {FigureJson} */
function readFigure(file) {
  const figure = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!Array.isArray(figure?.data)) throw new Error('it is no figure: it has no list `data`');
  return figure;
}
