import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseFlags } from '../kernel-setup/setup.mjs';
import { repository } from './support/scratch';

test.each<[string[], NodeJS.ProcessEnv, object]>([
  [[], {}, {}],
  [['--repair'], {}, { repair: true }],
  [['--force'], {}, { force: true }],
  [[], { npm_config_repair: 'true' }, { repair: true }],
  [[], { npm_config_force: 'true' }, { force: true }],
  [[], { npm_config_force: '' }, {}],
])('%j under %j', (args, env, expected) =>
  expect({ ...parseFlags(args, { npm_lifecycle_event: 'setup', ...env }) }).toEqual(expected),
);

test.each<[string, string[], number, RegExp]>([
  ['setup', ['--help'], 0, /^usage: npm run setup \[-- --repair \| --force\]\n/],
  ['setup', ['--reapir'], 2, /^Unknown option '--reapir'\n {2}usage: npm run setup/],
  ['setup', ['--repair=no'], 2, /^Option '--repair' does not take an argument\n {2}usage: npm run setup/],
  ['setup', ['repair'], 2, /^Unexpected argument 'repair'\n {2}usage: npm run setup/],
  ['start', ['--help'], 0, /^usage: npm start /],
  ['reproduce', ['-h'], 0, /^usage: npm run reproduce /],
  ['verify', ['--help'], 0, /^usage: npm run verify /],
  ['fork', ['--help'], 0, /^usage: npm run fork /],
  ['test', ['--help'], 0, /^usage: npm test /],
  ['format', ['--help'], 0, /^usage: npm run format /],
])('%s %j', (command, args, code, pattern) => {
  const script = path.join(repository, 'kernel-setup', `${command}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  expect(stdout + stderr).toMatch(pattern);
  expect(status).toBe(code);
});

test('JupyterLab is not started without the options that npm kept for itself', () => {
  const env = { ...process.env, npm_config_port: '8890', npm_config_browser: '' };
  const { status, stderr } = spawnSync(process.execPath, [path.join(repository, 'kernel-setup', 'start.mjs')], {
    encoding: 'utf8',
    env,
  });
  expect(stderr).toMatch(
    /^npm kept --port=8890 and --no-browser for itself: what is for JupyterLab comes after --\n {2}usage: npm start/,
  );
  expect(status).toBe(2);
});
