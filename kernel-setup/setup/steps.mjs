/** The steps of the set-up, and how those that are needed run side by side. */
import { bindingStep, captureAddonStep, loopAddonStep, tfjsAddonStep } from './addons.mjs';
import { writeList } from './files.mjs';
import { kernelStep } from './kernel.mjs';
import { wheels as openblas } from './openblas.mjs';
import { packagesStep } from './packages.mjs';
import { papermillStep } from './papermill.mjs';
import { environmentStep, jupyterStep } from './python.mjs';
import { rendererStep } from './renderer.mjs';
import { selfCheckStep } from './self-check.mjs';
import { isInPlace, removeStamp, writeStamp } from './stamp.mjs';
import { platform, wheels as tensorflow } from './tensorflow.mjs';
import { wheelStep } from './wheel.mjs';

/**
 * `needs` names the steps that come first; `madeAnewWith` one that is made anew with it; `bytes` is the most it takes
 * on disk; `make` returns what to print when it is done.
 * @typedef {import('./stamp.mjs').Part & {
 *   title: string, needs: string[], madeAnewWith?: string, bytes: number,
 *   make(session: import('./command.mjs').Session, progress: (text: string) => void): Promise<string>,
 * }} Step
 */

/**
 * All steps, each after those it needs.
 * @param {string} root
 * @returns {Step[]}
 */
export function allSteps(root) {
  const parts = [
    packagesStep(root),
    environmentStep(root),
    jupyterStep(root),
    wheelStep(root, tensorflow[platform]),
    wheelStep(root, openblas[platform]),
    tfjsAddonStep(root),
    loopAddonStep(root),
    captureAddonStep(root),
    bindingStep(root),
    kernelStep(root),
    rendererStep(root),
    papermillStep(root),
  ];
  return [...parts, selfCheckStep(root, parts)];
}

/**
 * Runs every step that is not in place, each as soon as those it needs are done. On a failure the others are stopped,
 * and the first failure is thrown once all have ended.
 * @param {Step[]} steps
 * @param {Omit<import('./command.mjs').Session, 'signal'>} session
 * @param {AbortController} controller
 * @param {import('../shared/progress.mjs').Progress} progress
 */
export async function runSteps(steps, session, controller, progress) {
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  for (const step of steps) running.set(step.title, runStep(step));
  await Promise.allSettled(running.values());
  controller.signal.throwIfAborted();

  /** @param {Step} step */
  async function runStep(step) {
    try {
      await Promise.all(step.needs.map(title => running.get(title)));
      controller.signal.throwIfAborted();
      if (isInPlace(session.root, step)) return;
      progress.started(step.title);
      removeStamp(session.root, step);
      const result = await step.make({ ...session, signal: controller.signal }, text =>
        progress.progress(step.title, text),
      );
      if (step.files.length) writeList(session.root, step);
      writeStamp(session.root, step);
      progress.finished(step.title, result);
    } catch (error) {
      controller.abort(error);
      throw error;
    }
  }
}
