/** Looks at values without running any of their code: no getter, no trap of a Proxy. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { types } from 'node:util';
import { isNdArray, type NdArray } from '../base/ndarray';
import type { tf } from '../base/tfjs';

const isReadable = (value: unknown): value is object =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') && !types.isProxy(value);

/** The value and what it inherits from; nothing of a Proxy, and nothing behind one. */
function* chain(value: unknown): Generator<object> {
  for (let link = value; isReadable(link); link = Object.getPrototypeOf(link)) yield link;
}

/** How a value, or what it inherits from, declares a member. */
export function declared(value: unknown, key: PropertyKey): PropertyDescriptor | undefined {
  for (const link of chain(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(link, key);
    if (descriptor) return descriptor;
  }
  return undefined;
}

/** What stands in a member; undefined where a getter would have to tell. */
const held = (value: unknown, key: PropertyKey): unknown => declared(value, key)?.value;

/** A DataFrame or Series of danfojs. */
export type Frame = {
  $isSeries: boolean;
  $columns: string[];
  $index: unknown[];
  shape: number[];
  values: unknown[];
};

const { cache } = createRequire(__filename);

/** The prototypes of classes of a package: of every copy of it that is loaded, by file. */
interface Classes {
  readonly file: string;
  readonly names: readonly string[];
  readonly prototypes: Map<string, object[]>;
}

const classes = (file: string, ...names: string[]): Classes => ({
  file: path.join('node_modules', file),
  names,
  prototypes: new Map(),
});

const tensors = classes('@tensorflow/tfjs-core/dist/tf-core.node.js', 'Tensor');
const frames = classes('danfojs-node/dist/danfojs-base/index.js', 'Series', 'DataFrame');
let modules = 0;

/** Finds the classes of packages that were loaded since. The packages are not loaded for this. */
export function findClasses(): void {
  const files = Object.keys(cache);
  if (files.length === modules) return;
  modules = files.length;
  for (const { file, names, prototypes } of [tensors, frames])
    for (const found of files.filter(name => name.endsWith(file) && cache[name]!.loaded && !prototypes.has(name)))
      prototypes.set(
        found,
        names.map(name => cache[found]!.exports[name].prototype),
      );
}

function isOf({ prototypes }: Classes, value: unknown): boolean {
  if (prototypes.size === 0) return false;
  const known = [...prototypes.values()].flat();
  for (const link of chain(value)) if (known.includes(link)) return true;
  return false;
}

export const isTensor = (value: unknown): value is tf.Tensor =>
  isOf(tensors, value) && Array.isArray(held(value, 'shape'));

export const isFrame = (value: unknown): value is Frame =>
  isOf(frames, value) && Array.isArray(held(value, '$columns'));

/** The host array that a value is. */
export function ndArrayOf(value: unknown): NdArray | undefined {
  const [shape, values] = [held(value, 'shape'), held(value, 'values')];
  if (!Array.isArray(shape) || types.isProxy(shape) || !types.isTypedArray(values)) return undefined;
  const array = { shape, values };
  return isNdArray(array) ? array : undefined;
}

/** What a value holds that a printed text of it shows: its members and entries, at most `most` of a list. */
export function* contents(value: unknown, most: number): Generator<unknown> {
  if (!isReadable(value) || types.isTypedArray(value)) return;
  if (types.isMap(value))
    for (const [key, of] of first<[unknown, unknown]>(Map.prototype.entries.call(value), most)) {
      yield key;
      yield of;
    }
  if (types.isSet(value)) yield* first(Set.prototype.values.call(value), most);
  const keys = Array.isArray(value) ? Array(Math.min(value.length, most)).keys() : Reflect.ownKeys(value);
  for (const key of keys) yield Object.getOwnPropertyDescriptor(value, key)?.value;
}

function* first<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}
