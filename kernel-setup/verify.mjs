/**
 * npm run verify: a run beside the committed reference results. Exit code 0: nothing moved by more than the tolerance.
 */
import { compare } from './run/compare.mjs';
import { findNotebooks, readNotebook } from './run/notebooks.mjs';
import { defaults } from './run/options.mjs';
import { outputPaths, prepareOutput } from './run/output-folder.mjs';
import { lockOutput } from './run/output-lock.mjs';
import { readReference, reference } from './run/reference.mjs';
import { runAll } from './run/run.mjs';
import { verdictLines } from './run/verdict-lines.mjs';
import { root, setup } from './setup.mjs';
import { command, parseCommandLine } from './shared/command-line.mjs';
import { venvPython } from './shared/jupyter.mjs';
import { Refusal } from './shared/refusal.mjs';

const usage = `usage: npm run verify [names...] [-- --tolerance 0.01]
  runs the notebooks in their quick profile, unless an unchanged run is in output/, and compares claims and curves`;

await command(async () => {
  const { names, tolerance } = parseOptions(process.argv.slice(2));
  const settings = defaults(root);
  prepareOutput(root, settings.output);
  await setup();
  const notebooks = findNotebooks(root, names);
  const references = new Map(notebooks.map(({ name, file }) => [name, readReference(reference(root, file))]));
  const run = await lockOutput(settings.output, venvPython(root));
  const { results, interrupted } = await runAll(root, notebooks, { ...settings, resume: true }, run);
  if (interrupted) return 130;
  const moved = results.map(result => {
    if (result.status === 'failed' || result.unreadable) {
      console.log(verdictLines(result));
      return 1;
    }
    const before = /** @type {ReturnType<typeof readReference>} */ (references.get(result.name));
    const lines = compare(before, readNotebook(outputPaths(settings.output).notebook(result.name)), tolerance);
    const count = (/** @type {string} */ state) => lines.filter(line => line.state === state).length;
    console.log(
      `${result.name}: ${count('identical')} identical, ${count('within')} within ${100 * tolerance} %, ` +
        `${count('moved')} moved`,
    );
    for (const line of lines.filter(l => l.state !== 'identical'))
      console.log(`  ${line.state.padEnd(6)}  ${line.what}: ${line.detail}`);
    return count('moved');
  });
  return moved.every(n => n === 0) ? 0 : 1;
}, usage);

/** @param {string[]} args */
function parseOptions(args) {
  const options = /** @type {const} */ ({ tolerance: { type: 'string' } });
  const { values, positionals } = parseCommandLine({ script: 'verify', usage, options }, args);
  const tolerance = Number(values.tolerance ?? 0.01);
  if (!(tolerance >= 0)) throw new Refusal(`--tolerance is '${values.tolerance}' but must be a number >= 0`, usage);
  return { names: positionals, tolerance };
}
