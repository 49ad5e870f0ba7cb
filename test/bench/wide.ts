/**
 * Times a step of fourteen kinds of training, physics and linear algebra beside JAX and PyTorch, interleaved, checks
 * that all end in the same numbers, and prints a Markdown table. Peers are installed as for bench.ts.
 *   node --require ./kernel-setup/typescript-hook.cjs test/bench/wide.ts [rounds, 0 to check only] [names of workloads]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median } from 'widenet';
import { versions } from './python';
import { disagreement } from './wide/agreement';
import { openPeers, ours, type Contestant } from './wide/contestants';
import { images } from './wide/images';
import { networks } from './wide/networks';
import { particles } from './wide/particles';
import { sequences } from './wide/sequences';
import { solvers } from './wide/solvers';
import type { Workload } from './wide/workload';

const workloads = [...networks, ...images, ...particles, ...solvers, ...sequences].map(make => make());
const columns = ['widenet', 'mode', 'xla', 'graph', 'JAX', 'PyTorch, 1 thread', 'PyTorch, 2 threads'];
const others = ['best peer / widenet', 'first call', 'of JAX', 'difference'];

/** Median microseconds a step of each: all make steps for about 0.3 s in a round, in turn. */
async function measure(contestants: readonly Contestant[], rounds: number): Promise<number[]> {
  const us = async ({ time }: Contestant, steps: number) => (1e6 * (await time(steps))) / steps;
  const steps: number[] = [];
  for (const contestant of contestants) {
    const roughly = await us(contestant, Math.max(3, Math.ceil(3e4 / (await us(contestant, 3)))));
    steps.push(Math.max(3, Math.ceil(3e5 / roughly)));
  }
  const times = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, contestant] of contestants.entries()) times[i].push(await us(contestant, steps[i]));
  return times.map(list => median(list));
}

const digits = (value: number | undefined, suffix = '') =>
  value === undefined ? '' : `${Number(value.toPrecision(3))}${suffix}`;

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
  const by: Record<string, string> = Object.fromEntries(all.map(({ name }, i) => [name, digits(times[i])]));
  const best = Math.min(...times.slice(contestants.length));
  return [
    workload.title,
    ...columns.map(name => (name === 'mode' ? mode : (by[name] ?? ''))),
    digits(times.length > contestants.length ? best / times[0] : undefined),
    digits(auto.first, ' s'),
    digits(rivals[0]?.first, ' s'),
    digits(Math.max(...differences)),
  ].join(' | ');
}

async function main(rounds: number, names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wide-'));
  const peers = openPeers(folder);
  const load = os.loadavg()[0].toFixed(1);
  console.log(`Microseconds a step; ${[`Node ${process.versions.node}`, ...versions()].join(', ')}; load ${load}`);
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
