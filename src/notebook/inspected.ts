/** Any value as Node prints it, tensors and host arrays in short. */
import { inspect } from 'node:util';
import { contents, declared } from './members';
import { shownValues, summaryOf } from './summary';

const depth = 4;
const longest = 100_000;
const searched = 10_000;

/** The text of a value. No code of the value runs, except what it says itself of its text by `util.inspect.custom`. */
export function inspected(value: unknown): string {
  const lines = new Map<object, string>();
  find(value, depth + 1, new Map(), lines);
  const text = withLines(lines, () => inspect(value, { depth, maxArrayLength: shownValues, maxStringLength: 10_000 }));
  return text.length <= longest ? text : `${text.slice(0, longest)}\n... ${text.length - longest} more characters`;
}

/** Enters the tensors and host arrays inside a value, each with its line; `left` levels below it are searched. */
function find(value: unknown, left: number, seen: Map<unknown, number>, lines: Map<object, string>): void {
  if (left < 0 || left <= (seen.get(value) ?? -1) || seen.size > searched) return;
  seen.set(value, left);
  const line = summaryOf(value)?.split('\n')[0];
  if (line !== undefined) lines.set(value as object, line);
  else for (const inner of contents(value, shownValues)) find(inner, left - 1, seen, lines);
}

/** Does some work while Node prints each of these objects as its line. */
function withLines<T>(lines: ReadonlyMap<object, string>, work: () => T): T {
  // Before it calls such a method, Node reads `constructor`.
  const marked = [...lines].filter(
    ([object]) =>
      Object.isExtensible(object) && !Object.hasOwn(object, inspect.custom) && !declared(object, 'constructor')?.get,
  );
  for (const [object, line] of marked)
    Object.defineProperty(object, inspect.custom, { value: () => line, configurable: true });
  try {
    return work();
  } finally {
    for (const [object] of marked) Reflect.deleteProperty(object, inspect.custom);
  }
}
