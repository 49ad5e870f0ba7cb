/**
 * TensorFlow's C++ library, with the headers that tfjs-node's addon and our own include, out of the Python wheel that ships it.
 * Only these files are used, never its Python, so it is always the same wheel, whichever Python runs the set-up.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run, temporaryFolder } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { venvPython } from './jupyter.mjs';
import { pipOptions } from './python.mjs';
import { megabytes } from './report.mjs';
import { folderSize, watchSize } from './size.mjs';

export const version = '2.21.0';

/** @typedef {{ project: string, tag: string, sha256: string, bytes?: number, libraries: string[] }} Wheel */
/**
 * The wheel for each platform; only linux-x64 has been tested.
 * @type {Record<string, Wheel>}
 */
export const wheels = {
  'linux-x64': {
    project: 'tensorflow-cpu', tag: 'manylinux_2_27_x86_64', bytes: 273829956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  },
  'linux-arm64': {
    project: 'tensorflow', tag: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  },
  'darwin-arm64': {
    project: 'tensorflow', tag: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
  },
};

export const headers = [
  ...['c_api', 'c_api_macros', 'tf_attrtype', 'tf_buffer', 'tf_datatype', 'tf_status', 'tf_tensor', 'tf_tstring'].map(name => `tensorflow/c/${name}.h`),
  'tensorflow/c/eager/c_api.h',
  'tensorflow/core/platform/ctstring.h', 'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h', 'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
];

export const platform = `${process.platform}-${process.arch}`;
const folder = '.native/tensorflow';

/** @param {string} root @returns {import('./steps.mjs').Step} */
export function tensorflowStep(root) {
  const wheel = wheels[platform];
  return {
    title: 'TensorFlow library',
    needs: ['Python environment'],
    bytes: fs.existsSync(keptWheel(root, wheel)) ? 860e6 : 1140e6,
    stamp: `${folder}/widenet.json`,
    outputs: [...wheel.libraries.map(name => `${folder}/lib/${name}`), ...headers.map(name => `${folder}/include/${name}`)],
    madeFrom: () => ({ wheel: fileName(wheel), sha256: wheel.sha256 }),
    async make(session, progress) {
      const file = await fetchWheel(session, wheel, progress);
      await unpackWheel(session, file, wheel, progress);
      fs.rmSync(path.dirname(file), { recursive: true });
      return `${megabytes(folderSize(path.join(root, folder)))} on disk`;
    },
  };
}

/**
 * The whole, verified wheel in .native/download. One that a cut-off run or the user left there is used if its hash is right.
 * @param {import('./command.mjs').Session} session @param {Wheel} wheel @param {(text: string) => void} progress
 */
export async function fetchWheel(session, wheel, progress) {
  const kept = keptWheel(session.root, wheel);
  if (fs.existsSync(kept) && await hashOf(kept) === wheel.sha256) return kept;
  fs.rmSync(path.dirname(kept), { recursive: true, force: true });

  const part = temporaryFolder(session.root, 'TensorFlow wheel');
  const total = wheel.bytes ? ` of ${megabytes(wheel.bytes)}` : '';
  const watch = watchSize(part, bytes => progress(`${megabytes(bytes)}${total}`));
  await run(session, {
    name: 'TensorFlow wheel',
    command: [venvPython(session.root), '-m', 'pip', 'download', ...pipOptions(), '--no-deps', '--only-binary=:all:', '--python-version', '3.11',
      '--implementation', 'cp', '--abi', 'cp311', '--platform', wheel.tag, '--dest', part, `${wheel.project}==${version}`],
  }).finally(watch.stop);

  const file = path.join(part, fileName(wheel));
  const found = fs.existsSync(file) ? await hashOf(file) : 'none';
  if (found !== wheel.sha256) {
    fs.rmSync(part, { recursive: true });
    throw new SetupFailure(`TensorFlow wheel: ${fileName(wheel)} has sha256 ${found}, but ${wheel.sha256} is pinned`,
      ['the download was removed; run the same command again', 'if it repeats, the package index or a proxy alters files: use another index (PIP_INDEX_URL)']);
  }
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  fs.renameSync(file, kept);
  return kept;
}

/** @param {import('./command.mjs').Session} session @param {string} file @param {Wheel} wheel @param {(text: string) => void} progress */
export async function unpackWheel(session, file, wheel, progress) {
  const part = `${folder}.part`;
  const members = [
    ...wheel.libraries.map(name => `tensorflow/${name}=lib/${name}`),
    ...headers.map(name => `tensorflow/include/${name}=include/${name}`),
  ];
  removeFolder(session.root, part);
  try {
    await run(session, {
      name: 'TensorFlow unpacking',
      command: [venvPython(session.root), 'kernel-setup/setup/unpack.py', file, part, ...members],
      onLine: line => {
        const [done, total] = line.split(' ').map(Number);
        progress(`unpacking ${Math.floor(100 * done / total)} %`);
      },
    });
  } catch (error) {
    removeFolder(session.root, part);
    throw error;
  }
  removeFolder(session.root, folder);
  fs.renameSync(path.join(session.root, part), path.join(session.root, folder));
}

/** @param {string} root @param {string} name */
const removeFolder = (root, name) => fs.rmSync(path.join(root, name), { recursive: true, force: true });

/** @param {string} root @param {Wheel} wheel */
const keptWheel = (root, wheel) => path.join(root, '.native', 'download', fileName(wheel));

/** @param {Wheel} wheel */
const fileName = wheel => `${wheel.project.replace('-', '_')}-${version}-cp311-cp311-${wheel.tag}.whl`;

/** @param {string} file */
async function hashOf(file) {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
