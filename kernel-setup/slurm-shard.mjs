/**
 * One job of the array: `node slurm-shard.mjs <folder of the run>`. It helps with the sweeps of each notebook. On the
 * signal before a time limit or a pre-emption it lets go what it computes; what is done is on the disk.
 */
import fs from 'node:fs';
import path from 'node:path';
import { findNotebooks, readNotebook } from './run/notebooks.mjs';
import { executionOf } from './run/run-notebook.mjs';
import { help, mayShare } from './run/shared-run.mjs';
import { readRun, teamOf } from './run/slurm.mjs';
import { root } from './setup.mjs';
import { command } from './shared/command-line.mjs';

await command(async () => {
  const [, , folder] = process.argv;
  const run = readRun(folder);
  const task = Number(process.env.SLURM_ARRAY_TASK_ID);
  const member = `shard-${task}`;
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => controller.abort());
  const { signal } = controller;
  let failed = 0;
  for (const { name, file } of findNotebooks(root, run.names)) {
    const source = readNotebook(file);
    if (!mayShare(source) || signal.aborted) continue;
    const team = teamOf(folder, name);
    const copy = path.join(folder, `${encodeURIComponent(name)}.${member}.ipynb`);
    const notices = `${copy}.notices`;
    const execution = {
      ...executionOf({ name, file, options: run, signal }, copy, notices),
      onProgress: (/** @type {{ cell: number, of?: number }} */ { cell, of }) =>
        of && console.log(`${name}: cell ${cell} of ${of}`),
    };
    const onDeath = (/** @type {{ message: string }} */ { message }) =>
      console.log(`${name}: ${message}; started again`);
    const begin = (task - 1) / run.shards;
    const failure = await help(root, team, source, { member, begin, execution, onDeath });
    if (fs.existsSync(notices)) console.log(fs.readFileSync(notices, 'utf8'));
    fs.rmSync(notices, { force: true });
    if (signal.aborted) team.release(member);
    if (failure) console.log(`${name}: FAILED in cell ${failure.cell}: ${failure.message}`);
    failed += failure ? 1 : 0;
  }
  if (signal.aborted) console.log('ended by a signal; what is done is on the disk');
  return signal.aborted ? 143 : failed > 0 ? 1 : 0;
});
