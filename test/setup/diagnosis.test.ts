import { expect, test } from 'vitest';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import { Refusal } from '../../kernel-setup/shared/refusal.mjs';

test('a failure is its message and, indented, its remedy', () => {
  expect(failureText(new Refusal('it rains', ['take a coat', 'or wait']))).toBe(
    'set-up stopped: it rains\n  take a coat\n  or wait',
  );
});

test('an error of the system is explained when its cause is known, and never shows a stack', () => {
  expect(failureText(new Error('ENOSPC: no space left on device, write'))).toMatch(
    /^set-up stopped: the disk is full \(ENOSPC: [^)]*\)\n  free some space.*$/,
  );
  expect(failureText(new Error('something else'))).toBe('set-up stopped: something else');
});
