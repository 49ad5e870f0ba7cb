/** Runs notebooks, several at once. */
import { createProgress } from '../shared/progress.mjs';
import { runNotebook } from './run-notebook.mjs';

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {{ name: string, file: string }} Named
 * @typedef {import('./options.mjs').Options} Options
 */

/**
 * Executes every notebook; one that fails does not stop the others. An interrupt (Ctrl-C, or the end of npm) ends those
 * that run and keeps the results of those that are done; so does a failure of the system, such as a full disk, which is
 * thrown. `unsaved` are the notebooks that were edited while they ran, so that `save` left them alone.
 * @param {string} root @param {Named[]} notebooks @param {Options} options
 * @param {import('./output-lock.mjs').Run} [run]
 * @returns {Promise<{ results: Result[], unsaved: string[], interrupted: boolean }>}
 */
export async function runAll(root, notebooks, options, run) {
  const progress = createProgress(process.stdout);
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
      const { result, saved } = await runNotebook({ root, ...next, options, run, signal: controller.signal }, progress);
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
  progress.stopped();
  release();
  if (broken) throw broken.error;
  return {
    results: notebooks.flatMap(({ name }) => done.get(name) ?? []),
    unsaved,
    interrupted: controller.signal.aborted,
  };
}

/**
 * Calls `interrupt` on a signal, and when npm, or another process of this run that started this one, has ended. The
 * returned function ends that.
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
