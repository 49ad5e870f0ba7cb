/**
 * Time a step of each workload beside its peers, interleaved; medians as Markdown tables.
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts --install    puts JAX and PyTorch into
 *   test/bench/.venv
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts [rounds]     measures; without peers, only
 *   our own. With --save it writes test/bench/measured.json too, of which `npm run format` makes the README's tables
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compile, median, tf } from 'widenet';
import { measuredTables, type Measured } from '../../kernel-setup/run/measured.mjs';
import { install, peer, versions, type Peer } from './python';
import { start, workloads, type Size, type Workload } from './workloads';

interface Contestant {
  name: string;
  steps: (us: number) => number;
  time: (workload: Workload, size: Size, steps: number) => Promise<number>;
}

const timed =
  ({ ask }: Peer, peer: string): Contestant['time'] =>
  ({ name }, [n, d, m], steps) =>
    ask({ peer, workload: name, n, d, m, steps });

const seconds = async (f: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await f();
  return (performance.now() - begun) / 1000;
};

function compiled(mode: 'xla' | 'graph', dtype: 'float32' | 'float64', copies = 1): Contestant['time'] {
  const made = new Map<Size, (steps: number) => Promise<unknown>>();
  return async (workload, size, steps) => {
    if (!made.has(size)) {
      const { state, data } = start(size);
      const run = compile(workload.step(size), { mode, dtype, ...(copies > 1 && { threads: 1 }) });
      made.set(size, steps => Promise.all(Array.from({ length: copies }, () => run(state, { data, steps }))));
      await made.get(size)!(2);
    }
    return (await seconds(() => made.get(size)!(steps))) / steps / copies;
  };
}

const eager: Contestant['time'] = async (workload, size, steps) => {
  const { state, data } = start(size);
  const step = workload.step(size);
  const tensorOf = ({ values, shape }: { values: ArrayLike<number>; shape: readonly number[] }) =>
    tf.tensor(Float32Array.from(values), [...shape]);
  const given = { X: tensorOf(data.X), y: tensorOf(data.y) };
  let net = { W: tensorOf(state.W), c: tensorOf(state.c) };
  return (
    (await seconds(async () => {
      for (let k = 0; k < steps; k++) {
        const next = tf.tidy(() => step(net, given, { normal: shape => tf.randomNormal([...shape]) }));
        tf.dispose(net);
        net = next;
      }
      await net.c.data();
    })) / steps
  );
};

/**
 * Median microseconds a step of every contestant at every size: one round to warm up, one to choose the number of steps
 * by, then `rounds`.
 */
async function measure(workload: Workload, contestants: readonly Contestant[], rounds: number): Promise<number[][]> {
  const times = contestants.map(() => workload.sizes.map((): number[] => []));
  for (let round = -1; round <= rounds; round++)
    for (const [j, size] of workload.sizes.entries())
      for (const [i, { steps, time }] of contestants.entries()) {
        const before = times[i][j];
        const measured = 1e6 * (await time(workload, size, round < 0 ? 3 : steps(before[before.length - 1])));
        if (round <= 0) before.splice(0, 1, measured);
        else before.push(measured);
      }
  return times.map(row => row.map(list => median(list.slice(1))));
}

async function main(rounds: number, save: boolean): Promise<void> {
  const script = ['peers.py'];
  const [single, double, torch] = [
    peer('jax', script),
    peer('jax', script, { JAX_ENABLE_X64: '1' }),
    peer('torch', script),
  ];
  const many = (us: number) => Math.max(3, Math.round(4e5 / us));
  const few = (us: number) => Math.max(3, Math.round(1e5 / us));
  const contestants: Contestant[] = [
    { name: 'widenet', steps: many, time: compiled('xla', 'float32') },
    ...(single ? [{ name: 'JAX fori_loop', steps: many, time: timed(single, 'jax') }] : []),
    { name: 'widenet float64', steps: many, time: compiled('xla', 'float64') },
    ...(double ? [{ name: 'JAX fori_loop x64', steps: many, time: timed(double, 'jax') }] : []),
    { name: 'widenet, two at once, each', steps: many, time: compiled('xla', 'float32', 2) },
    { name: 'widenet graph', steps: many, time: compiled('graph', 'float32') },
    ...(torch
      ? [1, 2].map(threads => ({
          name: `PyTorch autograd, ${threads} thread${threads > 1 ? 's' : ''}`,
          steps: few,
          time: timed(torch, `torch${threads}`),
        }))
      : []),
    { name: 'TensorFlow.js eager', steps: few, time: eager },
  ];
  const measured: Measured = {
    machine: `${os.availableParallelism()} cores of an ${os.cpus()[0].model}`,
    versions: [`Node ${process.versions.node}`, ...versions()],
    rounds,
    workloads: [],
    firstCall: 0,
    call: 0,
  };
  console.log(`load ${os.loadavg()[0].toFixed(1)}`);
  for (const workload of workloads) {
    const medians = await measure(workload, contestants, rounds);
    const { title, sizes } = workload;
    measured.workloads.push({
      title,
      sizes: sizes.map(size => size.join(', ')),
      microseconds: Object.fromEntries(contestants.map(({ name }, i) => [name, medians[i]])),
    });
  }

  const size: Size = [20, 20, 101]; // one of its own, or the first call would find the program compiled
  const fresh = compile(workloads[0].step(size));
  const { state, data } = start(size);
  let net: Parameters<typeof fresh>[0] = state;
  const call = (steps: number) =>
    seconds(async () => {
      net = await fresh(net, { data, steps });
    });
  const first = await call(1);
  const calls: number[] = [];
  for (let i = 0; i < 500; i++) calls.push(await call(1));
  measured.firstCall = first;
  measured.call = median(calls) - (await call(1000)) / 1000;
  console.log(measuredTables(measured));
  if (save) writeFileSync(path.join(__dirname, 'measured.json'), `${JSON.stringify(measured, null, 2)}\n`);
  for (const process of [single, double, torch]) process?.end();
}

if (process.argv.includes('--install')) install();
else void main(Number(process.argv[2]) || 7, process.argv.includes('--save'));
