/** Runs the cells that `magics.ts` reads. */
import { runInThisContext } from 'node:vm';
import { parseSync } from 'oxc-parser';
import type { Cells } from './cell/cells';
import { inCell, type Cell } from './stop/context';
import { inspect } from './language';
import type { Magic } from './syntax/magics';
import type { Failure } from './errors/traceback';
import { describeTiming, inUnits, timeRuns } from './timing';

/** What a frontend is to do: show a page of documentation beside the cells, or end itself, when it is a console. */
export type Payload =
  | { source: 'page'; data: Record<string, string>; start: 0 }
  | { source: 'ask_exit'; keepkernel: false };

type Timed = Extract<Magic, { name: 'time' | 'timeit' }>;

/** A cell that is refused. */
export const failed = (ename: string, evalue: string): { failure: Failure } => ({
  failure: { ename, evalue, traceback: [`${ename}: ${evalue}`] },
});

/** A console ends by it. Where a cell has declared the name, it stands for that. */
export function exit(cell: Cell, name: string): { payload: Payload } | undefined {
  if (runInThisContext(`typeof ${name}`) !== 'undefined') return undefined;
  print(cell, `${name}: a console ends by this; elsewhere use Kernel, Shut Down`);
  return { payload: { source: 'ask_exit', keepkernel: false } };
}

/** The text of a function or class of the cells. */
function textOf(name: string): string | undefined {
  try {
    const value: unknown = runInThisContext(name);
    return typeof value === 'function' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Signature and docstring of a name, and with two question marks its text. */
export async function documentation(
  cells: Cells,
  { of, source }: Extract<Magic, { name: 'docs' }>,
): Promise<{ payload?: Payload; failure?: Failure }> {
  const points = Array.from(of).length;
  const { found, data } = await inspect(cells, { code: of, cursor_pos: points, detail_level: source ? 1 : 0 });
  if (!found) return failed('NameError', `?${of}: there is no ${of} here`);
  const shown: Record<string, string> = { ...data };
  const text = source ? textOf(of) : undefined;
  if (text !== undefined) {
    shown['text/plain'] += `\n\n${text}`;
    if (shown['text/markdown']) shown['text/markdown'] += `\n\n\`\`\`typescript\n${text}\n\`\`\`\n`;
  }
  return { payload: { source: 'page', data: shown, start: 0 } };
}

/**
 * What is run for a cell whose time is taken, and what is shown of it in an error: for many runs a function, in the
 * lines and, where no `await` stands in it, the columns of the cell.
 */
export function timedSource(cell: string, magic: Timed): { source: string; shown: string } {
  if (magic.name === 'time') return { source: magic.code, shown: cell };
  const { code, isBlock } = magic;
  const at = code.search(/^ {7}/m);
  const [above, rest] = [code.slice(0, at), code.slice(at + 7)];
  const within = (head: string) =>
    isBlock ? `${above}${head}{${rest}\n})` : `${above}${head}(${rest.replace(/\s*;\s*$/, '')}\n))`;
  const [plain, awaiting] = [within('(() =>'), within('(async () =>')];
  const isRead = (source: string) =>
    parseSync('cell.ts', source, { sourceType: 'module', lang: 'ts' }).errors.length === 0;
  return !isRead(plain) && isRead(awaiting) ? { source: awaiting, shown: awaiting } : { source: plain, shown: cell };
}

let started = { cpu: process.cpuUsage(), at: performance.now() };

/** To be called when the code of a cell is about to run. */
export function startClock(): void {
  started = { cpu: process.cpuUsage(), at: performance.now() };
}

/** Tells in the cell how long its code took. */
export function tellTime(cell: Cell): void {
  const wall = performance.now() - started.at;
  const { user, system } = process.cpuUsage(started.cpu);
  print(cell, `${inUnits(wall)} (${inUnits((user + system) / 1000)} of processor time)`);
}

/** Tells in the cell how long a run of the function takes. */
export async function timeMany(cell: Cell, work: () => unknown): Promise<void> {
  print(cell, describeTiming(await inCell(cell, () => timeRuns(work, cell.signal))));
}

const print = (cell: Cell, line: string) => inCell(cell, () => process.stdout.write(`${line}\n`));
