/** Compiled programs: a loop with its session, cached by what was traced, so that the same content is compiled once. */
import { createHash } from 'node:crypto';
import { fail } from '../check';
import type { Body, Layout } from './body';
import { userLine } from './line';
import { buildLoop, type Engine as NativeMode, type Loop } from './loop';
import { native, type NativeSession } from './native';
import type { Float } from './trace';

export interface Program {
  mode: NativeMode;
  float: Float;
  threads: number;
  layout: Layout;
  step: Body;
  record: Body;
  segments: number;
  steps: number;
  loop: Loop;
  session: NativeSession;
  /** Runs that hold it now; a held program is not let go. */
  holders: number;
}

const kept = 16;
const programs = new Map<string, Program>();

const elements = (list: readonly { shape: readonly number[] }[]) => list.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
const within = (low: number, value: number, high: number) => Math.max(low, Math.min(high, Math.floor(value)));

/** ConfigProto { intra_op_parallelism_threads, inter_op_parallelism_threads: 1 }. */
const config = (threads: number) => Buffer.from([0x10, threads, 0x28, 1]);

/** The program of these bodies, held, from the cache or newly built; beyond 16 the longest unused is let go. */
export function program(mode: NativeMode, float: Float, threads: number, layout: Layout, step: Body, record: Body): Program {
  const shapes = [layout.state.leaves, layout.data.leaves].map(leaves => leaves.map(({ shape, dtype }) => [shape, dtype]));
  const key = createHash('sha256').update(JSON.stringify([mode, float, threads, shapes, step.digest, record.digest])).digest('base64');
  const segments = within(1, 2 ** 18 / Math.max(1, elements(record.results)), 4096);
  const steps = step.draws.length === 0 ? Infinity : within(1, 2 ** 20 / Math.max(1, elements(step.draws)), 4096);
  let found = programs.get(key);
  programs.delete(key);
  if (!found) {
    const loop = buildLoop(mode, float, layout, step, record, segments, steps === Infinity ? 0 : steps);
    found = { mode, float, threads, layout, step, record, segments, steps, loop, session: native.createSession(loop.graph, config(threads)), holders: 0 };
  }
  programs.set(key, found);
  found.holders++;
  for (const [old, { session, holders }] of programs) {
    if (programs.size <= kept) break;
    if (holders > 0) continue;
    programs.delete(old);
    native.closeSession(session);
  }
  return found;
}

/** A failure inside the runtime, told with the op and the user's line where its node can be found. */
export function refuseFailure(where: string, { mode, float, step, record }: Program, error: unknown): never {
  const message = (error as Error).message;
  for (const operations of [step.operations, record.operations])
    for (const [, name] of message.matchAll(/\b(\w+_\d+)\b/g)) {
      const operation = operations.get(name);
      if (!operation) continue;
      const line = userLine(operation.made.stack);
      fail(where, `op ${operation.type} cannot run in ${mode} mode with ${float}${line === undefined ? '' : ` (at ${line})`}: ${message.split('\n')[0].slice(0, 300)}`);
    }
  return fail(where, `the ${mode} program failed: ${message.slice(0, 600)}`);
}
