/** What a run was made with. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { version as tensorflow } from '../setup/tensorflow.mjs';

const packages = ['@tensorflow/tfjs-node', 'danfojs-node', 'plotly.js-dist', 'tslab'];

/**
 * @param {string} root
 * @returns {Record<string, string>}
 */
export function versions(root) {
  const read = (/** @type {string} */ folder) =>
    JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8')).version;
  const processors = os.cpus();
  return {
    widenet: read('.'),
    commit: commit(root),
    node: process.versions.node,
    tensorflow,
    ...Object.fromEntries(packages.map(name => [name, read(path.join('node_modules', name))])),
    machine:
      `${process.platform} ${process.arch}, ` +
      `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`,
  };
}

/**
 * The commit that is checked out, with '+' when files differ from it; 'unknown' outside a clone.
 * @param {string} root
 */
export function commit(root) {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '');
  } catch {
    return 'unknown';
  }
}
