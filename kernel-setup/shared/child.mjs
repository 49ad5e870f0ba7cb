/** Child processes: the lines that they print, and how they end. */

/**
 * Calls `onText` with all that a stream tells, and `onLine` with each line that is complete.
 * @param {import('node:stream').Readable | null} stream
 * @param {{ onText?: (text: string) => unknown, onLine?: (line: string) => unknown }} listeners
 */
export function listen(stream, { onText, onLine }) {
  let pending = '';
  stream?.setEncoding('utf8').on('data', text => {
    onText?.(text);
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    if (onLine) lines.forEach(onLine);
  });
}

/**
 * How a process has ended, once all that it printed is read: its exit code, or the signal that killed it.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, killedBy: NodeJS.Signals | null }>}
 * @throws the error of a program that cannot be started
 */
export const ended = child =>
  new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code, killedBy) => resolve({ code, killedBy })),
  );
