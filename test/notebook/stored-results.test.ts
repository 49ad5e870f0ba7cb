import { beforeEach, expect, test } from 'vitest';
import { claim, verdicts } from '../../src/notebook/claims';
import type { ClaimInput } from '../../src/notebook/verdict';
import { params } from '../../src/notebook/params';
import { animation } from '../../src/plot/animation';
import { lines } from '../../src/plot/lines';
import { session } from '../../src/notebook/session';
import { shownBy } from '../support/shown';
import { claimsMime, parseNotebook, storedClaims, storedFigures, titleOf } from '../../src/notebook/stored-results';

const display = (value: object) => (value as any)[Symbol.for('Jupyter.display')]();
/** A value that displays itself as the claim did. */
function claimed(input: ClaimInput): object {
  const [bundle] = shownBy(() => claim(input));
  return { [Symbol.for('Jupyter.display')]: () => bundle };
}
/** A notebook as it comes back from disk, with one output a cell. */
const notebook = (...shown: object[]) =>
  JSON.parse(
    JSON.stringify({
      cells: [
        { cell_type: 'markdown', source: '# x' },
        ...shown.map(value => ({
          cell_type: 'code',
          outputs: [{ output_type: 'display_data', data: display(value) }],
        })),
      ],
      nbformat: 4,
    }),
  );

/** What is stored beside a claim that says no more. */
const plain = { kind: 'claim', against: [] };

beforeEach(() => session().claims.clear());

test('what a notebook showed is read back: the last word on each claim, NaN, settings', () => {
  params({ quick: { n: 3 } });
  const base = { id: 'a', statement: 's', expect: { above: 0 }, source: 'own' } as const;
  const first = claimed({ ...base, measured: 1 });
  const stored = notebook(
    first,
    claimed({ ...base, measured: [NaN, 2, Infinity, -0] }),
    claimed({ ...base, id: 'b', measured: NaN }),
    verdicts(),
  );
  expect(storedClaims(stored)).toEqual({
    unreadable: [],
    claims: [
      { ...base, measured: [NaN, 2, Infinity, -0], ...plain, verdict: 'fails' },
      { ...base, id: 'b', measured: NaN, ...plain, verdict: 'fails' },
    ],
    profile: 'quick',
    settings: { n: 3 },
  });
});

test('a claim that was not tested stays so', () => {
  const base = { id: 'a', statement: 's', expect: { above: 0 }, source: 'own', note: 'long' } as const;
  expect(storedClaims(notebook(claimed(base))).claims).toStrictEqual([{ ...base, ...plain, verdict: 'not tested' }]);
});

test('figures come in order, with ids fit for files', () => {
  const rows = [
    { t: 0, risk: 1 },
    { t: 1, risk: 2 },
  ];
  const figures = storedFigures(
    notebook(
      lines(rows, { x: 't', y: 'risk', title: 'Risk & rate, λ → 0' }),
      lines([{ rows }, { rows }], { x: 't', y: 'risk', title: '<b>λ</b>' }),
    ),
  );
  expect(figures.map(f => [f.title, f.id])).toEqual([
    ['Risk & rate, λ → 0', '01-risk-rate-0'],
    ['λ', '02'],
  ]);
  expect(figures[0].figure.data[0].y).toEqual([1, 2]);
  expect(titleOf({ layout: { title: 'plain' } })).toBe('plain');
});

test('packed arrays of a figure come back as lists, in its frames too', () => {
  const long = (k: number) =>
    lines(
      Array.from({ length: 20 }, (_, t) => ({ t, risk: k * t })),
      { x: 't', y: 'risk' },
    );
  const stored = notebook(animation([1, 2], [long(1), long(2)], 'k = '));
  expect(JSON.stringify(stored)).toContain('"bdata"');
  const [{ figure }] = storedFigures(stored);
  const times = (k: number) => Array.from({ length: 20 }, (_, t) => k * t);
  expect(figure.data[0]).toMatchObject({ x: times(1), y: times(1) });
  expect(figure.frames?.map(frame => frame.data[0].y)).toEqual([times(1), times(2)]);
});

test('a text that is no claim is told', () => {
  const told = { claims: ['no JSON', '[]'] };
  const { unreadable } = storedClaims({ cells: [{ cell_type: 'code', outputs: [{ data: { [claimsMime]: told } }] }] });
  expect(unreadable).toEqual(["a claim is 'no JSON' but must be an object", 'a claim is [] but must be an object']);
});

test('what is no notebook is refused', () => {
  expect(() => parseNotebook('x.ipynb', '{')).toThrow(/^x\.ipynb: is not a notebook: .*JSON/);
  expect(() => parseNotebook('x.ipynb', '{"nbformat": 4}')).toThrow(
    /^x\.ipynb: is not a notebook: it has no cells of nbformat 4$/,
  );
});

test.each<[unknown, RegExp]>([
  [null, /^a claim is null but must be an object$/],
  [3, /^a claim is 3/],
  ['x', /^a claim is 'x'/],
  [[], /^a claim is \[\]/],
  [{ id: 'a' }, /^claim 'a': statement is undefined but must be a text$/],
  [{ id: {}, statement: 's', source: 'o' }, /^claim \{\}: id is \{\} but must be a text$/],
  [
    { id: 'a', statement: 's', source: 'o', verdict: '<script>' },
    /^claim 'a': verdict is '<script>' but must be holds, fails, undecided or not tested$/,
  ],
  [
    { id: 'a', statement: 's', source: 'o', verdict: 'holds', measured: [1, 'x'], expect: { above: 0 } },
    /measured\[1\] is 'x' but must be a number$/,
  ],
  [
    { id: 'a', statement: 's', source: 'o', verdict: 'holds', measured: 1 },
    /expect is undefined but must be one of above, below, within, equals$/,
  ],
  [
    { id: 'a', statement: 's', source: 'o', verdict: 'holds', measured: 1, expect: { within: [2, 1] } },
    /the lower bound comes first$/,
  ],
])('of %j shown as a claim is said what is wrong, and the others are read', (given, problem) => {
  const good = { id: 'b', statement: 's', expect: { above: 0 }, source: 'own', measured: 1, verdict: 'holds' };
  const output = (claims: unknown) => ({ cell_type: 'code', outputs: [{ data: { [claimsMime]: claims } }] });
  const read = storedClaims({ cells: [output({ claims: [given, good] })] as any });
  expect(read.claims).toEqual([{ ...good, ...plain }]);
  expect(read.unreadable).toEqual([expect.stringMatching(problem)]);
  for (const none of [null, 3, [], { claims: 3 }, {}])
    expect(storedClaims({ cells: [output(none)] as any })).toEqual({
      claims: [],
      unreadable: [expect.stringMatching(/without a list of claims$/)],
    });
});
