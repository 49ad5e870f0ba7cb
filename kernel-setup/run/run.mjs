/** Runs notebooks, several at once, and writes the result of each as soon as it is there. */
import fs from 'node:fs';
import path from 'node:path';
import { createReport } from '../setup/report.mjs';
import { knownFailures } from './compare.mjs';
import { execute, placeOf } from './execute.mjs';
import { importedFiles } from './imports.mjs';
import { library } from './library.mjs';
import { runEnvironment } from './lock.mjs';
import { cleared, codeHash, parseNotebook, readNotebook, sourceOf, writeNotebook } from './notebooks.mjs';
import { savePictures } from './pictures.mjs';
import { missingParts, places, readResult, settle, writeResult } from './results.mjs';
import { versions } from './versions.mjs';

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {{ name: string, file: string }} Named
 * @typedef {import('./options.mjs').Options} Options
 */

/**
 * Executes every notebook; one that fails does not stop the others. An interrupt (Ctrl-C, or the end of npm) ends those
 * that run and keeps the results of those that are done; so does a failure of the system, such as a full disk, which is
 * thrown. `unsaved` are the notebooks that were edited while they ran, so that `save` left them alone.
 * @param {string} root @param {Named[]} notebooks @param {Options} options @param {import('./lock.mjs').Run} [run]
 * @returns {Promise<{ results: Result[], unsaved: string[], interrupted: boolean }>}
 */
export async function runAll(root, notebooks, options, run) {
  const report = createReport(process.stdout);
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  /** @type {Map<string, Result>} */
  const done = new Map();
  /** @type {string[]} */
  const unsaved = [];
  const queue = [...notebooks];
  /** @type {{ error: unknown } | undefined} */
  let broken;
  const worker = async () => {
    for (let next = queue.shift(); next && !controller.signal.aborted; next = queue.shift()) {
      const { result, saved } = await runOne(root, next, options, report, controller.signal, run);
      done.set(next.name, result);
      if (!saved) unsaved.push(next.name);
    }
  };
  const guarded = () =>
    worker().catch(error => {
      if (!controller.signal.aborted) broken = { error };
      controller.abort();
    });
  await Promise.all(Array.from({ length: Math.min(options.jobs, notebooks.length) }, guarded));
  report.stopped();
  release();
  if (broken) throw broken.error;
  return {
    results: notebooks.flatMap(({ name }) => done.get(name) ?? []),
    unsaved,
    interrupted: controller.signal.aborted,
  };
}

/**
 * Calls `interrupt` on a signal, and when npm, or another process of this run that started this one, is gone. Returns
 * what ends that.
 * @param {() => void} interrupt
 */
function onInterrupt(interrupt) {
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  signals.forEach(name => process.on(name, interrupt));
  const parent = process.ppid;
  const started = process.env.npm_lifecycle_event !== undefined || process.env.WIDENET_RUN !== undefined;
  const watch = setInterval(() => {
    if (started && process.ppid !== parent) interrupt();
  }, 500);
  return () => {
    clearInterval(watch);
    signals.forEach(name => process.off(name, interrupt));
  };
}

/**
 * @param {string} root @param {Named} named @param {Options} options
 * @param {import('../setup/report.mjs').Report} report @param {AbortSignal} signal
 * @param {import('./lock.mjs').Run} [run]
 * @returns {Promise<{ result: Result, saved: boolean }>}
 */
async function runOne(root, { name, file }, { profile, set, resume, output, save }, report, signal, run) {
  const text = fs.readFileSync(file, 'utf8');
  const source = parseNotebook(file, text);
  const code = codeHash(root, source);
  const key = keyOf(name, file, source, { profile, set });
  const at = places(output);
  settle(output, name);
  const earlier = readResult(output, name);
  if (resume && earlier?.key === key && earlier.status === 'done' && missingParts(output, earlier).length === 0) {
    report.line(`  ${name.padEnd(20)} unchanged since ${earlier.finished}, kept`);
    return { result: earlier, saved: true };
  }
  const known = knownFailures(root, file);
  const start = Date.now();
  report.started(name);
  const notices = `${at.notebook(name)}.notices`;
  const env = {
    ...(run && runEnvironment(run, 3)),
    WIDENET_ROWS: path.join(at.rows, name),
    WIDENET_RESUME: resume ? '1' : '',
    WIDENET_NOTICES: notices,
  };
  const { notebook, failure, cells } = await executed(
    root,
    source,
    { running: `${at.notebook(name)}.running`, file, profile, set, env, lock: run?.lock, signal },
    (cell, of) =>
      report.progress(
        name,
        `cell ${cell} of ${of}${remaining(earlier?.profile === profile ? earlier.cells : undefined)(cell)}`,
      ),
  ).finally(() => {
    if (fs.existsSync(notices))
      fs.readFileSync(notices, 'utf8')
        .trimEnd()
        .split('\n')
        .forEach(line => report.line(`  ${name}: ${line}`));
    fs.rmSync(notices, { force: true });
  });
  const { library: loaded, libraryNow } = library('notebook/key');
  const stayed = loaded === libraryNow() && key === keyOf(name, file, source, { profile, set });
  if (!stayed)
    report.line(`  ${name}: what it imports or the library changed while it ran; --resume will not keep this result`);
  notebook.metadata.widenet = { ...notebook.metadata.widenet, code, profile };
  const { claims, unreadable, settings = {} } = library('notebook/stored').storedClaims(notebook);
  const part = `${at.staged(name)}.part`;
  const { figures, problems } = await savePictures(notebook, path.join(part, 'figures'), signal);
  for (const problem of problems) report.line(`  ${name}: ${problem}`);
  writeNotebook(path.join(part, 'notebook.ipynb'), notebook);
  /** @type {Result} */
  const result = {
    name,
    key: stayed ? key : '',
    status: failure ? 'failed' : 'done',
    failure,
    finished: new Date().toISOString(),
    seconds: Math.round((Date.now() - start) / 100) / 10,
    cells,
    profile,
    settings: { ...settings, ...set },
    claims: failure ? [] : claims,
    partial: failure && claims.length > 0 ? claims : undefined,
    unreadable: unreadable.length > 0 ? unreadable : undefined,
    known,
    figures,
    versions: versions(root),
  };
  writeResult(output, result, path.join(part, 'result.json'));
  fs.renameSync(part, at.staged(name));
  settle(output, name);
  report.finished(name, failure ? `FAILED ${placeOf(failure)}` : counts(claims));
  const saved = !save || Boolean(failure) || saveUnchanged(file, text, notebook);
  if (!saved)
    report.line(
      `  ${name}: NOT saved: ${path.relative(root, file)} was edited while it ran; the executed notebook is ${path.relative(root, at.notebook(name))}`,
    );
  return { result: readResult(output, name) ?? result, saved };
}

/**
 * Executes a notebook. What a killed execution leaves is what its own cells showed: it starts from a copy without
 * outputs.
 * @param {string} root @param {import('./notebooks.mjs').Notebook} source
 * @param {{ running: string, file: string, profile: string, set: Record<string, unknown>, env: Record<string, string>, lock?: number, signal: AbortSignal }} options
 * @param {(cell: number, of: number) => void} onCell
 */
async function executed(root, source, { running, file, ...options }, onCell) {
  /** @type {number[]} */
  const cells = [];
  try {
    writeNotebook(running, cleared(source));
    const failure = await execute(root, {
      ...options,
      file: running,
      folder: path.dirname(path.resolve(file)),
      onProgress: ({ cell, of = 0, seconds }) => (seconds === undefined ? onCell(cell, of) : cells.push(seconds)),
    });
    return { notebook: readNotebook(running), failure, cells };
  } finally {
    for (const left of [running, `${running}.part`]) fs.rmSync(left, { force: true });
  }
}

/**
 * Writes the executed notebook over the one that was read, unless that was edited meanwhile.
 * @param {string} file @param {string} read @param {import('./notebooks.mjs').Notebook} notebook
 */
function saveUnchanged(file, read, notebook) {
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== read) return false;
  writeNotebook(file, notebook);
  return true;
}

/**
 * The key of a result: of the library, the notebook's code with the files that it imports, and the parameters that it
 * is given.
 * @param {string} name @param {string} file @param {import('./notebooks.mjs').Notebook} notebook
 * @param {{ profile: string, set: Record<string, unknown> }} parameters
 */
function keyOf(name, file, notebook, parameters) {
  const cells = notebook.cells.filter(cell => cell.cell_type === 'code').map(sourceOf);
  const folder = path.dirname(file);
  const imported = importedFiles(folder, cells).flatMap(module => [
    path.relative(folder, module),
    fs.readFileSync(module, 'base64'),
  ]);
  return library('notebook/key').keyOf({ name: `notebook '${name}'`, code: [...cells, ...imported], parameters });
}

/**
 * The time left after each cell, by the seconds that the cells took last time.
 * @param {number[] | undefined} cells
 */
function remaining(cells) {
  return (/** @type {number} */ cell) => {
    if (!cells || cell > cells.length) return '';
    const seconds = Math.round(cells.slice(cell - 1).reduce((sum, s) => sum + s, 0));
    return `, about ${seconds} s left`;
  };
}

/** @param {import('../../src/notebook/verdict').Claim[]} claims */
function counts(claims) {
  const count = (/** @type {string} */ verdict) => claims.filter(claim => claim.verdict === verdict).length;
  const parts = ['holds', 'fails', 'not tested']
    .filter(verdict => count(verdict) > 0)
    .map(verdict => `${verdict}: ${count(verdict)}`);
  return parts.join(', ') || 'no claims';
}
