/**
 * Time a step of each workload beside its peers, interleaved; medians as Markdown tables.
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts --install    puts JAX and PyTorch into
 *   test/bench/.venv
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts [rounds]     measures; without peers, only
 *   our own. With --save it writes test/bench/measured.json too, of which `npm run format` makes the README's tables
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { compile, tf } from 'widenet';
import { measuredTables, type Measured } from '../../kernel-setup/run/measured.mjs';
import { start, workloads, type Size, type Workload } from './workloads';

const python = path.join(__dirname, '.venv', 'bin', 'python');
interface Contestant {
  name: string;
  steps: (us: number) => number;
  time: (workload: Workload, size: Size, steps: number) => Promise<number>;
}

function install(): void {
  execFileSync('python3', ['-m', 'venv', path.join(__dirname, '.venv')], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'numpy', 'jax', 'torch'], { stdio: 'inherit' });
}

/** A Python process that times one peer at a time; undefined where its package is not installed. */
function peers(packageName: string, environment: Record<string, string> = {}) {
  const installed =
    existsSync(python) &&
    (() => {
      try {
        execFileSync(python, ['-c', `import ${packageName}`], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    })();
  if (!installed) return undefined;
  const child = spawn(python, [path.join(__dirname, 'peers.py')], {
    env: { ...process.env, XLA_FLAGS: '', ...environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    ask:
      (peer: string): Contestant['time'] =>
      async ({ name }, [n, d, m], steps) => {
        child.stdin.write(`${JSON.stringify({ peer, workload: name, n, d, m, steps })}\n`);
        return JSON.parse((await lines.next()).value);
      },
    end: () => child.stdin.end(),
  };
}

const versions = () =>
  ['jax', 'torch'].flatMap(name => {
    const code = `import ${name}; print(${name}.__version__)`;
    const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
    return status === 0 ? [`${name === 'jax' ? 'JAX' : 'PyTorch'} ${stdout.trim()}`] : [];
  });

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

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

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
  const [single, double, torch] = [peers('jax'), peers('jax', { JAX_ENABLE_X64: '1' }), peers('torch')];
  const many = (us: number) => Math.max(3, Math.round(4e5 / us));
  const few = (us: number) => Math.max(3, Math.round(1e5 / us));
  const contestants: Contestant[] = [
    { name: 'widenet', steps: many, time: compiled('xla', 'float32') },
    ...(single ? [{ name: 'JAX fori_loop', steps: many, time: single.ask('jax') }] : []),
    { name: 'widenet float64', steps: many, time: compiled('xla', 'float64') },
    ...(double ? [{ name: 'JAX fori_loop x64', steps: many, time: double.ask('jax') }] : []),
    { name: 'widenet, two at once, each', steps: many, time: compiled('xla', 'float32', 2) },
    { name: 'widenet graph', steps: many, time: compiled('graph', 'float32') },
    ...(torch
      ? [1, 2].map(threads => ({
          name: `PyTorch autograd, ${threads} thread${threads > 1 ? 's' : ''}`,
          steps: few,
          time: torch.ask(`torch${threads}`),
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
