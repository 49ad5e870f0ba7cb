import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import {
  checkDisk,
  checkExecutable,
  checkNode,
  checkPath,
  checkPlatform,
  checkWritable,
  findTools,
} from '../../kernel-setup/setup/prerequisites.mjs';
import { commands, scratchRepository, repository } from '../support/scratch';

afterEach(() => vi.unstubAllEnvs());

const python = (version: string, lacks: string[] = []) =>
  `echo '["/there/python", "${version}", ${JSON.stringify(lacks)}]'`;
const works = 'exit 0';
const fails = 'exit 1';

/** What a user reads when `check` stops the set-up. */
function message(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    return failureText(error);
  }
  return '';
}

test.each(['20.19.0', '22.12.0', '24.0.0', '26.10.0'])('Node %s is accepted', version => checkNode(version));

test.each(['18.20.8', '20.18.3', '21.0.0', '22.11.0', '23.1.0', '25.9.0', '27.0.0'])(
  'Node %s is refused with the commands that bring another',
  version => {
    expect(message(() => checkNode(version))).toMatch(
      new RegExp(
        `^set-up stopped: Node ${version} is not supported: .* 20.19 or later, 22.12 or later, 24, 26\n  Debian/Ubuntu .*\n` +
          `  Fedora .*\n  macOS .*\n`,
      ),
    );
  },
);

test.each([
  ['win32-x64', undefined, /no TensorFlow library for win32-x64: .* linux-x64\n.*WSL 2/],
  ['linux-x64', undefined, /needs glibc 2\.27 or newer, this system has another C library/],
  ['linux-x64', '2.17', /needs glibc 2\.27 or newer, this system has 2\.17/],
])('%s with glibc %s is refused', (platform, glibc, pattern) => {
  expect(message(() => checkPlatform(platform, ['linux-x64'], glibc))).toMatch(pattern);
});

test('a platform that is listed passes', () => {
  checkPlatform('linux-x64', ['linux-x64'], '2.27');
  checkPlatform('darwin-arm64', ['darwin-arm64'], undefined);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'no Python',
    { 'g++': works },
    /no Python was found, 3\.10 or newer is needed\n.*apt-get install -y python3 python3-venv\n.*dnf install -y python3\n.*brew install python\n/,
  ],
  [
    'an old Python',
    { python3: python('3.9.18'), 'g++': works },
    /Python 3\.9\.18 is too old, 3\.10 or newer is needed\n/,
  ],
  [
    'a Python that is too new',
    { python3: python('3.15.0'), 'g++': works },
    /Python 3\.15\.0 is too new, the pinned packages are made for 3\.10 to 3\.14\n/,
  ],
  [
    'no python3-venv',
    { python3: python('3.11.2', ['ensurepip']), 'g++': works },
    /Python 3\.11\.2 lacks what makes a virtual environment \(ensurepip\)\n.*python3-venv\n/,
  ],
  [
    'no compiler',
    { python3: python('3.11.2'), 'g++': fails },
    /no C\+\+17 compiler was found\n.*apt-get install -y g\+\+\n.*dnf install -y gcc-c\+\+\n.*xcode-select --install\n/,
  ],
  [
    'neither',
    {},
    /no Python was found.*; no C\+\+17 compiler was found\n.*python3 python3-venv g\+\+\n.*python3 gcc-c\+\+\n.*brew install python && xcode-select --install\n/,
  ],
])('with %s the message names the remedy', (_, scripts, pattern) => {
  vi.stubEnv('CXX', undefined);
  vi.stubEnv('PATH', commands(scratchRepository(), scripts));
  expect(message(findTools)).toMatch(pattern);
});

test('a newer Python beside an old one, and the compiler of CXX, are found', () => {
  vi.stubEnv(
    'PATH',
    commands(scratchRepository(), {
      python3: python('3.9.18'),
      'python3.12': python('3.12.1'),
      'my-compiler': '[ "$1" = --fast ]',
    }),
  );
  vi.stubEnv('CXX', 'my-compiler --fast');
  expect(findTools()).toEqual({ python: '/there/python', compiler: ['my-compiler', '--fast'] });
  vi.stubEnv('CXX', 'my-compiler');
  expect(message(findTools)).toMatch(/the compiler named in CXX \(my-compiler\) builds no C\+\+17 program/);
});

test('a folder that cannot be written is refused by name', () => {
  const root = scratchRepository();
  checkWritable(root);
  const gone = path.join(root, 'gone');
  expect(message(() => checkWritable(gone))).toMatch(
    /gone cannot be written \(E[A-Z]+\): .*\n  clone the repository into a folder of your own/,
  );
});

test('a folder whose name would break programs is refused, before anything is made', () => {
  const root = scratchRepository();
  checkPath(`${root} %20 "x" [y] (z) $HOME & ;`);
  expect(message(() => checkPath(`${root}:x`))).toMatch(
    /has ':' in its name, which separates folders in PATH\n {2}rename the folder/,
  );
  expect(message(() => checkPath(`${root}*`))).toMatch(/has '\*' in its name, which stands for any name/);
  expect(message(() => checkPath(`${root}/C#/x`))).toMatch(/has '#' in its name, which ends a path/);
  expect(message(() => checkPath(`${root}?`))).toMatch(/has '\?' in its name, which ends a path/);
  const colon = path.join(root, 'a:b');
  fs.cpSync(path.join(repository, 'kernel-setup'), path.join(colon, 'kernel-setup'), { recursive: true });
  for (const command of ['setup', 'start', 'reproduce']) {
    const { status, stderr } = spawnSync(process.execPath, [path.join(colon, 'kernel-setup', `${command}.mjs`)], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^set-up stopped: the folder .*a:b has ':' in its name/);
    expect(status).toBe(1);
  }
});

const refusal =
  /may not be executed: its file system is mounted noexec\n {2}clone the repository onto another file system, or remount/;

test('a folder in which nothing may be executed is refused', () => {
  const root = scratchRepository();
  checkExecutable(root);
  const mask = process.umask(0o111); // a file that nobody may execute fails as all do under noexec
  expect(message(() => checkExecutable(root))).toMatch(refusal);
  process.umask(mask);
  expect(fs.readdirSync(path.join(root, '.native'))).toEqual(['log']);
});

test('so is a file system mounted noexec, where this user may mount one', () => {
  const root = scratchRepository();
  const script = 'mount -t tmpfs -o noexec none "$1" && mkdir "$1/.native" && exec "$2" --input-type=module -e "$3"';
  const module = (name: string) => JSON.stringify(path.join(repository, 'kernel-setup', 'setup', name));
  const check = `import { failureText } from ${module('diagnosis.mjs')};
    import { checkExecutable } from ${module('prerequisites.mjs')};
    try { checkExecutable(${JSON.stringify(root)}); } catch (error) { console.log(failureText(error)); }`;
  const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', root]).status === 0;
  const { stdout } = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', root, process.execPath, check], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(mayMount ? refusal : /^$/);
});

test('a disk too small is told before anything is made', () => {
  const root = scratchRepository();
  checkDisk(root, 0);
  expect(message(() => checkDisk(root, 1e18))).toMatch(
    /the disk is too full: this set-up needs 1000000000000 MB, and \d+ MB are free\n  free some space/,
  );
});

test('on a machine without a compiler the set-up ends in one message, code 1, and leaves nothing', () => {
  const root = scratchRepository();
  fs.rmSync(path.join(root, '.native'), { recursive: true });
  for (const name of ['kernel-setup', 'package.json', 'package-lock.json'])
    fs.cpSync(path.join(repository, name), path.join(root, name), { recursive: true });
  const before = fs.readdirSync(root).sort();
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'kernel-setup', 'setup.mjs')], {
    encoding: 'utf8',
    env: { PATH: commands(path.dirname(root), { python3: python('3.11.2') }) },
  });
  expect(stderr).toMatch(/^set-up stopped: no C\+\+17 compiler was found\n( {2}.*\n)+$/);
  expect({ status, stdout, left: fs.readdirSync(root).sort() }).toEqual({ status: 1, stdout: '', left: before });
});
