import { afterEach, expect, test, vi } from 'vitest';
import { figure, show } from 'widenet';
import { renewed } from '../../src/notebook/show';
import { shownBy } from '../support/shown';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
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

/** What is shown of states that come at these seconds, the last of which is the end; each show takes `cost` seconds. */
async function watched(seconds: number[], cost = 0): Promise<unknown[]> {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const view = (state: number) => {
    clock.mockReturnValue(1000 * (state + cost));
    return state;
  };
  const bundles = await shownBy(async () => {
    const place = renewed(view);
    for (const at of seconds.slice(0, -1)) {
      clock.mockReturnValue(1000 * at);
      await place.now(at);
    }
    await place.last(seconds.at(-1)!);
  });
  return bundles.map(bundle => Number(bundle['text/plain']));
}

test('what is watched is renewed once a second, less often where that takes long, and its last state stands', async () => {
  expect(await watched([0.5, 0.9, 1, 1.5, 2.1, 2.2])).toEqual([1, 2.1, 2.2]);
  expect(await watched([1, 2, 3, 4, 5, 6, 7], 1)).toEqual([1, 6, 7]);
  expect(await watched([0.1])).toEqual([0.1]);
});

test('what an async view gives is awaited, and what it rejects with is thrown', async () => {
  const place = renewed(async (state: number) => {
    await null;
    if (state < 0) throw new Error('negative');
    return state;
  });
  expect(await shownBy(() => place.last(3))).toMatchObject([{ 'text/plain': '3' }]);
  await expect(place.last(-1)).rejects.toThrow(/^negative$/);
});

test('in a run of the whole notebook only the last state is shown', async () => {
  vi.stubEnv('WIDENET_BATCH', '1');
  expect(await watched([1, 2, 3, 4])).toEqual([4]);
});
