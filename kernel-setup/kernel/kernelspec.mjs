/** How Jupyter starts the kernel. */
import path from 'node:path';

/**
 * The content of kernel.json, for the repository at `root` and the Node.js that runs this.
 * @param {string} root
 */
export const kernelspec = root => ({
  argv: [
    process.execPath,
    // JavaScript that is ended by force inside a callback leaves Node's stack of callbacks inconsistent, and Node would
    // end the process for that.
    '--no-force-async-hooks-checks',
    // ES modules beside the notebook are loaded by the kernel, so that it can load them anew.
    '--experimental-vm-modules',
    '--require',
    path.join(root, 'kernel-setup', 'typescript-hook.cjs'),
    path.join(root, 'kernel-setup', 'kernel', 'main.ts'),
    '{connection_file}',
  ],
  display_name: 'TypeScript (widenet)',
  language: 'typescript',
  interrupt_mode: 'message',
});
