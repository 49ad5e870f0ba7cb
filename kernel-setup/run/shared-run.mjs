/** The execution of a notebook by several processes: the first one shows its cells, the others help with its sweeps. */
import fs from 'node:fs';
import { execute } from './execute.mjs';
import { sourceOf, writeNotebook } from './notebooks.mjs';

/**
 * @typedef {import('./notebooks.mjs').Notebook} Notebook
 * @typedef {Parameters<typeof execute>[1]} Execution
 * @typedef {import('./execute.mjs').Failure} Failure
 */

/** How often a member is started again that died while it computed no case. */
const patience = 1;

/** The code cells that call `sweep`. @param {Notebook} notebook */
const sweeping = notebook =>
  notebook.cells.flatMap((cell, i) => (cell.cell_type === 'code' && /\bsweep\s*\(/.test(sourceOf(cell)) ? [i] : []));

/** Whether several processes can share the work of a notebook. @param {Notebook} notebook */
export const mayShare = notebook => sweeping(notebook).length > 0;

/**
 * Executes a notebook as a member of a team. When the process dies, it is started again: whenever it computed a case,
 * which is given up when it does so too often, and else not for long.
 * @param {string} root @param {import('./team.mjs').Team} team
 * @param {{ member: string, begin: number, execution: Execution, onDeath: (failure: Failure) => void }} options
 * @returns {Promise<Failure | undefined>}
 */
export async function executeAsMember(root, team, { member, begin, execution, onDeath }) {
  for (let deaths = 0; ; ) {
    const stop = team.watch(member);
    const held = team.held(member);
    /** @type {Failure | undefined} */
    let failure;
    try {
      const env = { ...execution.env, ...team.environment(member, begin) };
      failure = await execute(root, { ...execution, env });
    } finally {
      stop();
    }
    if (!failure || !['DeadKernel', 'Ended'].includes(failure.name)) return failure;
    if (team.held(member) === held && ++deaths > patience) return failure;
    onDeath(failure);
  }
}

/**
 * Helps with the sweeps of a notebook that another process executes, and ends after the last of them, or on the signal.
 * @param {string} root @param {import('./team.mjs').Team} team @param {Notebook} source
 * @param {{ member: string, begin: number, execution: Execution, onDeath: (failure: Failure) => void }} options
 */
export async function help(root, team, source, options) {
  const { file, signal } = options.execution;
  const last = Math.max(...sweeping(source));
  writeNotebook(file, { ...source, cells: source.cells.slice(0, last + 1) });
  try {
    return await executeAsMember(root, team, options);
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  } finally {
    for (const left of [file, `${file}.part`]) fs.rmSync(left, { force: true });
  }
}
