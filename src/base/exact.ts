/**
 * Values as JSON that keeps their bits. What ordinary JSON has is written as it is; what it would lose or change is
 * an object with the key `$type`: NaN, infinities, -0, undefined, BigInt, typed arrays, Map, Set, Date, and objects
 * that have that key.
 */
import { fail } from './check';

const tag = '$type';
const typedArrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};
type TypedArray = InstanceType<(typeof typedArrays)[keyof typeof typedArrays]>;

/**
 * The tree that `JSON.stringify` writes for a value. `where` and `name` start the error about what has none, as a
 * function.
 */
export const encode = (where: string, name: string, value: unknown): unknown => encoder(where, name, false)(value);

/**
 * One text for equal values: the order of keys, of a Map's entries and of a Set's values does not matter; each number
 * does.
 */
export const identity = (where: string, name: string, value: unknown): string =>
  JSON.stringify(encoder(where, name, true)(value));

/** The value of a tree that `encode` gave. Errors: a tag that is none of its own. */
export function decode(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(decode);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.hasOwn(tree, tag) ? untagged(tree as Tagged) : objectOf(Object.entries(tree));
}

type Tagged = { [tag]: string; value?: any };

const tagged = (type: string, value?: unknown): Tagged => ({ [tag]: type, ...(value !== undefined && { value }) });

const isOrdinary = (value: unknown) =>
  typeof value === 'number'
    ? Number.isFinite(value) && !Object.is(value, -0)
    : typeof value === 'string' || typeof value === 'boolean' || value === null;

function encoder(where: string, name: string, sorted: boolean): (value: unknown) => unknown {
  const path: (string | number)[] = [];
  const around = new Set<object>();
  const refuse = (what: string): never => {
    const place = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    return fail(where, `${name}${place} is ${what}, which cannot be stored`);
  };
  const inside = (key: string | number, value: unknown) => {
    if (isOrdinary(value)) return value;
    path.push(key);
    const tree = encoded(value);
    path.pop();
    return tree;
  };
  const inOrder = (trees: unknown[]) => {
    if (!sorted) return trees;
    const named = trees.map(tree => ({ text: JSON.stringify(tree), tree }));
    return named.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ tree }) => tree);
  };

  function encoded(value: unknown): unknown {
    if (isOrdinary(value)) return value;
    if (typeof value === 'number') return tagged('number', Object.is(value, -0) ? '-0' : String(value));
    if (typeof value === 'bigint') return tagged('bigint', String(value));
    if (value === undefined) return tagged('undefined');
    if (typeof value !== 'object' || value === null) return refuse(`a ${typeof value}`);
    if (around.has(value)) return refuse('an object that holds itself');
    around.add(value);
    const tree = ofObject(value);
    around.delete(value);
    return tree;
  }

  function ofObject(value: object): unknown {
    const prototype = Object.getPrototypeOf(value);
    if (Array.isArray(value)) {
      if (Object.keys(value).length !== value.length) return refuse('a list with gaps or named entries');
      return value.map((v, i) => inside(i, v));
    }
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return ofEntries(value);
    const type = prototype.constructor?.name as string;
    if (Object.hasOwn(typedArrays, type) && ArrayBuffer.isView(value))
      return tagged(type, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'));
    const isListed = (type === 'Map' && value instanceof Map) || (type === 'Set' && value instanceof Set);
    if (isListed) return tagged(type, inOrder([...value].map((entry, i) => inside(i, entry))));
    if (type === 'Date' && value instanceof Date) return tagged(type, inside('time', value.getTime()));
    return refuse(`an object of class ${type || 'without a name'}`);
  }

  function ofEntries(value: object): unknown {
    const symbol = Object.getOwnPropertySymbols(value).find(s => Object.prototype.propertyIsEnumerable.call(value, s));
    if (symbol) return refuse(`an object with the key ${String(symbol)}`);
    const keys = sorted ? Object.keys(value).sort() : Object.keys(value);
    const entries = keys.map(key => [key, inside(key, (value as Record<string, unknown>)[key])] as const);
    return Object.hasOwn(value, tag) ? tagged('object', entries) : objectOf(entries, v => v);
  }

  return encoded;
}

/** A plain object, also where a key is `__proto__`. */
const objectOf = (entries: readonly (readonly [string, unknown])[], of = decode) =>
  Object.fromEntries(entries.map(([key, value]) => [key, of(value)]));

function untagged({ [tag]: type, value }: Tagged): unknown {
  switch (type) {
    case 'number':
      return Number(value);
    case 'bigint':
      return BigInt(value);
    case 'undefined':
      return undefined;
    case 'object':
      return objectOf(value);
    case 'Map':
      return new Map((value as [unknown, unknown][]).map(entry => decode(entry) as [unknown, unknown]));
    case 'Set':
      return new Set((value as unknown[]).map(decode));
    case 'Date':
      return new Date(decode(value) as number);
  }
  if (!Object.hasOwn(typedArrays, type))
    fail('stored value', `${tag} is ${JSON.stringify(type)} but must be one of those that are written`);
  const bytes = Uint8Array.from(Buffer.from(value as string, 'base64'));
  return new typedArrays[type as keyof typeof typedArrays](bytes.buffer) as TypedArray;
}
