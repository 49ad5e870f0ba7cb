/**
 * What is printed: by JavaScript, and past it, to descriptors 1 and 2, by child processes, native libraries and
 * `fs.writeSync`. Both threads of the kernel use this; the texts are in the addon, which both load.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { StreamName } from '../protocol/shared';
import { root } from '../syntax/root';

interface Addon {
  /** From here on the descriptors are caught. */
  capture(): void;
  /** What a descriptor was before: the kernel's own stdout or stderr. */
  original(descriptor: number): number;
  /** Ends the process at once, without the destructors that native threads still at work would meet. */
  leave(code: number): never;
  /** Waits while more than 32 MB have not been taken. */
  print(cell: number, descriptor: number, text: string): void;
  /** Separates what was printed before from what is printed after; the number of the mark. */
  mark(): number;
  /** `wake` is called on this thread when something was printed, and again when `ready` was called. */
  listen(wake: () => void): void;
  ready(): void;
  /** Reads what was written to the descriptors; the number of the mark behind it. */
  collect(): number;
  /** What comes before a mark: cell or 0, descriptor, bytes, cell or 0, descriptor ... */
  take(mark: number): (number | Buffer)[];
}

function load(): Addon {
  const file = path.join(root, '.native', 'addons', 'capture.node');
  if (!existsSync(file)) throw new Error(`${file} is missing; run \`npm run setup\``);
  return require(file);
}

const addon = load();
export const { capture, leave, print, mark, listen, ready, collect } = addon;

export const streamNames = ['stdout', 'stderr'] as const;
export const descriptorOf = (stream: StreamName) => streamNames.indexOf(stream) + 1;

/** The descriptor of the kernel's own stdout or stderr. */
export const original = (stream: StreamName) => addon.original(descriptorOf(stream));

/** What was printed before a mark, in order; `cell` is 0 for what was written to a descriptor. */
export function* takeBefore(mark: number): Generator<{ cell: number; stream: StreamName; bytes: Buffer }> {
  const taken = addon.take(mark);
  for (let i = 0; i < taken.length; i += 3) {
    const [cell, descriptor, bytes] = taken.slice(i, i + 3) as [number, number, Buffer];
    yield { cell, stream: streamNames[descriptor - 1], bytes };
  }
}
