import { expect, test, vi } from 'vitest';
import { session } from '../../src/notebook/session';

test('a reload of the library keeps what the notebook has said', async () => {
  session().settings = { n: 3 };
  vi.resetModules();
  const reloaded = await import('../../src/notebook/session');
  expect(reloaded.session).not.toBe(session);
  expect(reloaded.session().settings).toEqual({ n: 3 });
});
