/** Compiled programs: a loop with its session, cached by what was traced, so that the same content is compiled once. */
import { fail } from '../base/check';
import { size } from '../base/ndarray';
import type { Body, Layout } from './trace/traced-function';
import { userLine } from '../base/source-location';
import { buildLoop, tells, type Loop } from './loop';
import { native, type NativeMode, type NativeSession } from './native';
import type { Float } from './trace/trace';
import { isWhole } from './xla/single-function';

export interface Program {
  mode: NativeMode;
  float: Float;
  threads: number;
  step: Body;
  record: Body;
  segments: number;
  steps: number;
  loop: Omit<Loop, 'graph'>;
  /** Whether the loop has a result that tells an index out of range. */
  tells: boolean;
  session: NativeSession;
  /** How many steps one call should make. */
  pace: { steps: number };
  /** Runs that hold it now; a held program is not let go. */
  holders: number;
}

const kept = 16;
/** A loop counts the steps of a call in int32. */
const mostSteps = 2 ** 31 - 1;
const programs = new Map<string, Program>();

const elements = (list: readonly { shape: readonly number[] }[]) =>
  list.reduce((sum, { shape }) => sum + size(shape), 0);
const within = (low: number, value: number, high: number) => Math.max(low, Math.min(high, Math.floor(value)));

/**
 * ConfigProto { intra_op_parallelism_threads, inter_op_parallelism_threads: -1 }: a run stays on the thread that calls it, so runs of one session do not wait for each other.
 * Of a graph, also { graph_options { rewrite_options { constant_folding: OFF, arithmetic_optimization: OFF } } }, for x + 1e8 - 1e8 is computed as written;
 * what XLA compiles is fenced.
 */
export const config = (threads: number, mode: NativeMode) =>
  Buffer.from([
    0x10,
    threads,
    0x28,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0x01,
    ...(mode === 'graph' ? [0x52, 0x06, 0x52, 0x04, 0x18, 0x02, 0x38, 0x02] : []),
  ]);

/** The program of these bodies, held, from the cache or newly built; beyond 16 the longest unused is let go. */
export function program(
  mode: NativeMode,
  outer: NativeMode,
  float: Float,
  threads: number,
  layout: Layout,
  step: Body,
  record: Body,
): Program {
  const key = JSON.stringify([mode, outer, float, threads, step.digest, record.digest]);
  const segments = within(1, 2 ** 18 / Math.max(1, elements(record.results)), 4096);
  const steps = step.draws.length === 0 ? mostSteps : within(1, 2 ** 20 / Math.max(1, elements(step.draws)), 4096);
  let found = programs.get(key);
  programs.delete(key);
  if (!found) {
    const { graph, ...loop } = buildLoop(
      mode,
      outer,
      float,
      layout,
      step,
      record,
      segments,
      step.draws.length === 0 ? 0 : steps,
      mode === 'xla' && threads === 1 && isWhole(step),
    );
    const session = native.createSession(graph, config(threads, outer));
    native.release([graph]);
    found = {
      mode,
      float,
      threads,
      step,
      record,
      segments,
      steps,
      loop,
      tells: tells(mode, outer, step, record),
      session,
      pace: { steps: 1 },
      holders: 0,
    };
  }
  native.release([step, record].flatMap(({ functions }) => [functions.graph, functions.xla]));
  programs.set(key, found);
  found.holders++;
  for (const [old, { session, holders }] of programs) {
    if (programs.size <= kept) break;
    if (holders > 0) continue;
    programs.delete(old);
    native.release([session]);
  }
  return found;
}

/** A failure inside the runtime, told with the op and the user's line where its node can be found. */
export function refuseFailure(where: string, { mode, float, step, record }: Program, error: unknown): never {
  const message = (error as Error).message;
  for (const [, name] of message.matchAll(/\b(\w+_\d+)\b/g)) {
    const operation = [...step.operations, ...record.operations].find(operation => operation.name === name);
    if (!operation) continue;
    const line = userLine(operation.made);
    fail(
      where,
      `op ${operation.type} cannot run in ${mode} mode with ${float}${line === undefined ? '' : ` (at ${line})`}: ${message.split('\n')[0].slice(0, 300)}`,
    );
  }
  return fail(where, `the ${mode} program failed: ${message.slice(0, 600)}`);
}

/** Refuses a run whose loop told of an index out of range; `done` steps were done before the call. */
export function refuseIndex(
  where: string,
  { step, record }: Program,
  [code, index, entries, k]: ArrayLike<number> & Iterable<number>,
  done: number,
): void {
  if (code === 0) return;
  const { type, made } = (code > 0 ? step : record).operations[Math.abs(code) - 1],
    line = userLine(made);
  fail(
    where,
    `op ${type} ${code > 0 ? 'of' : 'recorded after'} step ${done + k} has index ${index}, which is not in [0, ${entries})${line === undefined ? '' : ` (at ${line})`}`,
  );
}
