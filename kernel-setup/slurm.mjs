/** npm run slurm: what became of a run that was submitted to Slurm, and its end. */
import path from 'node:path';
import { cancel, folderOf, status } from './run/slurm.mjs';
import { root } from './setup.mjs';
import { command, parseCommandLine } from './shared/command-line.mjs';
import { Refusal } from './shared/refusal.mjs';

const usage = `usage: npm run slurm -- status|cancel [run] [-- options]
  run              a run that npm run reproduce -- --slurm has submitted (default: the newest)
  --output folder  where its results go (default output)`;

await command(async () => {
  const options = /** @type {const} */ ({ output: { type: 'string' } });
  const { values, positionals } = parseCommandLine({ script: 'slurm', usage, options }, process.argv.slice(2));
  const [what, id, more] = positionals;
  if (!['status', 'cancel'].includes(what) || more !== undefined)
    throw new Refusal(`${positionals.join(' ') || 'nothing'} is neither status nor cancel of one run`, usage);
  const folder = folderOf(path.resolve(root, values.output ?? 'output'), id);
  for (const line of what === 'status' ? await status(folder) : cancel(folder)) console.log(line);
  return 0;
}, usage);
