/**
 * Files of rows: a line for each case. Each writer has a file of its own, which only grows; a folder holds all files of
 * one key, and nothing in it is ever erased or overwritten.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, ftruncateSync } from 'node:fs';
import { mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
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
}

export interface RowFile {
  /** Adds a case, which is then on the disk. When the disk cannot take all of its line, none of it is kept. */
  append(one: Case): void;
  close(): void;
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A line is `{"check":"<checksum of the rest>","case":"<id>",...}`. */
const start = /^\{"check":"([0-9a-f]{16})","case":"([0-9a-f]{32})",/;
const startLength = '{"check":"0123456789abcdef","case":"0123456789abcdef0123456789abcdef",'.length;

function lineOf(where: string, { id, rows, parameters, ...rest }: Case): string {
  const encoded = {
    parameters: encode(where, 'parameters', parameters),
    rows: rows.map(row => encode(where, 'row', row)),
  };
  const body = JSON.stringify({ case: id, written: new Date().toISOString(), ...rest, ...encoded }).slice(1);
  return `{"check":"${checksum(body)}",${body}\n`;
}

/** A new file in `folder` for this writer alone. `where` starts the error messages. */
export function openRowFile(where: string, folder: string): RowFile {
  const now = new Date().toISOString().replace(/\D/g, '');
  const file = path.join(folder, `${now}-${process.pid}-${randomUUID().slice(0, 8)}.jsonl`);
  const refuse = (error: unknown) =>
    fail(where, `cannot write ${file}: ${(error as Error).message}; what was written before is kept`);
  let size = 0;
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
    append(one) {
      const bytes = Buffer.from(lineOf(where, one));
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
        fsyncSync(descriptor);
        size += bytes.length;
      } catch (error) {
        cutBack();
        refuse(error);
      }
    },
    close: () => closeSync(descriptor),
  };
}

/** The lines of a file, whatever their length, with their numbers from 1. */
async function* linesOf(file: string): AsyncGenerator<{ number: number; bytes: Buffer }> {
  let [number, parts] = [1, [] as Buffer[]];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end: number; (end = chunk.indexOf(10, from)) >= 0; from = end + 1) {
      yield { number: number++, bytes: Buffer.concat([...parts, chunk.subarray(from, end)]) };
      parts = [];
    }
    parts.push(chunk.subarray(from));
  }
  yield { number, bytes: Buffer.concat(parts) };
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
      for await (const { bytes } of linesOf(file)) {
        const id = start.exec(bytes.toString('latin1', 0, startLength))?.[2];
        if (id && wanted.has(id)) found.add(id);
      }
    } catch {
      // A file that cannot be read counts for nothing; `readRows` reports it.
    }
  }
  return found.size;
}

/**
 * The rows of the `wanted` cases that are in the folder, of each case the newest. A line that is damaged is left out,
 * and `report` is called once for each file that has any.
 */
export async function readRows(
  folder: string,
  wanted: ReadonlySet<string>,
  report: (damage: string) => void,
): Promise<Map<string, readonly Row[]>> {
  const newest = new Map<string, StoredCase>();
  for (const file of filesIn(folder)) {
    const damaged: string[] = [];
    try {
      for await (const { number, bytes } of linesOf(file)) {
        if (bytes.length === 0) continue;
        const line = readLine(bytes, wanted);
        if (typeof line === 'string') damaged.push(`line ${number} ${line}`);
        else if (line && line.written >= (newest.get(line.id)?.written ?? line.written)) newest.set(line.id, line);
      }
    } catch (error) {
      damaged.push((error as Error).message);
    }
    const more = damaged.length > 1 ? `, and ${damaged.length - 1} more of its lines` : '';
    if (damaged.length > 0) report(`${file}: ${damaged[0]}${more}`);
  }
  return new Map([...newest].map(([id, { rows }]) => [id, rows]));
}

type StoredCase = Pick<Case, 'id' | 'rows'> & { readonly written: string };

/** The case of a line; undefined when it is not among the wanted; in words, what is wrong with the line. */
function readLine(bytes: Buffer, wanted: ReadonlySet<string>): StoredCase | string | undefined {
  try {
    const text = bytes.toString();
    const [, check, id] = start.exec(text) ?? [];
    if (!id) return 'is no line of rows';
    if (checksum(text.slice(text.indexOf(',') + 1)) !== check) return 'is not as it was written (cut off or changed)';
    if (!wanted.has(id)) return undefined;
    const { rows, written } = JSON.parse(text) as { rows: unknown; written: string };
    return { id, rows: decode(rows) as Row[], written };
  } catch (error) {
    return `cannot be read (${(error as Error).message})`;
  }
}
