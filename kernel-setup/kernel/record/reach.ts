/** What code reaches: the values of the variables that it names, and of those that the functions among them name. */
import { createHash, randomUUID } from 'node:crypto';
import { types } from 'node:util';
import { wordsOf } from './cell-text';

/** Values beyond which looking would take seconds. */
const most = 5e6;

/** What is known of the cells. */
interface Known {
  /** Whether a word is the name of a variable that counts, where it stands in the text, or in a function's. */
  isVariable(word: string, isInText: boolean): boolean;
  read(name: string): unknown;
  /** Whether this is the text of a function that keeps nothing but the variables that it names. */
  isOpen(text: string): boolean;
}

/** The text of a function, whatever stands in for `Function.prototype.toString`. */
const textOf = (value: unknown): string => Function.prototype.toString.call(value);

/**
 * A hash of all that a text of code reaches, equal only for equal values in this process. A word that happens to be a
 * variable's name counts. A value with content that cannot be seen (a closure, an instance of a class, the global
 * object) makes each hash different.
 */
export function reachedBy(text: string, { isVariable, read, isOpen }: Known): string {
  const hash = createHash('sha256');
  const seen = new Map<unknown, number>();
  const named = new Set<string>();
  let visits = 0;

  function words(code: string, isInText: boolean): void {
    if (keepsElsewhere(code)) throw new RangeError('what modules and the global object hold is not looked at');
    for (const word of wordsOf(code)) {
      if (named.has(word) || !isVariable(word, isInText)) continue;
      named.add(word);
      hash.update(`\0${word}=`);
      visit(read(word));
    }
  }

  function visit(value: unknown): void {
    if (++visits > most) throw new RangeError('too much to look at');
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
      const written = Object.is(value, -0) ? '-0' : String(value);
      hash.update(`${typeof value} ${written.length} ${written};`);
      return;
    }
    const at = seen.get(value);
    if (at !== undefined) return void hash.update(`again ${at};`);
    seen.set(value, seen.size);
    if (typeof value === 'function') {
      const code = textOf(value);
      if (!isOpen(code)) throw new TypeError('a function may keep what cannot be seen');
      hash.update(`${code};`);
      words(code, false);
    }
    hash.update(`${kindOf(value)}{`);
    if (ArrayBuffer.isView(value)) {
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      const listed = value instanceof Map || value instanceof Set ? [...value.entries()] : [];
      for (const entry of [...listed, ...Object.entries(value)]) entry.forEach(visit);
    }
    hash.update('}');
  }

  try {
    words(text, true);
    return hash.digest('hex');
  } catch {
    // A value whose content cannot be seen never counts as unchanged.
    return randomUUID();
  }
}

/**
 * Whether code names something that outlives the variables of cells: the global object, or a module beside the
 * notebook.
 */
export const keepsElsewhere = (code: string) =>
  /\b(?:globalThis|global)\b|\b(?:from|import|require|__import__)\b[\s(]*["'`](?:\.{0,2}\/|\.{1,2}["'`]|file:)/.test(
    code,
  );

const kinds: ReadonlyMap<unknown, string> = new Map([
  ...[
    Object,
    Array,
    Map,
    Set,
    Function,
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
  ].map(type => [type.prototype, type.name] as const),
  [Object.getPrototypeOf(async () => {}), 'async function'],
  [null, 'without prototype'],
]);

/** What a value is, when all that it holds can be seen. */
function kindOf(value: object): string {
  const kind = types.isProxy(value) ? undefined : kinds.get(Object.getPrototypeOf(value));
  const properties =
    ArrayBuffer.isView(value) || typeof value === 'function'
      ? []
      : Object.entries(Object.getOwnPropertyDescriptors(value));
  const hidden = properties.some(
    ([name, { get, set, enumerable }]) => get || set || (!enumerable && name !== 'length'),
  );
  if (!kind || hidden || Object.getOwnPropertySymbols(value).length > 0)
    throw new TypeError('it may keep what cannot be seen');
  return kind;
}
