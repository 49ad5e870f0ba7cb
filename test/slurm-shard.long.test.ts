/** A job of the array: what it leaves when Slurm tells it to end. Slurm itself is not needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryCopy } from './support/repository.mjs';

const names = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

test('a job that is told to end keeps what is done, lets go its case, and says that it was ended', async () => {
  const repository = repositoryCopy({});
  try {
    const output = path.join(repository.root, 'output');
    const noted = path.join(repository.root, 'noted');
    repository.write('slow', [
      "import { sweep } from 'widenet';\nimport { appendFileSync } from 'node:fs';",
      `await sweep('squares', [0, 1, 2, 3].map(k => ({ k })), async ({ k }) => {
         appendFileSync(${JSON.stringify(noted)}, k + '\\n');
         await new Promise(resolve => setTimeout(resolve, k === 2 ? 3_600_000 : 0));
         return { y: k * k };
       });`,
    ]);
    const folder = path.join(output, 'slurm', 'id');
    mkdirSync(folder, { recursive: true });
    const run = { id: 'id', names: ['slow'], profile: 'quick', set: {}, resume: false, output, shards: 1, again: '' };
    writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ ...run, jobs: {} }));
    const job = spawn(process.execPath, ['kernel-setup/slurm-shard.mjs', folder], {
      cwd: repository.root,
      env: { ...process.env, SLURM_ARRAY_TASK_ID: '1' },
    });
    let told = '';
    for (const stream of [job.stdout, job.stderr])
      stream.on('data', text => {
        told += text;
      });
    const ended = once(job, 'close');
    const computed = () => (existsSync(noted) ? readFileSync(noted, 'utf8').split('\n').filter(Boolean) : []);
    await expect.poll(computed, { interval: 100 }).toEqual(['0', '1', '2']);
    const cases = path.join(folder, 'teams', 'slow', 'cases');
    const links = () => names(cases).filter(name => /\.\d+$/.test(name));
    expect(links().length).toBe(1);
    job.kill('SIGTERM');
    expect(await ended, told).toEqual([143, null]);
    expect(told).toMatch(/ended by a signal; what is done is on the disk\n$/);
    expect(links()).toEqual([]);
    const rows = names(path.join(output, 'rows', 'slow')).filter(name => name.endsWith('.jsonl'));
    const stored = rows.flatMap(name =>
      readFileSync(path.join(output, 'rows', 'slow', name), 'utf8')
        .trim()
        .split('\n'),
    );
    expect(stored.map(line => JSON.parse(line).settings.k)).toEqual([0, 1]);
    expect(names(folder).filter(name => name.includes('.ipynb'))).toEqual([]);
  } finally {
    repository.remove();
  }
});
