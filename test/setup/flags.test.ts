import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { keptByNpm, parseFlags } from '../../kernel-setup/setup/flags.mjs';
import { repository } from './place';

const none = { repair: false, force: false, help: false };

test.each<[string[], NodeJS.ProcessEnv, object]>([
  [[], {}, none],
  [['--repair'], {}, { ...none, repair: true }],
  [['--force'], {}, { ...none, force: true }],
  [['-h'], {}, { ...none, help: true }],
  [[], { npm_config_repair: 'true' }, { ...none, repair: true }],
  [[], { npm_config_force: 'true' }, { ...none, force: true }],
  [[], { npm_config_force: '' }, none],
])('%j under %j', (args, env, expected) => expect(parseFlags(args, env)).toEqual(expected));

test('what npm really passes on of a flag that is not behind -- is understood', () => {
  const folder = path.join(repository, 'test', 'setup', 'npm');
  const told = (...flags: string[]) =>
    spawnSync('npm', ['run', '--silent', 'told', ...flags], { cwd: folder, encoding: 'utf8' }).stdout.trim();
  expect(JSON.parse(told('--repair'))).toMatchObject({ flags: { repair: true, force: false } });
  expect(JSON.parse(told('--force'))).toMatchObject({ flags: { repair: false, force: true } });
  expect(JSON.parse(told('--port=9', '--no-browser'))).toMatchObject({ kept: ['--port=9', '--no-browser'] });
  expect(JSON.parse(told('--no-browser', '--port=9'))).toMatchObject({ kept: ['--no-browser'] });
  expect(JSON.parse(told())).toEqual({ flags: none, kept: [] });
});

test.each<[string, string[], number, RegExp]>([
  ['setup', ['--help'], 0, /^usage: npm run setup \[-- --repair \| --force\]\n/],
  ['setup', ['--reapir'], 2, /^Unknown option '--reapir'\nusage: npm run setup/],
  ['setup', ['--repair=no'], 2, /^Option '--repair' does not take an argument\nusage: npm run setup/],
  ['setup', ['repair'], 2, /^Unexpected argument 'repair'\nusage: npm run setup/],
  ['start', ['--help'], 0, /^usage: npm start /],
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
    /^npm kept --port=8890 and --no-browser for itself: what is for JupyterLab comes after --\nusage: npm start/,
  );
  expect(status).toBe(2);
});

test('a program that npm opens pages with is no flag', () =>
  expect(keptByNpm(['browser'], { npm_config_browser: 'firefox' })).toEqual([]));
