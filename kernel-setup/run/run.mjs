/** Runs notebooks, several at once, and writes the result of each as soon as it is there. */
import fs from 'node:fs';
import path from 'node:path';
import { createReport } from '../setup/report.mjs';
import { knownFailures } from './compare.mjs';
import { execute, placeOf } from './execute.mjs';
import { importedFiles } from './imports.mjs';
import { library } from './library.mjs';
import { codeHash, readNotebook, sourceOf, writeNotebook } from './notebooks.mjs';
import { savePictures } from './pictures.mjs';
import { places, readResult, writeResult } from './results.mjs';
import { versions } from './versions.mjs';

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {{ name: string, file: string }} Named
 * @typedef {import('./options.mjs').Options} Options
 */

/**
 * Executes every notebook; one that fails does not stop the others. An interrupt (Ctrl-C) ends those that run and keeps
 * the results of those that are done.
 * @param {string} root @param {Named[]} notebooks @param {Options} options
 * @returns {Promise<{ results: Result[], interrupted: boolean }>}
 */
export async function runAll(root, notebooks, options) {
  const report = createReport(process.stdout);
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  signals.forEach(name => process.on(name, interrupt));
  /** @type {Map<string, Result>} */
  const done = new Map();
  const queue = [...notebooks];
  const worker = async () => {
    for (let next = queue.shift(); next && !controller.signal.aborted; next = queue.shift())
      done.set(next.name, await runOne(root, next, options, report, controller.signal));
  };
  try {
    await Promise.all(Array.from({ length: Math.min(options.jobs, notebooks.length) }, worker));
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    report.stopped();
    signals.forEach(name => process.off(name, interrupt));
  }
  return { results: notebooks.flatMap(({ name }) => done.get(name) ?? []), interrupted: controller.signal.aborted };
}

/**
 * @param {string} root @param {Named} notebook @param {Options} options @param {import('../setup/report.mjs').Report} report @param {AbortSignal} signal
 * @returns {Promise<Result>}
 */
async function runOne(root, { name, file }, { profile, set, resume, output, save }, report, signal) {
  const given = readNotebook(file);
  const code = codeHash(root, given);
  const key = keyOf(name, file, given, { profile, set });
  const at = places(output);
  const earlier = readResult(output, name);
  if (resume && earlier?.key === key && earlier.status === 'done' && fs.existsSync(at.notebook(name))) {
    report.line(`  ${name.padEnd(20)} unchanged since ${earlier.finished}, kept`);
    return earlier;
  }
  const known = knownFailures(root, file);
  const start = Date.now();
  /** @type {number[]} */
  const cells = [];
  const timing = remaining(earlier?.profile === profile ? earlier.cells : undefined);
  fs.mkdirSync(path.dirname(at.notebook(name)), { recursive: true });
  report.started(name);
  const running = `${at.notebook(name)}.running`;
  const notices = `${at.notebook(name)}.notices`;
  fs.rmSync(notices, { force: true });
  const failure = await execute(root, {
    file, result: running, profile, set, signal, env: { WIDENET_ROWS: path.join(at.rows, name), WIDENET_RESUME: resume ? '1' : '', WIDENET_NOTICES: notices },
    onProgress: ({ cell, of, seconds }) => seconds === undefined ? report.progress(name, `cell ${cell} of ${of}${timing(cell)}`) : cells.push(seconds),
  }).catch(error => {
    fs.rmSync(running, { force: true });
    throw error;
  }).finally(() => {
    if (fs.existsSync(notices)) fs.readFileSync(notices, 'utf8').trimEnd().split('\n').forEach(line => report.line(`  ${name}: ${line}`));
    fs.rmSync(notices, { force: true });
  });
  const notebook = readNotebook(fs.existsSync(running) ? running : file);
  fs.rmSync(running, { force: true });
  const { library: loaded, libraryNow } = library('key');
  const stayed = loaded === libraryNow() && key === keyOf(name, file, notebook, { profile, set });
  if (!stayed) report.line(`  ${name}: its code or the library changed while it ran; --resume will not keep this result`);
  notebook.metadata.widenet = { ...notebook.metadata.widenet, code, profile };
  const { figures, problem } = await savePictures(notebook, at.figures(name));
  if (problem) report.line(`  ${name}: ${problem}`);
  writeNotebook(at.notebook(name), notebook);
  const { claims, settings = {} } = library('stored').storedClaims(notebook);
  /** @type {Result} */
  const result = {
    name, key: stayed ? key : '', status: failure ? 'failed' : 'done', failure, finished: new Date().toISOString(), seconds: Math.round((Date.now() - start) / 100) / 10, cells,
    profile, settings: { ...settings, ...set }, claims, known, figures, versions: versions(root),
  };
  writeResult(output, result);
  report.finished(name, failure ? `FAILED ${placeOf(failure)}` : counts(claims));
  if (save && !failure) writeNotebook(file, notebook);
  return readResult(output, name) ?? result;
}

/**
 * The key of a result: of the library, the notebook's code with the files that it imports, and the parameters that it is given.
 * @param {string} name @param {string} file @param {import('./notebooks.mjs').Notebook} notebook @param {{ profile: string, set: Record<string, unknown> }} parameters
 */
function keyOf(name, file, notebook, parameters) {
  const cells = notebook.cells.filter(cell => cell.cell_type === 'code').map(sourceOf);
  const folder = path.dirname(file);
  const imported = importedFiles(folder, cells).flatMap(module => [path.relative(folder, module), fs.readFileSync(module, 'base64')]);
  return library('key').keyOf({ name: `notebook '${name}'`, code: [...cells, ...imported], parameters });
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

/** @param {import('../../src/verdict').Claim[]} claims */
function counts(claims) {
  const count = (/** @type {string} */ verdict) => claims.filter(claim => claim.verdict === verdict).length;
  const parts = ['holds', 'fails', 'not tested'].filter(verdict => count(verdict) > 0).map(verdict => `${verdict}: ${count(verdict)}`);
  return parts.join(', ') || 'no claims';
}
