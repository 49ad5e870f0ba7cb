/** Files as cells and modules name them, and as they are on disk now: read again when they have changed. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether an import names a file by where it lies, and not a package. */
export const isPath = (specifier: string) => /^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier);

/** The path that a `file:` URL is; undefined for what is no such URL, or stands for no file of this machine. */
export function pathOfUrl(specifier: string): string | undefined {
  try {
    return specifier.startsWith('file:') ? fileURLToPath(specifier) : undefined;
  } catch {
    return undefined;
  }
}

/** The package of which an import takes the whole or a part. */
export const packageName = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

type Language = 'js' | 'jsx' | 'ts' | 'tsx';

const languages: Record<string, Language> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
};

/** Undefined for what is neither TypeScript nor JavaScript. */
export const languageOf = (file: string): Language | undefined => languages[path.extname(file)];

export const isTypeScript = (file: string) => !!languageOf(file)?.startsWith('ts');

export interface Content {
  text: string;
  hash: string;
}

interface Read extends Content {
  stamp: string;
  /** Whether the file was written so shortly before that one more change might leave the stamp as it is. */
  isFresh: boolean;
}

/** Longer than the steps in which any file system counts time. */
const step = 2000;

const read = new Map<string, Read>();

function stateOf(file: string): { stamp: string; changedMs: number } | undefined {
  try {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const stamp = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join();
    return { stamp, changedMs: Number(stat.ctimeMs) };
  } catch {
    // Such as a path that goes through a file as if that were a folder.
    return undefined;
  }
}

/**
 * By this the file system tells a change of a file: of its content, its owner or its name. Undefined where there is no
 * such file.
 */
export const stampOf = (file: string): string | undefined => stateOf(file)?.stamp;

/** A file's text and its hash; undefined where there is no such file. */
export function contentOf(file: string): Content | undefined {
  const state = stateOf(file);
  if (!state) {
    read.delete(file);
    return undefined;
  }
  const { stamp, changedMs } = state;
  const known = read.get(file);
  if (known?.stamp === stamp && !known.isFresh) return known;
  const isFresh = Date.now() - changedMs < step;
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const now = { text, hash: createHash('sha256').update(text).digest('hex'), stamp, isFresh };
  read.set(file, now);
  return now;
}
