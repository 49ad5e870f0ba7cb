/** Trees of arrays as flat lists by name, as a .npz file holds them. */
import { tensor, tf, type NdArray } from 'widenet';

export type Arrays = Record<string, NdArray>;

const isArray = (tree: any): tree is NdArray => 'values' in tree && 'shape' in tree;

/** { a: [x, { b: y }] } as { 'a.0': x, 'a.1.b': y }. */
export const flat = (tree: any, name = ''): Arrays =>
  isArray(tree)
    ? { [name]: tree }
    : Object.assign({}, ...Object.entries(tree).map(([key, child]) => flat(child, name ? `${name}.${key}` : key)));

/** The tensors of a tree by the arrays' names, in the structure of `like`. */
export const nested = (arrays: Arrays, like: any, name = ''): any =>
  isArray(like)
    ? tensor(arrays[name])
    : Object.fromEntries(
        Object.entries(like).map(([key, child]) => [key, nested(arrays, child, name ? `${name}.${key}` : key)]),
      );

/** |a - b| / |b - start| over all entries: by how much two moved differently. */
export function apart(a: NdArray, b: NdArray, start: NdArray): number {
  let [difference, moved] = [0, 0];
  for (let i = 0; i < b.values.length; i++) {
    difference += (a.values[i] - b.values[i]) ** 2;
    moved += (b.values[i] - start.values[i]) ** 2;
  }
  return Math.sqrt(difference / moved);
}

/** The number that a function of state and data gives. */
export const numberOf = (mean: (state: any, data: any) => tf.Tensor, state: any, data: any): number =>
  tf.tidy(() => mean(state, data).dataSync()[0]);
