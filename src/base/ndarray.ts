/** Host arrays with a shape, row-major. TensorFlow.js has no float64 tensors, so this is how doubles travel. */
import { fail, isObject, kindOf, wholeNumber } from './check';

/** The typed arrays that hold the values of an array. */
export type Values = Float64Array | Float32Array | Int32Array;

export const isTyped = (values: unknown): values is Values =>
  values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array;

/** What a call of a tensor's operation on a host array meets: the text is the advice of the type error. */
export interface NoArithmetic<Advice extends string> {
  readonly advice: Advice;
}

/** Operations of tensors that a host array does not have: to call one is a type error that says what to do. */
export type OfTensors = {
  readonly [operation in
    | 'add'
    | 'sub'
    | 'mul'
    | 'div'
    | 'dot'
    | 'matMul'
    | 'square'
    | 'sum'
    | 'mean']?: NoArithmetic<'use tensor(array) first'>;
};

/** A row-major array: `values.length` is the product of `shape` (a scalar has shape []). */
export interface NdArray<V extends Values = Values> extends OfTensors {
  /** The length of each axis, the first axis first. */
  readonly shape: readonly number[];
  /** The entries, those of the last axis side by side. */
  readonly values: V;
}

/** Number of entries of an array of this shape. */
export const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** The same of a shape that a user gave; refuses lengths that are not whole numbers >= 0. */
export function sizeOf(where: string, shape: readonly number[]): number {
  return shape.reduce((product, length, axis) => product * wholeNumber(where, `shape[${axis}]`, length, 0), 1);
}

/** Whether all values are finite: 0 times them adds up to 0. Four sums: no addition waits for the one before. */
export function allFinite(values: ArrayLike<number>): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += 0 * values[i];
  return a + b + c + d === 0;
}

/** Numbers in nested lists, those of one depth of the same length. */
export type Lists = readonly (number | Lists)[];

const shapeOf = (lists: unknown): number[] => (Array.isArray(lists) ? [lists.length, ...shapeOf(lists[0])] : []);

/** The entries of nested lists, which must have this shape. */
function entries(lists: unknown, path: string, [length, ...rest]: readonly (number | undefined)[]): number[] {
  if (length === undefined)
    return typeof lists === 'number' ? [lists] : fail('ndarray', `${path} is ${kindOf(lists)} but must be a number`);
  if (!Array.isArray(lists)) fail('ndarray', `${path} is ${kindOf(lists)} but must be a list of ${length}`);
  if (lists.length !== length)
    fail('ndarray', `${path} has ${lists.length} entries but must have ${length}, as the first list of its depth`);
  return lists.flatMap((list, i) => entries(list, `${path}[${i}]`, rest));
}

/**
 * The array of these values and this shape (default: one axis; of nested lists, theirs). A typed array is kept, not
 * copied; anything else becomes doubles. Errors: a shape that does not hold as many values, or with a length that is
 * not a whole number >= 0; a value that is not a number; nested lists of different lengths.
 *
 * @example
 * ndarray([1, 2, 3, 4, 5, 6], [2, 3]) // -> [[1, 2, 3], [4, 5, 6]]
 * ndarray([[1, 2, 3], [4, 5, 6]]).shape // -> [2, 3]
 */
export function ndarray<V extends Values>(values: V, shape?: readonly number[]): NdArray<V>;
export function ndarray(values: ArrayLike<number>, shape?: readonly number[]): NdArray<Float64Array>;
export function ndarray(lists: Lists): NdArray<Float64Array>;
export function ndarray(values: ArrayLike<number> | Lists, shape?: readonly number[]): NdArray {
  if (Array.isArray(values) && Array.isArray(values[0])) {
    const own = shapeOf(values);
    return ndarray(entries(values, 'values', own), shape ?? own);
  }
  const { length } = values;
  const given = shape ?? [length];
  const held = sizeOf('ndarray', given);
  if (length !== held) fail('ndarray', `${length} values but shape [${given}] holds ${held}`);
  if (isTyped(values)) return { shape: [...given], values };
  const other = Array.prototype.findIndex.call(values, value => typeof value !== 'number');
  if (other >= 0) fail('ndarray', `values[${other}] is ${kindOf(values[other])} but must be a number`);
  return { shape: [...given], values: Float64Array.from(values as ArrayLike<number>) };
}

/** Rows of the same length as one array [rows, length]; of single precision or int32 where all of them are. */
export function stacked(where: string, path: string, rows: readonly Values[]): NdArray {
  const [{ length }] = rows;
  const other = rows.findIndex(row => row.length !== length);
  if (other >= 0) fail(where, `${path}[${other}] has ${rows[other].length} entries but ${path}[0] has ${length}`);
  const Kind = [Float32Array, Int32Array].find(kind => rows.every(row => row instanceof kind)) ?? Float64Array;
  const values = new Kind(rows.length * length);
  rows.forEach((row, i) => values.set(row, i * length));
  return { shape: [rows.length, length], values };
}

/**
 * Every entry times a number. Doubles and single-precision arrays keep their type; of an Int32Array it makes doubles.
 * Errors: a factor that is not finite.
 *
 * @example
 * scaled(ndarray([1, -2]), 0.5) // -> [0.5, -1]
 */
export function scaled<V extends Values>(
  { shape, values }: NdArray<V>,
  factor: number,
): NdArray<V extends Int32Array ? Float64Array : V>;
export function scaled({ shape, values }: NdArray, factor: number): NdArray {
  if (!Number.isFinite(factor)) fail('scaled', `factor is ${String(factor)} but must be a finite number`);
  const typed = values instanceof Int32Array ? Float64Array.from(values) : values;
  return { shape: [...shape], values: typed.map(v => factor * v) };
}

type Nested = number | Nested[];

/** The entries from `offset` on as nested lists of this shape. */
export function nested(values: ArrayLike<number>, shape: readonly number[], offset = 0): Nested {
  if (shape.length === 0) return values[offset];
  const [length, ...rest] = shape;
  return Array.from({ length }, (_, i) => nested(values, rest, offset + i * size(rest)));
}

export function isNdArray(value: unknown): value is NdArray {
  return isObject(value) && Array.isArray(value.shape) && isTyped(value.values);
}
