/** is_complete: what a console runs, and where it lets the reader type on. */
import { expect, test } from 'vitest';
import { isComplete } from '../../../kernel-setup/kernel/sockets/is-complete';

const complete = [
  ['', 'nothing'],
  ['1', 'a number'],
  ['a\n', 'a line'],
  ['// only a comment', 'a comment'],
  ['const f = () => 1; // as an arrow', 'a comment behind'],
  ['await Promise.resolve(1)', 'await outside functions'],
  ['function f() {\n  return 1;\n}\n\n', 'blank lines behind'],
  ['if (a) b()', 'an else may follow, but need not'],
  ['type A<T> = T[];', 'a type'],
  ['const f = <T>(x: T) => x', 'a generic arrow'],
  ['declare function f(): void', 'a declaration'],
  ['function f(a: string): void;', 'an overload by itself, as it stands'],
  ['label: for (;;) break label', 'a label'],
  ['`a\n${`b`}\n`', 'templates over lines'],
  ["'a\\\nb'", 'a string over two lines'],
  ['@dec class A {}', 'a decorator'],
  ['a / 2 / b', 'no regular expression'],
  ['?x', 'a question'],
  ['x.y??', 'a question'],
  ['%matplotlib inline', 'a magic to be refused'],
  ['%timeit f()', 'a magic'],
  ['%%timeit\nf()', 'a magic with its code'],
  ['exit', "a console's end"],
];

const incomplete = [
  ['const x = ', 'a value is to come'],
  ['const x', 'a value is to come'],
  ['const { a }', 'a value is to come'],
  ['x =>', 'a body is to come'],
  ['async () =>', 'a body is to come'],
  ['const f = <T>(x: T) =>', 'a body is to come'],
  ['const f = <T,>(x: T): T =>', 'a body is to come'],
  ['function f(a: number)', 'a body is to come'],
  ['export function f(a: number)', 'a body is to come'],
  ['f(', 'an argument is to come'],
  ['f(1, // one', 'an argument is to come'],
  ['const a = [1,', 'an element is to come'],
  ['({ a: 1,', 'a property is to come'],
  ['a +', 'an operand is to come'],
  ['a ? b :', 'an operand is to come'],
  ['a?.', 'a name is to come'],
  ['x as', 'a type is to come'],
  ['type A =', 'a type is to come'],
  ["type A =\n  | 'x'\n  |", 'a type is to come'],
  ['let m: Map<string,', 'a type is to come'],
  ['interface X {', 'a brace is open'],
  ['enum E {', 'a brace is open'],
  ['class A {\n  x() {', 'braces are open'],
  ['class A {\n  private x', 'a brace is open'],
  ['if (x)', 'a statement is to come'],
  ['if (x) {} else', 'a statement is to come'],
  ['for (const x of xs)', 'a statement is to come'],
  ['do {}', 'while is to come'],
  ['try {}', 'catch is to come'],
  ['switch (x) {\n  case 1:', 'a brace is open'],
  ['@dec', 'a class is to come'],
  ['@dec()\n', 'a class is to come'],
  ['import { a } from', 'a module is to come'],
  ["import('x'", 'a bracket is open'],
  ['`text', 'a template is open'],
  ['`a ${1}', 'a template is open'],
  ['f(`a\n', 'a template is open'],
  ['/* a comment', 'a comment is open'],
  ['1; /** docs\n * more', 'a comment is open'],
  ["'a\\", 'a string goes on'],
  ['"a\\\n', 'a string goes on'],
  ['%timeit f(', 'a bracket is open'],
  ['%%timeit', 'code is to come'],
  ['%%time\nfor (const x of xs) {', 'a brace is open'],
];

const invalid = [
  ['}', 'closes nothing'],
  [')', 'closes nothing'],
  ['f(]', 'closes another bracket'],
  ['const const = 1', 'a word of the language'],
  ['import = 7q', 'no import'],
  ['let 3x = 1', 'no name'],
  ['a b', 'two names'],
  ['1 +* 2', 'two operators'],
  ["'abc", 'a string that ends with its line'],
  ["'abc\nf(", 'a string that ends with its line'],
  ['/a', 'a regular expression that ends with its line'],
  ['const x; f(', 'what follows does not mend it'],
  ['case 1:', 'outside a switch'],
];

test.each([
  ...complete.map(row => [...row, 'complete']),
  ...incomplete.map(row => [...row, 'incomplete']),
  ...invalid.map(row => [...row, 'invalid']),
])('%j: %s, %s', (code, _, status) => {
  expect(isComplete(code)).toMatchObject({ status });
});

test('the next line is indented after what opens a block, and as the line before it otherwise', () => {
  const indents = {
    'if (1) {': '  ',
    'if (1) { // one': '  ',
    '  f(': '    ',
    'x =>': '  ',
    'f(1,\n  2,': '  ',
    'const x =': '',
    '%%timeit': '',
  };
  for (const [code, indent] of Object.entries(indents))
    expect(isComplete(code), code).toEqual({ status: 'incomplete', indent });
});
