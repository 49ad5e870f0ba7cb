import { afterEach, expect, test, vi } from 'vitest';
import { figure, show } from 'widenet';

afterEach(() => {
  vi.restoreAllMocks();
});

function printed(): unknown[] {
  const lines: unknown[] = [];
  vi.spyOn(console, 'log').mockImplementation((...args) => {
    lines.push(...args);
  });
  return lines;
}

test('outside a kernel, values are printed as text, in order', () => {
  const lines = printed();
  expect(show(1, figure([], { title: { text: 'T' } }), 'x')).toBeUndefined();
  expect(lines).toEqual(['1', 'Figure: T', "'x'"]);
});

test('a promised display is awaited before the next', async () => {
  const lines = printed();
  const slow = { [Symbol.for('Jupyter.display')]: async () => ({ 'text/plain': 'slow' }) };
  await show('a', slow, 'b', slow);
  expect(lines).toEqual(["'a'", 'slow', "'b'", 'slow']);
});

test("a display that fails is the caller's error", async () => {
  printed();
  const failing = {
    [Symbol.for('Jupyter.display')]: () => {
      throw new Error('no display');
    },
  };
  expect(() => show(failing)).toThrow(/^no display$/);
  await expect(
    show({
      [Symbol.for('Jupyter.display')]: async () => {
        throw new Error('later');
      },
    }),
  ).rejects.toThrow(/^later$/);
});
