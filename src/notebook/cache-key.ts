/** The key of stored results: a hash of all that decides them. Whatever stores results uses it. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../base/lossless-json';
import { processValue } from '../base/process-state';
import { repository } from './runner';

/** A hash of the library on the disk: its sources, the pinned packages, and what its native parts were built from. */
export function libraryNow(): string {
  const files = readdirSync(path.join(repository, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter(file => file.endsWith('.ts'));
  const built = ['package-lock.json', '.native/addons/loop.node.json', '.native/addons/tfjs_binding.node.json'];
  const hash = createHash('sha256');
  for (const file of [...sources.sort().map(source => path.join('src', source)), ...built]) {
    const whole = path.join(repository, file);
    hash.update(`${file}\0`);
    hash.update(existsSync(whole) ? readFileSync(whole) : 'absent').update('\0');
  }
  return hash.digest('hex');
}

/** The hash of the library as it was loaded. A reload loads all of it, and this hash, anew. */
export const libraryAtLoad = libraryNow();

interface Deciding {
  /** What the results belong to: a sweep or a notebook. */
  readonly name: string;
  /** The code that was run, in order. */
  readonly code: readonly string[];
  /** The parameters that it ran with. */
  readonly parameters: unknown;
}

/** The key: equal only for equal library, Node.js, name, code and parameters. Errors: a function in it. */
export function cacheKey({ name, code, parameters }: Deciding): string {
  const all = { library: libraryAtLoad, node: process.versions.node, name, code, parameters };
  return createHash('sha256')
    .update(canonicalJson('key', 'its content', all))
    .digest('hex')
    .slice(0, 32);
}

/** The kernel's answer to: which code decides what `run` returns, and has this cell asked for the same name before? */
export type CellCode = (
  name: string,
  run: (...args: any[]) => unknown,
) => {
  readonly code: readonly string[];
  readonly again: boolean;
};

/** The answer of this repository's kernel; undefined where another kernel, or none, runs the code. */
export function cellCode(...asked: Parameters<CellCode>): ReturnType<CellCode> | undefined {
  return processValue<CellCode>('cells')?.(...asked);
}
