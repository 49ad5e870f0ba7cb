/** Once anything was made anew: a child process that really trains a few steps on what is now in place. */
import { run } from './command.mjs';

/** @param {string} root @param {import('./steps.mjs').Step[]} parts @returns {import('./steps.mjs').Step} */
export function selfCheckStep(root, parts) {
  return {
    title: 'self-check',
    needs: parts.map(part => part.title),
    bytes: 0,
    stamp: '.native/self-check.json',
    outputs: [],
    madeFrom: () => ({ root, node: process.versions.node, parts: Object.fromEntries(parts.map(part => [part.title, part.madeFrom()])) }),
    async make(session) {
      let result = '';
      await run(session, {
        name: 'self-check',
        command: [process.execPath, '--require', './kernel-setup/typescript-hook.cjs', 'kernel-setup/setup/self-check.cjs'],
        onLine: line => { result = line; },
      });
      return result;
    },
  };
}
