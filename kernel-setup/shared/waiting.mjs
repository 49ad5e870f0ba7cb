/** A word about work that takes long and says nothing itself. */
import { Worker } from 'node:worker_threads';

const quietSeconds = 2;

/** It writes by itself: the thread that works may be busy until the end. @param {string} text */
const script = text =>
  `setTimeout(() => require('node:fs').writeSync(1, ${JSON.stringify(`${text}\n`)}), ${quietSeconds * 1000});`;

/**
 * Does the work, and after two seconds of it says what is being done.
 * @template T @param {string} text @param {() => T | Promise<T>} work @returns {Promise<T>}
 */
export async function saying(text, work) {
  const worker = new Worker(script(text), { eval: true, execArgv: [] });
  worker.on('error', () => {});
  await new Promise(resolve => worker.once('online', resolve));
  try {
    return await work();
  } finally {
    await worker.terminate();
  }
}
