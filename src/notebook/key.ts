/** The key of stored results: a hash of all that decides them. Whatever stores results uses it. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { identity } from '../base/exact';
import { processValue } from '../base/process-state';
import { repository } from './runner';

/**
 * The library as it lies on the disk now: its sources, the pinned packages, and what its native parts were built
 * from.
 */
export function libraryNow(): string {
  const files = readdirSync(path.join(repository, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter(file => file.endsWith('.ts'));
  const made = ['package-lock.json', '.native/addons/loop.node.json', '.native/addons/tfjs_binding.node.json'];
  const hash = createHash('sha256');
  for (const file of [...sources.sort().map(source => path.join('src', source)), ...made]) {
    const whole = path.join(repository, file);
    hash
      .update(`${file}\0`)
      .update(existsSync(whole) ? readFileSync(whole) : 'absent')
      .update('\0');
  }
  return hash.digest('hex');
}

/** The library as it was loaded; what has been edited since does not count. */
export const library = libraryNow();

export interface Deciding {
  /** Whose results: of which sweep, of which notebook. */
  readonly name: string;
  /** The code that was run, in order. */
  readonly code: readonly string[];
  /** The parameters that it ran with. */
  readonly parameters: unknown;
}

/**
 * The key: equal only for the same library, Node.js, name, code and parameters. Errors: a parameter without a value.
 */
export function keyOf({ name, code, parameters }: Deciding): string {
  const all = { library, node: process.versions.node, name, code, parameters };
  return createHash('sha256')
    .update(identity('key', 'its content', all))
    .digest('hex')
    .slice(0, 32);
}

/**
 * What the kernel tells: the code that decides what `run` gives, and whether this cell asked for the same name
 * before.
 */
export type CellCode = (
  name: string,
  run: (...args: any[]) => unknown,
) => {
  readonly code: readonly string[];
  readonly again: boolean;
};

/** The kernel's answer, where one of this repository runs the code; undefined elsewhere. */
export function cellCode(...asked: Parameters<CellCode>): ReturnType<CellCode> | undefined {
  return processValue<CellCode>('cells')?.(...asked);
}
