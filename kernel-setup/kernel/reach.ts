/** What code reaches: the values of the variables that it names, and of those that the functions among them name. */
import { createHash, randomUUID } from 'node:crypto';

/** Values beyond which looking would take seconds. */
const most = 5e6;

/**
 * A hash of all that a text of code reaches among `variables`, equal only for equal values in this process. A word
 * that happens to be a variable's name counts; names in `except` do not.
 */
export function reachedBy(text: string, variables: Record<string, unknown>, except: ReadonlySet<string>): string {
  const hash = createHash('sha256');
  const seen = new Map<unknown, number>();
  const named = new Set(except);
  let visits = 0;

  function words(code: string): void {
    for (const [word] of code.matchAll(/[A-Za-z_$][\w$]*/g)) {
      if (named.has(word) || !Object.hasOwn(variables, word)) continue;
      named.add(word);
      hash.update(`\0${word}=`);
      visit(variables[word]);
    }
  }

  function visit(value: unknown): void {
    if (++visits > most || value === globalThis) throw new RangeError('too much to look at');
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
      hash.update(`${typeof value} ${Object.is(value, -0) ? '-0' : String(value)};`);
      return;
    }
    const at = seen.get(value);
    if (at !== undefined) return void hash.update(`again ${at};`);
    seen.set(value, seen.size);
    if (typeof value === 'function') {
      const code = Function.prototype.toString.call(value);
      hash.update(`${code};`);
      return words(code);
    }
    hash.update(`${value.constructor?.name}{`);
    if (ArrayBuffer.isView(value)) hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else {
      const entries = value instanceof Map || value instanceof Set ? value.entries() : Object.entries(value);
      for (const entry of entries) entry.forEach(visit);
    }
    hash.update('}');
  }

  try {
    words(text);
    return hash.digest('hex');
  } catch {
    // A value that cannot be looked at is never taken to be as it was.
    return randomUUID();
  }
}
