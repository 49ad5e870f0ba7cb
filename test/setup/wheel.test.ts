import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import { wheels as openblas } from '../../kernel-setup/setup/openblas.mjs';
import { headers, wheels as tensorflow } from '../../kernel-setup/setup/tensorflow.mjs';
import { fetchWheel, unpackWheel, type Wheel } from '../../kernel-setup/setup/wheel.mjs';
import { scratchRepository, repository, write } from '../support/scratch';

const library = 'x'.repeat(5_000_000);

const zip = `
import sys, zipfile
target, library, *headers = sys.argv[1:]
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('tensorflow/libtensorflow.so', 'x' * int(library))
    for header in headers: archive.writestr('tensorflow/include/' + header, header)
`;

/**
 * A clone whose pip hands out the file `served`, and what it would be to the real index: a small wheel with its right
 * hash.
 */
function clone() {
  const root = scratchRepository();
  fs.symlinkSync(path.join(repository, 'kernel-setup'), path.join(root, 'kernel-setup'));
  const served = path.join(root, 'served.whl');
  const { status } = spawnSync('python3', ['-c', zip, served, String(library.length), ...headers], {
    stdio: 'inherit',
  });
  expect(status).toBe(0);
  const { 'linux-x64': real } = tensorflow;
  const files = Object.fromEntries([
    ['tensorflow/libtensorflow.so', 'lib/libtensorflow.so'],
    ...headers.map(header => [`tensorflow/include/${header}`, `include/${header}`]),
  ]);
  const wheel: Wheel = {
    ...real,
    tag: 'some_platform',
    files,
    sha256: createHash('sha256').update(fs.readFileSync(served)).digest('hex'),
  };
  const name = 'tensorflow_cpu-2.21.0-cp311-cp311-some_platform.whl';
  write(
    path.join(root, '.venv/bin/python'),
    `#!/bin/sh
if [ "$1" != -m ]; then exec python3 "$@"; fi
echo "$*" >> "${root}/pip-calls"
while [ "$1" != --dest ]; do shift; done
cp "${served}" "$2/${name}"
`,
    0o755,
  );
  const session = {
    root,
    python: 'python3',
    compiler: ['g++'],
    lock: fs.openSync(path.join(root, 'lock'), 'w'),
    signal: new AbortController().signal,
  };
  const calls = () =>
    fs.existsSync(path.join(root, 'pip-calls')) ? fs.readFileSync(path.join(root, 'pip-calls'), 'utf8') : '';
  const kept = path.join(root, '.native/download', name);
  return { root, served, wheel, session, calls, kept, fetch: () => fetchWheel(session, wheel, () => {}) };
}

test('the wheel for Python 3.11 is asked for by version and platform, whichever Python asks', async () => {
  const { calls, kept, fetch } = clone();
  expect(await fetch()).toBe(kept);
  expect(calls()).toMatch(
    /^-m pip download .*--no-deps --only-binary=:all: --python-version 3\.11 --implementation cp --abi cp311 --platform some_platform --dest .* tensorflow-cpu==2\.21\.0\n$/,
  );
});

test('a whole wheel that is there already is not downloaded again', async () => {
  const { served, calls, kept, fetch } = clone();
  write(kept, '');
  fs.copyFileSync(served, kept);
  expect(await fetch()).toBe(kept);
  expect(calls()).toBe('');
});

test('a half-downloaded wheel is thrown away', async () => {
  const { served, calls, kept, fetch } = clone();
  write(kept, '');
  fs.copyFileSync(served, kept);
  fs.truncateSync(kept, 1000);
  await fetch();
  expect(calls()).toMatch(/pip download/);
  expect(fs.readFileSync(kept)).toEqual(fs.readFileSync(served));
});

test('a wheel with another hash is refused and removed', async () => {
  const { root, served, wheel, kept, fetch } = clone();
  fs.appendFileSync(served, 'more');
  const error = await fetch().then(() => '', failureText);
  expect(error).toMatch(
    new RegExp(
      `^set-up stopped: TensorFlow wheel: .* has sha256 [0-9a-f]{64}, but ${wheel.sha256} is pinned\n` +
        `  the download was removed; run the same command again\n`,
    ),
  );
  expect(fs.existsSync(kept)).toBe(false);
  expect(fs.readdirSync(path.join(root, '.native/tmp'))).toEqual([]);
});

test('libraries and headers are unpacked, with progress, over what was there', async () => {
  const { root, served, session, wheel } = clone();
  write(path.join(root, '.native/tensorflow/lib/old'), '');
  write(path.join(root, '.native/tensorflow.part/lib/rest of a killed run'), '');
  const told: string[] = [];
  await unpackWheel(session, served, wheel, text => told.push(text));
  expect(fs.readFileSync(path.join(root, '.native/tensorflow/lib/libtensorflow.so'), 'utf8')).toBe(library);
  for (const header of headers)
    expect(fs.readFileSync(path.join(root, '.native/tensorflow/include', header), 'utf8')).toBe(header);
  expect(fs.readdirSync(path.join(root, '.native/tensorflow/lib'))).toEqual(['libtensorflow.so']);
  expect(told.at(-1)).toBe('unpacking 100 %');
});

test.each<[string, (file: string) => void, RegExp]>([
  ['a truncated wheel', file => fs.truncateSync(file, 5000), /TensorFlow unpacking: a downloaded package is broken/],
  [
    'a damaged wheel',
    file => {
      const content = fs.readFileSync(file);
      fs.writeFileSync(file, content.fill(0xff, 2000, 2100));
    },
    /TensorFlow unpacking: a downloaded package is broken/,
  ],
  [
    'a wheel without the library',
    file => {
      spawnSync('python3', ['-c', "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').close()", file]);
    },
    /TensorFlow unpacking failed; its log ends with\n.*no item named 'tensorflow\/libtensorflow.so'/,
  ],
])('%s leaves the library that was there, and no half-made one', async (_, damage, pattern) => {
  const { root, served, session, wheel } = clone();
  write(path.join(root, '.native/tensorflow/lib/old'), '');
  damage(served);
  expect(await unpackWheel(session, served, wheel, () => {}).then(() => '', failureText)).toMatch(pattern);
  expect(fs.readdirSync(path.join(root, '.native')).sort()).toEqual(['log', 'tensorflow', 'tmp']);
  expect(fs.readdirSync(path.join(root, '.native/tensorflow/lib'))).toEqual(['old']);
});

test.each([tensorflow, openblas])('every wheel is pinned by its hash', wheels => {
  for (const wheel of Object.values(wheels)) expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(Object.keys(wheels)).toEqual(['linux-x64', 'linux-arm64', 'darwin-arm64']);
});
