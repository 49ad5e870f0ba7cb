/** The text of a function is what its author wrote, types apart, although its code has stop points. */
import { parseSync } from 'oxc-parser';
import { childrenOf } from '../syntax/walk';
import type { Tree } from './points';

const written = new Map<string, string>();
/** Functions of the kernel in the place of others, each with the text of that. */
const standing = new WeakMap<object, string>();
const native = Function.prototype.toString;

/** Whether a function is a cell's, or a file's beside the notebook. What `bind` has made has no text. */
export const hasStopPoints = (of: (...given: never[]) => unknown): boolean =>
  (Reflect.apply(native, of, []) as string).includes('__stop__');

/** Gives a function the members and the text of the one that it stands for. */
export function standFor(own: (...given: never[]) => unknown, original: (...given: never[]) => unknown): void {
  Object.defineProperties(own, Object.getOwnPropertyDescriptors(original));
  standing.set(own, native.call(original));
}

/** What `toString` gives for each function and class in compiled code, in the order of their beginnings. */
function textsOf(code: string): string[] {
  const texts: string[] = [];
  const add = ({ start, end }: Tree) => texts.push(code.slice(start, end));
  const visit = (node: Tree, isMethod = false): void => {
    if (/^Class(Declaration|Expression)$/.test(node.type)) add(node);
    if (/^(Arrow)?Function(Expression|Declaration)$/.test(node.type) && !isMethod) add(node);
    const ownsFunction =
      (node.type === 'MethodDefinition' && node.kind !== 'constructor') ||
      (node.type === 'Property' && (node.method || node.kind !== 'init'));
    if (ownsFunction) add(node.static ? afterStatic(code, node) : node);
    const owned = ownsFunction || node.type === 'MethodDefinition' ? node.value : undefined;
    for (const child of childrenOf(node)) visit(child, child === owned);
  };
  visit(parseSync('cell.js', code, { sourceType: 'module', lang: 'js' }).program as unknown as Tree);
  return texts;
}

/** V8 leaves out the word `static`, and what follows it up to the method. */
function afterStatic(code: string, node: Tree): Tree {
  const [skipped] = /^static(\s|\/\*[^]*?\*\/|\/\/.*)*/.exec(code.slice(node.start, node.end))!;
  return { ...node, start: node.start + skipped.length };
}

/** Enters the functions of a cell: its code as it runs, and the same code without stop points. */
export function rememberTexts(stopping: string, clean: string): void {
  const [running, own] = [textsOf(stopping), textsOf(clean)];
  if (running.length !== own.length)
    throw new Error(`the cell has ${own.length} functions, but ${running.length} with stop points`);
  running.forEach((text, i) => text !== own[i] && written.set(text, own[i]));
}

/** From here on functions give their texts as they were written. */
export function installTexts(): void {
  const own = {
    toString(this: unknown): string {
      const text = Reflect.apply(native, this, []);
      return standing.get(this as object) ?? written.get(text) ?? text;
    },
  };
  standFor(own.toString, native);
  Object.defineProperty(Function.prototype, 'toString', { value: own.toString, writable: true, configurable: true });
}
