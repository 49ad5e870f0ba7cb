/** The committed notebooks, which runs are measured against. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Refusal } from '../shared/refusal.mjs';
import { library } from './library.mjs';
import { parseNotebook } from './notebooks.mjs';

/**
 * The committed notebook, or the file when it was never committed.
 * @param {string} root @param {string} file
 * @returns {{ text: string, from: string }}
 */
export function reference(root, file) {
  const relative = path.relative(root, file).split(path.sep).join('/');
  try {
    return {
      text: execFileSync('git', ['show', `HEAD:${relative}`], {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 1e8,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
      from: `${relative} as committed`,
    };
  } catch {
    return { text: fs.readFileSync(file, 'utf8'), from: `${relative} as it lies on the disk` };
  }
}

/**
 * Reads a reference; refuses one that is damaged or holds no results.
 * @param {{ text: string, from: string }} given
 * @returns {import('./notebooks.mjs').Notebook}
 */
export function readReference({ text, from }) {
  const { storedClaims, storedFigures } = library('notebook/stored-results');
  const notebook = parseNotebook(from, text, 'the reference is damaged: restore it from an earlier commit');
  if (storedClaims(notebook).claims.length === 0 && storedFigures(notebook).length === 0)
    throw new Refusal(
      `${from} holds no results to compare with`,
      'store them with: npm run reproduce -- --save, and commit the notebook',
    );
  return notebook;
}

/**
 * What the committed notebook shows.
 * @param {string} root @param {string} file
 * @returns {Pick<import('./results.mjs').Result, 'code' | 'profile' | 'settings' | 'claims'>}
 */
export function committed(root, file) {
  const { text, from } = reference(root, file);
  const notebook = parseNotebook(from, text);
  const { claims, settings = {} } = library('notebook/stored-results').storedClaims(notebook);
  const { code = '', profile = '' } = notebook.metadata?.widenet ?? {};
  return { code, profile, settings, claims };
}
