/** The parts of the kernel, put together. */
import Module from 'node:module';
import { show } from '../../src/notebook/show';
import { createCells } from './cell/cells';
import { currentCell } from './context';
import { createExecute } from './execute';
import { createHistory } from './history';
import type { Handlers, Link } from './link';
import { installOutput } from './output';
import { createServer } from './server';
import { installStopCalls } from './stop/calls';
import { stopped } from './stop/eras';
import { installTexts } from './stop/texts';
import { thrownFailure } from './traceback';

/** Asks the reader of the notebook for a line of text. */
function createPrompt(link: Link) {
  return (message = ''): string => {
    const { request } = currentCell()!;
    if (!request.content.allow_stdin)
      throw new Error('prompt: whoever runs this notebook takes no input; set the value in the cell instead');
    const line = link.ask(request, String(message));
    if (line === undefined) throw stopped();
    return line;
  };
}

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

export function createKernel(link: Link, kernelInfo: object): Handlers {
  installStopCalls(link.stop);
  installTexts();
  const publish = installOutput(link, tslabDisplay(), thrownFailure);
  const cells = createCells({
    onStart: () => link.setPhase('running'),
    onAwait: () => link.setPhase('awaiting'),
    globals: {
      prompt: { declaration: 'declare function prompt(message?: string): string;', value: createPrompt(link) },
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
  const history = createHistory();
  const execution = createExecute(cells, link, publish, (line, input, output) => history.add({ line, input, output }));
  link.setPhase('idle');
  const server = createServer({ link, cells, execution, history, kernelInfo });
  return { request: request => void server.receive(request), interrupted: rounds => execution.interrupted(rounds) };
}
