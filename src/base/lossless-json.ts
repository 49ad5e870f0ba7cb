/**
 * Values as JSON that keeps their bits. What ordinary JSON has is written as it is; what it would lose or change is
 * an object with the key `$type`: NaN, infinities, -0, undefined, BigInt, typed arrays, Map, Set, Date, and objects
 * that have that key.
 */
import { fail } from './check';

const tag = '$type';
const signed = [Int8Array, Int16Array, Int32Array, BigInt64Array];
const unsigned = [Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array, BigUint64Array];
const typedArrays = new Map([...signed, ...unsigned, Float32Array, Float64Array].map(type => [type.name, type]));

/** What `JSON.stringify` is to write for a value. `where` and `name` start the error about one without such a form. */
export const encode = (where: string, name: string, value: unknown): unknown => encoder(where, name, false)(value);

/** The same text for equal values: the order of keys, of a Map's entries and of a Set's values does not matter. */
export const canonicalJson = (where: string, name: string, value: unknown): string =>
  JSON.stringify(encoder(where, name, true)(value));

/**
 * The value that `encode` was given; parts that are ordinary JSON are those of the tree itself. Errors: an object with
 * a `$type` that `encode` does not write.
 */
export function decode(tree: unknown): unknown {
  if (isPlain(tree)) return tree;
  if (Array.isArray(tree)) return tree.map(decode);
  return Object.hasOwn(tree as object, tag) ? untagged(tree as Tagged) : objectOf(Object.entries(tree as object));
}

const isPlain = (tree: unknown): boolean =>
  typeof tree !== 'object' || tree === null || (!Object.hasOwn(tree, tag) && Object.values(tree).every(isPlain));

type Tagged = { [tag]: string; value?: any };

const tagged = (type: string, value?: unknown): Tagged => ({ [tag]: type, ...(value !== undefined && { value }) });

const isOrdinary = (value: unknown) =>
  typeof value === 'number'
    ? Number.isFinite(value) && !Object.is(value, -0)
    : typeof value === 'string' || typeof value === 'boolean' || value === null;

function encoder(where: string, name: string, sorted: boolean): (value: unknown) => unknown {
  const path: (string | number)[] = [];
  const parents = new Set<object>();
  const refuse = (what: string): never => {
    const member = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    return fail(where, `${name}${member} is ${what}, which cannot be stored`);
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
    if (parents.has(value)) return refuse('an object that holds itself');
    parents.add(value);
    const tree = ofObject(value);
    parents.delete(value);
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
    if (typedArrays.has(type) && ArrayBuffer.isView(value))
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
  const TypedArray = typedArrays.get(type);
  if (!TypedArray) return fail('stored value', `${tag} is ${JSON.stringify(type)}, which is none of the known types`);
  return new TypedArray(Uint8Array.from(Buffer.from(value as string, 'base64')).buffer);
}
