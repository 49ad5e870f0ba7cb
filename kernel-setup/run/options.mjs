/** The command line of `npm run reproduce`. */
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { parseCommandLine } from '../shared/command-line.mjs';
import { Refusal } from '../shared/refusal.mjs';
import { library } from './library.mjs';

export const usage = `usage: npm run reproduce [names...] [-- options]
  --profile quick|full   the size of the experiments (default quick)
  --set name=value       a parameter of the named notebooks, as JSON or text; may be repeated
  --fresh-seeds          judge other seeds than the committed ones; the report shows both
  --jobs n               processes at once, over notebooks and the sweeps of one (default: one for each two cores)
  --slurm options        submit to Slurm, with these options of sbatch: an array of jobs, and one behind it
  --shards n             the jobs of that array (default 10)
  --resume               keep what is done and unchanged; take up long runs where they stopped
  --name text            a run of its own, in output/runs/<text>; with --set it has one, made of what is set
  --output folder        where results go (default output)
  --save                 write the executed notebooks back to notebooks/, to be committed
  --open                 open the report`;

/**
 * `output` is where results go: `base`, or a folder in it for a run that has a name.
 * @typedef {{
 *   names: string[], profile: string, set: Record<string, unknown>, freshSeeds: boolean, jobs: number, resume: boolean,
 *   slurm?: string, shards: number, name?: string, base: string, output: string, save: boolean, open: boolean,
 * }} Options
 */

/**
 * @param {string[]} args @param {string} root
 * @returns {Options}
 */
export function parseOptions(args, root) {
  // The options of sbatch begin with dashes, as if they were options here.
  const at = args.indexOf('--slurm');
  const given = at < 0 ? args : [...args.slice(0, at), `--slurm=${args[at + 1] ?? ''}`, ...args.slice(at + 2)];
  const { values, positionals } = parseCommandLine({ script: 'reproduce', usage, options }, given);
  const profiles = values.profile ?? ['quick'];
  if (profiles.length > 1)
    throw new Refusal(
      `--profile is given ${profiles.length} times (${profiles.join(', ')}) but a run has one profile`,
      usage,
    );
  if (!['quick', 'full'].includes(profiles[0]))
    throw new Refusal(`--profile is '${profiles[0]}' but must be quick or full`, usage);
  const jobs = values.jobs === undefined ? Math.max(1, Math.floor(os.cpus().length / 2)) : Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Refusal(`--jobs is '${values.jobs}' but must be a whole number >= 1`, usage);
  const shards = Number(values.shards ?? 10);
  if (!Number.isInteger(shards) || shards < 1)
    throw new Refusal(`--shards is '${values.shards}' but must be a whole number >= 1`, usage);
  if (values.shards !== undefined && values.slurm === undefined)
    throw new Refusal('--shards is for --slurm; on one machine --jobs says how many processes share the work', usage);
  for (const other of /** @type {const} */ (['save', 'open', 'fresh-seeds', 'jobs']))
    if (values.slurm !== undefined && values[other]) throw new Refusal(`--${other} is not for --slurm`, usage);
  const assignments = (values.set ?? []).map(assignment);
  const twice = assignments.find(([name], i) => assignments.slice(0, i).some(([earlier]) => earlier === name));
  if (twice) throw new Refusal(`--set gives ${twice[0]} more than once`, usage);
  const set = Object.fromEntries(assignments);
  const freshSeeds = values['fresh-seeds'] ?? false;
  if (freshSeeds && values.save)
    throw new Refusal('--save is not for --fresh-seeds: committed notebooks show the committed seeds', usage);
  if (freshSeeds && values.resume && set.firstSeed === undefined)
    throw new Refusal(
      '--fresh-seeds draws a first seed that no earlier run had, so there is nothing to resume',
      'name the seed of that run, as in --fresh-seeds --set firstSeed=123456 --resume',
    );
  if (values.save && (profiles[0] !== 'quick' || Object.keys(set).length > 0))
    throw new Refusal(
      '--save is for the quick profile without --set: committed notebooks show what a plain run gives',
      usage,
    );
  const base = path.resolve(root, values.output ?? 'output');
  const isExploring = Object.keys(set).length > 0 && !freshSeeds && values.output === undefined;
  const name = values.name ?? (isExploring ? nameOf(profiles[0], set) : undefined);
  return {
    names: positionals,
    profile: profiles[0],
    set,
    freshSeeds,
    jobs,
    slurm: values.slurm,
    shards,
    resume: values.resume ?? false,
    save: values.save ?? false,
    open: values.open ?? false,
    name,
    base,
    output: name === undefined ? base : runFolder(base, name),
  };
}

/**
 * Where the run of a name lies in an output folder.
 * @param {string} output @param {string} name
 */
export function runFolder(output, name) {
  if (!/^[A-Za-z0-9][\w.,=+-]*$/.test(name) || name.length > 80 || name === 'plain')
    throw new Refusal(
      `'${name}' is not a name for a run`,
      "letters, digits and . , = + - _, at most 80, starting with a letter or digit, but not 'plain', the run without a name",
    );
  return path.join(output, 'runs', name);
}

/**
 * The name of a run by its settings, n=256,target=signs; with a mark where they are more than a name can tell.
 * @param {string} profile @param {Record<string, unknown>} set
 */
function nameOf(profile, set) {
  const settings = Object.entries(set).map(([name, value]) => `${name}=${stringOf(value)}`);
  const whole = [...(profile === 'quick' ? [] : [profile]), ...settings].join(',');
  const name = whole
    .replace(/[^\w.,=+-]/g, '')
    .slice(0, 60)
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === whole ? name : `${name}-${createHash('sha256').update(whole).digest('hex').slice(0, 6)}`;
}

/** @param {unknown} value */
const stringOf = value => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * The arguments that give these options, as a shell reads them.
 * @param {Options} options @param {string} root
 */
export const argumentsOf = (options, root) =>
  argumentList(options, root)
    .map(text => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`))
    .join(' ');

/** The arguments one by one. @param {Options} options @param {string} root */
export function argumentList(
  { names, profile, set, freshSeeds, jobs, slurm, shards, resume, save, open, name, base },
  root,
) {
  const plain = defaults(root);
  return [
    ...names,
    ...(profile === plain.profile ? [] : ['--profile', profile]),
    ...Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${JSON.stringify(value)}`]),
    ...(jobs === plain.jobs ? [] : ['--jobs', String(jobs)]),
    ...(slurm === undefined ? [] : ['--slurm', slurm, '--shards', String(shards)]),
    ...(name === undefined ? [] : ['--name', name]),
    ...(base === plain.output ? [] : ['--output', base]),
    ...Object.entries({ 'fresh-seeds': freshSeeds, save, open, resume }).flatMap(([n, is]) => (is ? [`--${n}`] : [])),
  ];
}

/**
 * A plain run of everything.
 * @param {string} root
 */
export const defaults = root => parseOptions([], root);

const options = /** @type {const} */ ({
  profile: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  'fresh-seeds': { type: 'boolean' },
  jobs: { type: 'string' },
  slurm: { type: 'string' },
  shards: { type: 'string' },
  resume: { type: 'boolean' },
  name: { type: 'string' },
  output: { type: 'string' },
  save: { type: 'boolean' },
  open: { type: 'boolean' },
});

/**
 * `name=value`. A value that begins like a list, text or object of JSON must be valid JSON; any other that is not JSON
 * is a text.
 * @param {string} text @returns {[string, unknown]}
 */
function assignment(text) {
  const [, name, value] = /^([A-Za-z_$][\w$]*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined)
    throw new Refusal(`--set is '${text}' but must be name=value, as in --set n=256 or --set 'seeds=[0,1,2]'`);
  try {
    return [name, JSON.parse(value)];
  } catch {
    if (/^[[{"]/.test(value)) throw new Refusal(`--set gives ${name} the value ${value}, which is not valid JSON`);
    return [name, value];
  }
}

/**
 * Refuses overrides that a notebook would refuse, before anything runs, by calling `params` itself. Parameters that can
 * only be read by running the notebook cannot be overridden.
 * @param {string} name @param {import('./declared.mjs').Declaration} declaration @param {Options} options
 */
export function checkOverrides(name, { parameters, problem }, { profile, set, freshSeeds }) {
  if (freshSeeds && parameters && !Object.hasOwn(parameters.quick, 'firstSeed'))
    throw new Refusal(
      `${name}: it declares no parameter firstSeed, which --fresh-seeds sets`,
      'declare firstSeed and judge seeds(seedCount, firstSeed), or name the notebooks to run',
    );
  const own = { ...parameters?.quick, ...(profile === 'full' && parameters?.full) };
  const [ownFirst, ownEnd, first, end] = [own, { ...own, ...set }].flatMap(({ firstSeed, seedCount = 1 }) => [
    Number(firstSeed),
    Number(firstSeed) + Number(seedCount),
  ]);
  if (freshSeeds && first < ownEnd && ownFirst < end)
    throw new Refusal(
      `${name}: --set gives firstSeed = ${first}, but its own seeds are ${ownFirst} to ${ownEnd - 1}, which are not fresh`,
    );
  if (problem && Object.keys(set).length > 0)
    throw new Refusal(
      `${name}: ${problem}`,
      '--set needs parameters that are constants, so that it can be checked before anything runs',
    );
  if (!parameters && Object.keys(set).length > 0)
    throw new Refusal(`${name}: it has no cell tagged 'parameters' that calls params, so --set sets nothing`);
  if (!parameters) return;
  Object.assign(process.env, { WIDENET_PROFILE: profile, WIDENET_SET: JSON.stringify(set) });
  try {
    library('notebook/params').params(/** @type {any} */ (parameters));
  } catch (error) {
    throw new Refusal(`${name}: ${/** @type {Error} */ (error).message}`);
  } finally {
    delete process.env.WIDENET_PROFILE;
    delete process.env.WIDENET_SET;
  }
}
