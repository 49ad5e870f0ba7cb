/**
 * Files of rows: a line for each case. Each writer has a file of its own, which only grows; a folder holds all files of
 * one key, and nothing in it is ever erased or overwritten.
 */
import { hash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, ftruncateSync } from 'node:fs';
import { mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fail } from '../base/check';
import { decode, encode } from '../base/lossless-json';
import type { Row } from '../base/rows';

/** One case of a sweep: its settings, its rows, and what they were computed with. */
export interface Case {
  /** The hash of its settings. */
  readonly id: string;
  /** Its settings, as `encode` gives them. */
  readonly settings: unknown;
  readonly rows: readonly Row[];
  readonly seconds: number;
  readonly parameters: unknown;
  readonly versions: Readonly<Record<string, string>>;
  /** The run of the runner in which it was computed, if it was in one. */
  readonly run?: string;
  /** Why there are no rows. */
  readonly failure?: Failure;
}

/** How a case ended that gave no rows: it threw, or was not done in its time. */
export interface Failure {
  readonly status: 'failed' | 'late';
  readonly message: string;
}

export interface RowFile {
  readonly file: string;
  /** Writes a case. When the disk cannot take all of its line, none of it is kept. */
  append(one: Case): void;
  close(): void;
}

const checksum = (body: string | Buffer) => hash('sha256', body).slice(0, 16);

/** A line is `{"check":"<checksum of the rest>","case":"<id>",...}`. */
const start = /^\{"check":"([0-9a-f]{16})","case":"([0-9a-f]{32})",/;
const checkLength = '{"check":"0123456789abcdef",'.length;
const startLength = checkLength + '"case":"0123456789abcdef0123456789abcdef",'.length;

function lineOf(where: string, { id, rows, parameters, ...rest }: Case): string {
  const encoded = {
    parameters: encode(where, 'parameters', parameters),
    rows: rows.map(row => encode(where, 'row', row)),
  };
  const body = JSON.stringify({ case: id, written: new Date().toISOString(), ...rest, ...encoded }).slice(1);
  return `{"check":"${checksum(body)}",${body}\n`;
}

/**
 * Milliseconds between two waits for the disk, each of which takes some. What was written since the last one outlives
 * the process, and takes no longer than that to compute again should the machine itself go down.
 */
const pace = 100;

/**
 * A new file in `folder` for this writer alone. `where` starts the error messages. `isSpread`: other machines read it,
 * which see what is on the disk, so each case waits for that.
 */
export function openRowFile(where: string, folder: string, isSpread = false): RowFile {
  const now = new Date().toISOString().replace(/\D/g, '');
  const file = path.join(folder, `${now}-${process.pid}-${randomUUID().slice(0, 8)}.jsonl`);
  const refuse = (error: unknown) =>
    fail(where, `cannot write ${file}: ${(error as Error).message}; what was written before is kept`);
  let size = 0;
  let saved = -Infinity;
  let descriptor: number;
  try {
    mkdirSync(folder, { recursive: true });
    descriptor = openSync(file, 'ax');
  } catch (error) {
    return refuse(error);
  }
  const cutBack = () => {
    try {
      ftruncateSync(descriptor, size);
    } catch {
      // Then half a line stays; readers leave it out.
    }
  };
  return {
    file,
    append(one) {
      const bytes = Buffer.from(lineOf(where, one));
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
        if (isSpread || performance.now() - saved >= pace) {
          fsyncSync(descriptor);
          saved = performance.now();
        }
        size += bytes.length;
      } catch (error) {
        cutBack();
        refuse(error);
      }
    },
    close() {
      try {
        fsyncSync(descriptor);
      } catch (error) {
        refuse(error);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

interface Line {
  readonly bytes: Buffer;
  /** The byte behind it. */
  readonly end: number;
  /** Whether a line feed ends it. */
  readonly ended: boolean;
}

/** The lines of a file from a byte on, whatever their length, as many at a time as a piece of the file has. */
async function* linesOf(file: string, from = 0): AsyncGenerator<Line[]> {
  let [at, parts] = [from, [] as Buffer[]];
  const stream = createReadStream(file, { start: from, highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let next = 0;
    for (let end: number; (end = chunk.indexOf(10, next)) >= 0; next = end + 1) {
      const piece = chunk.subarray(next, end);
      const bytes = parts.length > 0 ? Buffer.concat([...parts, piece]) : piece;
      at += bytes.length + 1;
      lines.push({ bytes, end: at, ended: true });
      parts = [];
    }
    parts.push(chunk.subarray(next));
    yield lines;
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length > 0) yield [{ bytes, end: at + bytes.length, ended: false }];
}

function filesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.jsonl')) : [];
  return names.sort().map(name => path.join(folder, name));
}

/** About how many of the `wanted` cases are in the folder: only the first bytes of each line are looked at. */
export async function countRows(folder: string, wanted: ReadonlySet<string>): Promise<number> {
  const found = new Set<string>();
  for (const file of filesIn(folder)) {
    try {
      for await (const lines of linesOf(file))
        for (const { bytes } of lines) {
          const id = start.exec(bytes.toString('latin1', 0, startLength))?.[2];
          if (id && wanted.has(id)) found.add(id);
        }
    } catch {
      // A file that cannot be read counts for nothing; `read` reports it.
    }
  }
  return found.size;
}

/** A case as it was read. */
export type StoredCase = Omit<Case, 'seconds' | 'versions'> & { readonly written: string };

export interface RowReader {
  /** The cases read so far: of each the newest that has rows, or else the newest. */
  readonly found: ReadonlyMap<string, StoredCase>;
  /**
   * Reads what the files have gained. A line that is damaged is left out, and `report` is called once for each file
   * that has any. With `growing`, a last line without its end is left for the next time. The file `own` is left out.
   */
  read(growing?: boolean, own?: string): Promise<void>;
}

/** Reads the rows of those cases in a folder that `wants` says yes to, and of them those that it `accepts`. */
export function openRows(
  folder: string,
  wants: (id: string) => boolean,
  { report, accepts = () => true }: { report: (damage: string) => void; accepts?: (one: StoredCase) => boolean },
): RowReader {
  const found = new Map<string, StoredCase>();
  const places = new Map<string, { bytes: number; lines: number }>();
  const keep = (one: StoredCase) => {
    const other = found.get(one.id);
    const isNewer = other === undefined || one.written >= other.written;
    if (accepts(one) && (one.failure ? !other || (other.failure && isNewer) : isNewer || other?.failure))
      found.set(one.id, one);
  };
  const readFile = async (file: string, growing: boolean) => {
    const place = places.get(file) ?? { bytes: 0, lines: 0 };
    const damaged: string[] = [];
    try {
      if (places.has(file) && statSync(file).size <= place.bytes) return;
      for await (const lines of linesOf(file, place.bytes))
        for (const { bytes, end, ended } of lines) {
          if (growing && !ended) break;
          Object.assign(place, { bytes: end, lines: place.lines + 1 });
          if (bytes.length === 0) continue;
          const line = readLine(bytes, wants);
          if (typeof line === 'string') damaged.push(`line ${place.lines} ${line}`);
          else if (line) keep(line);
        }
    } catch (error) {
      damaged.push((error as Error).message);
      place.bytes = Infinity;
    }
    places.set(file, place);
    const more = damaged.length > 1 ? `, and ${damaged.length - 1} more of its lines` : '';
    if (damaged.length > 0) report(`${file}: ${damaged[0]}${more}`);
  };
  return {
    found,
    async read(growing = false, own) {
      for (const file of filesIn(folder)) if (file !== own) await readFile(file, growing);
    },
  };
}

/** All cases of a folder, each once. */
export async function readAllCases(folder: string, report: (damage: string) => void): Promise<StoredCase[]> {
  const { found, read } = openRows(folder, () => true, { report });
  await read();
  return [...found.values()];
}

/** The case of a line; undefined when it is not among the wanted; in words, what is wrong with the line. */
function readLine(bytes: Buffer, wants: (id: string) => boolean): StoredCase | string | undefined {
  try {
    const [, check, id] = start.exec(bytes.toString('latin1', 0, startLength)) ?? [];
    if (!id) return 'is no line of rows';
    if (checksum(bytes.subarray(checkLength)) !== check) return 'is not as it was written (cut off or changed)';
    if (!wants(id)) return undefined;
    const text = bytes.toString();
    const { written, run, failure, parameters, settings, rows } = JSON.parse(text);
    const decoded = text.includes('"$type"') ? decode : (value: unknown) => value;
    return { id, written, run, failure, parameters, settings: decoded(settings), rows: decoded(rows) as Row[] };
  } catch (error) {
    return `cannot be read (${(error as Error).message})`;
  }
}
