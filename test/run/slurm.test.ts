/** What is asked of Slurm, whose commands are stood in for here, and what is told of a run. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cancel, folderOf, status, submit, teamOf, words } from '../../kernel-setup/run/slurm.mjs';
import { openRowFile } from '../../src/train/row-files';

let folder: string;
const run = () => ({
  ...{ names: ['paper'], profile: 'full', set: {}, resume: false, output: folder },
  ...{ shards: 3, again: 'paper --resume' },
});
const calls = () => readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n');

/** A command that notes its arguments and then does this. */
function command(name: string, does: string) {
  const file = path.join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${folder}/calls'\n${does}\n`);
  chmodSync(file, 0o755);
}
const store = (rows: string, of: string, k: number, failure?: object) => {
  const file = openRowFile('test', rows);
  const id = `${k}`.padStart(32, '0');
  const more = { seconds: 0, parameters: {}, versions: {}, run: of, ...failure };
  file.append({ id, settings: { k }, rows: failure ? [] : [{ y: k }], ...more });
  file.close();
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-slurm-'));
  mkdirSync(path.join(folder, 'bin'));
  vi.stubEnv('PATH', `${path.join(folder, 'bin')}:${process.env.PATH}`);
  command('sbatch', `case "$*" in *--array*) echo '17;cluster';; *) echo 18;; esac`);
  command('scancel', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('an array of jobs, and one behind it whatever becomes of them; a signal comes a minute before the end', () => {
  const { id, jobs } = submit('/the root', run(), `--time=2:00 --comment='two words'`, ['paper', "it's"]);
  expect(jobs).toEqual({ array: '17', final: '18' });
  const own = path.join(folder, 'slurm', id);
  const [array, final] = calls();
  expect(array).toMatch(
    /^sbatch --parsable --requeue .*--array=1-3 --signal=B:TERM@60 --time=2:00 --comment=two words /,
  );
  expect(final).toMatch(/^sbatch --parsable --requeue .*--dependency=afterany:17 --time=2:00 --comment=two words /);
  for (const [line, log, script] of [
    [array, 'shard-%a.log', 'shard.sh'],
    [final, 'final.log', 'final.sh'],
  ])
    expect(line.endsWith(`--output=${own}/logs/${log} --open-mode=append ${own}/${script}`), line).toBe(true);
  expect(readFileSync(path.join(own, 'shard.sh'), 'utf8')).toBe(
    `#!/bin/bash\ncd '/the root' || exit 1\nexec '${process.execPath}' 'kernel-setup/slurm-shard.mjs' '${own}'\n`,
  );
  expect(readFileSync(path.join(own, 'final.sh'), 'utf8')).toContain(`'WIDENET_SLURM=${own}'`);
  expect(readFileSync(path.join(own, 'final.sh'), 'utf8')).toMatch(/'paper' 'it'\\''s'\n$/);
  expect(folderOf(folder)).toBe(own);
  expect(JSON.parse(teamOf(own, 'paper').environment('shard-1', 0).WIDENET_TEAM)).toMatchObject({
    run: id,
    isSpread: true,
  });
});

test('options that make the run what it is, and a Slurm that refuses or is not there, are said', () => {
  for (const taken of ['--array=1-4', '--dependency=afterok:1', '--output=x'])
    expect(() => submit('/root', run(), taken, [])).toThrow(`--slurm gives ${taken}, which the run sets itself`);
  expect(words(`-p cpu --comment="a b"`)).toEqual(['-p', 'cpu', '--comment=a b']);
  command('sbatch', 'echo first >&2; echo "invalid partition" >&2; exit 1');
  expect(() => submit('/root', run(), '', [])).toThrow(/^sbatch refused: invalid partition$/);
  vi.stubEnv('PATH', path.join(folder, 'nothing'));
  expect(() => submit('/root', run(), '', [])).toThrow(/^sbatch is not on this machine/);
  expect(() => folderOf(folder, 'other')).toThrow(/^other is no run; there are /);
  expect(() => folderOf(path.join(folder, 'bin'))).toThrow(/^no run was submitted from/);
});

test('a run tells its jobs, the cases of it that are stored, and how to go on once nothing runs', async () => {
  const { id } = submit('/root', run(), '', []);
  const own = folderOf(folder, id);
  const rows = path.join(folder, 'rows');
  const team = path.join(own, 'teams', 'paper');
  mkdirSync(path.join(team, 'sweeps'), { recursive: true });
  writeFileSync(path.join(team, 'sweeps', 'key.json'), JSON.stringify({ sweep: 's', cases: 4, rows }));
  store(rows, id, 1);
  store(rows, id, 2, { failure: { status: 'failed', message: 'no' } });
  store(rows, 'another run', 3);
  const told = (line: string) => command('squeue', `case "$*" in *=17*) ${line};; esac`);
  told(`printf 'RUNNING None\\nPENDING Resources\\nPENDING Resources\\n'`);
  expect(await status(own)).toEqual([
    `${id}: paper (full), 3 shards`,
    '  shards: running',
    '  shards: pending (Resources), 2',
    '  paper, s: 2 of 4 cases, 1 of them failed',
    `logs: ${own}/logs`,
  ]);
  told('echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1');
  expect((await status(own)).slice(1, 4)).toEqual([
    '  no jobs of it are left',
    '  paper, s: 2 of 4 cases, 1 of them failed',
    'what is missing: npm run reproduce -- paper --resume',
  ]);
  expect(cancel(own)).toEqual([`${id}: cancelled; rows stay. To go on: npm run reproduce -- paper --resume`]);
  expect(calls().at(-1)).toBe('scancel 17 18');
  expect(readdirSync(rows).length).toBe(3);
});
