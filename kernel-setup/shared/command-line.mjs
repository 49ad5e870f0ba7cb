/** What the npm scripts have in common: their options, those that npm keeps for itself, and how they end. */
import { parseArgs } from 'node:util';
import { Refusal, systemRefusal } from './refusal.mjs';

/**
 * Runs an npm script. `main` gives the exit code, and a refusal is exit code 2. With `usage`, --help and -h print it.
 * @param {() => Promise<number>} main @param {string} [usage]
 */
export async function command(main, usage) {
  if (usage && process.argv.slice(2).some(arg => arg === '--help' || arg === '-h')) return console.log(usage);
  try {
    process.exitCode = await main();
  } catch (error) {
    const refusal = error instanceof Refusal ? error : systemRefusal(error);
    if (!refusal) throw error;
    console.error(refusal.message);
    process.exitCode = 2;
  }
}

/**
 * The options and names that an npm script was given, behind npm's `--` or before it.
 * @template {Record<string, { type: 'string' | 'boolean', multiple?: boolean }>} O
 * @param {{ script: string, usage: string, options: O, names?: boolean }} command without `names` it takes none
 * @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @throws Refusal with the usage
 */
export function parseCommandLine({ script, usage, options, names = true }, args, env) {
  const all = [...args, ...keptByNpm(script, options, args, env)];
  try {
    return parseArgs({ args: all, options, allowPositionals: names });
  } catch (error) {
    throw new Refusal(/** @type {Error} */ (error).message.split('. ')[0], usage);
  }
}

/** Settings of npm itself that have the name of an option here, with values that only npm knows. */
const foreign = new Set(['jobs=max']);

/**
 * The options among `options` that npm has kept, as arguments. npm splits `--name value`: it keeps the name and passes
 * the value on as if it were an argument of its own, so that is refused. `--name` and `--name=value` it tells whole.
 * @param {string} script @param {Record<string, { readonly type: 'string' | 'boolean' }>} options
 * @param {string[]} args
 * @returns {string[]}
 */
export function keptByNpm(script, options, args, env = process.env) {
  if (env.npm_lifecycle_event !== script) return [];
  return Object.entries(options).flatMap(([name, { type }]) => {
    const told = env[variable(name)];
    const values = told ? told.split('\n\n').filter(value => !foreign.has(`${name}=${value}`)) : [];
    if (type === 'boolean')
      return values
        .filter(value => value !== 'false')
        .map(value => (value === 'true' ? `--${name}` : `--${name}=${value}`));
    if (values.includes('true')) throw split(script, name, args);
    return values.map(value => `--${name}=${value}`);
  });
}

/**
 * The options of another program, among `names`, that npm has kept: `npm start --port=9 --no-browser`.
 * @param {string[]} names @param {NodeJS.ProcessEnv} env
 */
export function keptOfAnotherProgram(names, env) {
  return names.flatMap(name => {
    const value = env[variable(name)];
    // npm has a setting of this name, with a program as its value. It also drops the option that follows this one.
    if (name === 'browser') return value === '' || value === 'true' ? ['--no-browser'] : [];
    return value === undefined ? [] : [value === 'true' ? `--${name}` : `--${name}=${value}`];
  });
}

/** The variable in which npm tells an option that it has kept. @param {string} name */
const variable = name => `npm_config_${name.replaceAll('-', '_')}`;

/** @param {string} script @param {string} name @param {string[]} args */
function split(script, name, args) {
  const passed = args.length > 0 ? ` and passed on: ${args.join(' ')}` : '';
  return new Refusal(`npm kept --${name} for itself${passed}`, [
    `options come after --, as in: npm run ${script} -- [names...] --${name} value`,
    `or in one piece: --${name}=value`,
  ]);
}
