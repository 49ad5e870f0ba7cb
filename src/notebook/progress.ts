/** Progress of a loop, as one line that is updated in place. */
import { randomUUID } from 'node:crypto';
import { fail, wholeNumber } from '../base/check';
import { processState, processValue } from '../base/process-state';
import { isBatch } from './runner';
import { inNotebook, send } from './show';

/** A line of progress that the loop itself moves on. */
export interface Progress {
  /** `done` of the total are done. */
  at(done: number): void;
  /** Nothing more will come; the line then says how long it took. */
  end(): void;
}

/** Milliseconds before a line appears, so that short loops leave none, and between two updates. */
const patience = 500;
const pause = 250;

function span(seconds: number): string {
  if (seconds < 59.5) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${two(whole % 60)} min`
    : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)} h`;
}

/** How far a loop is. */
export interface State {
  readonly label: string;
  readonly done: number;
  /** Undefined where nobody knows how many there are. */
  readonly total?: number;
  /** How many of those that are done were taken up from an earlier run, in no time. */
  readonly kept?: number;
  readonly end?: 'whole' | 'early';
}

/** The line: count, share, rate, time left; at the end, the time that it took. */
export function progressLine({ label, done, total, kept = 0, end }: State, seconds: number): string {
  const count = `${label} ${done}${total === undefined ? '' : `/${total}`}${kept > 0 ? ` (${kept} taken up)` : ''}`;
  const rate = (done - kept) / seconds;
  const speed = rate >= 1 ? `${rate.toPrecision(3)}/s` : `${span(1 / rate)} each`;
  if (end) {
    const stopped = end === 'early' || (total !== undefined && done < total) ? ', stopped,' : '';
    return `${count}${stopped} in ${span(seconds)}${done > kept ? `, ${speed}` : ''}`;
  }
  const share = total ? `  ${Math.floor((100 * done) / total)}%` : '';
  const left = total === undefined ? '' : `, ${span((total - done) / rate)} left`;
  return `${count}${share}${done > kept ? `  ${speed}${left}` : ''}`;
}

interface Bar extends State {
  done: number;
  end?: 'whole' | 'early';
  readonly started: number;
  endedAt?: number;
}

/** The bars of one cell that are open at the same time: a loop and the loops inside it share one output. */
interface Group {
  readonly id: string;
  readonly where: 'notebook' | 'terminal' | 'nowhere';
  readonly bars: Bar[];
  shownAt?: number;
}

const noCell = {};
const cell = () => processValue<object>('execution') ?? noCell;
const groups = () => processState('progress', () => new WeakMap<object, Group>());

const isOpen = ({ end, done, total }: Bar) => !end && (total === undefined || done < total);
const age = ({ started, endedAt }: Bar, now: number) => (endedAt ?? now) - started;

/** Shows the lines of the bars that are old enough, not too often, and always when one of them has just ended. */
function draw(group: Group, hasEnded: boolean): void {
  const { id, where, bars } = group;
  const now = performance.now();
  const shown = bars.filter(bar => age(bar, now) >= patience);
  const isNew = group.shownAt === undefined;
  const isDue = isNew ? shown.some(bar => !bar.end) : hasEnded || now - group.shownAt! >= pause;
  if (where === 'nowhere' || !isDue) return;
  const lines = shown.map(bar => progressLine(bar, age(bar, now) / 1000));
  if (where === 'notebook') send({ 'text/plain': lines.join('\n  ') }, id, !isNew, { widenet: { transient: true } });
  else process.stderr.write(`\r\x1b[K${lines.join(' | ')}${bars.every(bar => bar.end) ? '\n' : ''}`);
  group.shownAt = now;
}

/** A bar that ends inside a loop that goes on has no line any more. */
function close(group: Group, bar: Bar, end: 'whole' | 'early'): void {
  if (bar.end) return;
  const { bars } = group;
  const at = bars.indexOf(bar);
  Object.assign(bar, { end, endedAt: performance.now() });
  if (bars.slice(0, at).some(isOpen)) bars.splice(at, 1);
  draw(group, age(bar, 0) >= patience);
}

function newGroup(): Group {
  const place = inNotebook() ? 'notebook' : process.stderr.isTTY ? 'terminal' : 'nowhere';
  return { id: randomUUID(), where: isBatch() ? 'nowhere' : place, bars: [] };
}

/** A line of progress, `kept` of whose total are done already. `leave` ends one whose loop was left. */
export function startBar(total: number | undefined, label: string, kept = 0): Progress & { leave(): void } {
  const open = groups().get(cell());
  const group = open?.bars.some(isOpen) ? open : newGroup();
  groups().set(cell(), group);
  const bar: Bar = { label, total, kept, done: kept, started: performance.now() };
  group.bars.push(bar);
  return {
    at(done) {
      bar.done = done;
      draw(group, false);
    },
    end: () => close(group, bar, 'whole'),
    leave: () => close(group, bar, 'early'),
  };
}

/** To be called by the kernel when a cell has failed: the bars that it left open say that they were stopped. */
export function stopBars(): void {
  const group = groups().get(cell());
  for (const bar of [...(group?.bars ?? [])].reverse()) close(group!, bar, 'early');
}

function* counted<T>(items: Iterable<T>, bar: ReturnType<typeof startBar>): Generator<T> {
  let done = 0;
  try {
    for (const item of items) {
      yield item;
      bar.at(++done);
    }
    bar.end();
  } finally {
    bar.leave();
  }
}

/**
 * Shows how far a loop is: one line with count, rate and time left, updated in place at most 4 times a second; none for
 * loops under 0.5 s. The line of a loop inside another one goes when it ends; one that an error or `break` ended, says
 * that it was stopped. With a list, a set or any iterable, gives back its items: `for (const seed of progress(seeds(5),
 * 'seeds'))`. With a total, gives what the loop moves on itself: `const bar = progress(steps, 'steps'); bar.at(k);
 * bar.end()`. Quiet when WIDENET_BATCH is 1, and outside a notebook when stderr is no terminal. Errors: a total that is
 * no whole number >= 0.
 *
 * @example
 * let total = 0;
 * for (const seed of progress(seeds(3), 'seeds')) total += seed;
 * total // -> 3
 */
export function progress(total: number, label: string): Progress;
export function progress<T>(items: Iterable<T>, label: string): Iterable<T>;
export function progress<T>(work: number | Iterable<T>, label: string): Progress | Iterable<T> {
  if (typeof work === 'number') return startBar(wholeNumber('progress', 'total', work, 0), label);
  if (typeof work?.[Symbol.iterator] !== 'function')
    fail('progress', `got ${typeof work} but needs a total or something to iterate over`);
  const { length, size } = work as { length?: number; size?: number };
  return counted(work, startBar(length ?? size, label));
}
