/**
 * A thread that draws figures for a notebook's kernel, which waits for each. The browser stays open between figures
 * that follow each other, and ends with the kernel.
 */
import { workerData } from 'node:worker_threads';
import { findChromium, noChromium, openPainter } from './draw.mjs';

/** @type {{ port: import('node:worker_threads').MessagePort, answers: Int32Array }} */
const { port, answers } = workerData;
const idle = 10_000;
/** @type {ReturnType<typeof openPainter> | undefined} */
let painter;
/** @type {NodeJS.Timeout | undefined} */
let closing;

async function close() {
  const open = painter;
  painter = undefined;
  clearTimeout(closing);
  await open?.then(({ close }) => close()).catch(() => {});
}

/**
 * What is asked for.
 * @typedef {{ figure: import('./draw.mjs').FigureJson, format: 'png' | 'svg' | 'pdf', width?: number }} Order
 */

/** @param {Order} order @returns {Promise<Record<string, string>>} By format, or by what went wrong. */
async function paint({ figure, format, width }) {
  const browser = findChromium();
  if (!browser) return { missing: noChromium };
  clearTimeout(closing);
  // One that could not be opened is not tried again: it would fail again, after some time, for each figure.
  painter ??= openPainter(browser);
  try {
    const { paint } = await painter;
    try {
      return await paint(figure, format, width);
    } catch (error) {
      // Also when the browser was ended: the next figure gets another one.
      await close();
      return problem(error);
    } finally {
      closing = setTimeout(() => void close(), idle);
    }
  } catch (error) {
    return problem(error);
  }
}

/** @param {unknown} error */
const problem = error => ({ problem: /** @type {Error} */ (error).message.split('\n')[0] });

port.on('message', async ({ number, ...order }) => {
  port.postMessage({ number, ...(await paint(order)) });
  Atomics.add(answers, 0, 1);
  Atomics.notify(answers, 0);
});
