/**
 * The npm packages, exactly as locked, without running their install scripts (tfjs-node's would download another
 * library).
 */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { folderSize, megabytes, watchSize } from './size.mjs';
import { sha256 } from './stamp.mjs';

/** @param {string} root @returns {import('./steps.mjs').Step} */
export function packagesStep(root) {
  return {
    title: 'npm packages',
    needs: [],
    bytes: 700e6,
    stamp: 'node_modules/.widenet.json',
    outputs: [
      'typescript/lib/tsc.js',
      'tslab/package.json',
      '@tensorflow/tfjs-node/package.json',
      'plotly.js-dist/plotly.js',
    ].map(file => `node_modules/${file}`),
    files: ['node_modules'],
    madeFrom: () => ({
      lock: sha256(path.join(root, 'package-lock.json')),
      platform: `${process.platform}-${process.arch}`,
    }),
    async make(session, progress) {
      const cache = path.join(root, '.native', 'tmp', 'npm-cache');
      const watch = watchSize(cache, bytes => progress(megabytes(bytes)));
      await run(session, {
        name: 'npm packages',
        command: [...npm(), 'ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--cache', cache],
      }).finally(watch.stop);
      return `${megabytes(folderSize(cache))} of downloads`;
    },
  };
}

/** The npm that runs this script, else the one on the PATH. */
function npm() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js') && fs.existsSync(cli) ? [process.execPath, cli] : ['npm'];
}
