/** Runs notebooks, several at once; who has none left to run helps with the sweeps of another. */
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgress } from '../shared/progress.mjs';
import { readNotebook } from './notebooks.mjs';
import { outputPaths } from './output-folder.mjs';
import { runNotebook } from './run-notebook.mjs';
import { mayShare } from './shared-run.mjs';

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
  const isShared = options.jobs > notebooks.length && notebooks.some(({ file }) => mayShare(readNotebook(file)));
  const processes = isShared ? options.jobs : Math.min(options.jobs, notebooks.length);
  const threads = processes > 1 ? Math.max(1, Math.floor(os.availableParallelism() / processes)) : undefined;
  /** @type {Set<import('./run-notebook.mjs').Shared>} */
  const open = new Set();
  // What a run left that was killed; one that this run is a part of goes on.
  if (!process.env.WIDENET_RUN) fs.rmSync(outputPaths(options.output).teams, { recursive: true, force: true });
  /** @type {{ error: unknown } | undefined} */
  let broken;
  const { signal } = controller;
  let running = 0;
  const worker = async () => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      running++;
      const { result, saved } = await runNotebook({ root, ...next, options, run, signal, threads, open }, progress);
      running--;
      done.set(next.name, result);
      if (!saved) unsaved.push(next.name);
    }
    while (running > 0 && !signal.aborted) {
      const [fewest] = [...open].sort((a, b) => a.helpers - b.helpers);
      if (fewest) await fewest.help();
      else await sleep(200);
    }
  };
  const guarded = () =>
    worker().catch(error => {
      if (!controller.signal.aborted) broken = { error };
      controller.abort();
    });
  await Promise.all(Array.from({ length: processes }, guarded));
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
