import { beforeEach, expect, test } from 'vitest';
import { claim, verdicts } from '../src/claims';
import { params } from '../src/params';
import { session } from '../src/session';
import { claimsMime } from '../src/stored';
import type { ClaimInput } from '../src/verdict';

const display = (value: object): Record<string, any> => (value as any)[Symbol.for('Jupyter.display')]();
const rate: ClaimInput = { id: 'rate', statement: 'the risk falls', measured: [1, 2], expect: { above: 1 }, source: 'abstract' };

beforeEach(() => session().claims.clear());

test('a claim is judged, shown and collected', () => {
  const made = claim(rate);
  expect(made.verdict).toBe('holds');
  const shown = display(made);
  expect(shown[claimsMime]).toEqual({ claims: [{ ...rate, verdict: 'holds' }] });
  expect(shown['text/plain']).toMatch(/holds +the risk falls +1 \.\. 2 \(2 of 2 hold\) +>= 1 +abstract/);
  expect(shown['text/html']).toContain('>holds</b>');
  expect([...verdicts()]).toEqual([made]);
});

test('the verdict table has all claims in order, the last of an id, and the settings', () => {
  params({ quick: { n: 3 } });
  claim(rate);
  claim({ ...rate, id: 'other', measured: 0 });
  claim({ ...rate, measured: NaN });
  const shown = display(verdicts());
  expect(shown[claimsMime].claims.map((c: any) => [c.id, c.verdict])).toEqual([['rate', 'fails'], ['other', 'fails']]);
  expect(shown[claimsMime]).toMatchObject({ profile: 'quick', settings: { n: 3 } });
});

test('what was not tested says why', () => {
  expect(claim({ ...rate, measured: undefined, note: 'takes an hour' }).verdict).toBe('not tested');
  expect(() => claim({ ...rate, measured: undefined })).toThrow(/^claim 'rate': nothing measured and no note that says why$/);
});

test.each<[Partial<ClaimInput>, RegExp]>([
  [{ id: 'two words' }, /^claim 'two words': id must be letters, digits, dots and dashes$/],
  [{ measured: [] }, /^claim 'rate': measured is an empty list/],
  [{ expect: {} as any }, /expect is \{\} but must be one of above, below, within, equals$/],
  [{ expect: { above: 1, below: 2 } as any }, /must be one of above, below, within, equals$/],
  [{ expect: { above: NaN } }, /its bounds must be numbers$/],
  [{ expect: { within: [2, 1] } }, /within \[2,1\] but the lower bound comes first$/],
  [{ expect: { equals: 1 } as any }, /needs a tolerance >= 0 but has undefined$/],
])('%j is refused', (part, message) => expect(() => claim({ ...rate, ...part })).toThrow(message));
