import { createRequire } from 'node:module';
import type { MimeBundle } from '../../src/notebook/display';

const require = createRequire(__filename);

/** The bundles that `work` sends to a notebook, in order: the module by which tslab displays is stood in for. */
export function shownBy(work: () => Promise<unknown>): Promise<MimeBundle[]>;
export function shownBy(work: () => void): MimeBundle[];
export function shownBy(work: () => unknown): MimeBundle[] | Promise<MimeBundle[]> {
  const file = require.resolve('tslab/dist/jupyter');
  const shown: MimeBundle[] = [];
  const before = require.cache[file];
  const lastWriteDisplayData = ({ data }: { data: MimeBundle }) => shown.push(data);
  require.cache[file] = { exports: { lastWriteDisplayData } } as unknown as NodeJS.Module;
  const restore = () => {
    if (before) require.cache[file] = before;
    else delete require.cache[file];
  };
  let done: unknown;
  try {
    done = work();
  } finally {
    if (!(done instanceof Promise)) restore();
  }
  return done instanceof Promise ? done.finally(restore).then(() => shown) : shown;
}
