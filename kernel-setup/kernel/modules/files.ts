/** Files as they are on disk now: read again when they have changed. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

export interface Content {
  text: string;
  hash: string;
}

interface Read extends Content {
  /** By what the file system tells a change of the file: of its content, its owner or its name. */
  stamp: string;
  /** Whether the file was written so shortly before that one more change might leave the stamp as it is. */
  isFresh: boolean;
}

/** Longer than the steps in which any file system counts time. */
const step = 2000;

const read = new Map<string, Read>();

/** A file's text and its hash; undefined where there is no such file. */
export function contentOf(file: string): Content | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!stat?.isFile()) {
    read.delete(file);
    return undefined;
  }
  const stamp = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join();
  const known = read.get(file);
  if (known?.stamp === stamp && !known.isFresh) return known;
  const isFresh = Date.now() - Number(stat.ctimeMs) < step;
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const now = { text, hash: createHash('sha256').update(text).digest('hex'), stamp, isFresh };
  read.set(file, now);
  return now;
}
