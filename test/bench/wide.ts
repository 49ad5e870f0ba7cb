/**
 * Times a step of sixteen kinds of training, physics and linear algebra beside JAX and PyTorch, interleaved, checks
 * that all end in the same numbers, and prints a Markdown table. Peers are installed as for bench.ts.
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/wide.ts [rounds, 0 to check only] [names of workloads]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median } from 'widenet';
import { versions } from './python';
import { disagreement } from './wide/agreement';
import { openPeers, ours, type Contestant, type Spent } from './wide/contestants';
import { images } from './wide/images';
import { networks } from './wide/networks';
import { particles } from './wide/particles';
import { projections } from './wide/projections';
import { sequences } from './wide/sequences';
import { solvers } from './wide/solvers';
import type { Workload } from './wide/workload';

const workloads = [...networks, ...images, ...particles, ...solvers, ...sequences, ...projections].map(make => make());
const columns = ['widenet', 'mode', 'xla', 'graph', 'JAX', 'PyTorch, 1 thread', 'PyTorch, 2 threads'];
const others = ['best peer / widenet', 'in CPU', 'first call, ms', 'of JAX', 'difference'];

/**
 * Median seconds a step of each: all make steps for about 0.2 s of CPU time in a round, in turn; in the next round in
 * the opposite order, as what ran before leaves its threads awake and its data in the cache.
 */
async function measure(contestants: readonly Contestant[], rounds: number): Promise<Spent[]> {
  const enough = (seconds: number, { cpu }: Spent, made: number) =>
    Math.max(3, Math.ceil((seconds * made) / Math.max(cpu, 1e-5)));
  const counts: number[] = [];
  for (const { time } of contestants) {
    const few = enough(0.02, await time(3), 3);
    counts.push(enough(0.2, await time(few), few));
  }
  const times = contestants.map((): Spent[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.keys()];
    for (const i of round % 2 ? order.reverse() : order) times[i].push(await contestants[i].time(counts[i]));
  }
  return times.map((list, i) => ({
    wall: median(list.map(({ wall }) => wall)) / counts[i],
    cpu: median(list.map(({ cpu }) => cpu)) / counts[i],
  }));
}

const digits = (value: number) => `${Number(value.toPrecision(3))}`;
const shown = ({ wall, cpu }: Spent, scale: number) => `${digits(scale * wall)} (${digits(scale * cpu)})`;

/** A line of the table; what went wrong is printed above it. */
async function line(workload: Workload, peers: ReturnType<typeof openPeers>, rounds: number): Promise<string> {
  const { contestant: auto, mode } = await ours(workload, 'auto');
  const contestants = [auto];
  for (const asked of ['xla', 'graph'] as const)
    try {
      contestants.push((await ours(workload, asked)).contestant);
    } catch (error) {
      console.log(`${workload.title}: ${(error as Error).message}`);
    }
  const rivals = await peers.of(workload);
  const all = [...contestants, ...rivals];
  const differences: number[] = [];
  for (const other of all.slice(1)) {
    const difference = await disagreement(workload, auto, other);
    if (!(difference <= 1)) {
      console.log(`${workload.title}: ${other.name} differs ${digits(difference)} times as much as it may`);
      process.exitCode = 1;
    }
    differences.push(difference);
  }
  const times = rounds > 0 ? await measure(all, rounds) : [];
  const cells = Object.fromEntries(times.map((spent, i) => [all[i].name, shown(spent, 1e6)]));
  const ratio = (kind: keyof Spent) => {
    const [own, best] = [times.slice(0, 1), times.slice(contestants.length)].map(list =>
      list.map(spent => spent[kind]),
    );
    return own.length > 0 && best.length > 0 ? digits(Math.min(...best) / own[0]) : '';
  };
  return [
    workload.title,
    ...columns.map(name => (name === 'mode' ? mode : (cells[name] ?? ''))),
    ratio('wall'),
    ratio('cpu'),
    shown(auto.first, 1e3),
    rivals.length > 0 ? shown(rivals[0].first, 1e3) : '',
    digits(Math.max(...differences)),
  ].join(' | ');
}

async function main(rounds: number, names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wide-'));
  const peers = openPeers(folder);
  const load = os.loadavg()[0].toFixed(1);
  console.log(
    `Microseconds a step (in brackets: of CPU time); ${[`Node ${process.versions.node}`, ...versions()].join(', ')}; load ${load}`,
  );
  const head = ['step', ...columns, ...others];
  console.log([head.join(' | '), head.map(() => '---').join(' | ')].map(text => `| ${text} |`).join('\n'));
  try {
    const warm: Workload = { ...workloads[0], state: { x: 1 }, data: {}, step: ({ x }) => ({ x: x.add(1) }) };
    for (const mode of ['xla', 'graph'] as const) await ours(warm, mode);
    for (const workload of workloads)
      if (names.length === 0 || names.includes(workload.name))
        console.log(`| ${await line(workload, peers, rounds).catch(e => `${workload.title}: ${e.message}`)} |`);
  } finally {
    peers.close();
    rmSync(folder, { recursive: true });
  }
}

const [rounds, ...names] = process.argv.slice(2);
void main(rounds === undefined ? 7 : Number(rounds), names);
