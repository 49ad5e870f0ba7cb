/**
 * The native loop around a step. One call runs `n` segments. Segment i makes steps until `ends[i]` steps of this call
 * are done, and then writes the recorded values to entry i of their columns. Where no row is wanted, -ends[0] steps are
 * made, in graph mode behind no segment; XLA, which would compile the step twice, makes a segment and ignores its row.
 */
import { DT, native, type NativeGraph, type NativeMode, type TypedShape } from './native';
import { finiteCheck, truth } from './finite';
import { graphFunction, mustCompile, newGraph, type GraphBuilder } from './graph-builder';
import { typedShape, type Float, type GraphFunction, type Layout, type Spec } from './operation';
import { drawType, type DrawSpec } from './trace/draws';
import type { TracedFunction } from './trace/traced-function';
import { checked, counter, firstFound, split, whileLess, whileLoop, writeEntry } from './while';
import { singleFunctionCall } from './xla/single-function';

export interface LoopParts {
  mode: NativeMode;
  /** What runs the rows. Where both modes are 'xla', XLA compiles the whole loop, else the steps of a segment. */
  recordMode: NativeMode;
  float: Float;
  layout: Layout;
  step: TracedFunction;
  record: TracedFunction;
}

interface LoopSpec extends LoopParts {
  /** The most segments of one call. */
  segments: number;
  /** For so many steps of one call there is room for random numbers; 0 for a step that draws none. */
  drawnSteps: number;
  /** Whether XLA compiles the steps of a segment into a single function (xla/single-function.ts). */
  singleFunction: boolean;
}

export interface Loop {
  graph: NativeGraph;
  feeds: number[];
  fetches: number[];
}

/** The first bad index of a call: [operation, index, entries, step of the call]. */
const badIndexType: TypedShape = { shape: [4], dtype: DT.int32 };

/** Whether a loop has, after the first result, one more that holds the first index out of range. */
export const checksIndices = ({ mode, recordMode, step, record }: Omit<LoopParts, 'layout'>) =>
  (mode === 'xla' && step.checksIndices) || (recordMode === 'xla' && record.checksIndices);

function loopTypes(spec: LoopSpec) {
  const { float, layout, step, record, segments, drawnSteps } = spec;
  const typed = (leaf: Spec) => typedShape(leaf, float);
  const rows = record.results.map(typed);
  const drawn = (specs: readonly DrawSpec[], times: number) =>
    specs.map(spec => typed({ shape: [times, ...spec.shape], dtype: drawType(spec) }));
  return {
    state: layout.state.leaves.map(typed),
    data: layout.data.leaves.map(typed),
    draws: drawn(step.draws, drawnSteps),
    rowDraws: drawn(record.draws, segments),
    rows,
    columns: rows.map(({ shape, dtype }) => ({ shape: [segments, ...shape], dtype })),
    ends: { shape: [segments], dtype: DT.int32 },
    /** The number of the last step before the call, where the step uses its own. */
    before: step.usesNumber ? [counter] : [],
    badIndex: checksIndices(spec) ? [badIndexType] : [],
  };
}
type LoopTypes = ReturnType<typeof loopTypes>;

/** The first bad index of a call: the one found before, if there is one, or else what the check of this step found. */
function firstBadIndex(b: GraphBuilder, before: number, now: number, step: number): number {
  const steps = b.op('Reshape', [step, b.constant([1], [1])])[0];
  return firstFound(b, before, b.op('ConcatV2', [[now, steps], b.constant([0], [])])[0]);
}

/** The last function, `segment`, makes steps until `end` steps are done: [k, end, ...] gives the same after them. */
function segmentFunctions(spec: LoopSpec, types: LoopTypes, bodies: readonly GraphFunction[]): GraphFunction[] {
  const { mode, step } = spec;
  const { state, data, draws, before, badIndex } = types;
  const variables = [counter, counter, ...badIndex, ...state, ...data, ...draws, ...before];
  const hasCheck = mode === 'xla' && step.checksIndices;
  const results = [...state, ...(hasCheck ? [checked] : [])];
  const body = graphFunction('steps_body', bodies, variables, (b, ids) => {
    const [[k, end], bad, s, d, r, at] = split(ids, 2, badIndex, state, data, draws, before);
    const drawn = r.map((id, i) => b.entry(id, k, step.draws[i].shape));
    const done = b.op('AddV2', [k, b.constant([1], [])])[0];
    const number = at.map(id => b.op('AddV2', [id, done])[0]);
    const [next, check] = split(b.call('step', [...s, ...d, ...drawn, ...number], results), state, 1);
    return [done, end, ...(hasCheck ? [firstBadIndex(b, bad[0], check[0], done)] : bad), ...next, ...d, ...r, ...at];
  });
  const functions = [...bodies, whileLess('steps', variables), body];
  const segment = graphFunction('segment', functions, variables, (b, ids) =>
    whileLoop(b, 'steps', ids).slice(0, 2 + badIndex.length + state.length),
  );
  return [...functions, segment];
}

/**
 * These functions, and the last of them as a single function of XLA's. Its arguments `given` begin with its `results`.
 * XLA would end the process if such a function did not use one of its arguments, so the first entry of each argument
 * after the results is a result too.
 */
function inSingleFunction(
  functions: readonly GraphFunction[],
  given: readonly TypedShape[],
  results: readonly TypedShape[],
): GraphFunction[] {
  const { name } = functions[functions.length - 1];
  const rest = given.slice(results.length);
  const using = graphFunction(`${name}_using_all`, functions, given, (b, ids) => [
    ...b.call(name, ids, results),
    ...ids.slice(results.length).map(id => {
      const entries = b.op('Reshape', [id, b.constant([-1], [1])])[0];
      return b.op('Slice', [entries, b.constant([0], [1]), b.constant([1], [1])])[0];
    }),
  ]);
  const firstEntries = rest.map(({ dtype }) => ({ shape: [1], dtype }));
  const { type, attributes } = singleFunctionCall(using.name, given, [...results, ...firstEntries]);
  const single = graphFunction(`${name}_single`, [...functions, using], given, (b, ids) =>
    b.op(type, [ids], attributes).slice(0, results.length),
  );
  return [...functions, using, single];
}

/** What the check of a row found, told apart by an operation number below zero; nothing where no row is wanted. */
function ofRow(b: GraphBuilder, check: number, end: number): number {
  const isWanted = b.op('GreaterEqual', [end, b.constant([0], [])])[0];
  return b.op('SelectV2', [
    isWanted,
    b.op('Mul', [check, b.constant([-1, 1, 1], [3])])[0],
    b.op('ZerosLike', [check])[0],
  ])[0];
}

/** What the call of a segment says where XLA compiles segments, and not the whole loop. */
const apart = ({ mode, recordMode }: LoopSpec) => (mode === 'xla' && recordMode === 'graph' ? [mustCompile] : []);

/** The functions of the loop over segments: those of a segment, and the condition and the body. */
function segmentsFunctions(spec: LoopSpec, types: LoopTypes, bodies: readonly GraphFunction[]) {
  const { recordMode, record, singleFunction } = spec;
  const { state, data, rows, columns, draws, rowDraws, before, ends, badIndex } = types;
  const stepped = [counter, counter, ...badIndex, ...state];
  const inner = segmentFunctions(spec, types, bodies);
  const parts = singleFunction ? inSingleFunction(inner, [...stepped, ...data, ...draws, ...before], stepped) : inner;
  const segment = parts[parts.length - 1].name;
  const hasCheck = recordMode === 'xla' && record.checksIndices;

  const carried = [...badIndex, ...state, ...columns, ...data, ...draws, ...rowDraws, ...before];
  const variables = [counter, counter, counter, ends, ...carried];
  const body = graphFunction('segments_body', parts, variables, (b, ids) => {
    const given = split(ids, 4, badIndex, state, columns, data, draws, rowDraws, before);
    const [[i, n, k, e], bad, s, c, d, r, q, at] = given;
    const end = b.entry(e, i, []);
    const entered = [k, b.op('Maximum', [end, b.op('Neg', [end])[0]])[0], ...bad, ...s, ...d, ...r, ...at];
    const [[done], badSteps, next] = split(b.call(segment, entered, stepped, ...apart(spec)), 2, badIndex, state);
    const results = [...rows, ...(hasCheck ? [checked] : [])];
    const drawn = q.map((id, j) => b.entry(id, i, record.draws[j].shape));
    const [values, checks] = split(b.call('record', [...next, ...d, ...drawn], results), columns, 1);
    const badNow = hasCheck ? [firstBadIndex(b, badSteps[0], ofRow(b, checks[0], end), done)] : badSteps;
    const written = c.map((column, j) => writeEntry(b, recordMode, column, i, values[j], rows[j].shape));
    const nextSegment = b.op('AddV2', [i, b.constant([1], [])])[0];
    return [nextSegment, n, done, e, ...badNow, ...next, ...written, ...d, ...r, ...q, ...at];
  });
  return { parts: [...parts, whileLess('segments', variables), body], segment };
}

/** The graph, fed with [n, ends, before, state, data, draws, rowDraws]; gives [finite, bad index, state, columns]. */
export function buildLoop(spec: LoopSpec): Loop {
  const types = loopTypes(spec);
  const { state, data, columns, draws, rowDraws, before, ends, badIndex } = types;
  const bodies = [...spec.step.functions[spec.mode], ...spec.record.functions[spec.recordMode]];
  const finite = finiteCheck(state);
  const { parts, segment } = segmentsFunctions(spec, types, [...bodies, ...finite.functions]);
  const given = [counter, ends, ...before, ...state, ...data, ...draws, ...rowDraws];
  const main = graphFunction('main', parts, given, (b, ids) => {
    const [[n, e], at, s, d, r, q] = split(ids, 2, before, state, data, draws, rowDraws);
    const zero = b.constant([0], []);
    const empty = columns.map(
      ({ shape, dtype }) => b.op('Fill', [b.constant([...shape], [shape.length]), b.constant([0], [], dtype)])[0],
    );
    const none = badIndex.map(() => b.constant([0, 0, 0, 0], [4]));
    const end = whileLoop(b, 'segments', [zero, n, zero, e, ...none, ...s, ...empty, ...d, ...r, ...q, ...at]);
    const [[, , k], bad, last, written] = split(end, 4, badIndex, state, columns);
    if (spec.recordMode === 'xla') return [finite.check(b, last), ...bad, ...last, ...written];
    const [least] = b.op('Min', [e, zero]);
    const entered = [k, b.op('Neg', [least])[0], ...bad, ...last, ...d, ...r, ...at];
    const beyond = b.call(segment, entered, [counter, counter, ...badIndex, ...state], ...apart(spec));
    const [, badThen, then] = split(beyond, 2, badIndex, state);
    return [finite.check(b, then), ...badThen, ...then, ...written];
  });

  const all = [...parts, main];
  const b = newGraph(all);
  const feeds = given.map(b.argument);
  const compiled = spec.recordMode === 'xla' ? [mustCompile] : [];
  const fetches = b.call('main', feeds, [truth, ...badIndex, ...state, ...columns], ...compiled);
  native.release(all.slice(bodies.length).map(({ handle }) => handle));
  return { graph: b.graph, feeds, fetches };
}
