/** npm run reproduce: executes notebooks and shows which claims hold. Exit code 0: all cells ran and no claim fails that the committed notebook shows as holding. */
import path from 'node:path';
import { allNotebooks, declaredParameters, findNotebooks, readNotebook } from './run/notebooks.mjs';
import { checkOverrides, parseOptions, usage } from './run/options.mjs';
import { openFile } from './run/open.mjs';
import { command, Refusal } from './run/refusal.mjs';
import { writeReport } from './run/report.mjs';
import { passes, places, prepareOutput, readResult, writeClaims } from './run/results.mjs';
import { runAll } from './run/run.mjs';
import { findChromium, noChromium } from './run/draw.mjs';
import { verdictLines } from './run/verdict-lines.mjs';
import { root, setup } from './setup.mjs';

await command(async () => {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const options = parseOptions(process.argv.slice(2), root);
  prepareOutput(options.output);
  await setup();
  const notebooks = findNotebooks(root, options.names);
  if (notebooks.length === 0) throw new Refusal('there are no notebooks in notebooks/');
  for (const { name, file } of notebooks) checkOverrides(name, declaredParameters(readNotebook(file)), options);

  const { results, interrupted } = await runAll(root, notebooks, options);
  for (const result of results) console.log(verdictLines(result));
  const all = allNotebooks(root).flatMap(({ name }) => readResult(options.output, name) ?? []);
  writeClaims(options.output, all);
  writeReport(root, options.output, all);
  const report = places(options.output).report;
  console.log(`report: ${path.relative(process.cwd(), report)}`);
  if (!findChromium()) console.log(noChromium);
  if (options.open) openFile(report);
  if (interrupted) {
    console.log(`interrupted: ${results.length} of ${notebooks.length} notebooks are done; go on with --resume`);
    return 130;
  }
  return results.every(passes) ? 0 : 1;
});
