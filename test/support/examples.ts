/** The examples of docstrings, as modules to check and as functions to run. `value // -> expected` is compared. */
import ts from 'typescript';
import * as door from 'widenet';
import { expect } from 'vitest';

/** What follows `// ->` behind a statement, or undefined. */
function expected(code: string, statement: ts.Statement): string | undefined {
  const comments = ts.getTrailingCommentRanges(code, statement.end) ?? [];
  return comments.map(({ pos, end }) => /^\/\/ -> (.*)$/.exec(code.slice(pos, end))?.[1]).find(text => text);
}

/** Literals with a point are right to their last digit: `0.33` is what rounds to it; whole numbers are exact. */
function rounded(text: string): string {
  const source = ts.createSourceFile('expected.ts', `(${text})`, ts.ScriptTarget.ES2022, true);
  const numbers: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    const signed = ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand);
    if (signed || ts.isNumericLiteral(node)) numbers.push(node as ts.Expression);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  let result = source.text;
  for (const number of numbers.reverse()) {
    const digits = /\.(\d+)$/.exec(number.getText())?.[1].length;
    if (digits === undefined) continue;
    result = `${result.slice(0, number.getStart())}close(${number.getText()}, ${digits})${result.slice(number.end)}`;
  }
  return result;
}

const doorNames = Object.keys(door);

/** An example as a module: what it uses is imported from 'widenet', and values are given to `same`. */
export function exampleModule(
  code: string,
  types: readonly string[],
): { module: string; checks: number; ends: boolean } {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const bare = code.replaceAll('...', '');
  const uses = (name: string) => new RegExp(`(?<![.\\w])${name}\\b`).test(bare);
  let checks = 0;
  let ends = false;
  const lines = source.statements.map(statement => {
    const text = code.slice(statement.getStart(), statement.end);
    const value = expected(code, statement);
    ends = value !== undefined;
    if (value === undefined || !ts.isExpressionStatement(statement)) return text;
    checks++;
    return `same(${code.slice(statement.expression.getStart(), statement.expression.end)}, ${rounded(value)});`;
  });
  if (checks !== (code.match(/\/\/ ->/g) ?? []).length)
    throw new Error(`a "// ->" stands behind no expression:\n${code}`);
  const names = [...doorNames, ...types].filter(uses).join(', ');
  const head = `import { ${names} } from 'widenet';
declare function same(value: unknown, expected: unknown): void;
declare function close(value: number, digits: number): unknown;`;
  return { module: `${head}\n${lines.join('\n')}\nexport {};`, checks, ends };
}

/** Host arrays and tensors as nested lists, typed arrays as lists. */
function plain(value: any): unknown {
  if (value instanceof door.tf.Tensor) return value.arraySync();
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { shape, values } = value;
  if (Array.isArray(shape) && ArrayBuffer.isView(values))
    return nested(Array.from(values as unknown as ArrayLike<number>), shape);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

function nested(values: readonly number[], [length, ...rest]: readonly number[]): unknown {
  if (length === undefined) return values[0];
  const size = values.length / length;
  return Array.from({ length }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
}

const same = (value: unknown, wanted: unknown) => expect(plain(value)).toEqual(wanted);
const close = (value: number, digits: number) => expect.closeTo(value, digits);

/** Runs the module of an example. */
export async function runExample(module: string): Promise<void> {
  const { outputText } = ts.transpileModule(module.replace(/^import.*$/m, '').replace(/^export {};$/m, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const AsyncFunction = (async () => undefined).constructor as new (
    ...source: string[]
  ) => (...given: unknown[]) => Promise<void>;
  const body = `const { ${doorNames.join(', ')} } = widenet;\n{\n${outputText.replace(/^export {};$/m, '')}\n}`;
  await new AsyncFunction('widenet', 'same', 'close', body)(door, same, close);
}
