/**
 * What the machine must have: Node, Python with venv, a C++ compiler, a folder that can be written, free disk space.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Refusal } from '../shared/refusal.mjs';
import { megabytes } from './size.mjs';

/** Each with its least minor version: before 20.19 and 22.12, `require` takes no ES modules. */
const nodeVersions = new Map([
  [20, 19],
  [22, 12],
  [24, 0],
  [26, 0],
]);
const pythonAtLeast = [3, 10];
const pythonAtMost = [3, 14];
const pythonNames = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const pythonModules = ['ensurepip', 'fcntl', 'ssl', 'venv', 'zlib'];
const glibcAtLeast = [2, 27];

/** @param {string} version as in process.versions.node */
export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (minor >= (nodeVersions.get(major) ?? Infinity)) return;
  const supported = [...nodeVersions].map(least => (least[1] > 0 ? `${least.join('.')} or later` : least[0]));
  throw new Refusal(`Node ${version} is not supported: widenet was seen to work on Node ${supported.join(', ')}`, [
    'Debian/Ubuntu  sudo npm install --global n && sudo n 26',
    'Fedora         sudo dnf install -y nodejs24',
    'macOS          brew install node@26 && brew link --overwrite node@26',
    'with nvm       nvm install 26',
  ]);
}

/**
 * @param {string} platform such as linux-x64 @param {string[]} supported
 * @param {string | undefined} glibc its version, on Linux
 */
export function checkPlatform(platform, supported, glibc) {
  if (!supported.includes(platform)) {
    throw new Refusal(`there is no TensorFlow library for ${platform}: widenet runs on ${supported.join(', ')}`, [
      'on Windows, use a Linux distribution under WSL 2',
    ]);
  }
  if (platform.startsWith('linux') && !(glibc && atLeast(glibc, glibcAtLeast))) {
    throw new Refusal(
      `the TensorFlow library needs glibc ${glibcAtLeast.join('.')} or newer, ` +
        `this system has ${glibc ?? 'another C library'}`,
      ['use a distribution with glibc, such as Debian 11, Ubuntu 20.04, Fedora 34, or newer (Alpine has musl instead)'],
    );
  }
}

/**
 * The first Python on the PATH that can make the virtual environment, and a compiler (CXX if set) that builds a C++17
 * program.
 * @returns {{ python: string, compiler: string[] }}
 * @throws Refusal naming all that is missing, with the command that installs it
 */
export function findTools() {
  const python = findPython();
  const compiler = findCompiler();
  if (python.command && compiler) return { python: python.command, compiler };

  const missing = [
    ...(python.command ? [] : [python.problem]),
    ...(compiler
      ? []
      : [
          process.env.CXX
            ? `the compiler named in CXX (${process.env.CXX}) builds no C++17 program`
            : 'no C++17 compiler was found',
        ]),
  ];
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const names = (/** @type {string} */ forPython, /** @type {string} */ forCompiler) =>
    [...(python.command ? [] : [forPython]), ...(compiler ? [] : [forCompiler])].join(' ');
  const mac = [...(python.command ? [] : ['brew install python']), ...(compiler ? [] : ['xcode-select --install'])];
  throw new Refusal(missing.join('; '), [
    `Debian/Ubuntu  ${sudo}apt-get install -y ${names('python3 python3-venv', 'g++')}`,
    `Fedora         ${sudo}dnf install -y ${names('python3', 'gcc-c++')}`,
    `macOS          ${mac.join(' && ')}`,
    python.command
      ? 'then run the same command again'
      : 'then run the same command again; another Python beside this one (python3.12, say) is found by its name',
  ]);
}

/** @returns {{ command?: string, problem: string }} */
function findPython() {
  const needed = pythonAtLeast.join('.');
  const probe = `import importlib.util, json, sys
version = "%d.%d.%d" % sys.version_info[:3]
missing = [name for name in ${JSON.stringify(pythonModules)} if not importlib.util.find_spec(name)]
print(json.dumps([sys.executable, version, missing]))`;
  const problems = [];
  for (const name of pythonNames) {
    const { status, stdout } = spawnSync(name, ['-c', probe], { encoding: 'utf8' });
    if (status !== 0) continue;
    const [command, version, lacks] = JSON.parse(stdout);
    if (!atLeast(version, pythonAtLeast)) problems.push(`Python ${version} is too old, ${needed} or newer is needed`);
    else if (!atMost(version, pythonAtMost))
      problems.push(
        `Python ${version} is too new, the pinned packages are made for ${needed} to ${pythonAtMost.join('.')}`,
      );
    else if (lacks.length)
      problems.push(`Python ${version} lacks what makes a virtual environment (${lacks.join(', ')})`);
    else return { command, problem: '' };
  }
  return { problem: problems[0] ?? `no Python was found, ${needed} or newer is needed` };
}

/** @returns {string[] | undefined} */
function findCompiler() {
  const program = '#include <string>\nint main() { if (std::string s; s.empty()) return 0; }\n';
  const candidates = process.env.CXX ? [process.env.CXX.split(' ')] : [['g++'], ['c++'], ['clang++']];
  return candidates.find(
    ([command, ...args]) =>
      spawnSync(command, [...args, '-std=c++17', '-x', 'c++', '-fsyntax-only', '-'], { input: program }).status === 0,
  );
}

/** @type {Record<string, string>} */
const notInPath = {
  [path.delimiter]: 'separates folders in PATH',
  '*': "stands for any name in Node's packages",
  '#': 'ends a path for the test runner',
  '?': 'ends a path for the test runner',
};

/** @param {string} root */
export function checkPath(root) {
  const found = Object.keys(notInPath).find(character => root.includes(character));
  if (!found) return;
  throw new Refusal(`the folder ${root} has '${found}' in its name, which ${notInPath[found]}`, [
    'rename the folder, or clone the repository into one without it, and run the same command there',
  ]);
}

/**
 * Native libraries are loaded from the repository, which a file system mounted noexec forbids as it forbids scripts.
 * @param {string} root
 */
export function checkExecutable(root) {
  const probe = path.join(root, '.native', `execute-${process.pid}`);
  fs.writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
  const { error } = spawnSync(probe);
  fs.rmSync(probe);
  if (/** @type {NodeJS.ErrnoException | undefined} */ (error)?.code !== 'EACCES') return;
  throw new Refusal(`files in ${root} may not be executed: its file system is mounted noexec`, [
    'clone the repository onto another file system, or remount this one with exec (mount -o remount,exec)',
    'then run the same command again',
  ]);
}

/** @param {string} root */
export function checkWritable(root) {
  const probe = path.join(root, '.native', `write-${process.pid}`);
  try {
    fs.accessSync(root, fs.constants.W_OK);
    fs.mkdirSync(path.dirname(probe), { recursive: true });
    fs.writeFileSync(probe, Buffer.alloc(4096));
    fs.rmSync(probe);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOSPC') throw diskFailure('the disk is full');
    throw new Refusal(`${root} cannot be written (${code}): widenet keeps all that it makes inside the repository`, [
      'clone the repository into a folder of your own that can be written, and run the same command there',
    ]);
  }
}

/** @param {string} root @param {number} bytes what the steps ahead take at most */
export function checkDisk(root, bytes) {
  const { bavail, bsize } = fs.statfsSync(root);
  if (bavail * bsize < bytes)
    throw diskFailure(
      `the disk is too full: this set-up needs ${megabytes(bytes)}, and ${megabytes(bavail * bsize)} are free`,
    );
}

/** @param {string} message */
const diskFailure = message =>
  new Refusal(message, ['free some space, or clone the repository onto another disk, and run the same command again']);

/** @param {string} version @param {number[]} last */
const atMost = (version, [major, minor]) => !atLeast(version, [major, minor + 1]);

/** @param {string} version @param {number[]} needed */
function atLeast(version, needed) {
  const [major, minor] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}
