/** Shows values in the notebook: no other file calls the kernel. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { bundleOf, type MimeBundle } from './display';
import { isBatch } from './runner';
import { forget } from './session';

interface DisplayData {
  data: MimeBundle;
  metadata: object;
  transient: { display_id?: string };
}

type Display = (content: DisplayData, update: boolean) => void;

/**
 * The display function of the kernel that runs this notebook; undefined outside a kernel. The tslab that runs may lie
 * anywhere on this machine; none is loaded for this.
 */
function kernelDisplay(): Display | undefined {
  const { cache } = createRequire(__filename);
  const files = Object.keys(cache).filter(file => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(file));
  return files.map(file => cache[file]!.exports.lastWriteDisplayData as Display | null).find(Boolean) ?? undefined;
}

/**
 * Sends a bundle to the notebook, replacing the output of the same `id` if `update`; outside a kernel prints its text.
 * An output with `transient: true` in its metadata is shown but not saved.
 */
export function send(data: MimeBundle, id?: string, update = false, metadata: object = {}): void {
  const display = kernelDisplay();
  if (display) display({ data, metadata, transient: { display_id: id } }, update);
  else console.log(data['text/plain']);
}

/** Whether a notebook's kernel runs this code. */
export const inNotebook = () => kernelDisplay() !== undefined;

/**
 * Displays values now, in order: figures, tables, tensors, anything. The last expression of a cell is displayed without
 * it. Await it when a value's own display is a promise. Outside a kernel (a script, a test) it prints each value's
 * text.
 *
 * @example
 * show('a text', ndarray([1, 2])) // -> undefined
 */
export function show(...values: unknown[]): void | Promise<void> {
  for (const [i, value] of values.entries()) {
    const bundle = bundleOf(value);
    if (bundle instanceof Promise) return bundle.then(b => send(b)).then(() => show(...values.slice(i + 1)));
    send(bundle);
  }
}

/** A place in a notebook's output. */
export interface Place {
  /** Shows a value here, in the place of what was shown here before. Await it when the value's display is a promise. */
  show(value: unknown): void | Promise<void>;
}

/**
 * A place for what changes: a figure of the loss so far, a table that grows. The first `show` makes an output of the
 * running cell, each later one, in whichever cell, replaces it. Outside a kernel each prints the value's text.
 *
 * @example
 * const place = newPlace();
 * place.show({ loss: 0.5 });
 * place.show({ loss: 0.25 }) // -> undefined
 */
export function newPlace(): Place {
  const id = randomUUID();
  let asked = 0;
  let shown = 0;
  let last: unknown;
  function put(turn: number, bundle: MimeBundle): void {
    if (turn < shown) return;
    send(bundle, id, shown > 0);
    shown = turn;
  }
  return {
    show(value) {
      const turn = ++asked;
      if (value !== last) forget(last);
      last = value;
      const bundle = bundleOf(value);
      return bundle instanceof Promise ? bundle.then(given => put(turn, given)) : put(turn, bundle);
    },
  };
}

/** Milliseconds between two shows of a run that is watched, and how often the time of a show passes before the next. */
const calm = 1000;
const share = 4;

/**
 * What `view` makes of a state, in a place of its own: `now` shows it when the last show is some time ago, and never in
 * a run of the whole notebook, where nobody watches; `last` shows it in any case.
 */
export function renewed<T>(view: (state: T) => unknown) {
  const place = newPlace();
  let next = performance.now() + calm;
  const last = async (state: T) => {
    const begun = performance.now();
    try {
      await place.show(await view(state));
    } finally {
      const end = performance.now();
      next = end + Math.max(calm, share * (end - begun));
    }
  };
  return { now: async (state: T) => (isBatch() || performance.now() < next ? undefined : last(state)), last };
}
