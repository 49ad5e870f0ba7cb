/** The native addons, compiled straight with the C++ compiler (node-gyp fails in a path with a space). */
import fs from 'node:fs';
import path from 'node:path';
import { replace } from '../shared/files.mjs';
import { run } from './command.mjs';
import { wheels as openblas } from './openblas.mjs';
import { sha256 } from './stamp.mjs';
import { platform, wheels as tensorflow } from './tensorflow.mjs';
import { librariesOf } from './wheel.mjs';

const binding = 'node_modules/@tensorflow/tfjs-node/binding';
const bindingLink = 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node';

/**
 * tfjs-node's own addon.
 * @param {string} root
 */
export const tfjsAddonStep = root =>
  addonStep(root, 'tfjs-node addon', 'tfjs_binding.node', [tensorflow[platform]], [`-I${binding}`], () =>
    ['tfjs_backend.cc', 'tfjs_binding.cc'].map(name => `${binding}/${name}`),
  );

/**
 * Loops become vectors, and arithmetic is done as written: random numbers have the same bits on every machine. Nobody
 * reads errno or the processor's exception flags, which loops of square roots and choices would have to keep right.
 */
const asWritten = ['-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'];

/**
 * The addon that runs compiled training loops.
 * @param {string} root
 */
export const loopAddonStep = root =>
  addonStep(root, 'loop addon', 'loop.node', [tensorflow[platform], openblas[platform]], asWritten, () => {
    const folder = 'kernel-setup/addon';
    return fs
      .readdirSync(path.join(root, folder))
      .filter(name => name.endsWith('.cc'))
      .sort()
      .map(name => `${folder}/${name}`);
  });

/**
 * The addon by which the kernel catches what child processes and native code print.
 * @param {string} root
 */
export const captureAddonStep = root =>
  addonStep(root, 'output addon', 'capture.node', [], ['-pthread'], () =>
    ['capture.cc', 'pipes.cc'].map(name => `kernel-setup/capture/${name}`),
  );

/**
 * @param {string} root @param {string} title @param {string} name @param {import('./wheel.mjs').Wheel[]} wheels
 * @param {string[]} options @param {() => string[]} sources
 * @returns {import('./steps.mjs').Step}
 */
function addonStep(root, title, name, wheels, options, sources) {
  const output = `.native/addons/${name}`;
  const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  const command = () => [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    '-DNAPI_VERSION=8',
    ...options,
    '-Inode_modules/node-api-headers/include',
    ...wheels.map(({ folder }) => `-isystem.native/${folder}/include`),
    ...sources(),
    ...wheels.flatMap(librariesOf),
    ...wheels.map(({ folder }) => `-Wl,-rpath,${origin}/../${folder}/lib`),
    ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
  ];
  return {
    title,
    needs: ['npm packages', ...wheels.map(wheel => `${wheel.name} library`)],
    bytes: 1e6,
    stamp: `${output}.json`,
    outputs: [output],
    files: [output],
    madeFrom: () => {
      const folders = new Set(sources().map(source => path.join(root, path.dirname(source))));
      const files = [...folders].flatMap(folder =>
        fs
          .readdirSync(folder)
          .filter(file => /\.(cc|h)$/.test(file))
          .sort()
          .map(file => path.join(folder, file)),
      );
      return { sources: sha256(...files), command: command(), wheels: wheels.map(({ sha256 }) => sha256) };
    },
    async make(session) {
      fs.mkdirSync(path.join(root, path.dirname(output)), { recursive: true });
      await run(session, { name: title, command: [...session.compiler, ...command(), '-o', `${output}.part`] });
      replace(path.join(root, output), path.join(root, `${output}.part`));
      return session.compiler.join(' ');
    },
  };
}

/**
 * Puts tfjs-node's addon where that package looks for it.
 * @param {string} root
 * @returns {import('./steps.mjs').Step}
 */
export function bindingStep(root) {
  return {
    title: 'tfjs-node binding',
    needs: ['tfjs-node addon'],
    bytes: 0,
    stamp: 'node_modules/.widenet-binding.json',
    outputs: [bindingLink],
    files: [bindingLink],
    madeFrom: () => ({}),
    async make() {
      const link = path.join(root, bindingLink);
      fs.mkdirSync(path.dirname(link), { recursive: true });
      fs.rmSync(link, { force: true });
      fs.symlinkSync(
        path.relative(path.dirname(link), path.join(root, '.native', 'addons', 'tfjs_binding.node')),
        link,
      );
      return 'linked';
    },
  };
}
