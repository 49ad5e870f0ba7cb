/** Options that were typed before npm's `--`: npm keeps them for itself and tells them only in its environment. */
import { Refusal } from './refusal.mjs';

/**
 * Settings of the same name that users have in their npm configuration for other ends, by the values that are not ours.
 */
const foreign = new Set(['jobs=max']);

/**
 * The options among `options` that npm has kept, as arguments. npm splits `--name value`: it keeps the name and passes
 * the value on as if it were an argument of its own, so that one is refused; `--name` and `--name=value` are told
 * whole.
 * @param {string} script @param {Record<string, { readonly type: 'string' | 'boolean' }>} options
 * @param {string[]} args
 * @returns {string[]}
 */
export function keptByNpm(script, options, args, env = process.env) {
  if (env.npm_lifecycle_event !== script) return [];
  return Object.entries(options).flatMap(([name, { type }]) => {
    const told = env[`npm_config_${name.replaceAll('-', '_')}`];
    const values = told ? told.split('\n\n').filter(value => !foreign.has(`${name}=${value}`)) : [];
    if (type === 'boolean')
      return values
        .filter(value => value !== 'false')
        .map(value => (value === 'true' ? `--${name}` : `--${name}=${value}`));
    if (values.includes('true')) throw split(script, name, args);
    return values.map(value => `--${name}=${value}`);
  });
}

/** @param {string} script @param {string} name @param {string[]} args */
function split(script, name, args) {
  const passed = args.length > 0 ? ` and passed on: ${args.join(' ')}` : '';
  return new Refusal(
    `npm kept --${name} for itself${passed}`,
    `options come after --, as in: npm run ${script} -- [names...] --${name} value\n  or in one piece: --${name}=value`,
  );
}
