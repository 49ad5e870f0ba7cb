/** Runs on a real Slurm of one machine: shards and the job behind them, restarts, cancelling, going on. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryCopy } from '../support/repository.mjs';
import { noSlurm, startSlurm } from '../support/slurm.mjs';

const reason = noSlurm();
const cases = 8;
const cells = (noted: string) => [
  "import { claim, sweep, verdicts } from 'widenet';\nimport { appendFileSync } from 'node:fs';",
  `const rows = await sweep('squares', Array.from({ length: ${cases} }, (_, k) => ({ k })), async ({ k }) => {
     appendFileSync('${noted}', k + '\\n');
     await new Promise(resolve => setTimeout(resolve, 2000));
     return { y: k * k };
   });`,
  "claim({ id: 'y', statement: 'y', measured: rows.map(row => row.y), expect: { above: 0 }, source: 'own' });",
  'verdicts()',
];

let cluster: Awaited<ReturnType<typeof startSlurm>>;
let repository: ReturnType<typeof repositoryCopy>;
const noted = (name: string) => path.join(repository.root, `${name}.noted`);
const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : []);

beforeAll(async () => {
  if (reason) return;
  cluster = await startSlurm();
  repository = repositoryCopy({});
  for (const name of ['small', 'halted']) repository.write(name, cells(noted(name)));
});
afterAll(async () => {
  await cluster?.stop();
  repository?.remove();
});

function command(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`kernel-setup/${script}.mjs`, ...args], {
    cwd: repository.root,
    env: cluster.env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}
const submit = (...args: string[]) => {
  const told = command('reproduce', ...args);
  const [, array, last] = /shards are job (\d+), the results will come from job (\d+)/.exec(told) ?? [];
  expect([array, last]).toEqual([expect.any(String), expect.any(String)]);
  return { array, last };
};
const stored = (name: string) =>
  readdirSync(path.join(repository.root, 'output', 'rows', name), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.jsonl'))
    .flatMap(file => lines(path.join(repository.root, 'output', 'rows', name, file)))
    .map(line => JSON.parse(line).settings.k as number);
const isOver = () => expect.poll(() => cluster.run('squeue', '--noheader'), { interval: 1000 }).toBe('');
function result(name: string) {
  const file = path.join(repository.root, 'output', 'results', `${name}.json`);
  const logs = () => {
    const all = path.join(repository.root, 'output', 'slurm');
    return readdirSync(all, { recursive: true, encoding: 'utf8' })
      .filter(log => log.endsWith('.log'))
      .map(log => `${log}: ${readFileSync(path.join(all, log), 'utf8').slice(-2000)}`);
  };
  expect(existsSync(file), existsSync(file) ? '' : logs().join('\n')).toBe(true);
  return JSON.parse(readFileSync(file, 'utf8'));
}
const squares = Array.from({ length: cases }, (_, k) => k * k);

test('a shard that is requeued and a node whose daemon is killed: each case is stored once', async context => {
  if (reason && process.env.CI !== 'true') return context.skip(reason);
  expect(reason).toBe(undefined);
  const { array } = submit('small', '--slurm', '--partition=cpu --ntasks=1', '--shards', '2');
  await expect.poll(() => lines(noted('small')).length).toBeGreaterThan(1);
  await cluster.restartNode();
  cluster.run('scontrol', 'requeue', `${array}_1`);
  expect(command('slurm', 'status')).toMatch(/small \(quick\), 2 shards\n[^]*the last job: pending \(Dependency\)/);
  await isOver();
  expect(result('small').claims[0].measured).toEqual(squares);
  expect(stored('small').sort()).toEqual([...squares.keys()]);
  expect(lines(noted('small')).length).toBeLessThanOrEqual(cases + 1);
  expect(command('slurm', 'status')).toMatch(/no jobs of it are left\n {2}small, squares: 8 of 8 cases\n/);
});

test('a run that is cancelled keeps its rows, and what goes on computes what is missing', async context => {
  if (reason && process.env.CI !== 'true') return context.skip(reason);
  submit('halted', '--slurm', '', '--shards', '1');
  await expect.poll(() => lines(noted('halted')).length).toBeGreaterThan(2);
  expect(command('slurm', 'cancel')).toMatch(/To go on: npm run reproduce -- halted --slurm '' --shards 1 --resume\n$/);
  await isOver();
  const before = stored('halted');
  expect(before.length).toBeGreaterThan(0);
  const computed = lines(noted('halted')).length;
  submit('halted', '--slurm', '', '--shards', '2', '--resume');
  await isOver();
  expect(result('halted').claims[0].measured).toEqual(squares);
  expect(lines(noted('halted')).length).toBe(computed + cases - before.length);
  expect(stored('halted').sort()).toEqual([...squares.keys()]);
});
