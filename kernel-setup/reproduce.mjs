/**
 * npm run reproduce: executes notebooks and shows which claims hold. Exit code 0: all cells ran, no claim fails that
 * the committed notebook shows as holding, and what was to be saved is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { declared } from './run/declared.mjs';
import { findChromium, noChromium } from './run/draw.mjs';
import { allNotebooks, findNotebooks, readNotebook } from './run/notebooks.mjs';
import { openFile } from './run/open.mjs';
import { checkOverrides, parseOptions, usage } from './run/options.mjs';
import { outputPaths, prepareOutput, settle } from './run/output-folder.mjs';
import { lockOutput } from './run/output-lock.mjs';
import { writeReport } from './run/report.mjs';
import { passes, storedResult, writeClaims } from './run/results.mjs';
import { runAll } from './run/run.mjs';
import { verdictLines } from './run/verdict-lines.mjs';
import { root, setup } from './setup.mjs';
import { command } from './shared/command-line.mjs';
import { venvPython } from './shared/jupyter.mjs';
import { Refusal } from './shared/refusal.mjs';

await command(async () => {
  const options = parseOptions(process.argv.slice(2), root);
  prepareOutput(root, options.output);
  await setup();
  const notebooks = findNotebooks(root, options.names);
  if (notebooks.length === 0) throw new Refusal('there are no notebooks in notebooks/');
  for (const { name, file } of notebooks) checkOverrides(name, declared(readNotebook(file)), options);
  if (options.save)
    for (const { file } of notebooks)
      for (const written of [file, path.dirname(file)]) fs.accessSync(written, fs.constants.W_OK);
  const run = await lockOutput(options.output, venvPython(root));

  const { results, unsaved, interrupted } = await runAll(root, notebooks, options, run);
  for (const result of results) console.log(verdictLines(result));
  const outcomes = allNotebooks(root).flatMap(({ name }) => outcome(results, options.output, name));
  writeClaims(
    options.output,
    outcomes.flatMap(({ result }) => result ?? []),
  );
  writeReport(root, options.output, outcomes);
  for (const { name, problem } of outcomes) if (problem) console.log(`${name}: ${problem}; run it again`);
  const { report } = outputPaths(options.output);
  console.log(`report: ${path.relative(process.cwd(), report)}`);
  if (!findChromium()) console.log(noChromium);
  if (options.open) openFile(report);
  if (interrupted) {
    const done = `${results.length} of ${notebooks.length} notebooks are done`;
    console.log(`interrupted: ${done}; go on with: npm run reproduce -- --resume`);
    return 130;
  }
  if (unsaved.length > 0) console.log(`NOT saved, because edited during the run: ${unsaved.join(', ')}`);
  if (!options.save)
    console.log(
      `notebooks/ is left as it was; executed notebooks are in ` +
        `${path.relative(process.cwd(), path.join(options.output, 'notebooks'))} ` +
        `(to renew the committed outputs: npm run reproduce -- --save)`,
    );
  return results.every(passes) && unsaved.length === 0 ? 0 : 1;
}, usage);

/**
 * The result of a notebook, of this run or of an earlier one, or what is wrong with it; none when it never ran.
 * @param {import('./run/results.mjs').Result[]} results @param {string} output @param {string} name
 */
function outcome(results, output, name) {
  const result = results.find(r => r.name === name);
  if (result) return [{ name, result }];
  settle(output, name);
  const stored = storedResult(output, name);
  return stored.result || stored.problem ? [{ name, ...stored }] : [];
}
