import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type * as Widenet from 'widenet';

/** The library loaded anew, as the kernel does after an edit of src/, while runs of the earlier load are under way. */
const root = path.join(__dirname, '..', '..');
const src = path.join(root, 'src') + path.sep;
const load = createRequire(__filename);
const cores = os.availableParallelism();
const stored = <T>(name: string) => (globalThis as any)[Symbol.for(`widenet.${name}`)] as T;
const pool = () => stored<{ runs: number; free: number; waiting: unknown[] }>('thread-pool');

function loadLibrary(): typeof Widenet {
  for (const file of Object.keys(load.cache)) if (file.startsWith(src)) delete load.cache[file];
  return load(path.join(src, 'index.ts'));
}
const part = (file: string) => load(path.join(src, file));

beforeAll(() => load(path.join(root, 'kernel-setup', 'typescript-hook.cjs')));
afterEach(() => {
  vi.restoreAllMocks();
  delete (globalThis as any)[Symbol.for('widenet.interrupt')];
});

const walk = ({ x }: any, _: unknown, draw: Widenet.Draw) => ({ x: x.mul(0.99).add(draw.normal([64], 'noise')) });
const options = { steps: 20_000, every: 100, seed: 7, record: { x: ({ x }: any) => x.slice([0], [2]) } };
const start = (lib: typeof Widenet) => ({ x: lib.ndarray(new Float64Array(64)) });
const content = ({ seconds: _, ...run }: Widenet.Run) => run;

test('two loads share the threads of the machine, and give the bits of a run alone', async () => {
  const before = loadLibrary();
  const alone = await before.train(walk, start(before), { ...options, threads: cores });

  // From its third call on, the first run waits at the gate, with all threads of the machine.
  const { native } = part('compile/native.ts');
  const run = native.run;
  let [calls, inFlight, most] = [0, 0, 0];
  let open = () => {};
  const gate = new Promise<void>(resolve => (open = resolve));
  vi.spyOn(native, 'run').mockImplementation(async (...args) => {
    most = Math.max(most, ++inFlight);
    if (++calls === 3) await gate;
    return run(...args).finally(() => inFlight--);
  });
  const first = before.train(walk, start(before), { ...options, threads: cores });
  await vi.waitFor(() => expect(calls).toBe(3), { timeout: 600_000 });
  const after = loadLibrary();
  expect(after.train).not.toBe(before.train);
  const second = after.train(walk, start(after), { ...options, threads: cores });
  await vi.waitFor(() => expect(calls + (pool()?.waiting.length ?? 0)).toBe(4), { timeout: 600_000 });
  expect(pool()?.runs).toBe(2);
  open();

  expect(content(await first)).toEqual(content(alone));
  expect(content(await second)).toEqual(content(alone));
  expect(most).toBe(1);
  expect(pool()).toMatchObject({ runs: 0, free: cores, waiting: [] });
});

test('the stop button ends the runs of both loads; the second takes its share of the threads only', async () => {
  const before = loadLibrary();
  const square = (lib: typeof Widenet) => ({ w: lib.random.normal([400, 400], { seed: 1, stream: 'w' }) });
  const step = (lib: typeof Widenet) => (state: any) => ({ w: lib.tf.matMul(state.w, state.w).tanh() });
  const most = Math.min(cores, Math.floor((2 * 400 ** 3) / 8e6));
  expect((await before.train(step(before), square(before), { steps: 1 })).threads).toBe(most);

  const stop = new AbortController();
  (globalThis as any)[Symbol.for('widenet.interrupt')] = stop.signal;
  /** A run without end, and a promise of its first row. */
  const endless = (lib: typeof Widenet) => {
    let run: Promise<Widenet.Run> | undefined;
    const begun = new Promise<void>(resolve => {
      const until = () => resolve() as unknown as boolean;
      run = lib.train(step(lib), square(lib), { steps: 1e12, every: [], until });
    });
    return { run: run!, begun };
  };
  const first = endless(before);
  await first.begun;
  const second = endless(loadLibrary());
  await second.begun;
  stop.abort();
  const runs = await Promise.all([first.run, second.run]);
  expect(runs.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
  expect(runs.map(({ threads }) => threads)).toEqual([most, Math.min(most, Math.max(1, Math.floor(cores / 2)))]);
  expect(pool()).toMatchObject({ runs: 0, free: cores, waiting: [] });
});

test('a load takes no program that another load compiled, and both together keep 16', async () => {
  const { native } = part('compile/native.ts');
  const created = vi.spyOn(native, 'createSession');
  const adding = (n: number) => (state: any) => ({ x: state.x.add(n) });
  const trainAll = async (lib: typeof Widenet) => {
    for (let n = 0; n < 12; n++) await lib.train(adding(n), { x: 1 }, { steps: 1, mode: 'graph' });
  };
  await trainAll(loadLibrary());
  const compiled = created.mock.calls.length;
  await trainAll(loadLibrary());
  expect(created.mock.calls.length).toBe(compiled + 12);
  expect(stored<Map<string, unknown>>('programs').size).toBe(16);
});

test('runs of two loads that start together share a line of progress', () => {
  loadLibrary();
  const labels: number[] = [];
  const join = () =>
    part('notebook/shared-progress.ts').sharedProgress(10, (runs: number) => String(labels.push(runs)));
  const members = [join()];
  loadLibrary();
  members.push(join());
  for (const member of members) member.at(1);
  for (const member of members) member.end();
  expect(labels).toEqual([2]);
});
