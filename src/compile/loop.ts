/**
 * The native loop around a step. One call runs `n` segments; segment i steps until `ends[i]` steps of the call are done and then
 * writes the recorded values to place i of their columns:
 *
 *   for (i = 0, k = 0; i < n; i++) { for (; k < ends[i]; k++) state = step(state, data, draws[k]); columns[i] = record(state, data); }
 */
import { drawType, type Body, type Layout } from './trace/traced-function';
import type { Typed } from './xla/stablehlo';
import { AT, DT, native, type Attribute, type NativeFunction, type NativeGraph, type NativeMode } from './native';
import type { Float, Spec } from './trace/trace';
import { wholeCall } from './xla/single-function';

export interface Loop {
  graph: NativeGraph;
  feeds: number[];
  fetches: number[];
}

type Ids = number[];

/** A leaf as the loop carries it. */
const typed =
  (float: Float) =>
  ({ shape, dtype }: Spec): Typed => ({
    shape,
    dtype: dtype === 'int32' ? DT.int32 : dtype === 'bool' ? DT.bool : float === 'float64' ? DT.double : DT.float,
  });
const scalar: Typed = { shape: [], dtype: DT.int32 };
const typeAttribute = (name: string, value: number | number[]): Attribute => ({ name, type: AT.type, value });
const functionAttribute = (name: string, value: string): Attribute => ({ name, type: AT.func, value });

/** A graph being built: `op` gives the ids of an operation's outputs. */
function builder(functions: readonly NativeFunction[] = []) {
  const graph = native.createGraph();
  for (const f of functions) native.useFunction(graph, f);
  let count = 0;
  const op = (type: string, inputs: (number | Ids)[], attributes: Attribute[] = []): Ids =>
    native.addOperation(graph, type, `${type.toLowerCase()}_${count++}`, inputs, attributes).map(output => output.id);
  const argument = ({ shape, dtype }: Typed) =>
    op('Placeholder', [], [typeAttribute('dtype', dtype), { name: 'shape', type: AT.shape, value: [...shape] }])[0];
  const constant = (values: number[], shape: number[], dtype: number = DT.int32) => {
    const array =
      dtype === DT.double
        ? Float64Array
        : dtype === DT.float
          ? Float32Array
          : dtype === DT.bool
            ? Uint8Array
            : Int32Array;
    const value = native.createTensor(array.from(values), shape, dtype);
    const [id] = op('Const', [], [typeAttribute('dtype', dtype), { name: 'value', type: AT.tensor, value }]);
    native.release([value]);
    return id;
  };
  const call = (name: string, inputs: Ids, results: readonly Typed[], ...attributes: Attribute[]) =>
    op(
      'PartitionedCall',
      [inputs],
      [
        functionAttribute('f', name),
        typeAttribute(
          'Tout',
          results.map(r => r.dtype),
        ),
        ...attributes,
      ],
    );
  /** The place `at` along the first axis of a tensor. */
  const item = (tensor: number, at: number, shape: readonly number[]) => {
    const begin = op('Pack', [[at, ...shape.map(() => constant([0], []))]])[0];
    const slice = op('Slice', [tensor, begin, constant([1, ...shape], [shape.length + 1])])[0];
    return op('Reshape', [slice, constant([...shape], [shape.length])])[0];
  };
  /** What was told of an index out of range, [code, index, entries, step of the call], or else what is told now. */
  const firstTold = (told: number, now: number, k: number) => {
    const code = op('Slice', [told, constant([0], [1]), constant([1], [1])])[0];
    const step = op('Reshape', [k, constant([1], [1])])[0];
    const all = op('ConcatV2', [[now, step], constant([0], [])])[0];
    return op('SelectV2', [op('NotEqual', [code, constant([0], [1])])[0], told, all])[0];
  };
  return { graph, op, argument, constant, call, item, firstTold };
}

interface Built {
  name: string;
  function: NativeFunction;
}

/** A function of typed arguments, built by `f` on top of others. */
function build(
  name: string,
  uses: readonly Built[],
  inputs: readonly Typed[],
  f: (b: ReturnType<typeof builder>, ids: Ids) => Ids,
): Built {
  const b = builder(uses.map(({ function: f }) => f));
  const ids = inputs.map(b.argument);
  const made = native.createFunction(b.graph, name, ids, f(b, ids));
  native.release([b.graph]);
  return { name, function: made };
}

/** Splits a list into groups of the given lengths. */
function split<T>(list: readonly T[], ...lengths: number[]): T[][] {
  let next = 0;
  return lengths.map(length => list.slice(next, (next += length)));
}

/**
 * These functions, and the last of them, of arguments `given` that begin with its `results`, as one function of XLA's. An argument
 * that such a function does not use would end the process, so the first entries of those after the results are results too.
 */
function inOneFunction(functions: readonly Built[], given: readonly Typed[], results: readonly Typed[]): Built[] {
  const { name } = functions[functions.length - 1];
  const rest = given.slice(results.length);
  const using = build(`${name}_using_all`, functions, given, (b, ids) => [
    ...b.call(name, ids, results),
    ...ids.slice(results.length).map(id => {
      const entries = b.op('Reshape', [id, b.constant([-1], [1])])[0];
      return b.op('Slice', [entries, b.constant([0], [1]), b.constant([1], [1])])[0];
    }),
  ]);
  const { type, attributes } = wholeCall(using.name, given, [
    ...results,
    ...rest.map(({ dtype }) => ({ shape: [1], dtype })),
  ]);
  return [
    ...functions,
    using,
    build(`${name}_whole`, [...functions, using], given, (b, ids) =>
      b.op(type, [ids], attributes).slice(0, results.length),
    ),
  ];
}

/** Whether a loop has, after the first, one result more, which tells the first index out of range: [code, index, entries, step of the call]. */
export const tells = (mode: NativeMode, outer: NativeMode, step: Body, record: Body): boolean =>
  (mode === 'xla' && step.tells) || (outer === 'xla' && record.tells);

const compiled: Attribute = { name: '_XlaMustCompile', type: AT.bool, value: true };

/**
 * The graph of a loop for at most `segments` segments and (with draws) `steps` steps a call. `mode` runs the steps and `outer` the
 * rows: both 'xla' is one compiled program; with `outer` 'graph', each segment's steps are compiled and the rows are not.
 * With `isWhole`, XLA compiles a segment's steps into one function.
 */
export function buildLoop(
  mode: NativeMode,
  outer: NativeMode,
  float: Float,
  layout: Layout,
  step: Body,
  record: Body,
  segments: number,
  steps: number,
  isWhole: boolean,
): Loop {
  const type = typed(float);
  const state = layout.state.leaves.map(type),
    data = layout.data.leaves.map(type),
    rows = record.results.map(type);
  const draws = step.draws.map(draw => type({ shape: [steps, ...draw.shape], dtype: drawType(draw) }));
  const columns = rows.map(({ shape, dtype }) => ({ shape: [segments, ...shape], dtype }));
  const ends: Typed = { shape: [segments], dtype: DT.int32 };
  const finite: Typed = { shape: [], dtype: DT.bool };
  const told: Typed[] = tells(mode, outer, step, record) ? [{ shape: [4], dtype: DT.int32 }] : [];
  const taleType: Typed = { shape: [3], dtype: DT.int32 };
  const [S, D, C, R, T] = [state, data, columns, draws, told].map(list => list.length);
  const bodies: Built[] = [
    { name: 'step', function: step.functions[mode] },
    { name: 'record', function: record.functions[outer] },
  ];
  const less = (name: string, inputs: readonly Typed[]) => build(name, [], inputs, (b, [a, z]) => b.op('Less', [a, z]));
  const loop = (b: ReturnType<typeof builder>, name: string, inputs: Ids) =>
    b.op(
      'StatelessWhile',
      [inputs],
      [functionAttribute('cond', `${name}_goes_on`), functionAttribute('body', `${name}_body`)],
    );

  const stepping = [scalar, scalar, ...told, ...state, ...data, ...draws];
  const inner = [
    ...bodies,
    less('steps_goes_on', stepping),
    build('steps_body', bodies, stepping, (b, ids) => {
      const [[k, end], t, s, d, r] = split(ids, 2, T, S, D, R);
      const drawn = r.map((id, i) => b.item(id, k, step.draws[i].shape));
      const after = b.op('AddV2', [k, b.constant([1], [])])[0],
        tale = mode === 'xla' && step.tells;
      const [next, now] = split(b.call('step', [...s, ...d, ...drawn], [...state, ...(tale ? [taleType] : [])]), S, 1);
      return [after, end, ...(tale ? [b.firstTold(t[0], now[0], after)] : t), ...next, ...d, ...r];
    }),
  ];
  const segment = build('segment', inner, stepping, (b, ids) => loop(b, 'steps', ids).slice(0, 2 + T + S));
  const stepped = [scalar, scalar, ...told, ...state];
  const parts = isWhole ? inOneFunction([...inner, segment], stepping, stepped) : [...inner, segment];

  const recording = [scalar, scalar, scalar, ends, ...told, ...state, ...columns, ...data, ...draws];
  const middle = [
    ...parts,
    less('segments_goes_on', recording),
    build('segments_body', parts, recording, (b, ids) => {
      const [[i, n, k, e], t, s, c, d, r] = split(ids, 4, T, S, C, D, R);
      const apart = mode === 'xla' && outer === 'graph' ? [compiled] : [];
      const [[now], tStepped, next] = split(
        b.call(parts[parts.length - 1].name, [k, b.item(e, i, []), ...t, ...s, ...d, ...r], stepped, ...apart),
        2,
        T,
        S,
      );
      const tale = outer === 'xla' && record.tells;
      const [values, tales] = split(b.call('record', [...next, ...d], [...rows, ...(tale ? [taleType] : [])]), C, 1);
      // The codes of what is recorded are below zero.
      const tRecorded = tale
        ? [b.firstTold(tStepped[0], b.op('Mul', [tales[0], b.constant([-1, 1, 1], [3])])[0], now)]
        : tStepped;
      const written = c.map((column, j) => {
        const value = b.op('ExpandDims', [values[j], b.constant([0], [])])[0];
        if (outer === 'graph')
          return b.op('TensorScatterUpdate', [column, b.op('Reshape', [i, b.constant([1, 1], [2])])[0], value])[0];
        return b.op('XlaDynamicUpdateSlice', [
          column,
          value,
          b.op('Pack', [[i, ...rows[j].shape.map(() => b.constant([0], []))]])[0],
        ])[0];
      });
      return [b.op('AddV2', [i, b.constant([1], [])])[0], n, now, e, ...tRecorded, ...next, ...written, ...d, ...r];
    }),
  ];

  const given = [scalar, ends, ...state, ...data, ...draws];
  const main = build('main', middle, given, (b, ids) => {
    const [[n, e], s, d, r] = split(ids, 2, S, D, R);
    const zero = b.constant([0], []);
    const empty = columns.map(
      ({ shape, dtype }) => b.op('Fill', [b.constant([...shape], [shape.length]), b.constant([0], [], dtype)])[0],
    );
    const untold = told.map(() => b.constant([0, 0, 0, 0], [4]));
    const [, said, last, written] = split(
      loop(b, 'segments', [zero, n, zero, e, ...untold, ...s, ...empty, ...d, ...r]),
      4,
      T,
      S,
      C,
    );
    const allFinite = state.reduce(
      (sofar, { shape, dtype }, i) => {
        if (dtype === DT.int32) return sofar;
        const axes = b.constant(
          shape.map((_, axis) => axis),
          [shape.length],
        );
        return b.op('LogicalAnd', [sofar, b.op('All', [b.op('IsFinite', [last[i]])[0], axes])[0]])[0];
      },
      b.constant([1], [], DT.bool),
    );
    return [allFinite, ...said, ...last, ...written];
  });

  const all = [...middle, main];
  const b = builder(all.map(({ function: f }) => f));
  const feeds = given.map(b.argument);
  const fetches = b.call(
    'main',
    feeds,
    [finite, ...told, ...state, ...columns],
    ...(outer === 'xla' ? [compiled] : []),
  );
  native.release(all.slice(bodies.length).map(({ function: f }) => f));
  return { graph: b.graph, feeds, fetches };
}

/** The smallest program that XLA compiles, and nothing folds to a constant: x + 1. */
export function buildXlaProbe(): Loop {
  const f = build('probe', [], [scalar], (b, [x]) => b.op('AddV2', [x, b.constant([1], [])]));
  const b = builder([f.function]);
  const x = b.argument(scalar);
  const fetches = b.call('probe', [x], [scalar], compiled);
  native.release([f.function]);
  return { graph: b.graph, feeds: [x], fetches };
}
