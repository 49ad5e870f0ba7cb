/** Options typed without npm's `--`: what real npm makes of them, and what is made of that. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keptByNpm, keptOfAnotherProgram } from '../../kernel-setup/shared/command-line.mjs';
import { root } from '../support/notebooks';

const options = {
  resume: { type: 'boolean' },
  profile: { type: 'string' },
  set: { type: 'string' },
  jobs: { type: 'string' },
} as const;
const kept = (env: Record<string, string>, args: string[] = []) =>
  keptByNpm('reproduce', options, args, { npm_lifecycle_event: 'reproduce', ...env });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-npm-'));
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({
      name: 'x',
      version: '1.0.0',
      scripts: { reproduce: 'node show.mjs', setup: 'node flags.mjs', start: 'node kept.mjs' },
    }),
  );
  const source = (file: string) => JSON.stringify(pathToFileURL(path.join(root, 'kernel-setup', file)).href);
  const write = (name: string, code: string) => writeFileSync(path.join(folder, name), code);
  write(
    'show.mjs',
    `import { parseOptions } from ${source('run/options.mjs')};
    try { console.log('PARSED ' + JSON.stringify(parseOptions(process.argv.slice(2), '/repository'))); }
    catch (error) { console.log('REFUSED ' + error.message); }`,
  );
  write(
    'flags.mjs',
    `import { parseFlags } from ${source('setup.mjs')};
    console.log('PARSED ' + JSON.stringify(parseFlags(process.argv.slice(2), process.env)));`,
  );
  write(
    'kept.mjs',
    `import { keptOfAnotherProgram } from ${source('shared/command-line.mjs')};
    console.log('PARSED ' + JSON.stringify(keptOfAnotherProgram(['port', 'browser'], process.env)));`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const told = (script: string, ...args: string[]) => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(?!cache|userconfig|globalconfig|prefix)|lifecycle)/.test(name),
    ),
  );
  return spawnSync('npm', ['run', script, ...args], { cwd: folder, encoding: 'utf8', env })
    .stdout.split('\n')
    .find(line => /^(PARSED|REFUSED) /.test(line));
};
const npm = (...args: string[]) => told('reproduce', ...args);

test('real npm: what is given to set-up and JupyterLab without -- is understood', () => {
  expect(told('setup', '--repair')).toBe('PARSED {"repair":true}');
  expect(told('setup', '--force')).toBe('PARSED {"force":true}');
  expect(told('setup')).toBe('PARSED {}');
  expect(told('start', '--port=9', '--no-browser')).toBe('PARSED ["--port=9","--no-browser"]');
  expect(told('start', '--no-browser', '--port=9')).toBe('PARSED ["--no-browser"]');
  expect(told('start')).toBe('PARSED []');
});

test('a program that npm opens pages with is no option', () =>
  expect(keptOfAnotherProgram(['browser'], { npm_config_browser: 'firefox' })).toEqual([]));

test('real npm: an option without -- is taken up', () => {
  expect(JSON.parse(npm('razborov2022', '--resume')!.slice(7))).toMatchObject({
    names: ['razborov2022'],
    resume: true,
  });
  expect(
    JSON.parse(npm('razborov2022', '--profile=full', '--set=n=3', '--set=m=4', '--jobs=2')!.slice(7)),
  ).toMatchObject({ names: ['razborov2022'], profile: 'full', set: { n: 3, m: 4 }, jobs: 2 });
  expect(JSON.parse(npm('razborov2022', '--resume', '--', '--profile', 'full')!.slice(7))).toMatchObject({
    names: ['razborov2022'],
    resume: true,
    profile: 'full',
  });
});

test('real npm: an option whose value npm has split off is refused with what to type', () => {
  expect(npm('razborov2022', '--profile', 'full')).toBe(
    'REFUSED npm kept --profile for itself and passed on: razborov2022 full',
  );
  expect(npm('--set', 'n=3', '--set', 'm=4')).toBe('REFUSED npm kept --set for itself and passed on: n=3 m=4');
  expect(npm('--output', 'here')).toBe('REFUSED npm kept --output for itself and passed on: here');
});

test('the refusal shows the right command', () => {
  expect(() => kept({ npm_config_profile: 'true' }, ['full'])).toThrow(
    /\n {2}options come after --, as in: npm run reproduce -- \[names\.\.\.\] --profile value\n {2}or in one piece: --profile=value$/,
  );
  expect(() => kept({ npm_config_set: 'n=1\n\ntrue' })).toThrow(/^npm kept --set for itself\n/);
});

test('what is told whole is taken up; what is not of this command, or for another end, is not', () => {
  expect(kept({ npm_config_resume: 'true', npm_config_set: 'n=1\n\nm=2', npm_config_audit: 'true' })).toEqual([
    '--resume',
    '--set=n=1',
    '--set=m=2',
  ]);
  expect(kept({ npm_config_resume: '', npm_config_jobs: 'max' })).toEqual([]);
  expect(kept({ npm_config_resume: 'false' })).toEqual([]);
  expect(kept({ npm_config_resume: 'yes' })).toEqual(['--resume=yes']);
  expect(kept({ npm_lifecycle_event: 'test', npm_config_resume: 'true' })).toEqual([]);
  expect(keptByNpm('reproduce', options, [], { npm_config_resume: 'true' })).toEqual([]);
});
