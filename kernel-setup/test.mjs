/**
 * npm test: format and lint, the types, the tests. What follows `--` goes to vitest. Before the last line, the sum,
 * what failed has a line each.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { failedTests } from './run/failures.mjs';
import { prepareOutput } from './run/output-folder.mjs';
import { lockOutput, runEnvironment } from './run/output-lock.mjs';
import { root, setup } from './setup.mjs';
import { ended } from './shared/child.mjs';
import { command } from './shared/command-line.mjs';
import { jupyterEnvironment, venvPython } from './shared/jupyter.mjs';

const output = path.join(root, 'output', 'test');
const vitestResults = path.join(output, 'vitest.json');

const usage = `usage: npm test [-- options of vitest]
  format, lint, types and tests; with test files or other options of vitest, those tests, as in:
  npm test -- test/math/fit.test.ts -t 'part of a name'
  the long tier: npm test -- --mode long
  what options vitest has: npx vitest run --help`;

const selection = process.argv.slice(2);
/** @type {import('./run/output-lock.mjs').Run} */
let run;
await command(async () => {
  await setup();
  prepareOutput(root, output);
  run = await lockOutput(output, venvPython(root));
  for (const left of fs.readdirSync(output))
    if (left !== '.lock') fs.rmSync(path.join(output, left), { recursive: true, force: true });
  const parts = [style, () => types('.'), () => types('kernel-setup'), vitest];
  const outcomes = [];
  for (const part of parts) outcomes.push(await part());
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  for (const { failures } of outcomes) for (const failure of failures) console.log(failure);
  console.log(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}, usage);

/** The format and the lint rules of .biome.jsonc. */
async function style() {
  const succeeded = await node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings');
  console.log(`format and lint: ${succeeded ? 'correct' : 'wrong; npm run format mends what it can'}`);
  return count(succeeded, 'format and lint');
}

/** @param {string} project */
async function types(project) {
  const succeeded = await node('node_modules/typescript/lib/tsc.js', '--project', project);
  console.log(`types of ${project === '.' ? 'src and test' : project}: ${succeeded ? 'correct' : 'wrong'}`);
  return count(succeeded, `types of ${project}`);
}

/** A test file that cannot be loaded, and a run without results, count as one failure each. */
async function vitest() {
  const succeeded = await node(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${vitestResults}`,
    ...selection,
  );
  if (!fs.existsSync(vitestResults)) return count(false, 'vitest, which left no results');
  const report = JSON.parse(fs.readFileSync(vitestResults, 'utf8'));
  const failures = failedTests(report, root);
  if (!succeeded && failures.length === 0) failures.push('failed: vitest, outside of the tests');
  return { passed: report.numPassedTests, failed: failures.length, failures };
}

/** Runs a script as a process of this run, which a signal ends together with this one. @param {string[]} args */
async function node(...args) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...jupyterEnvironment(root), ...runEnvironment(run, 3) },
    stdio: ['inherit', 'inherit', 'inherit', run.lock],
  });
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const end = (/** @type {NodeJS.Signals} */ name) => {
    child.kill(name);
    child.once('close', () => process.exit(130));
  };
  signals.forEach(name => process.on(name, end));
  const { code } = await ended(child);
  signals.forEach(name => process.off(name, end));
  return code === 0;
}

/** @param {boolean} succeeded @param {string} what */
function count(succeeded, what) {
  return succeeded ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [`failed: ${what}`] };
}
