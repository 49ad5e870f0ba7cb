/** npm run compare: two runs side by side, as one page, with what differs printed. */
import fs from 'node:fs';
import path from 'node:path';
import { differences } from './run/differences.mjs';
import { openFile } from './run/open.mjs';
import { runFolder } from './run/options.mjs';
import { outputPaths } from './run/output-folder.mjs';
import { inBoth, writeTwoRuns } from './run/two-runs.mjs';
import { root, setup } from './setup.mjs';
import { command, parseCommandLine } from './shared/command-line.mjs';
import { Refusal } from './shared/refusal.mjs';

const usage = `usage: npm run compare <run> [another run] [-- --open]
  lays two runs side by side: settings, verdicts, figures. A run is the name given by npm run reproduce -- --name;
  'plain', and the other one where only one is named, is what lies in output/ itself`;

await command(async () => {
  const { names, open } = parseOptions(process.argv.slice(2));
  await setup();
  const output = path.join(root, 'output');
  const runs = names.map(name => ({ name, output: name === 'plain' ? output : runFolder(output, name) }));
  const [first, second] = runs;
  const runFolders = path.join(output, 'runs');
  const isRun = (/** @type {string} */ folder) => fs.existsSync(path.join(folder, 'results'));
  const named = fs.existsSync(runFolders) ? fs.readdirSync(runFolders) : [];
  const known = [
    ...(isRun(output) ? ['plain'] : []),
    ...named.filter(name => isRun(path.join(runFolders, name))).sort(),
  ];
  for (const { name, output } of runs)
    if (!isRun(output))
      throw new Refusal(
        name === 'plain' ? 'there is no plain run: none without --set or --name was made' : `there is no run '${name}'`,
        [
          `runs are: ${known.join(', ') || 'none'}`,
          ...(name === 'plain' ? ['make it by: npm run reproduce -- <notebook>, or name two runs to compare'] : []),
        ],
      );
  const found = inBoth(root, [first, second]);
  for (const [{ result: before }, { result }] of found.pairs) {
    const lines = differences({ ...result, previous: before });
    console.log(`${result.name}: ${lines.length > 0 ? `${first.name} -> ${second.name}` : 'nothing differs'}`);
    for (const line of lines) console.log(`  ${line}`);
  }
  for (const line of found.leftOut) console.log(`left out, ${line}`);
  if (found.pairs.length === 0)
    throw new Refusal(`${first.name} and ${second.name} have results of no notebook in common`, usage);
  const page = path.join(path.dirname(outputPaths(output).report), `${first.name}-beside-${second.name}.html`);
  writeTwoRuns(root, page, found);
  console.log(`side by side: ${path.relative(process.cwd(), page)}`);
  if (open) openFile(page);
  return 0;
}, usage);

/** @param {string[]} args */
function parseOptions(args) {
  const options = /** @type {const} */ ({ open: { type: 'boolean' } });
  const { values, positionals } = parseCommandLine({ script: 'compare', usage, options }, args);
  if (positionals.length < 1 || positionals.length > 2 || positionals[0] === positionals[1])
    throw new Refusal(`two different runs are compared, but given is: ${positionals.join(' ') || 'nothing'}`, usage);
  return { names: positionals.length === 2 ? positionals : ['plain', positionals[0]], open: values.open };
}
