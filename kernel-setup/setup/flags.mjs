/** The set-up's command line. npm keeps a flag for itself that is not behind `--`, and tells it in the environment. */
import { parseArgs } from 'node:util';

export const usage = `usage: npm run setup [-- --repair | --force]
  makes what is missing, then checks every file that was installed and trains a few steps
  --repair   make anew what is not as it was installed
  --force    make everything anew`;

/**
 * @param {string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {{ repair: boolean, force: boolean, help: boolean }}
 * @throws Error that names a flag which does not exist
 */
export function parseFlags(args, env) {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const { values } = parseArgs({ args, options: { repair: flag, force: flag, help: { ...flag, short: 'h' } } });
  const kept = (/** @type {string} */ name) => env[`npm_config_${name}`] === 'true';
  const { repair = kept('repair'), force = kept('force'), help = false } = values;
  return { repair, force, help };
}

/**
 * The flags among `names` that were given to npm instead of to the command: `npm start --port=9 --no-browser`.
 * @param {string[]} names @param {NodeJS.ProcessEnv} env
 */
export function keptByNpm(names, env) {
  return names.flatMap(name => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    // npm has a setting of this name, with a program as its value; it also drops the flag that follows this one.
    if (name === 'browser') return value === '' || value === 'true' ? ['--no-browser'] : [];
    return value === undefined ? [] : [value === 'true' ? `--${name}` : `--${name}=${value}`];
  });
}
