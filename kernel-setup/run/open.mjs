/** Opens a file the way this desktop does. */
import { spawn } from 'node:child_process';

/** @param {string} file */
export function openFile(file) {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [file], { detached: true, stdio: 'ignore' });
  child.once('error', () => console.log(`cannot open it from here (no ${opener}): open ${file} in a browser`));
  child.unref();
}
