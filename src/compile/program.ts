/** Compiled programs: a loop with its session, cached by what was traced, so that equal content is compiled once. */
import { randomUUID } from 'node:crypto';
import { fail } from '../base/check';
import { size } from '../base/ndarray';
import { processState } from '../base/process-state';
import { withLine } from '../base/source-location';
import { handlesOf, type TracedFunction } from './trace/traced-function';
import { endless } from './inner-loop';
import { buildLoop, checksIndices, type Loop, type LoopParts } from './loop';
import { native, sessionConfig, type NativeSession } from './native';
import type { InnerLoop } from './operation';
import { isSingleFunction } from './xla/single-function';

interface ProgramSpec extends LoopParts {
  threads: number;
}

export interface Program extends Omit<ProgramSpec, 'layout'> {
  /** The most segments, and the most steps, of one call. */
  segments: number;
  steps: number;
  loop: Omit<Loop, 'graph'>;
  /** Whether the loop has a result that holds the first index out of range. */
  checksIndices: boolean;
  session: NativeSession;
  /** How many steps one call should make, as measured by the runs so far. */
  pace: { steps: number };
  /** Takes the program for one more holder, who will call `release`. */
  hold(): Program;
  /** Ends what `knownProgram`, `compiledProgram` or `hold` began. A program that nobody holds may leave the cache. */
  release(): void;
  /** How many hold it now. */
  readonly holders: number;
}

/** So many programs stay in the cache, or more while they are held. */
const kept = 16;
/** A loop counts the steps of a call in int32. */
const mostSteps = 2 ** 31 - 1;
/** The programs of the process, the longest unused first. */
const programs = () => processState('programs', () => new Map<string, Program>());
/** Part of every key: what an earlier load of the library built may differ from what this one would build. */
const thisLoad = randomUUID();

const entries = (list: readonly { shape: readonly number[] }[]) =>
  list.reduce((sum, { shape }) => sum + size(shape), 0);
const within = (low: number, value: number, high: number) => Math.max(low, Math.min(high, Math.floor(value)));

function build({ layout, ...spec }: ProgramSpec): Program {
  const { mode, recordMode, threads, step, record } = spec;
  const isDrawing = step.draws.length > 0;
  const rowEntries = Math.max(1, entries(record.results), entries(record.draws) / 4);
  const segments = within(1, 2 ** 18 / rowEntries, 4096);
  const steps = isDrawing ? within(1, 2 ** 20 / Math.max(1, entries(step.draws)), 4096) : mostSteps;
  const { graph, ...loop } = buildLoop({
    ...spec,
    layout,
    segments,
    drawnSteps: isDrawing ? steps : 0,
    singleFunction: mode === 'xla' && threads === 1 && isSingleFunction(step),
  });
  const session = native.createSession(graph, sessionConfig(threads, recordMode));
  native.release([graph]);
  let holders = 0;
  const built: Program = {
    ...spec,
    segments,
    steps,
    loop,
    checksIndices: checksIndices(spec),
    session,
    pace: { steps: 1 },
    hold() {
      holders++;
      return built;
    },
    release() {
      holders--;
    },
    get holders() {
      return holders;
    },
  };
  return built;
}

/** Takes from the cache the longest unused of the programs that nobody holds, until 16 are left. */
function evict(cache: Map<string, Program>): void {
  for (const [key, { session, holders }] of cache) {
    if (cache.size <= kept) break;
    if (holders > 0) continue;
    cache.delete(key);
    native.release([session]);
  }
}

interface Content extends Pick<ProgramSpec, 'mode' | 'recordMode' | 'float' | 'threads'> {
  step: Pick<TracedFunction, 'digest'>;
  record: Pick<TracedFunction, 'digest'>;
}
const keyOf = ({ mode, recordMode, float, threads, step, record }: Content) =>
  JSON.stringify([thisLoad, mode, recordMode, float, threads, step.digest, record.digest]);

/** The program of functions of this content, held by the caller, if the cache has it. */
export function knownProgram(content: Content): Program | undefined {
  const cache = programs();
  const key = keyOf(content);
  const program = cache.get(key)?.hold();
  if (!program) return undefined;
  cache.delete(key); // A Map lists what was added last at its end.
  cache.set(key, program);
  evict(cache);
  return program;
}

/** The program of these functions, from the cache or newly built, held by the caller. The functions are released. */
export function compiledProgram(spec: ProgramSpec): Program {
  try {
    const known = knownProgram(spec);
    if (known) return known;
    const program = build(spec).hold();
    programs().set(keyOf(spec), program);
    evict(programs());
    return program;
  } finally {
    native.release([spec.step, spec.record].flatMap(handlesOf));
  }
}

const goesOn = ({ name, count }: InnerLoop) => `${name} goes on after ${count} iterations, the most that it may make`;

/** Refuses a run whose native call failed, with operation and user's line where the message names the node. */
export function refuseFailure(where: string, { mode, float, step, record }: Program, error: unknown): never {
  const { message } = error as Error;
  const operations = [...step.all, ...record.all];
  const endlessLoop = operations.find(({ name, loop }) => loop && message.includes(endless(name)));
  if (endlessLoop) fail(where, withLine(goesOn(endlessLoop.loop!), endlessLoop.origin));
  for (const [, name] of message.matchAll(/\b(\w+_\d+)\b/g)) {
    const operation = operations.find(operation => operation.name === name);
    if (!operation) continue;
    const { type, origin } = operation;
    const reason = message
      .split('\n')[0]
      .replace(/, node name: \S+$/, '')
      .slice(0, 300);
    fail(where, `${withLine(`op ${type} fails in ${mode} mode with ${float}`, origin)}: ${reason}`);
  }
  return fail(where, `the ${mode} program failed: ${message.slice(0, 600)}`);
}

/** Refuses a run whose loop found an index out of range. `done` steps were done before the call. */
export function refuseBadIndex(
  where: string,
  { step, record }: Program,
  [operation, index, entries, k]: ArrayLike<number> & Iterable<number>,
  done: number,
): void {
  if (operation === 0) return;
  const [{ all }, when] = operation > 0 ? [step, 'of'] : [record, 'recorded after'];
  const { type, loop, origin } = all[Math.abs(operation) - 1];
  if (loop) fail(where, withLine(`${goesOn(loop)}, ${when} step ${done + k}`, origin));
  const message = `op ${type} ${when} step ${done + k} has index ${index}, which is not in [0, ${entries})`;
  fail(where, withLine(message, origin));
}
