/** Progress of a loop, as one line that is updated in place. */
import { randomUUID } from 'node:crypto';
import { fail, wholeNumber } from '../base/check';
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

/** The line: count, share, rate, time left; at the end, the time that it took. */
export function progressLine(label: string, done: number, total: number | undefined, seconds: number, ended: boolean) {
  const count = `${label} ${done}${total === undefined ? '' : `/${total}`}`;
  const rate = done / seconds;
  const speed = rate >= 1 ? `${rate.toPrecision(3)}/s` : `${span(1 / rate)} each`;
  if (ended) {
    const stopped = total !== undefined && done < total ? ', stopped,' : '';
    return `${count}${stopped} in ${span(seconds)}${done > 0 ? `, ${speed}` : ''}`;
  }
  const share = total ? `  ${Math.floor((100 * done) / total)}%` : '';
  const left = total === undefined ? '' : `, ${span((total - done) / rate)} left`;
  return `${count}${share}${done > 0 ? `  ${speed}${left}` : ''}`;
}

function start(total: number | undefined, label: string): Progress {
  const id = randomUUID();
  const started = performance.now();
  const notebook = inNotebook();
  const quiet = isBatch() || !(notebook || process.stderr.isTTY);
  let reached = 0;
  let shownAt: number | undefined;

  function draw(ended: boolean): void {
    const now = performance.now();
    const due = shownAt === undefined ? !ended && now - started >= patience : ended || now - shownAt >= pause;
    if (quiet || !due) return;
    const line = progressLine(label, reached, total, (now - started) / 1000, ended);
    if (notebook) send({ 'text/plain': line }, id, shownAt !== undefined, { widenet: { transient: true } });
    else process.stderr.write(`\r\x1b[K${line}${ended ? '\n' : ''}`);
    shownAt = now;
  }

  return {
    at(done) {
      reached = done;
      draw(false);
    },
    end: () => draw(true),
  };
}

function* counted<T>(items: Iterable<T>, bar: Progress): Generator<T> {
  let done = 0;
  try {
    for (const item of items) {
      yield item;
      bar.at(++done);
    }
  } finally {
    bar.end();
  }
}

/**
 * Shows how far a loop is: one line with count, rate and time left, updated in place at most 4 times a second; none for
 * loops under 0.5 s. With a list, a set or any iterable, gives back its items: `for (const seed of progress(seeds(5),
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
  if (typeof work === 'number') return start(wholeNumber('progress', 'total', work, 0), label);
  if (typeof work?.[Symbol.iterator] !== 'function')
    fail('progress', `got ${typeof work} but needs a total or something to iterate over`);
  const { length, size } = work as { length?: number; size?: number };
  return counted(work, start(length ?? size, label));
}
