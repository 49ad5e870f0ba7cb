/** npm test: the types, the tests, then every notebook in its quick profile. What follows `--` goes to vitest, and then no notebook runs. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { passes } from './run/results.mjs';
import { root, setup } from './setup.mjs';
import { jupyterEnvironment } from './setup/jupyter.mjs';

const output = path.join(root, 'output', 'test');
const vitestReport = path.join(output, 'vitest.json');

await setup();
fs.rmSync(output, { recursive: true, force: true });
const selection = process.argv.slice(2);
if (selection.length) console.log('tests were selected: no notebook runs');
const outcomes = [types('.'), types('kernel-setup'), vitest(), ...(selection.length ? [] : [notebooks()])];
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

/** @param {string} project */
function types(project) {
  const succeeded = node('node_modules/typescript/lib/tsc.js', '--project', project);
  console.log(`types of ${project === '.' ? 'src and test' : project}: ${succeeded ? 'correct' : 'wrong'}`);
  return count(succeeded);
}

/** A test file that cannot be loaded, and a run without a report, count as one failure each. */
function vitest() {
  const succeeded = node('node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`, ...selection);
  if (!fs.existsSync(vitestReport)) return count(false);
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(fs.readFileSync(vitestReport, 'utf8'));
  const unloaded = testResults.filter((/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.every((/** @type {any} */ test) => test.status !== 'failed')).length;
  const failed = numFailedTests + unloaded;
  return { passed: numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
}

/** A notebook passes when all its cells ran and no claim fails that the committed notebook shows as holding. */
function notebooks() {
  const succeeded = node('kernel-setup/reproduce.mjs', '--output', output);
  const results = path.join(output, 'results');
  const files = fs.existsSync(results) ? fs.readdirSync(results) : [];
  const outcomes = files.map(file => JSON.parse(fs.readFileSync(path.join(results, file), 'utf8')));
  const passed = outcomes.filter(passes).length;
  return { passed, failed: succeeded ? outcomes.length - passed : Math.max(outcomes.length - passed, 1) };
}

/** @param {string[]} args */
function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, env: jupyterEnvironment(root), stdio: 'inherit' }).status === 0;
}

/** @param {boolean} succeeded */
function count(succeeded) {
  return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
}
