/** State and data: nested plain objects (or arrays) whose leaves are tensors, host arrays or numbers. */
import { types } from 'node:util';
import { fail } from '../base/check';
import type { NdArray } from '../base/ndarray';
import { tf } from '../autodiff/tf';

export type IsAny<S> = 0 extends 1 & S ? true : false;

/** The same structure with every leaf replaced; of what has no type, what has no type. */
export type Mapped<S, L> =
  IsAny<S> extends true
    ? any
    : S extends tf.Tensor | NdArray | number
      ? L
      : { -readonly [K in keyof S]: Mapped<S[K], L> };

/** S, but not a place to infer S from. */
export type Fixed<S> = [S][S extends any ? 0 : never];

/** What may be given where a function expects tensors. */
export type Givable<S> =
  IsAny<S> extends true ? any : S extends tf.Tensor ? tf.Tensor | NdArray | number : { [K in keyof S]: Givable<S[K]> };

export type LeafType = 'float32' | 'int32' | 'bool';

export interface Leaf {
  path: string;
  shape: readonly number[];
  dtype: LeafType;
  value: tf.Tensor | NdArray | number;
}

/** A structure without its leaves: `null` marks one. */
export type Structure = null | readonly Structure[] | { readonly [name: string]: Structure };

const isHostArray = (value: unknown): value is NdArray => {
  const a = value as NdArray;
  return (
    typeof value === 'object' &&
    value !== null &&
    Array.isArray(a.shape) &&
    (types.isFloat64Array(a.values) || types.isFloat32Array(a.values) || types.isInt32Array(a.values))
  );
};

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
  if (isHostArray(value)) {
    const size = value.shape.reduce((a, b) => a * b, 1);
    if (size !== value.values.length)
      fail(where, `${path} has shape [${value.shape}] but ${value.values.length} values`);
    return { path, shape: value.shape, dtype: types.isInt32Array(value.values) ? 'int32' : 'float32', value };
  }
  return undefined;
}

/** Takes a tree apart into its structure and its leaves, in order of their names as written. */
export function flatten(where: string, name: string, tree: unknown): { structure: Structure; leaves: Leaf[] } {
  const leaves: Leaf[] = [];
  const walk = (path: string, node: unknown): Structure => {
    const leaf = leafOf(where, path, node);
    if (leaf) {
      leaves.push(leaf);
      return null;
    }
    if (Array.isArray(node)) return node.map((child, i) => walk(`${path}[${i}]`, child));
    if (isRecord(node))
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(`${path}.${key}`, child)]));
    return fail(
      where,
      `${path} is ${node === null ? 'null' : typeof node} but must be a tensor, a host array, a number, or a plain object of these`,
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
