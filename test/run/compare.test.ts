import { expect, test } from 'vitest';
import { compare, distance } from '../../kernel-setup/run/compare.mjs';
import { readReference } from '../../kernel-setup/run/reference.mjs';
import { claimsMime, plotlyMime } from '../../src/notebook/stored-results';

interface Content {
  rate?: number;
  verdict?: string;
  y?: (number | null)[];
  title?: string;
  more?: object;
}

const notebook = ({ rate = 1, verdict = 'holds', y = [1, 0.5, 0.001], title = 'risk', more }: Content = {}) => ({
  cells: [
    {
      cell_type: 'code',
      outputs: [
        {
          data: {
            [claimsMime]: {
              claims: [
                {
                  id: 'rate',
                  statement: 'falls',
                  source: 'own',
                  expect: { above: 0 },
                  measured: [rate, 2],
                  verdict,
                  ...more,
                },
              ],
            },
          },
        },
        { data: { [plotlyMime]: { data: [{ name: 'own', x: [0, 1, 2], y }], layout: { title: { text: title } } } } },
      ],
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

const states = (after: Content, tolerance = 0.01) =>
  compare(notebook(), notebook(after), tolerance).map(line => `${line.what} ${line.state}`);

test('the same results are identical', () =>
  expect(states({})).toEqual(['claim rate identical', 'figure 01-risk identical']));

test('what differs by less than the tolerance is within it', () => {
  expect(states({ rate: 1.005, y: [1, 0.501, 0.001] })).toEqual(['claim rate within', 'figure 01-risk within']);
  expect(states({ rate: 1.005 }, 0)).toEqual(['claim rate moved', 'figure 01-risk identical']);
});

test('a claim is judged beside its band', () => {
  const moved = (from: number, to: number, expect: object) => {
    const [before, after] = [from, to].map(measured => notebook({ more: { measured, expect } }));
    return compare(before, after, 0.01)[0].state;
  };
  expect(moved(3e-11, 3.4e-11, { below: 1e-8 })).toBe('within');
  expect(moved(3e-9, 3.4e-9, { below: 1e-8 })).toBe('moved');
  expect(moved(3e-11, 3.4e-11, { equals: 0, tolerance: 1e-8 })).toBe('within');
  expect(moved(3, 3.4, { above: 1 })).toBe('moved');
});

test('a curve is judged beside its largest value', () => {
  expect(states({ y: [1, 0.5, 0.00105] })[1]).toBe('figure 01-risk within');
  expect(states({ y: [1, 0.55, 0.001] })[1]).toBe('figure 01-risk moved');
});

test('a verdict that turns, a curve that breaks off or has other points, and what is new or gone, have moved', () => {
  expect(compare(notebook(), notebook({ verdict: 'fails' }), 1)[0]).toMatchObject({
    state: 'moved',
    detail: 'holds -> fails (1 .. 2 (2 of 2 hold) -> 1 .. 2 (2 of 2 hold))',
  });
  expect(states({ y: [1, 0.5, null] })[1]).toBe('figure 01-risk moved');
  expect(states({ y: [1, 0.5] })[1]).toBe('figure 01-risk moved');
  expect(states({ title: 'loss' })).toEqual(['claim rate identical', 'figure 01-risk moved', 'figure 01-loss moved']);
});

test('a band that is another one, and an alternative that moved or has another name, have moved', () => {
  const rival = (name: string, measured: number | number[]) => ({ against: [{ name, measured, verdict: 'fails' }] });
  const moved = (before: object, after: object) =>
    compare(notebook({ more: before }), notebook({ more: after }), 0.01)[0].detail;
  expect(moved({}, { expect: { above: -1 } })).toMatch(/still holds; expected ≥ 0 -> ≥ -1$/);
  expect(moved({}, { expect: { below: 0 } })).toMatch(/still holds; expected ≥ 0 -> ≤ 0$/);
  const narrow = notebook({ more: { expect: { within: [0.5, 2] } } });
  const other = notebook({ more: { expect: { within: [0.5001, 2] } } });
  expect(compare(narrow, other, 0.01)[0]).toMatchObject({ state: 'within' });
  expect(moved(rival('null', -1), rival('null', -2))).toBe("by 50 %, still holds; against 'null' -1 -> -2");
  expect(moved(rival('null', -1), rival('other', -1))).toMatch(/still holds; against 'null' -1 -> none$/);
  expect(moved({}, rival('null', -1))).toMatch(/still holds; against 'null' none -> -1$/);
  expect(moved(rival('null', -1), rival('null', -1))).toBe('');
});

test('a frame of a film that moved is seen', () => {
  const film = (y: number) => {
    const data = { data: [], frames: [{ data: [{ name: 'film', y: [y] }] }] };
    return { cells: [{ cell_type: 'code', outputs: [{ data: { [plotlyMime]: data } }] }] };
  };
  expect(compare(film(1), film(2), 0.01)).toMatchObject([{ state: 'moved', detail: "by 50 %, most in 'film'" }]);
});

test('distance is relative, symmetric, and knows NaN from NaN', () => {
  expect(distance([1, NaN, null], [1, NaN, NaN], 0)).toBe(0);
  expect(distance([1], [2], 0)).toBe(distance([2], [1], 0));
  expect(distance([1e-9], [2e-9], 1)).toBeCloseTo(1e-9, 15);
  expect(distance([1], [NaN], 0)).toBe(Infinity);
  expect([distance([1], [1, 2], 0), distance([1, 2], [1], 0)]).toEqual([Infinity, Infinity]);
});

test('a damaged reference, and one without results, are refused with a remedy', () => {
  const read = (text: string) => readReference({ text, from: 'notebooks/chen2022.ipynb as committed' });
  expect(() => read('{"cells": [')).toThrow(
    /^notebooks\/chen2022\.ipynb as committed: is not a notebook: .*\n {2}the reference is damaged: restore it from an earlier commit$/,
  );
  expect(() => read(JSON.stringify({ ...notebook(), cells: [] }))).toThrow(
    /^notebooks\/chen2022\.ipynb as committed holds no results to compare with\n {2}store them with: npm run reproduce -- --save/,
  );
  expect(read(JSON.stringify(notebook())).cells.length).toBe(1);
  for (const one of notebook().cells[0].outputs)
    expect(read(JSON.stringify({ ...notebook(), cells: [{ cell_type: 'code', outputs: [one] }] })).cells.length).toBe(
      1,
    );
});
