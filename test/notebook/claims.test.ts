import { beforeEach, expect, test, vi } from 'vitest';
import { claim, grounds, verdicts } from '../../src/notebook/claims';
import { claimsTables } from '../../src/notebook/claims-table';
import { params } from '../../src/notebook/params';
import { session } from '../../src/notebook/session';
import { claimsMime, storedClaims } from '../../src/notebook/stored-results';
import type { Claim, ClaimInput } from '../../src/notebook/verdict';
import { shownBy } from '../support/shown';

const display = (value: object): Record<string, any> => (value as any)[Symbol.for('Jupyter.display')]();
const rate: ClaimInput = {
  id: 'rate',
  statement: 'the risk falls',
  measured: [1, 2],
  expect: { above: 1 },
  source: 'abstract',
};
/** What is stored beside a claim that says no more. */
const plain = { kind: 'claim', against: [] };

beforeEach(() => session().claims.clear());

/** The claims that a notebook with this output holds. */
const storedIn = (data: Record<string, any>) =>
  storedClaims({ cells: [{ cell_type: 'code', outputs: [{ data }] }] }).claims;

/** Makes a claim; gives it as it was collected. */
function claimed(input: ClaimInput): Claim {
  shownBy(() => claim(input));
  return verdicts().find(({ id }) => id === input.id)!;
}

test('a claim is judged, shown once and collected', () => {
  const [shown, ...again] = shownBy(() => expect(claim(rate)).toBeUndefined()) as any[];
  expect(again).toEqual([]);
  expect(shown[claimsMime]).toEqual({ claims: [expect.any(String)] });
  expect(storedIn(shown)).toEqual([{ ...rate, ...plain, verdict: 'holds' }]);
  expect(shown['text/plain']).toMatch(/holds +the risk falls +1 \.\. 2 \(2 of 2 hold\) +≥ 1 +nothing named +abstract/);
  expect(shown['text/html']).toContain('>holds</b>');
  expect([...verdicts()]).toEqual([{ ...rate, ...plain, verdict: 'holds' }]);
});

test('outside a kernel a claim prints its row', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  claim(rate);
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^verdict .*\n.*\nholds +the risk falls +1 \.\. 2/)]]);
  log.mockRestore();
});

test('the verdict tables as texts: a row for each claim, its note beside its statement, checks apart', () => {
  claimed({ ...rate, kind: 'check', id: 'mass' });
  claimed({ ...rate, against: { 'no training': 0, drift: [1, 0.5] } });
  claimed({ ...rate, id: 'later', measured: undefined, note: 'takes an hour' });
  claimed({ ...rate, id: 'weak', against: { 'power law': 1.5 } });
  claimed({ ...rate, id: 'wrong', measured: 0 });
  const shared = { measured: '1 .. 2 (2 of 2 hold)', band: '≥ 1' };
  const rows = [
    ['holds', 'the risk falls', shared.measured, shared.band, 'no training: 0; drift: 0.5 .. 1 (1 of 2 hold)'],
    ['not tested', 'the risk falls (takes an hour)', '', shared.band, 'nothing named'],
    ['undecided', 'the risk falls', shared.measured, shared.band, 'power law: 1.5, which lies in the band too'],
    ['fails', 'the risk falls', '0', shared.band, 'nothing named'],
  ];
  expect(claimsTables(verdicts()).map(({ caption, head, rows }) => ({ caption, head, rows }))).toEqual([
    {
      caption: 'claims: 1 holds, 1 fails, 1 undecided, 1 not tested',
      head: ['verdict', 'claim', 'measured', 'expected', 'what would have failed', 'source'],
      rows: rows.map(row => [...row, 'abstract']),
    },
    {
      caption: 'checks: 1 holds',
      head: ['verdict', 'check', 'measured', 'expected', 'source'],
      rows: [['holds', 'the risk falls', shared.measured, shared.band, 'abstract']],
    },
  ]);
  expect(display(verdicts())['text/plain']).toMatch(
    /^claims: 1 holds, .*\nverdict .*[^]*\n\nchecks: 1 holds\nverdict /,
  );
  expect(display(verdicts())['text/html'].match(/<caption>/g)).toHaveLength(2);
});

test('no claims are told as none', () => expect(display(verdicts())['text/plain']).toBe('no claims'));

test('an alternative is judged by the band of its claim, stored beside it, and kept when its list changes', () => {
  const drift = Float64Array.of(1, 0.5);
  const made = claimed({ ...rate, against: { 'no training': 0, drift } });
  drift[1] = 3;
  const against = [
    { name: 'no training', measured: 0, verdict: 'fails' },
    { name: 'drift', measured: [1, 0.5], verdict: 'fails' },
  ];
  expect(made).toEqual({ ...rate, kind: 'claim', against, verdict: 'holds' });
  expect(storedIn(JSON.parse(JSON.stringify(display(verdicts()))))).toEqual([made]);
});

test('any text names an alternative, one that every object has too', () => {
  const names = ['10', '2', 'constructor', '__proto__', 'a < b & <b>c</b>'];
  const against = Object.fromEntries(names.map((name, i) => [name, i / 10]));
  const [shown] = shownBy(() => claim({ ...rate, against })) as any[];
  const made = storedIn(JSON.parse(JSON.stringify(shown)))[0].against;
  expect(new Set(made.map(({ name }) => name))).toEqual(new Set(names));
  for (const { name, measured } of made) expect(measured).toBe(names.indexOf(name) / 10);
  expect(shown['text/html']).toContain('a &lt; b &amp; &lt;b&gt;c&lt;/b&gt;: 0.4');
});

test('numbers keep their bits on the way into the notebook, and a list changed later does not change what was judged', () => {
  const measured = [NaN, Infinity, -0, 0.1];
  const [shown] = shownBy(() => claim({ ...rate, measured }));
  measured.push(7);
  expect(verdicts()[0].measured).toEqual([NaN, Infinity, -0, 0.1]);
  const told = storedIn(JSON.parse(JSON.stringify(shown)));
  expect(told).toStrictEqual([{ ...rate, measured: [NaN, Infinity, -0, 0.1], ...plain, verdict: 'fails' }]);
  expect(claimed({ ...rate, measured: Float32Array.of(1, 2) })).toMatchObject({ measured: [1, 2], verdict: 'holds' });
});

test('the verdict table has all claims in order, the last of an id, and the settings', () => {
  params({ quick: { n: 3 } });
  claimed(rate);
  claimed({ ...rate, id: 'other', measured: 0 });
  claimed({ ...rate, measured: NaN });
  const shown = display(verdicts());
  expect(storedIn(shown).map(c => [c.id, c.verdict])).toEqual([
    ['rate', 'fails'],
    ['other', 'fails'],
  ]);
  expect(shown[claimsMime]).toMatchObject({ profile: 'quick', settings: { n: 3 } });
});

test('what was not tested says why', () => {
  expect(claimed({ ...rate, measured: undefined, note: 'takes an hour' }).verdict).toBe('not tested');
  expect(() => claim({ ...rate, measured: undefined })).toThrow(
    /^claim 'rate': nothing measured and no note that says why$/,
  );
});

test.each<[Partial<ClaimInput>, RegExp]>([
  [{ id: 'two words' }, /^claim 'two words': id must be letters, digits, dots and dashes$/],
  [{ statement: undefined as any }, /^claim 'rate': statement is undefined but must be a text$/],
  [{ source: 5 as any }, /^claim 'rate': source is 5 but must be a text$/],
  [{ note: ['why'] as any }, /^claim 'rate': note is \[ 'why' \] but must be a text$/],
  [{ kind: 'guess' as any }, /^claim 'rate': kind is 'guess' but must be claim or check$/],
  [{ statement: '' }, /^claim 'rate': statement has no text$/],
  [{ source: ' ' }, /^claim 'rate': source has no text$/],
  [{ measured: undefined, note: ' ' }, /^claim 'rate': nothing measured and no note that says why$/],
  [{ against: { rival: 0, ' ': 0 } }, /^claim 'rate': against has an alternative without a name$/],
  [{ against: new Map([['rival', 0]]) as any }, /^claim 'rate': against is Map\(1\) .* but must be an object/],
  [{ against: Float64Array.of(0) as any }, /^claim 'rate': against is Float64Array\(1\) .* but must be an object/],
  [{ against: Object.create({ rival: 0 }) }, /^claim 'rate': against is \{\} but must be an object/],
  [{ against: { __proto__: { rival: 0 } } as any }, /^claim 'rate': against is .* but must be an object/],
  [{ against: [1] as any }, /^claim 'rate': against is \[ 1 \] but must be an object: \{ name: measured \}$/],
  [{ against: { rival: [] } }, /^claim 'rate', against 'rival': measured is an empty list/],
  [
    { against: { rival: [1, null] as any } },
    /^claim 'rate', against 'rival': measured\[1\] is null but must be a number$/,
  ],
  [
    { against: { rival: undefined as any } },
    /^claim 'rate', against 'rival': measured is undefined but must be a number/,
  ],
  [
    { measured: undefined, note: 'later', against: { rival: 1 } },
    /^claim 'rate': nothing measured, but against names 'rival'$/,
  ],
  [{ measured: [] }, /^claim 'rate': measured is an empty list/],
  [{ measured: new Float32Array(0) }, /^claim 'rate': measured is an empty list/],
  [{ measured: [1, null] as any }, /^claim 'rate': measured\[1\] is null but must be a number$/],
  [{ measured: [undefined, 1] as any }, /^claim 'rate': measured\[0\] is undefined but must be a number$/],
  [{ measured: [1, , 2] as any }, /^claim 'rate': measured\[1\] is undefined but must be a number$/],
  [{ measured: [true] as any }, /measured\[0\] is true but must be a number$/],
  [{ measured: ['2'] as any }, /measured\[0\] is '2' but must be a number$/],
  [{ measured: [[2]] as any }, /measured\[0\] is \[ 2 \] but must be a number$/],
  [{ measured: [2n] as any }, /measured\[0\] is 2n but must be a number$/],
  [{ measured: BigInt64Array.of(2n) as any }, /measured\[0\] is 2n but must be a number$/],
  [{ measured: null as any }, /^claim 'rate': measured is null but must be a number or a list of numbers$/],
  [{ measured: '2' as any }, /measured is '2' but must be a number or a list of numbers$/],
  [{ measured: 2n as any }, /measured is 2n but must be a number or a list of numbers$/],
  [
    { measured: { values: [2] } as any },
    /measured is \{ values: \[Array\] \} but must be a number or a list of numbers$/,
  ],
  [{ id: undefined as any }, /^claim 'undefined': id must be letters, digits, dots and dashes$/],
  [{ expect: null as any }, /expect is null but must be one of above, below, within, equals$/],
  [
    { expect: { above: 1, belwo: 2 } as any },
    /expect is \{ above: 1, belwo: 2 \} but must be one of above, below, within, equals$/,
  ],
  [{ expect: { below: null } as any }, /expect is \{ below: null \} but its bounds must be numbers$/],
  [{ expect: { below: 2n } as any }, /expect is \{ below: 2n \} but its bounds must be numbers$/],
  [{ expect: { within: [1] } as any }, /within \[1\] but the lower bound comes first$/],
  [
    { expect: { equals: Infinity, tolerance: 0 } },
    /expect is \{ equals: Infinity, tolerance: 0 \} but both must be finite$/,
  ],
  [
    { expect: { equals: 0, tolerance: Infinity } },
    /expect is \{ equals: 0, tolerance: Infinity \} but both must be finite$/,
  ],
  [{ expect: {} as any }, /expect is \{\} but must be one of above, below, within, equals$/],
  [{ expect: { above: 1, below: 2 } as any }, /must be one of above, below, within, equals$/],
  [{ expect: { above: NaN } }, /its bounds must be numbers$/],
  [{ expect: { within: [2, 1] } }, /within \[2,1\] but the lower bound comes first$/],
  [{ expect: { equals: 1 } as any }, /needs a tolerance >= 0 but has undefined$/],
])('%o is refused', (part, message) => expect(() => claim({ ...rate, ...part })).toThrow(message));

test('a band that is changed afterwards changes no claim', () => {
  const expected = { within: [0, 1] as [number, number] };
  const made = claimed({ ...rate, measured: 0.5, expect: expected });
  expected.within[1] = 0.1;
  expect(made.expect).toEqual({ within: [0, 1] });
  expect(display(verdicts())['text/plain']).toMatch(/holds .* 0\.5 +in \[0, 1\]/);
});

test('claims measured with other parameters are not shown beside the new ones', () => {
  Object.assign(session(), { profile: 'quick', settings: {} });
  claimed({ ...rate, id: 'before' });
  params({ quick: { n: 1 } });
  claimed({ ...rate, id: 'with-1' });
  params({ quick: { n: 1 } });
  expect(verdicts().map(({ id }) => id)).toEqual(['before', 'with-1']);
  params({ quick: { n: 2 } });
  expect(verdicts()).toHaveLength(0);
});

test('in a run of the whole notebook a second claim of an id is refused: it would hide the first', () => {
  process.env.WIDENET_BATCH = '1';
  try {
    claimed({ ...rate, measured: 0 });
    expect(() => claim(rate)).toThrow(
      /^claim 'rate': a claim of this id was made before in this run; give each an id of its own$/,
    );
    expect(verdicts().map(({ verdict }) => verdict)).toEqual(['fails']);
  } finally {
    delete process.env.WIDENET_BATCH;
  }
});

test.each([{ above: -Infinity }, { below: Infinity }, { within: [-Infinity, Infinity] }] as const)(
  'a band that every number satisfies is none: %j',
  expected => {
    expect(() => claim({ ...rate, expect: expected })).toThrow(
      /^claim 'rate': expect is .*Infinity.* but a band must exclude some number$/,
    );
    expect(claimed({ ...rate, expect: { within: [1, Infinity] } }).verdict).toBe('holds');
  },
);

test('a verdict is read on any page: its letters have a contrast of 4.5 or more to a ground of their own', () => {
  const light = (hex: string) => {
    const linear = [1, 3, 5]
      .map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  for (const ground of Object.values(grounds)) expect(1.05 / (light(ground) + 0.05)).toBeGreaterThan(4.5);
  const one = { id: 'a', statement: 's', measured: 1, expect: { above: 0 }, source: 'own' } as const;
  const [shown] = shownBy(() => claim(one));
  expect(shown['text/html']).toContain(`<b style="color:#ffffff;background-color:${grounds.holds}">holds</b>`);
});
