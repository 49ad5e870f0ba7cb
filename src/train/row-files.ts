/**
 * Files of rows: a line for each case, each writer's in a file of its own, which only grows. A folder holds all of
 * one key; nothing in it is ever erased or overwritten.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, ftruncateSync } from 'node:fs';
import { mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fail } from '../base/check';
import { decode, encode } from '../base/exact';
import type { Row } from '../base/rows';

/** One case: what was set, what came out, and what made it. */
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
  /**
   * Adds a case, which is on the disk when this returns; when the file cannot take all of it, it keeps nothing of it.
   */
  append(one: Case): void;
  close(): void;
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A line is `{"check":"<checksum of the rest>","case":"<id>",...}`. */
const start = /^\{"check":"([0-9a-f]{16})","case":"([0-9a-f]{32})",/;
const startLength = '{"check":"0123456789abcdef","case":"0123456789abcdef0123456789abcdef",'.length;

function lineOf(where: string, { id, rows, parameters, ...told }: Case): string {
  const exact = rows.map(row => encode(where, 'row', row));
  const made = { ...told, parameters: encode(where, 'parameters', parameters), rows: exact };
  const body = JSON.stringify({ case: id, written: new Date().toISOString(), ...made }).slice(1);
  return `{"check":"${checksum(body)}",${body}\n`;
}

/** A new file in `folder`, of this writer alone. `where` starts the messages. */
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
      // Then half a line stays, which whoever reads the file leaves out.
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

/** About how many of the `wanted` cases are in the folder: only the starts of lines are looked at. */
export async function countRows(folder: string, wanted: ReadonlySet<string>): Promise<number> {
  const found = new Set<string>();
  for (const file of filesIn(folder)) {
    try {
      for await (const { bytes } of linesOf(file)) {
        const id = start.exec(bytes.toString('latin1', 0, startLength))?.[2];
        if (id && wanted.has(id)) found.add(id);
      }
    } catch {
      // A file that cannot be read has none to count; `readRows` says so.
    }
  }
  return found.size;
}

/**
 * The rows of the `wanted` cases that are in the folder, of each the newest. A line that is not as it was written is
 * left out, and `damaged` is told once for each file that has any.
 */
export async function readRows(
  folder: string,
  wanted: ReadonlySet<string>,
  damaged: (what: string) => void,
): Promise<Map<string, readonly Row[]>> {
  const newest = new Map<string, Read>();
  for (const file of filesIn(folder)) {
    const bad: string[] = [];
    try {
      for await (const { number, bytes } of linesOf(file)) {
        if (bytes.length === 0) continue;
        const line = readLine(bytes, wanted);
        if (typeof line === 'string') bad.push(`line ${number} ${line}`);
        else if (line && line.written >= (newest.get(line.id)?.written ?? line.written)) newest.set(line.id, line);
      }
    } catch (error) {
      bad.push((error as Error).message);
    }
    const more = bad.length > 1 ? `, and ${bad.length - 1} more of its lines` : '';
    if (bad.length > 0) damaged(`${file}: ${bad[0]}${more}`);
  }
  return new Map([...newest].map(([id, { rows }]) => [id, rows]));
}

/** What a line tells of its case. */
interface Read {
  readonly id: string;
  readonly rows: readonly Row[];
  readonly written: string;
}

/** The line's case; undefined when it is none of the wanted; in words, what is wrong with it. */
function readLine(bytes: Buffer, wanted: ReadonlySet<string>): Read | string | undefined {
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
