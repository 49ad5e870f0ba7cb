/**
 * What is written to descriptors 1 and 2 past `process.stdout`: by child processes, native libraries, `fs.writeSync`.
 * Both threads of the kernel use this; the pipes and their state are in the addon, which both load.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StreamName } from './shared';

interface Addon {
  /** From here on the descriptors are caught. */
  capture(): void;
  /** What a descriptor was before: the kernel's own stdout or stderr. */
  original(descriptor: number): number;
  /** Separates what was written before from what is written after; the number of the mark. */
  mark(): number;
  /** `wake` is called on this thread when something was written. */
  listen(wake: () => void): void;
  /** Reads what was written; the number of the mark behind it. */
  collect(): number;
  /** What was collected and comes before a mark: descriptor, bytes, descriptor, bytes ... */
  take(mark: number): (number | Buffer)[];
}

function load(): Addon {
  const file = path.join(__dirname, '..', '..', '.native', 'addons', 'capture.node');
  if (!existsSync(file)) throw new Error(`${file} is missing; run \`npm run setup\``);
  return require(file);
}

const addon = load();
export const { capture, mark, listen, collect } = addon;

export const streamNames = ['stdout', 'stderr'] as const;
export const descriptorOf = (stream: StreamName) => streamNames.indexOf(stream) + 1;

/** The descriptor of the kernel's own stdout or stderr. */
export const original = (stream: StreamName) => addon.original(descriptorOf(stream));

/** Turns what was caught into texts, of which a character may come in two parts. */
export function createDecoders() {
  const decoders = streamNames.map(() => new StringDecoder('utf8'));
  return {
    /** The texts that come before a mark. */
    *before(mark: number): Generator<{ stream: StreamName; text: string }> {
      const caught = addon.take(mark);
      for (let i = 0; i < caught.length; i += 2) {
        const index = (caught[i] as number) - 1;
        yield { stream: streamNames[index], text: decoders[index].write(caught[i + 1] as Buffer) };
      }
    },
    /** Beginnings of characters whose rest has not come. */
    *rest(): Generator<{ stream: StreamName; text: string }> {
      for (const [index, stream] of streamNames.entries()) yield { stream, text: decoders[index].end() };
    },
  };
}
