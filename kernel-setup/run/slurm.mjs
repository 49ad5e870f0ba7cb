/**
 * Runs on a cluster by Slurm: an array of jobs, each of which computes a share of the sweeps, and a job behind it that
 * executes the notebooks with all rows known. What belongs to such a run lies in <output>/slurm/<id>/: `run.json`, the
 * teams, the logs. The folder of this repository must be shared by all machines, and set up for their kind.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../shared/files.mjs';
import { Refusal } from '../shared/refusal.mjs';
import { library } from './library.mjs';
import { openTeam } from './team.mjs';

/**
 * @typedef {{
 *   id: string, names: string[], profile: string, set: Record<string, unknown>, resume: boolean, output: string,
 *   shards: number, again: string, jobs: { array?: string, final?: string },
 * }} SlurmRun
 */

/** Options of sbatch that make the run what it is. */
const own = ['array', 'dependency', 'wrap', 'parsable', 'output', 'error'];

/** Words as a shell splits them, with quotes. @param {string} text */
export const words = text =>
  (text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map(word => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));

/**
 * Calls a command of Slurm; gives what it prints.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 */
function slurm(command, args, env = process.env) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    const { code, stderr } = /** @type {NodeJS.ErrnoException & { stderr?: string }} */ (error);
    if (code === 'ENOENT')
      throw new Refusal(`${command} is not on this machine`, 'give --slurm where Slurm is, as on a login node');
    throw new Refusal(`${command} refused: ${stderr?.trim().split('\n').at(-1)}`);
  }
}

/**
 * Submits a run; `given` is what sbatch is given besides, as one text. Gives the run with the ids of its jobs.
 * @param {string} root @param {Omit<SlurmRun, 'id' | 'jobs'>} run @param {string} given @param {string[]} final
 * arguments of reproduce for the last job
 * @returns {SlurmRun}
 */
export function submit(root, run, given, final) {
  const options = words(given);
  const taken = options.find(word => own.includes(/^--([a-z]+)/.exec(word)?.[1] ?? ''));
  if (taken) throw new Refusal(`--slurm gives ${taken}, which the run sets itself`);
  const id = `${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}-${randomUUID().slice(0, 4)}`;
  const folder = path.join(run.output, 'slurm', id);
  fs.mkdirSync(path.join(folder, 'logs'), { recursive: true });
  // The batch process itself becomes Node.js, so that Slurm's signals reach it.
  const script = (/** @type {string} */ name, /** @type {string[]} */ command) => {
    const quoted = command.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    fs.writeFileSync(path.join(folder, name), `#!/bin/bash\ncd '${root}' || exit 1\nexec ${quoted}\n`);
    return path.join(folder, name);
  };
  const shard = script('shard.sh', [process.execPath, 'kernel-setup/slurm-shard.mjs', folder]);
  const last = script('final.sh', [
    'env',
    `WIDENET_SLURM=${folder}`,
    process.execPath,
    'kernel-setup/reproduce.mjs',
    ...final,
  ]);
  const log = (/** @type {string} */ name) => [`--output=${path.join(folder, 'logs', name)}`, '--open-mode=append'];
  /** @type {SlurmRun} */
  const whole = { ...run, id, jobs: {} };
  const save = () => writeWhole(path.join(folder, 'run.json'), JSON.stringify(whole, null, 1));
  save();
  const common = ['--parsable', '--requeue', '--job-name=widenet'];
  whole.jobs.array = slurm('sbatch', [
    ...[...common, `--array=1-${run.shards}`, '--signal=B:TERM@60', ...options, ...log('shard-%a.log'), shard],
  ]).split(';')[0];
  save();
  whole.jobs.final = slurm('sbatch', [
    ...[...common, `--dependency=afterany:${whole.jobs.array}`, ...options, ...log('final.log'), last],
  ]).split(';')[0];
  save();
  return whole;
}

/** The run of a folder. @param {string} folder @returns {SlurmRun} */
export const readRun = folder => JSON.parse(fs.readFileSync(path.join(folder, 'run.json'), 'utf8'));

/**
 * The folder of a run in an output folder: of this id, or of the newest.
 * @param {string} output @param {string} [id]
 */
export function folderOf(output, id) {
  const all = path.join(output, 'slurm');
  const known = fs.existsSync(all) ? fs.readdirSync(all).sort() : [];
  if (known.length === 0) throw new Refusal(`no run was submitted from ${output}`);
  if (id !== undefined && !known.includes(id))
    throw new Refusal(`${id} is no run; there are ${known.slice(-5).join(', ')}`);
  return path.join(all, id ?? known[known.length - 1]);
}

/** The team that computes a notebook in a run. @param {string} folder @param {string} name */
export const teamOf = (folder, name) =>
  openTeam(path.join(folder, 'teams', encodeURIComponent(name)), readRun(folder).id, true);

/** The jobs of a run that Slurm still has, by their state. @param {SlurmRun} run */
function states({ jobs }) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const [what, id] of Object.entries(jobs)) {
    let told = '';
    try {
      told = slurm('squeue', ['--noheader', '--array', `--jobs=${id}`, '--format=%T %r']);
    } catch (error) {
      // Slurm forgets jobs some minutes after their end.
      if (!/Invalid job id/.test(String(error))) throw error;
    }
    for (const line of told.split('\n').filter(Boolean)) {
      const [state, reason] = line.split(/ (.*)/);
      const why = ['PENDING', 'SUSPENDED'].includes(state) && reason ? ` (${reason})` : '';
      const name = `${what === 'final' ? 'the last job' : 'shards'}: ${state.toLowerCase()}${why}`;
      found.set(name, (found.get(name) ?? 0) + 1);
    }
  }
  return found;
}

/**
 * What there is to say of a run: its jobs, and how many cases of each sweep that it came to are done.
 * @param {string} folder
 */
export async function status(folder) {
  const run = readRun(folder);
  const lines = [`${run.id}: ${run.names.join(' ')} (${run.profile}), ${run.shards} shards`];
  const jobs = states(run);
  for (const [state, count] of jobs) lines.push(`  ${state}${count > 1 ? `, ${count}` : ''}`);
  if (jobs.size === 0) lines.push('  no jobs of it are left');
  let missing = 0;
  for (const name of run.names)
    for (const { sweep, cases, rows } of teamOf(folder, name).sweeps()) {
      const stored = library('train/row-files').openRows(rows, () => true, {
        accepts: one => one.run === run.id || (run.resume && !one.failure),
        report: damage => lines.push(`  damaged: ${damage}`),
      });
      await stored.read(true);
      const failed = [...stored.found.values()].filter(({ failure }) => failure).length;
      lines.push(
        `  ${name}, ${sweep}: ${stored.found.size} of ${cases} cases${failed > 0 ? `, ${failed} of them failed` : ''}`,
      );
      missing += cases - stored.found.size;
    }
  if (jobs.size === 0 && missing > 0) lines.push(`what is missing: npm run reproduce -- ${run.again}`);
  lines.push(`logs: ${path.join(folder, 'logs')}`);
  return lines;
}

/** Cancels the jobs of a run; its rows stay. @param {string} folder */
export function cancel(folder) {
  const run = readRun(folder);
  slurm('scancel', Object.values(run.jobs));
  return [`${run.id}: cancelled; rows stay. To go on: npm run reproduce -- ${run.again}`];
}
