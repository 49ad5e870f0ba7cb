/**
 * From a bare machine to a working notebook kernel, all of it inside the repository. Every npm script calls `setup()`
 * first: what is in place and made from the present sources is left alone, the rest is made anew.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './setup/check.mjs';
import { toRepair } from './setup/damage.mjs';
import { SetupFailure, failureText } from './setup/failure.mjs';
import { parseFlags, usage } from './setup/flags.mjs';
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
import { createReport } from './setup/report.mjs';
import { isInPlace, removeStamp } from './setup/stamp.mjs';
import { allSteps, runSteps } from './setup/steps.mjs';
import { platform, wheels } from './setup/tensorflow.mjs';

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

/** npm run setup: makes what is missing, or all that is asked for, and checks everything. */
async function setupAndCheck() {
  const { repair, force, help } = flags();
  if (help) return console.log(usage);
  await orExit(async () => {
    const steps = checkedSteps();
    if (force) await make(steps, () => steps);
    else if (repair) await make(steps, () => toRepair(root, steps));
    else if (!steps.every(step => isInPlace(root, step))) await make(steps);
    console.log(`checked: ${await check(root, steps)}`);
    console.log('everything is in place');
  });
}

function flags() {
  try {
    return parseFlags(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message.split('. ')[0]}\n${usage}`);
    process.exit(2);
  }
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
 * Makes what is missing, and what `anew` names once no other set-up is under way.
 * @param {Step[]} steps @param {() => Step[]} [anew]
 */
async function make(steps, anew = () => []) {
  const start = Date.now();
  const { python, compiler } = findTools();
  checkWritable(root);
  checkExecutable(root);
  const report = createReport(process.stdout);
  const lock = await takeLock(path.join(root, '.native', 'lock'), python, holder =>
    report.line(`waiting for another set-up of this folder to end (process ${holder}, or what it started)`),
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
    report.line(`setting up widenet in ${root}`);
    await runInterruptible(steps, { root, python, compiler, lock }, report);
    report.line(`widenet is set up (${Math.round((Date.now() - start) / 1000)} s)`);
  }
  fs.closeSync(lock);
}

/**
 * @param {Step[]} steps @param {Omit<import('./setup/command.mjs').Session, 'signal'>} session
 * @param {import('./setup/report.mjs').Report} report
 */
async function runInterruptible(steps, session, report) {
  const controller = new AbortController();
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const interrupt = (/** @type {string} */ name) =>
    controller.abort(
      new SetupFailure(`interrupted (${name})`, ['run the same command again: what is already done is kept']),
    );
  signals.forEach(name => process.on(name, interrupt));
  try {
    await runSteps(steps, session, controller, report);
  } finally {
    report.stopped();
    signals.forEach(name => process.off(name, interrupt));
    fs.rmSync(path.join(root, '.native', 'tmp'), { recursive: true, force: true });
  }
}

function glibcVersion() {
  if (process.platform !== 'linux') return undefined;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await setupAndCheck();
