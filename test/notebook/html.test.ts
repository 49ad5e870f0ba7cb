import { expect, test } from 'vitest';
import { brief, displayable, htmlTable, textTable } from '../../src/notebook/html';

test('a table keeps its text from being read as HTML', () => {
  const html = htmlTable(['<b>'], [['a & "b" < c'], [{ html: '<i>kept</i>' }]], 'x < y');
  expect(html).toContain('&lt;b&gt;');
  expect(html).toContain('a &amp; &quot;b&quot; &lt; c');
  expect(html).toContain('<i>kept</i>');
  expect(html).toContain('<caption>x &lt; y</caption>');
});

test('a table is one to notebooks in a terminal, which keep the columns of this class apart and wrap them', () => {
  expect(htmlTable(['a'], [['1']])).toMatch(/^<table class="dataframe" border="1" cellpadding="5" /);
});

test('a table as text is aligned', () => {
  expect(
    textTable(
      ['n', 'name'],
      [
        ['10', 'a'],
        ['2', 'long'],
      ],
    ),
  ).toBe('n   name\n--  ----\n10  a\n2   long');
});

test.each([
  [0.000012345678, '1.235e-5'],
  [-0.0005, '-5e-4'],
  [0.00123456, '0.001235'],
  [123456, '123456'],
  [-0.5, '-0.5'],
  [20254321098765.5, '2.025e13'],
  [-3e9, '-3e9'],
  [Infinity, 'Infinity'],
  [NaN, 'NaN'],
  [[1, 0.33333333], '[1, 0.3333]'],
  [undefined, ''],
  [null, ''],
  ['text', 'text'],
  [true, 'true'],
])('%s reads %s', (value, text) => expect(brief(value)).toBe(text));

test('a display does not show among the properties', () => {
  const value = displayable({ a: 1 }, () => ({ 'text/plain': 'x' }));
  expect(Reflect.ownKeys({ ...value })).toEqual(['a']);
  expect(JSON.stringify(value)).toBe('{"a":1}');
  expect((value as any)[Symbol.for('Jupyter.display')]()).toEqual({ 'text/plain': 'x' });
});
