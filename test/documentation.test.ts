import { expect, test } from 'vitest';
import { comments, functions, undocumented } from './support/door';

test('every export of the door, each of its options and each member of its types is documented', () => {
  expect(undocumented()).toEqual([]);
});

test.each(functions.map(one => [one.name, one] as const))('%s is documented in at most 25 lines', (_, one) => {
  const lengths = comments(one).map(comment => comment.split('\n').length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(25);
});
