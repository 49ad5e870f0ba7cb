/** %timeit: how long a function takes, by many runs. */
import { performance } from 'node:perf_hooks';

/** A round is long beside what measuring it takes. */
const roundMs = 100;
const rounds = 7;
const warmUpMs = 200;

interface Timing {
  /** Milliseconds a run of each round. */
  perRun: number[];
  runs: number;
}

type Work = () => unknown;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** What is run is kept until the next run, so that no compiler leaves it out. */
let result: unknown;

function runAll(work: Work, runs: number): number {
  const start = performance.now();
  for (let i = 0; i < runs; i++) result = work();
  return performance.now() - start;
}

async function awaitAll(work: Work, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) result = await work();
  return performance.now() - start;
}

/** Runs the work until it is warm, then in rounds; between them the event loop turns, and `signal` ends it. */
export async function timeRuns(work: Work, signal: AbortSignal): Promise<Timing> {
  const begun = performance.now();
  result = work();
  const waits = isPromise(result);
  if (waits) await result;
  let last = performance.now() - begun;
  const measure = async (runs: number) => {
    await new Promise(resolve => setImmediate(resolve));
    signal.throwIfAborted();
    return (await (waits ? awaitAll : runAll)(work, runs)) / runs;
  };
  let runs = 1;
  while (performance.now() - begun < warmUpMs && last < roundMs) {
    last = await measure(runs);
    if (last * runs < roundMs / 2) runs *= 2;
  }
  runs = Math.max(1, Math.round(roundMs / Math.max(last, 1e-6)));
  const perRun: number[] = [];
  while (perRun.length < rounds) perRun.push(await measure(runs));
  result = undefined;
  return { perRun: perRun.sort((a, b) => a - b), runs };
}

/** Milliseconds with three digits and the unit that suits them. */
export function inUnits(ms: number): string {
  const [unit, factor] = ms >= 1000 ? ['s', 1e-3] : ms >= 1 ? ['ms', 1] : ms >= 1e-3 ? ['µs', 1e3] : ['ns', 1e6];
  return `${Number((ms * (factor as number)).toPrecision(3))} ${unit}`;
}

export function describeTiming({ perRun, runs }: Timing): string {
  const median = perRun[Math.floor(perRun.length / 2)];
  const many = runs === 1 ? '1 run' : `${runs.toLocaleString('en')} runs`;
  return (
    `${inUnits(median)} a run (median; best ${inUnits(perRun[0])}, worst ${inUnits(perRun.at(-1)!)}; ` +
    `${perRun.length} rounds of ${many})`
  );
}
