/**
 * npm run reproduce: executes notebooks and shows which claims hold. Exit code 0: all cells ran, no claim fails that
 * the committed notebook shows as holding, and what was to be saved is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { declared } from './run/declared.mjs';
import { findChromium, noChromium } from './run/draw.mjs';
import { lockOutput } from './run/lock.mjs';
import { allNotebooks, findNotebooks, readNotebook } from './run/notebooks.mjs';
import { openFile } from './run/open.mjs';
import { checkOverrides, parseOptions, usage } from './run/options.mjs';
import { prepareOutput } from './run/output.mjs';
import { command, Refusal } from './run/refusal.mjs';
import { writeReport } from './run/report.mjs';
import { passes, places, settle, storedResult, writeClaims } from './run/results.mjs';
import { runAll } from './run/run.mjs';
import { verdictLines } from './run/verdict-lines.mjs';
import { root, setup } from './setup.mjs';
import { venvPython } from './setup/jupyter.mjs';

await command(async () => {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const options = parseOptions(process.argv.slice(2), root);
  prepareOutput(root, options.output);
  await setup();
  const notebooks = findNotebooks(root, options.names);
  if (notebooks.length === 0) throw new Refusal('there are no notebooks in notebooks/');
  for (const { name, file } of notebooks) checkOverrides(name, declared(readNotebook(file)), options);
  if (options.save)
    for (const { file } of notebooks)
      for (const place of [file, path.dirname(file)]) fs.accessSync(place, fs.constants.W_OK);
  const run = await lockOutput(options.output, venvPython(root));

  const { results, unsaved, interrupted } = await runAll(root, notebooks, options, run);
  for (const result of results) console.log(verdictLines(result));
  const stored = allNotebooks(root).flatMap(({ name }) => storedOutcome(options.output, name));
  writeClaims(
    options.output,
    stored.flatMap(({ result }) => result ?? []),
  );
  writeReport(root, options.output, stored);
  for (const { name, problem } of stored) if (problem) console.log(`${name}: ${problem}; run it again`);
  const report = places(options.output).report;
  console.log(`report: ${path.relative(process.cwd(), report)}`);
  if (!findChromium()) console.log(noChromium);
  if (options.open) openFile(report);
  if (interrupted) {
    console.log(
      `interrupted: ${results.length} of ${notebooks.length} notebooks are done; go on with: npm run reproduce -- --resume`,
    );
    return 130;
  }
  if (unsaved.length > 0) console.log(`NOT saved, because edited during the run: ${unsaved.join(', ')}`);
  if (!options.save)
    console.log(
      `notebooks/ is left as it was; executed notebooks are in ${path.relative(process.cwd(), path.join(options.output, 'notebooks'))} (to renew the committed outputs: npm run reproduce -- --save)`,
    );
  return results.every(passes) && unsaved.length === 0 ? 0 : 1;
});

/**
 * The result of a notebook that has one, or what is wrong with it.
 * @param {string} output @param {string} name
 */
function storedOutcome(output, name) {
  settle(output, name);
  const { result, problem } = storedResult(output, name);
  return result || problem ? [{ name, result, problem }] : [];
}
