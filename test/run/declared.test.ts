import { expect, test } from 'vitest';
import { declared } from '../../kernel-setup/run/declared.mjs';

const cell = (source: string, tags = ['parameters']) => ({
  cells: [{ cell_type: 'code', source, metadata: { tags } }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const quick = (value: string) => declared(cell(`const { x } = params({ quick: { x: ${value} } });`));

test.each<[string, unknown]>([
  ['2 ** -8', 2 ** -8],
  ['-(1 + 2) * 3 / 4 % 5', -2.25],
  ['1e3 - 0x10', 984],
  ['+3', 3],
  ['1_000', 1000],
  ['2 * Math.PI', 2 * Math.PI],
  ['Math.SQRT2', Math.SQRT2],
  ['[1, -2.5, [3]]', [1, -2.5, [3]]],
  ["'a'", 'a'],
  ['"b"', 'b'],
  ['`c`', 'c'],
  ['true', true],
  ['false', false],
  ['[0, 1] as number[]', [0, 1]],
  ['(3 satisfies number)', 3],
])('%s is read as its value', (text, value) => expect(quick(text)).toEqual({ parameters: { quick: { x: value } } }));

test('names may be quoted, and full may differ', () => {
  expect(declared(cell("params({ quick: { n: 1, 'a-b': 2 }, full: { n: 2 } })"))).toEqual({
    parameters: { quick: { n: 1, 'a-b': 2 }, full: { n: 2 } },
  });
});

test.each([
  ['size', /^line 1 of its parameters cell: size is not a constant$/],
  [
    "this.constructor.constructor('return process')().exit(0)",
    /^line 1 of its parameters cell: this\.constructor\.constructor\('return process'\)\(\)\.exit\(0\) is not a constant$/,
  ],
  ['Math.max(1, 2)', /Math\.max\(1, 2\) is not a constant/],
  ['Math.random', /Math\.random is not a constant/],
  ['`a${1}`', /is not a constant/],
  ['1n', /1n is not a constant/],
  ["'1' + 1", /'1' \+ 1 is not arithmetic on numbers/],
  ['1 << 3', /1 << 3 is not arithmetic on numbers/],
  ['(() => { while (true); })()', /is not a constant/],
  ['[...Array(3)]', /\.\.\.Array\(3\) is not a constant/],
  ['{ ...y }', /\.\.\.y is not of the form name: constant/],
  ['{ [y]: 1 }', /\[y\]: 1 is not of the form name: constant/],
  ['{ get y() { return 1; } }', /is not of the form name: constant/],
  ['{ __proto__: 1 }', /__proto__: 1 is no parameter/],
  ['globalThis.ran = true', /globalThis\.ran is not a constant/],
])('%s is refused by line, and not run', (text, problem) => {
  expect(quick(text)).toEqual({ problem: expect.stringMatching(problem) });
  expect((globalThis as any).ran).toBeUndefined();
});

test('the line is that of the cell', () =>
  expect(declared(cell('// sizes\nparams({\n  quick: { n: 1,\n    m: size },\n})')).problem).toMatch(
    /^line 4 of its parameters cell: size/,
  ));

test('a declaration of another form is told', () => {
  for (const text of ['params([])', 'params({ n: 1 })', 'params({ quick: 1 })', 'params({ quick: {}, full: 2 })'])
    expect(declared(cell(text)).problem).toMatch(/is not of the form \{ quick: \{ \.\.\. \}, full: \{ \.\.\. \} \}$/);
});

test('without a call of params in a cell tagged parameters there is none', () => {
  expect(declared(cell('const a = 1;'))).toEqual({});
  expect(declared(cell('params()'))).toEqual({});
  expect(declared(cell('params({ quick: { n: 1 } })', []))).toEqual({});
  expect(declared(cell('params({ quick: { n: '))).toEqual({
    problem: expect.stringMatching(/^line 1 of its parameters cell/),
  });
});
