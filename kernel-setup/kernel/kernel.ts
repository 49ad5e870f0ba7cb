/** The parts of the kernel, put together. */
import Module from 'node:module';
import os from 'node:os';
import { show } from '../../src/notebook/show';
import { createCells } from './cell/cells';
import { createExecute } from './execute';
import type { Handlers, Link } from './link';
import { startClock } from './magic-cells';
import { installOutput } from './output';
import { createPrompts, installStdin } from './prompts';
import { createServer } from './server';
import { installStopCalls } from './stop/calls';
import { endThreads } from './stop/threads';
import { installTexts } from './stop/texts';
import { thrownFailure } from './errors/traceback';

function refuseEnd(name: string): () => never {
  return () => {
    throw new Error(`process.${name}: the kernel does not end from within a cell; use Kernel, Shut Down`);
  };
}

/**
 * Where tslab's display functions and the library look for what shows a value. The module itself is not loaded, because
 * it loads tslab's compiler.
 */
function tslabDisplay(): { lastWriteDisplayData: unknown } {
  const file = require.resolve('tslab/dist/jupyter');
  const exports = { lastWriteDisplayData: undefined as unknown };
  const module = new Module(file);
  require.cache[file] = Object.assign(module, { filename: file, loaded: true, exports });
  return exports;
}

/** What shares the machine with others (WIDENET_THREADS) finds as many processors as are its own. */
function limitThreads(): void {
  const own = Number(process.env.WIDENET_THREADS);
  if (own > 0) os.availableParallelism = () => own;
}

export function createKernel(link: Link): Handlers {
  limitThreads();
  installStopCalls(link.stop);
  endThreads();
  installTexts();
  const publish = installOutput(link, tslabDisplay(), thrownFailure);
  const cells = createCells({
    onStart: () => {
      link.setPhase('running');
      startClock();
    },
    onAwait: () => link.setPhase('awaiting'),
    globals: {
      ...createPrompts(link),
      display: {
        declaration: 'declare function display(...values: unknown[]): void | Promise<void>;',
        value: function display(...values: unknown[]) {
          return show(...values);
        },
      },
    },
  });
  process.exit = refuseEnd('exit');
  process.abort = refuseEnd('abort');
  const execution = createExecute(cells, link, publish, installStdin(link));
  link.setPhase('idle');
  link.ready();
  const server = createServer({ link, cells, execution });
  return { request: request => void server.receive(request), interrupted: rounds => execution.interrupted(rounds) };
}
