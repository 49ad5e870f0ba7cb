/**
 * State and data are trees: nested plain objects (or arrays) whose leaves are tensors, host arrays, typed arrays, lists
 * of these (the rows of a matrix), or numbers.
 */
import { fail, heard, kindOf } from '../base/check';
import { isNdArray, isTyped, ndarray, size, stacked, type NdArray, type Values } from '../base/ndarray';
import { singles, tensor } from '../base/tensors';
import { tf } from '../autodiff/tf';

/** Whether S is `any`. */
export type IsAny<S> = 0 extends 1 & S ? true : false;

/** A leaf for each number of a list: where one tensor is expected, the type error has the advice. */
export interface OneEach<L, Advice extends string> extends Array<L> {
  readonly advice?: Advice;
}

/** The same structure with every leaf replaced; `any` stays `any`. */
export type Mapped<S, L> =
  IsAny<S> extends true
    ? any
    : S extends tf.Tensor | NdArray | number | Values | readonly Values[]
      ? L
      : S extends readonly number[]
        ? OneEach<L, 'ndarray(list) makes one tensor of a list of numbers'>
        : { -readonly [K in keyof S]: Mapped<S[K], L> };

/** S, where TypeScript must not infer S from it. */
export type Fixed<S> = [S][S extends any ? 0 : never];

/**
 * State or data as a step sees it. `Tensors<'W' | 'c'>` has these names, each a tensor; `Tensors<typeof data>` has the
 * structure of `data`, with a tensor in the place of each leaf.
 */
export type Tensors<S> =
  IsAny<S> extends true ? any : [S] extends [string] ? { [K in S]: tf.Tensor<any> } : Mapped<Fixed<S>, tf.Tensor<any>>;

/** What may be given where a function expects tensors. */
export type Givable<S> =
  IsAny<S> extends true
    ? any
    : S extends tf.Tensor
      ? tf.Tensor | NdArray | number | Values | readonly Values[]
      : { [K in keyof S]: Givable<S[K]> };

export type LeafType = 'float32' | 'int32' | 'bool';

export interface Leaf {
  path: string;
  shape: readonly number[];
  dtype: LeafType;
  value: tf.Tensor | NdArray | number;
}

/** A tree without its leaves: `null` stands for each. */
export type Structure = null | readonly Structure[] | { readonly [name: string]: Structure };

export interface Given {
  structure: Structure;
  leaves: Leaf[];
}

/** State and data, taken apart. */
export type GivenTrees = Readonly<Record<'state' | 'data', Given>>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]' &&
  (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(Object.getPrototypeOf(value)) === null);

function leafOf(where: string, path: string, value: unknown): Leaf | undefined {
  if (typeof value === 'number') return { path, shape: [], dtype: 'float32', value };
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) fail(where, `${path} is a tensor that was disposed`);
    if (value.dtype !== 'float32' && value.dtype !== 'int32' && value.dtype !== 'bool')
      fail(where, `${path} is ${value.dtype} but must be float32, int32 or bool`);
    return { path, shape: value.shape, dtype: value.dtype, value };
  }
  if (isNdArray(value)) {
    if (size(value.shape) !== value.values.length)
      fail(where, `${path} has shape [${value.shape}] but ${value.values.length} values`);
    return { path, shape: value.shape, dtype: value.values instanceof Int32Array ? 'int32' : 'float32', value };
  }
  if (isTyped(value)) return leafOf(where, path, ndarray(value));
  if (Array.isArray(value) && value.length > 0 && value.every(isTyped))
    return leafOf(where, path, stacked(where, path, value));
  return undefined;
}

/** The value of a leaf as a tensor: itself where it is one. */
export const leafTensor = ({ value }: Leaf): tf.Tensor =>
  typeof value === 'number' ? tf.scalar(value) : value instanceof tf.Tensor ? value : tensor(value);

/** The same outside a step, where all floats are single; refuses a number beyond their range by its place. */
export function singleTensor(where: string, leaf: Leaf): tf.Tensor {
  const { path, shape, dtype, value } = leaf;
  if (value instanceof tf.Tensor || dtype === 'int32') return leafTensor(leaf);
  return tf.tensor(singles(where, path, typeof value === 'number' ? [value] : value.values), [...shape], 'float32');
}

/** Takes a tree apart into its structure and its leaves, in the order in which their names are written. */
export function flatten(where: string, name: string, tree: unknown): { structure: Structure; leaves: Leaf[] } {
  const leaves: Leaf[] = [];
  const walk = (path: string, node: unknown): Structure => {
    const leaf = leafOf(where, path, node);
    if (leaf) {
      leaves.push(leaf);
      return null;
    }
    if (Array.isArray(node)) return node.map((child, i) => walk(`${path}[${i}]`, child));
    if (ArrayBuffer.isView(node))
      fail(where, `${path} is ${kindOf(node)} but must be float32, float64 or int32: ndarray(values) makes it so`);
    if (isRecord(node))
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(`${path}.${key}`, child)]));
    return fail(
      where,
      `${path} is ${kindOf(heard(node))} but must be a tensor, a host array, a number, or a plain object of these`,
    );
  };
  return { structure: walk(name, tree), leaves };
}

/** Puts leaves back into a structure. */
export function unflatten<L>(structure: Structure, leaves: readonly L[]): unknown {
  let next = 0;
  const walk = (node: Structure): unknown => {
    if (node === null) return leaves[next++];
    if (Array.isArray(node)) return node.map(walk);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return walk(structure);
}
