/**
 * Time a step of a two-layer ReLU net (both layers by tf.grads, full batch) beside its peers, interleaved; medians as a Markdown table.
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts --install    puts JAX and PyTorch into test/bench/.venv
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/bench.ts [rounds]     measures; without peers, only our own
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { compile, random, tf } from 'widenet';

const python = path.join(__dirname, '.venv', 'bin', 'python');
type Size = readonly [n: number, d: number, m: number];
const sizes: readonly Size[] = [[20, 20, 100], [100, 100, 1000], [500, 100, 2000]];
interface Contestant { name: string; steps: (us: number) => number; time: (size: Size, steps: number) => Promise<number> }

function install(): void {
  execFileSync('python3', ['-m', 'venv', path.join(__dirname, '.venv')], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'numpy', 'jax', 'torch'], { stdio: 'inherit' });
}

/** A Python process that times one peer at a time; undefined where its package is not installed. */
function peers(packageName: string, environment: Record<string, string> = {}) {
  const installed = existsSync(python) && (() => {
    try {
      execFileSync(python, ['-c', `import ${packageName}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!installed) return undefined;
  const child = spawn(python, [path.join(__dirname, 'peers.py')], { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    ask: async (peer: string, [n, d, m]: Size, steps: number): Promise<number> => {
      child.stdin.write(`${JSON.stringify({ peer, n, d, m, steps })}\n`);
      return JSON.parse((await lines.next()).value);
    },
    end: () => child.stdin.end(),
  };
}

type Net = { W: tf.Tensor; c: tf.Tensor };
type Data = { X: tf.Tensor; y: tf.Tensor };

function problem([n, d, m]: Size) {
  const draw = (stream: string, shape: number[]) => random.normal(shape, { seed: 0, stream });
  const risk = ({ W, c }: Net, { X, y }: Data) => tf.matMul(tf.relu(tf.matMul(X, W, false, true)), c).div(Math.sqrt(m)).sub(y).square().mean().div(2) as tf.Scalar;
  const step = (net: Net, data: Data): Net => {
    const [W, c] = tf.grads((W, c) => risk({ W, c }, data))([net.W, net.c]);
    return { W: net.W.sub(W.mul(0.01)), c: net.c.sub(c.mul(0.01)) };
  };
  return { step, state: { W: draw('W', [m, d]), c: draw('c', [m, 1]) }, data: { X: draw('X', [n, d]), y: draw('y', [n, 1]) } };
}

const seconds = async (f: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await f();
  return (performance.now() - begun) / 1000;
};

function compiled(mode: 'xla' | 'graph', dtype: 'float32' | 'float64', copies = 1): Contestant['time'] {
  const made = new Map<Size, (steps: number) => Promise<unknown>>();
  return async (size, steps) => {
    if (!made.has(size)) {
      const { step, state, data } = problem(size);
      const run = compile(step, { mode, dtype, ...(copies > 1 && { threads: 1 }) });
      made.set(size, steps => Promise.all(Array.from({ length: copies }, () => run(state, { data, steps }))));
      await made.get(size)!(2);
    }
    return await seconds(() => made.get(size)!(steps)) / steps / copies;
  };
}

const eager: Contestant['time'] = async (size, steps) => {
  const { step, state, data } = problem(size);
  const tensorOf = ({ values, shape }: { values: ArrayLike<number>; shape: readonly number[] }) => tf.tensor(Float32Array.from(values), [...shape]);
  const given = { X: tensorOf(data.X), y: tensorOf(data.y) };
  let net: Net = { W: tensorOf(state.W), c: tensorOf(state.c) };
  return await seconds(async () => {
    for (let k = 0; k < steps; k++) {
      const next = tf.tidy(() => step(net, given));
      tf.dispose(net);
      net = next;
    }
    await net.c.data();
  }) / steps;
};

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function main(rounds: number): Promise<void> {
  const [single, double, torch] = [peers('jax'), peers('jax', { JAX_ENABLE_X64: '1' }), peers('torch')];
  const many = (us: number) => Math.max(3, Math.round(4e5 / us));
  const few = (us: number) => Math.max(3, Math.round(1e5 / us));
  const contestants: Contestant[] = [
    { name: 'widenet', steps: many, time: compiled('xla', 'float32') },
    ...(single ? [{ name: 'JAX fori_loop', steps: many, time: (size: Size, steps: number) => single.ask('jax', size, steps) }] : []),
    { name: 'widenet float64', steps: many, time: compiled('xla', 'float64') },
    ...(double ? [{ name: 'JAX fori_loop x64', steps: many, time: (size: Size, steps: number) => double.ask('jax', size, steps) }] : []),
    { name: 'widenet, two at once, each', steps: many, time: compiled('xla', 'float32', 2) },
    { name: 'widenet graph', steps: many, time: compiled('graph', 'float32') },
    ...(torch ? [1, 2].map(threads => ({ name: `PyTorch autograd, ${threads} thread${threads > 1 ? 's' : ''}`, steps: few, time: (size: Size, steps: number) => torch.ask(`torch${threads}`, size, steps) })) : []),
    { name: 'TensorFlow.js eager', steps: few, time: eager },
  ];
  const times = contestants.map(() => sizes.map((): number[] => []));
  for (let round = 0; round <= rounds; round++)
    for (const [j, size] of sizes.entries())
      for (const [i, { steps, time }] of contestants.entries()) {
        const before = times[i][j];
        const measured = 1e6 * await time(size, round === 0 ? 3 : steps(before[before.length - 1] ?? 1e3));
        if (round === 0) before.splice(0, 1, measured);
        else if (round === 1) before.splice(0, 1, measured);
        else before.push(measured);
      }
  const medians = times.map(row => row.map(median));
  const cell = (us: number, ours: number) => `${us.toPrecision(3)} (${(us / ours).toPrecision(3)})`;
  console.log(`${os.cpus()[0].model}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)}, Node ${process.version}; ${rounds} rounds; microseconds a step (times ours)\n`);
  console.log(`| n, d, m | ${sizes.map(size => size.join(', ')).join(' | ')} |\n|---|${sizes.map(() => '---').join('|')}|`);
  for (const [i, { name }] of contestants.entries()) console.log(`| ${name} | ${medians[i].map((us, j) => cell(us, medians[0][j])).join(' | ')} |`);
  const { step, state, data } = problem([20, 20, 101]); // a size of its own, or the first call would find the program compiled
  const fresh = compile(step);
  let net: Parameters<typeof fresh>[0] = state;
  const call = () => seconds(async () => { net = await fresh(net, { data }); });
  const first = await call();
  const calls: number[] = [];
  for (let i = 0; i < 500; i++) calls.push(await call());
  console.log(`\nfirst call ${(1000 * first).toFixed(0)} ms; a call of one step ${(1000 * median(calls)).toFixed(3)} ms, a step ${(medians[0][0] / 1000).toFixed(3)} ms`);
  for (const process of [single, double, torch]) process?.end();
}

if (process.argv.includes('--install')) install();
else void main(Number(process.argv[2] ?? 7));
