/**
 * Loops whose steps XLA compiles into a single function. By itself XLA calls each kernel of a step, at 50 ns or more. A
 * single function has no other threads and no OpenBLAS, tanh and exp take up to twice as long, the state is copied at
 * each row, and compiling takes up to three times as long. So it is for loops on one thread with short steps of plain
 * arithmetic and small products: 1.05 times as fast for 97 x 97 finite volumes, 0.9 to 3.7 (median 1.1) for 56 others.
 */
import { size } from '../../base/ndarray';
import { AT, type TypedShape } from '../native';
import type { TracedFunction } from '../trace/traced-function';
import { callModule } from './stablehlo';

const arithmetic = new Set(
  (
    'Placeholder Const Add AddN Sub Mul RealDiv Neg Abs Square SquaredDifference Sqrt Maximum Minimum Relu Sign Cast ' +
    'Select Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr LogicalNot ' +
    'ExpandDims Reshape Slice StridedSlice PadV2 Pack Unpack ConcatV2 SplitV Transpose Tile Fill ZerosLike OnesLike'
  ).split(' '),
);
const products = new Set(['MatMul', 'BatchMatMulV2']);
const most = { operations: 250, multiplications: 2e4, entries: 1024 };
/** So many operations on each entry of a larger state make up for the copies of it at each row. */
const leastWork = 30;
/** If a step's largest tensor has fewer entries, XLA makes a single function by itself. */
const least = 128;

/** Whether the loop of a step, on one thread, is to be compiled into a single function. */
export function isSingleFunction({ operations, calls, draws, results, work }: TracedFunction): boolean {
  const entries = results.reduce((sum, { shape }) => sum + size(shape), 0);
  return (
    calls.size === 0 &&
    draws.length === 0 &&
    operations.length <= most.operations &&
    (entries <= most.entries || work >= leastWork * entries) &&
    operations.some(({ outputs }) => size(outputs[0].shape ?? []) >= least) &&
    operations.every(({ outputs }) => size(outputs[0].shape ?? []) > 0) &&
    operations.every(
      ({ type, shapes: [a, b], outputs: [{ shape = [] }] }) =>
        arithmetic.has(type) ||
        (products.has(type) && Math.sqrt(size(a) * size(b) * size(shape)) <= most.multiplications),
    )
  );
}

/** The bytes of a protobuf message whose field 1 is a map from text to text. */
const textMap = (entries: Readonly<Record<string, string>>) => {
  const field = (number: number, text: string) => String.fromCharCode((number << 3) | 2, text.length) + text;
  return Object.entries(entries)
    .map(([key, value]) => field(1, field(1, key) + field(2, value)))
    .join('');
};

/**
 * The operation that calls a function of the graph as a single function. A plain call would be inlined; this one is
 * kept by its frontend attributes: "inlineable = false" makes XLA's inliner leave it, and "xla_cpu_small_call" makes
 * its emitter write one kernel for it.
 */
export function singleFunctionCall(name: string, given: readonly TypedShape[], results: readonly TypedShape[]) {
  const settings =
    'api_version = 2 : i32, has_side_effect = true, ' +
    'tf.backend_config = {called_index = 0 : i64, has_token_input_output = false}';
  const { type, attributes } = callModule('tf.call_tf_function', settings, given, results);
  const frontend = textMap({ xla_cpu_small_call: 'true', inlineable: 'false' });
  attributes.push(
    { name: 'function_list', type: AT.func, value: [name] },
    { name: '_XlaFrontendAttributes', type: AT.string, value: frontend },
  );
  return { type, attributes };
}
