import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import { jupyterStep } from '../../kernel-setup/setup/python.mjs';
import { hashOf } from '../../kernel-setup/shared/files.mjs';
import { scratchRepository, repository, write } from '../support/scratch';

afterEach(() => vi.unstubAllEnvs());

/** Without its comments, and each package in one line. */
const requirements = fs
  .readFileSync(path.join(repository, 'kernel-setup/requirements.txt'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replaceAll(' \\\n   ', '')
  .trim()
  .split('\n');

test('every Python package is pinned to a version and to the hashes of its files', () => {
  expect(requirements).toHaveLength(95);
  for (const line of requirements) {
    const [requirement, ...hashes] = line.split(' --hash=sha256:');
    expect(requirement).toMatch(
      /^[a-z0-9-]+==[0-9.a-z]+( ; (python_(full_)?version < '3\.\d+'|sys_platform == 'darwin'))?$/,
    );
    expect(hashes.length).toBeGreaterThan(0);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  }
});

const wheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    archive.writestr('little.py', '')
    archive.writestr('little-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: little\\nVersion: 1.0\\n')
    archive.writestr('little-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    archive.writestr('little-1.0.dist-info/RECORD', '')
`;

/**
 * A clone that installs one package, which is in a folder; `install` pins it to a hash and returns what the
 * installation told.
 */
function clone() {
  const root = scratchRepository();
  const file = path.join(root, 'index', 'little-1.0-py3-none-any.whl');
  fs.mkdirSync(path.dirname(file));
  expect(spawnSync('python3', ['-c', wheel, file]).status).toBe(0);
  expect(spawnSync('python3', ['-m', 'venv', path.join(root, '.venv')]).status).toBe(0);
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', pathToFileURL(path.dirname(file)).href);
  const session = {
    root,
    python: 'python3',
    compiler: [],
    lock: fs.openSync(path.join(root, 'lock'), 'w'),
    signal: new AbortController().signal,
  };
  const install = (pin: string) => {
    write(path.join(root, 'kernel-setup/requirements.txt'), `little==1.0${pin}\n`);
    return jupyterStep(root)
      .make(session, () => {})
      .catch(failureText);
  };
  const isInstalled = () => spawnSync(path.join(root, '.venv/bin/python'), ['-c', 'import little']).status === 0;
  return { hash: hashOf(file), install, isInstalled };
}

test('a package is installed when its hash is the pinned one, and only then', async () => {
  const { hash, install, isInstalled } = clone();
  const other = hash.replace(/^./, first => (first === '0' ? '1' : '0'));
  expect(await install(` --hash=sha256:${other}`)).toMatch(
    /^set-up stopped: JupyterLab: a downloaded package is broken, or not the one that is pinned\n {2}run the same command again; .*\n {2}full log: /,
  );
  expect(await install('')).toMatch(/^set-up stopped: JupyterLab failed; its log ends with\n[^]*Hashes are required/);
  expect(isInstalled()).toBe(false);
  expect(await install(` --hash=sha256:${other} --hash=sha256:${hash}`)).toMatch(/MB on disk$/);
  expect(isInstalled()).toBe(true);
});

test('the packages of the environment fit together', () => {
  const python = path.join(repository, '.venv/bin/python');
  const { stdout } = spawnSync(python, ['-m', 'pip', '--disable-pip-version-check', 'check'], { encoding: 'utf8' });
  expect(stdout).toBe('No broken requirements found.\n');
});
