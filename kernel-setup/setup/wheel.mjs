/** Native libraries and their headers from a Python wheel, which is pinned by its hash. Nothing else of it is used. */
import fs from 'node:fs';
import path from 'node:path';
import { hashOf, replace } from '../shared/files.mjs';
import { venvPython } from '../shared/jupyter.mjs';
import { Refusal } from '../shared/refusal.mjs';
import { run, temporaryFolder } from './command.mjs';
import { pipOptions } from './python.mjs';
import { folderSize, megabytes, watchSize } from './size.mjs';

/**
 * `files` names members of the wheel and where they go below .native/`folder`; `unpacked` is their size; `bytes` the
 * wheel's own, where known.
 * @typedef {{
 *   name: string, folder: string, project: string, version: string, python: string, tag: string, sha256: string,
 *   bytes?: number, unpacked: number, files: Record<string, string>,
 * }} Wheel
 */

/**
 * Members `from`/name of a wheel, to be unpacked as `to`/name.
 * @param {string[]} names @param {string} from @param {string} to
 */
export const filesOf = (names, from, to) => Object.fromEntries(names.map(name => [`${from}/${name}`, `${to}/${name}`]));

/** Paths of the wheel's libraries in the repository. @param {Wheel} wheel */
export const librariesOf = wheel =>
  Object.values(wheel.files)
    .filter(file => file.startsWith('lib/'))
    .map(file => `.native/${wheel.folder}/${file}`);

/** @param {string} root @param {Wheel} wheel @returns {import('./steps.mjs').Step} */
export function wheelStep(root, wheel) {
  const kept = keptWheel(root, wheel);
  return {
    title: `${wheel.name} library`,
    needs: ['Python environment'],
    bytes: wheel.unpacked + (fs.existsSync(kept) ? 0 : (wheel.bytes ?? wheel.unpacked)),
    stamp: `.native/${wheel.folder}/widenet.json`,
    outputs: Object.values(wheel.files).map(file => `.native/${wheel.folder}/${file}`),
    files: [`.native/${wheel.folder}`],
    madeFrom: () => ({ wheel: fileName(wheel), sha256: wheel.sha256 }),
    async make(session, progress) {
      await unpackWheel(session, await fetchWheel(session, wheel, progress), wheel, progress);
      fs.rmSync(kept);
      return `${megabytes(folderSize(path.join(root, '.native', wheel.folder)))} on disk`;
    },
  };
}

/**
 * The whole, verified wheel in .native/download. One that a cut-off run or the user left there is used if its hash is
 * right.
 * @param {import('./command.mjs').Session} session @param {Wheel} wheel @param {(text: string) => void} progress
 */
export async function fetchWheel(session, wheel, progress) {
  const kept = keptWheel(session.root, wheel);
  if (fs.existsSync(kept) && hashOf(kept) === wheel.sha256) return kept;
  fs.rmSync(kept, { force: true });

  const name = `${wheel.name} wheel`;
  const part = temporaryFolder(session.root, name);
  const total = wheel.bytes ? ` of ${megabytes(wheel.bytes)}` : '';
  // pip copies what it has fetched: for a while there are two of it.
  const watch = watchSize(part, bytes => progress(`${megabytes(Math.min(bytes, wheel.bytes ?? bytes))}${total}`));
  await run(session, {
    name,
    command: [
      venvPython(session.root),
      '-m',
      'pip',
      'download',
      ...pipOptions(),
      '--no-deps',
      '--only-binary=:all:',
      '--python-version',
      '3.11',
      '--implementation',
      'cp',
      '--abi',
      'cp311',
      '--platform',
      wheel.tag.split('.')[0],
      '--dest',
      part,
      `${wheel.project}==${wheel.version}`,
    ],
  }).finally(watch.stop);

  const file = path.join(part, fileName(wheel));
  const found = fs.existsSync(file) ? hashOf(file) : 'none';
  if (found !== wheel.sha256) {
    fs.rmSync(part, { recursive: true });
    throw new Refusal(`${name}: ${fileName(wheel)} has sha256 ${found}, but ${wheel.sha256} is pinned`, [
      'the download was removed; run the same command again',
      'if it repeats, the package index or a proxy alters files: use another index (PIP_INDEX_URL)',
    ]);
  }
  replace(kept, file);
  return kept;
}

/**
 * @param {import('./command.mjs').Session} session @param {string} file @param {Wheel} wheel
 * @param {(text: string) => void} progress
 */
export async function unpackWheel(session, file, wheel, progress) {
  const folder = `.native/${wheel.folder}`;
  const part = `${folder}.part`;
  removeFolder(session.root, part);
  try {
    await run(session, {
      name: `${wheel.name} unpacking`,
      command: [
        venvPython(session.root),
        'kernel-setup/setup/unpack.py',
        file,
        part,
        ...Object.entries(wheel.files).map(([from, to]) => `${from}=${to}`),
      ],
      onLine: line => {
        const [done, total] = line.split(' ').map(Number);
        progress(`unpacking ${Math.floor((100 * done) / total)} %`);
      },
    });
  } catch (error) {
    removeFolder(session.root, part);
    throw error;
  }
  replace(path.join(session.root, folder), path.join(session.root, part));
}

/** @param {string} root @param {string} name */
const removeFolder = (root, name) => fs.rmSync(path.join(root, name), { recursive: true, force: true });

/** @param {string} root @param {Wheel} wheel */
const keptWheel = (root, wheel) => path.join(root, '.native', 'download', fileName(wheel));

/** @param {Wheel} wheel */
const fileName = wheel => `${wheel.project.replaceAll('-', '_')}-${wheel.version}-${wheel.python}-${wheel.tag}.whl`;
