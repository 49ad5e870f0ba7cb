/** Many runs, one after the other, whose rows are on disk as soon as they are known. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fail } from './check';
import { Interrupted, interruptSignal } from './interrupt';
import { progress } from './progress';
import type { Row } from './rows';

const { version: widenet } = JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };

/** One line of a file of rows: what was set, what came out, and what made it. */
interface Line {
  readonly settings: Row;
  readonly rows: readonly Row[];
  readonly seconds: number;
  readonly code: string;
  readonly versions: { readonly widenet: string; readonly node: string };
}

/**
 * Runs `run` for each of `settings` (seed included) and gives all rows, each with its settings: `{ ...settings, ...row }`.
 * Every case is written to `<name>.jsonl`, one line with settings, rows, seconds and versions, before the next one starts, so
 * that a killed sweep loses at most the case in flight. The file is output/rows/<notebook>/<name>.jsonl; there
 * `npm run reproduce -- --resume` takes up what the same code has already written.
 * Errors: a name that is no file name, a setting twice; what `run` throws, after the cases before it are written.
 */
export async function sweep<S extends Row>(name: string, settings: readonly S[], run: (settings: S) => Row | readonly Row[] | Promise<Row | readonly Row[]>): Promise<(S & Row)[]> {
  if (!/^[\w-]+$/.test(name)) fail('sweep', `name is '${name}' but must be letters, digits and dashes`);
  const twice = settings.findIndex((s, i) => settings.slice(0, i).some(t => isDeepStrictEqual(s, t)));
  if (twice >= 0) fail('sweep', `settings ${JSON.stringify(settings[twice])} come twice`);
  const code = createHash('sha256').update(process.env.WIDENET_CODE ?? '').update(run.toString()).digest('hex').slice(0, 16);
  const file = path.join(rowsFolder(), `${name}.jsonl`);
  const done = process.env.WIDENET_RESUME === '1' ? readLines(file).filter(line => line.code === code) : [];
  const kept = settings.flatMap(s => done.find(line => isDeepStrictEqual(line.settings, plain(s))) ?? []);
  write(file, kept);

  const bar = progress(settings.length, name);
  const all: (S & Row)[] = [];
  for (const [i, one] of settings.entries()) {
    let line = kept.find(k => isDeepStrictEqual(k.settings, plain(one)));
    if (!line) {
      if (interruptSignal()?.aborted) throw new Interrupted();
      const start = performance.now();
      const result = await run(one);
      if (interruptSignal()?.aborted) throw new Interrupted();
      line = plain({ settings: one, rows: Array.isArray(result) ? result : [result], seconds: Math.round(performance.now() - start) / 1000, code, versions: { widenet, node: process.versions.node } }) as Line;
      append(file, line);
    }
    all.push(...line.rows.map(row => ({ ...one, ...row })));
    bar.at(i + 1);
  }
  bar.end();
  return all;
}

/** What JSON keeps of a value, so that rows are the same whether they were computed or read back: NaN and infinities become null. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

function rowsFolder(): string {
  const notebook = path.basename(process.env.JPY_SESSION_NAME ?? 'session', '.ipynb');
  return process.env.WIDENET_ROWS || path.join(__dirname, '..', 'output', 'rows', notebook);
}

/** Starts the file anew with these lines, in one go. */
function write(file: string, lines: readonly Line[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  renameSync(`${file}.part`, file);
}

/** Adds a line, which is on the disk when this returns. */
function append(file: string, line: Line): void {
  const descriptor = openSync(file, 'a');
  writeSync(descriptor, `${JSON.stringify(line)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** The whole lines of a file; what a kill left of the last one is dropped. */
function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(text => JSON.parse(text) as Line);
}
