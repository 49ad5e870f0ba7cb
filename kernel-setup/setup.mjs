/**
 * Installs and builds all that the notebooks need, inside the repository. Every npm script calls `setup()` first: parts
 * that are in place and were made from the present sources are left alone, the others are made anew.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './setup/check.mjs';
import { toRepair } from './setup/damage.mjs';
import { failureText } from './setup/diagnosis.mjs';
import { takeLock } from './setup/lock.mjs';
import {
  checkDisk,
  checkExecutable,
  checkNode,
  checkPath,
  checkPlatform,
  checkWritable,
  findTools,
} from './setup/prerequisites.mjs';
import { isInPlace, removeStamp } from './setup/stamp.mjs';
import { allSteps, runSteps } from './setup/steps.mjs';
import { platform, wheels } from './setup/tensorflow.mjs';
import { command, parseCommandLine } from './shared/command-line.mjs';
import { createProgress } from './shared/progress.mjs';
import { Refusal } from './shared/refusal.mjs';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Brings the repository to a working state. Prints what it does; on a failure prints the reason with its remedy and
 * ends the process with code 1.
 */
export async function setup() {
  await orExit(async () => {
    const steps = checkedSteps();
    if (!steps.every(step => isInPlace(root, step))) await make(steps);
    else checkWritable(root);
  });
}

const usage = `usage: npm run setup [-- --repair | --force]
  makes what is missing, then checks every file that was installed and trains a few steps
  --repair   make anew what is not as it was installed
  --force    make everything anew`;

/**
 * @param {string[]} args @param {NodeJS.ProcessEnv} env
 * @throws Refusal that names an option which does not exist
 */
export function parseFlags(args, env) {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const options = { repair: flag, force: flag };
  return parseCommandLine({ script: 'setup', usage, options, names: false }, args, env).values;
}

/** npm run setup: makes what is missing, or what its options ask for, and checks everything. */
async function setupAndCheck() {
  const { repair, force } = parseFlags(process.argv.slice(2), process.env);
  await orExit(async () => {
    const steps = checkedSteps();
    if (force) await make(steps, () => steps);
    else if (repair) await make(steps, () => toRepair(root, steps));
    else if (!steps.every(step => isInPlace(root, step))) await make(steps);
    console.log(`checked: ${await check(root, steps)}`);
    console.log('everything is in place');
  });
  return 0;
}

/** @param {() => Promise<void>} work */
async function orExit(work) {
  try {
    await work();
  } catch (error) {
    console.error(failureText(error));
    process.exit(1);
  }
}

function checkedSteps() {
  checkNode(process.versions.node);
  checkPlatform(platform, Object.keys(wheels), glibcVersion());
  checkPath(root);
  return allSteps(root);
}

/** @typedef {import('./setup/steps.mjs').Step} Step */

/**
 * Makes what is missing, and the parts that `anew` gives, which is called when no other set-up runs.
 * @param {Step[]} steps @param {() => Step[]} [anew]
 */
async function make(steps, anew = () => []) {
  const start = Date.now();
  const { python, compiler } = findTools();
  checkWritable(root);
  checkExecutable(root);
  const progress = createProgress(process.stdout);
  const lock = await takeLock(path.join(root, '.native', 'lock'), python, holder =>
    progress.line(`waiting for another set-up of this folder to end (process ${holder}, or what it started)`),
  );
  for (const step of anew()) removeStamp(root, step);
  const missing = steps.filter((_, i) => !steps.slice(0, i + 1).every(earlier => isInPlace(root, earlier)));
  if (missing.length) {
    fs.rmSync(path.join(root, '.native', 'tmp'), { recursive: true, force: true });
    checkDisk(
      root,
      missing.reduce((bytes, step) => bytes + step.bytes, 0),
    );
    fs.mkdirSync(path.join(root, '.native', 'log'), { recursive: true });
    removeStamp(root, steps[steps.length - 1]);
    progress.line(`setting up widenet in ${root}`);
    await runInterruptible(steps, { root, python, compiler, lock }, progress);
    progress.line(`widenet is set up (${Math.round((Date.now() - start) / 1000)} s)`);
  }
  fs.closeSync(lock);
}

/**
 * @param {Step[]} steps @param {Omit<import('./setup/command.mjs').Session, 'signal'>} session
 * @param {import('./shared/progress.mjs').Progress} progress
 */
async function runInterruptible(steps, session, progress) {
  const controller = new AbortController();
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const interrupt = (/** @type {string} */ name) =>
    controller.abort(
      new Refusal(`interrupted (${name})`, ['run the same command again: what is already done is kept']),
    );
  signals.forEach(name => process.on(name, interrupt));
  try {
    await runSteps(steps, session, controller, progress);
  } finally {
    progress.stopped();
    signals.forEach(name => process.off(name, interrupt));
    fs.rmSync(path.join(root, '.native', 'tmp'), { recursive: true, force: true });
  }
}

function glibcVersion() {
  if (process.platform !== 'linux') return undefined;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await command(setupAndCheck, usage);
}
