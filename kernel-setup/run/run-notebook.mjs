/** The run of one notebook, from its code to its result in the output folder. */
import fs from 'node:fs';
import path from 'node:path';
import { replace } from '../shared/files.mjs';
import { randomUUID } from 'node:crypto';
import { findChromium } from './draw.mjs';
import { execute, whereFailed } from './execute.mjs';
import { renewFrontPicture, shown as front } from './front-picture.mjs';
import { importedFiles } from './imports.mjs';
import { library } from './library.mjs';
import {
  cleared,
  codeHash,
  parseNotebook,
  readNotebook,
  sourceOf,
  withOutputsOf,
  writeNotebook,
} from './notebooks.mjs';
import { outputPaths, settle } from './output-folder.mjs';
import { runEnvironment } from './output-lock.mjs';
import { readParts } from './parts.mjs';
import { savePictures } from './pictures.mjs';
import { committed } from './reference.mjs';
import { knownIn, previousOf, readResult, writeResult } from './results.mjs';
import { executeAsMember, help, mayShare } from './shared-run.mjs';
import { teamOf } from './slurm.mjs';
import { openTeam } from './team.mjs';
import { versions } from './versions.mjs';

/**
 * What is to be run, and how.
 * @typedef {{
 *   root: string, name: string, file: string, options: import('./options.mjs').Options,
 *   run?: import('./output-lock.mjs').Run, signal: AbortSignal, threads?: number, open?: Set<Shared>,
 * }} Task
 * A notebook under way whose sweeps others may help with, as `help` does until there is nothing more to help with.
 * @typedef {{ helpers: number, help: () => Promise<void> }} Shared
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {import('./notebooks.mjs').Notebook} Notebook
 * @typedef {import('../shared/progress.mjs').Progress} Progress
 */

/**
 * Executes a notebook and stores its result, or keeps the result that it has. `saved` is false when the notebook was to
 * be saved and could not be, because it was edited meanwhile.
 * @param {Task} task @param {Progress} progress
 * @returns {Promise<{ result: Result, saved: boolean }>}
 */
export async function runNotebook(task, progress) {
  const { root, name, file, options, signal } = task;
  const { output, resume, save } = options;
  const text = fs.readFileSync(file, 'utf8');
  const source = parseNotebook(file, text);
  const [key, code] = [keyOf(task, source), codeHash(root, source)];
  settle(output, name);
  const earlier = readResult(output, name);
  if (resume && earlier?.key === key && earlier.status === 'done') {
    const { notebook, problems } = readParts(output, earlier);
    const kept = notebook && problems.length === 0 && withOutputsOf(notebook, source);
    if (kept) {
      progress.line(`  ${name.padEnd(20)} unchanged since ${earlier.finished}, kept`);
      writeNotebook(outputPaths(output).notebook(name), kept);
      return { result: earlier, saved: !save || saveUnchanged(task, text, kept, progress) };
    }
  }
  const shown = committed(root, file).claims;
  const start = Date.now();
  progress.started(name);
  const cellSeconds = earlier?.profile === options.profile ? earlier.cells : undefined;
  const { notebook, ...outcome } = await executed(task, source, progress, cellSeconds);
  const stayed = isUnchanged(task, source, key);
  if (!stayed)
    progress.line(`  ${name}: what it imports or the library changed while it ran; --resume will not keep this result`);
  notebook.metadata.widenet = { ...notebook.metadata.widenet, code, profile: options.profile };
  const part = `${outputPaths(output).staged(name)}.part`;
  const { figures, problems } = await savePictures(notebook, path.join(part, 'figures'), signal);
  for (const problem of problems) progress.line(`  ${name}: ${problem}`);
  writeNotebook(path.join(part, 'notebook.ipynb'), notebook);
  const own = resultOf(task, notebook, outcome);
  const result = {
    ...own,
    key: stayed ? key : '',
    code,
    seconds: Math.round((Date.now() - start) / 100) / 10,
    known: knownIn(shown, own.claims),
    figures,
    previous: previousOf(earlier),
  };
  writeResult(path.join(part, 'result.json'), result);
  replace(outputPaths(output).staged(name), part);
  settle(output, name);
  const { failure, claims } = result;
  progress.finished(name, failure ? `FAILED ${whereFailed(failure)}` : counted(claims));
  return { result, saved: !save || Boolean(failure) || saveUnchanged(task, text, notebook, progress) };
}

/**
 * What an executed notebook shows.
 * @param {Task} task @param {Notebook} notebook
 * @param {{ failure?: import('./execute.mjs').Failure, cells: number[] }} outcome
 */
function resultOf({ root, name, options: { profile, set } }, notebook, { failure, cells }) {
  const { claims, unreadable, settings = {} } = library('notebook/stored-results').storedClaims(notebook);
  return {
    name,
    status: /** @type {Result['status']} */ (failure ? 'failed' : 'done'),
    failure,
    finished: new Date().toISOString(),
    cells,
    profile,
    settings: { ...settings, ...set },
    claims: failure ? [] : claims,
    partial: failure && claims.length > 0 ? claims : undefined,
    unreadable: unreadable.length > 0 ? unreadable : undefined,
    versions: versions(root),
  };
}

/**
 * Executes a notebook. It starts from a copy without outputs, so that what a killed execution leaves is what its own
 * cells showed. What the cells have to say to the terminal, they write into a file of notices. While a notebook with
 * sweeps runs, it is among those that are `open` for helpers.
 * @param {Task} task @param {Notebook} source @param {Progress} progress
 * @param {number[] | undefined} cellSeconds the seconds that each cell took last time
 */
async function executed(task, source, progress, cellSeconds) {
  const { root, name, options } = task;
  const paths = outputPaths(options.output);
  const running = `${paths.notebook(name)}.running`;
  const notices = `${paths.notebook(name)}.notices`;
  /** @type {number[]} */
  const cells = [];
  const execution = {
    ...executionOf(task, running, notices),
    onProgress: (/** @type {import('./execute.mjs').Progress} */ { cell, of = 0, seconds }) => {
      if (seconds !== undefined) cells.push(seconds);
      else {
        if (cell === 1) cells.length = 0;
        progress.progress(name, `cell ${cell} of ${of}${remaining(cellSeconds, cell)}`);
      }
    },
  };
  writeNotebook(running, cleared(source));
  try {
    const failure = mayShare(source)
      ? await executedTogether(task, source, progress, execution)
      : await execute(root, execution);
    return { notebook: readNotebook(running), failure, cells };
  } finally {
    const told = fs.existsSync(notices) ? fs.readFileSync(notices, 'utf8').trimEnd().split('\n') : [];
    for (const line of told) progress.line(`  ${name}: ${line}`);
    for (const left of [notices, running, `${running}.part`]) fs.rmSync(left, { force: true });
  }
}

/** The processors that a job of Slurm has here. */
const slurmThreads = ({ SLURM_JOB_ID, SLURM_CPUS_PER_TASK, SLURM_CPUS_ON_NODE } = process.env) =>
  SLURM_JOB_ID === undefined ? undefined : Number(SLURM_CPUS_PER_TASK ?? SLURM_CPUS_ON_NODE ?? 1);

/**
 * How a notebook is executed: what its kernel is told, and where.
 * @param {Pick<Task, 'name' | 'file' | 'run' | 'signal' | 'threads'> & {
 *   options: Pick<Task['options'], 'profile' | 'set' | 'resume' | 'output'> }} task
 * @param {string} running @param {string} notices
 */
export const executionOf = ({ name, file, options, run, signal, threads = slurmThreads() }, running, notices) => ({
  file: running,
  folder: path.dirname(path.resolve(file)),
  profile: options.profile,
  set: options.set,
  env: {
    ...(run && runEnvironment(run, 3)),
    ...(threads !== undefined && { WIDENET_THREADS: String(threads) }),
    WIDENET_ROWS: path.join(outputPaths(options.output).rows, name),
    WIDENET_RESUME: options.resume ? '1' : '',
    WIDENET_NOTICES: notices,
  },
  lock: run?.lock,
  signal,
});

/**
 * Executes a notebook with sweeps, and lets others help with these meanwhile.
 * @param {Task} task @param {Notebook} source @param {Progress} progress
 * @param {Parameters<typeof execute>[1]} execution
 */
async function executedTogether(task, source, progress, execution) {
  const { root, name, options, open, signal } = task;
  const slurm = process.env.WIDENET_SLURM;
  const id = randomUUID();
  const team = slurm ? teamOf(slurm, name) : openTeam(path.join(outputPaths(options.output).teams, id), id);
  const ended = new AbortController();
  const isOver = AbortSignal.any([signal, ended.signal]);
  const onDeath = (/** @type {import('./execute.mjs').Failure} */ { message }) =>
    progress.line(`  ${name}: ${message.split('\n')[0]}; it is started again`);
  let count = 1;
  /** @type {Set<Promise<unknown>>} */
  const helping = new Set();
  /** @type {Shared} */
  const shared = {
    helpers: 0,
    async help() {
      const member = `helper-${++count}`;
      shared.helpers++;
      const file = `${execution.file}.${member}`;
      const notices = `${execution.file}.${member}.notices`;
      const begin = (count * 0.618) % 1;
      const own = { ...executionOf(task, file, notices), signal: isOver, onProgress: () => {} };
      const work = help(root, team, source, { member, begin, execution: own, onDeath });
      helping.add(work);
      try {
        await work;
      } finally {
        helping.delete(work);
        fs.rmSync(notices, { force: true });
        shared.helpers--;
        open?.delete(shared);
      }
    },
  };
  open?.add(shared);
  const show = setInterval(() => {
    const told = team.progress('first');
    if (told) progress.progress(name, told);
  }, 1000);
  try {
    return await executeAsMember(root, team, { member: 'first', begin: 0, execution, onDeath });
  } finally {
    clearInterval(show);
    open?.delete(shared);
    ended.abort();
    await Promise.allSettled(helping);
    if (!slurm) team.remove();
  }
}

/**
 * Writes the executed notebook over the one that was read, unless that was edited meanwhile; and with it the README's
 * picture, where that is of this notebook.
 * @param {Task} task @param {string} read @param {Notebook} notebook @param {Progress} progress
 */
function saveUnchanged({ root, name, file, options: { output } }, read, notebook, progress) {
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== read) {
    progress.line(
      `  ${name}: NOT saved: ${path.relative(root, file)} was edited while it ran; ` +
        `the executed notebook is ${path.relative(root, outputPaths(output).notebook(name))}`,
    );
    return false;
  }
  writeNotebook(file, notebook);
  if (name === front && findChromium()) renewFrontPicture(root);
  return true;
}

/**
 * The key of a result: of the library, the notebook's code with the files that it imports, and the parameters that it
 * is given.
 * @param {Task} task @param {Notebook} notebook
 */
function keyOf({ name, file, options: { profile, set } }, notebook) {
  const cells = notebook.cells.filter(cell => cell.cell_type === 'code').map(sourceOf);
  const folder = path.dirname(file);
  const imported = importedFiles(folder, cells).flatMap(module => [
    path.relative(folder, module),
    fs.readFileSync(module, 'base64'),
  ]);
  const code = [...cells, ...imported];
  return library('notebook/cache-key').cacheKey({ name: `notebook '${name}'`, code, parameters: { profile, set } });
}

/**
 * Whether the library and the files that the notebook imports are still those that it ran with.
 * @param {Task} task @param {Notebook} source @param {string} key
 */
function isUnchanged(task, source, key) {
  const { libraryAtLoad, libraryNow } = library('notebook/cache-key');
  return libraryAtLoad === libraryNow() && key === keyOf(task, source);
}

/**
 * The time that is left when a cell starts, by the seconds that the cells took last time.
 * @param {number[] | undefined} cellSeconds @param {number} cell
 */
function remaining(cellSeconds, cell) {
  if (!cellSeconds || cell > cellSeconds.length) return '';
  const seconds = Math.round(cellSeconds.slice(cell - 1).reduce((sum, s) => sum + s, 0));
  return `, about ${seconds} s left`;
}

/** @param {import('../../src/notebook/verdict').Claim[]} claims */
const counted = claims =>
  library('notebook/claims-table')
    .claimsTables(claims)
    .map(({ caption }) => caption)
    .join('; ') || 'no claims';
