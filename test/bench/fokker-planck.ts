/**
 * The Fokker-Planck loop of notebooks/zhang2022 on 97 x 97 cells in double: microseconds a step, beside the same loop
 * in NumPy as one writes it first (textbook) and after tuning (one transcendental function a face, no new arrays).
 *
 *   python3 -m venv output/numpy && output/numpy/bin/pip install numpy==2.4.6
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/fokker-planck.ts output/numpy/bin/python
 *
 * Rounds are interleaved, so that what else the machine does falls on all alike; medians of wall and CPU time are
 * printed. All sides end in the same density, or the bench fails. Compilation is not counted: it happens once, in about
 * half a second; what each call costs besides, 12 ms of tracing, is.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { box, fokkerPlanck, gibbs, ndarray, onBox, tf, train } from 'widenet';

const [python] = process.argv.slice(2);
if (!python)
  throw new Error('fokker-planck: give a Python that has NumPy; the first lines of this file say how to make one');
const rounds = 5,
  steps = 100000,
  n = 20;

const grid = box({ cells: 97, half: 6 });
const x = Array.from({ length: n }, (_, i) => -2 + (4 * i) / (n - 1));
const data = {
  y: ndarray(x.map(x => Math.tanh(2 * x) - 1.5 * Math.tanh(0.7 * x))),
  sigma: ndarray(
    Array.from(grid.centres.values).flatMap(w => x.map(x => Math.tanh(w * x))),
    [97, n],
  ),
  u: grid.centres,
  confinement: onBox(grid, (u, w) => (0.1 / 2) * (u * u + w * w)),
  beta: 0.1,
  spacing: grid.spacing,
  dt: 0.02,
};
const p = gibbs(
  onBox(grid, (u, w) => (u * u + w * w) / 2),
  1,
);

const step = (
  { p }: { p: tf.Tensor },
  { y, sigma, u, confinement, ...scheme }: Record<keyof typeof data, tf.Tensor>,
) => {
  const residual = tf.matMul(tf.matMul(u.expandDims(0), p), sigma).sub(y);
  const g = tf.matMul(residual.div(n), sigma, false, true);
  return { p: fokkerPlanck(p, u.expandDims(1).mul(g).add(confinement), scheme) };
};

const run = (threads: number) =>
  train(step, { p }, { data, steps, every: steps, dtype: 'float64', mode: 'xla', threads });

async function widenet(threads: number, runs: number) {
  const results = await Promise.all(Array.from({ length: runs }, () => run(threads)));
  return results[0].state.p.values;
}

function numpy(writing: string): { seconds: number; cpu: number; density: number[] } {
  const { status, stdout, stderr } = spawnSync(
    python,
    [path.join(__dirname, 'fokker-planck.py'), writing, String(steps)],
    { encoding: 'utf8', maxBuffer: 1e8, env: { ...process.env, OMP_NUM_THREADS: '1' } },
  );
  if (status !== 0) throw new Error(`fokker-planck: ${python} failed: ${stderr}`);
  return JSON.parse(stdout);
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function main() {
  const cores = availableParallelism();
  const ours: Record<string, [number, number]> = {
    '1 thread': [1, 1],
    [`${cores} threads`]: [cores, 1],
    [`${cores} runs side by side, a step of each`]: [1, cores],
  };
  const times: Record<string, { wall: number[]; cpu: number[] }> = {};
  const note = (name: string, wall: number, cpu: number) => {
    const { wall: walls, cpu: cpus } = (times[name] ??= { wall: [], cpu: [] });
    walls.push((wall / steps) * 1e6);
    cpus.push((cpu / steps) * 1e6);
  };
  for (const [threads] of Object.values(ours)) await run(threads);
  for (let round = 0; round < rounds; round++) {
    const peers = ['textbook', 'tuned'].map(writing => ({ writing, ...numpy(writing) }));
    peers.forEach(({ writing, seconds, cpu }) => note(`NumPy, ${writing}`, seconds, cpu));
    for (const [name, [threads, runs]] of Object.entries(ours)) {
      const started = performance.now(),
        before = process.cpuUsage();
      const density = await widenet(threads, runs);
      const { user, system } = process.cpuUsage(before);
      note(`widenet, ${name}`, (performance.now() - started) / 1000 / runs, (user + system) / 1e6 / runs);
      const apart = Math.max(...peers.flatMap(peer => peer.density.map((v, i) => Math.abs(v - density[i]))));
      if (!(apart < 1e-13)) throw new Error(`fokker-planck: the densities differ by ${apart}`);
    }
  }
  const shown = (us: number) => us.toFixed(1).padStart(7);
  const faster = (than: string, us: number) =>
    `${(median(times[`NumPy, ${than}`].wall) / us).toFixed(1).padStart(5)} times`;
  console.log(`${''.padEnd(42)} wall us    CPU us   over textbook   over tuned NumPy`);
  for (const [name, { wall, cpu }] of Object.entries(times))
    console.log(
      `${name.padEnd(42)} ${shown(median(wall))}   ${shown(median(cpu))}   ${faster('textbook', median(wall))}     ${faster('tuned', median(wall))}`,
    );
}

void main();
