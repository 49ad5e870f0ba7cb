/** Answers the requests of the shell channel one after another, as they came. */
import { rendererIsThere, rendererTarget } from '../../src/notebook/frontend';
import type { Cells } from './cell/cells';
import type { createExecute } from './execute';
import { complete, inspect } from './language';
import type { Link } from './link';
import { log } from './log';
import { toJson } from './output';
import { refusal, replyType, type ShellRequest } from './protocol/requests';
import { thrownFailure, type Failure } from './errors/traceback';
import type { Request } from './protocol/wire';

interface Parts {
  link: Link;
  cells: Cells;
  execution: ReturnType<typeof createExecute>;
}

/** What the socket thread answers itself. */
type AtOnce = 'kernel_info_request' | 'is_complete_request' | 'history_request';
type Later = Exclude<ShellRequest, 'execute_request' | AtOnce>;

/** What answers each request but execute_request: with the content of the reply, or undefined where there is none. */
const answersOf = (
  { cells }: Parts,
  closeComm: (request: Request, content: object) => void,
): Record<Later, (request: Request) => object | undefined | Promise<object | undefined>> => ({
  complete_request: ({ content }) => complete(cells, content),
  inspect_request: ({ content }) => inspect(cells, content),
  comm_info_request: () => ({ status: 'ok', comms: {} }),
  // There are no widgets: any other comm that a frontend opens is closed at once, as the protocol asks.
  comm_open: request => {
    if (request.content.target_name === rendererTarget) rendererIsThere();
    else closeComm(request, { comm_id: request.content.comm_id, data: {} });
    return undefined;
  },
  comm_msg: () => undefined,
  comm_close: () => undefined,
});

export function createServer(parts: Parts) {
  const { link, execution } = parts;
  const queue: Request[] = [];
  let serving = false;

  const broadcast = (type: string, { header }: Request, content: object) =>
    link.send({ socket: 'iopub', type, parent: header, content: toJson(content) });
  const reply = (request: Request, content: object) =>
    link.send({
      socket: 'shell',
      type: replyType(request.header.msg_type)!,
      parent: request.header,
      identities: request.identities,
      content: toJson(content),
    });

  const answers = answersOf(parts, (request, content) => broadcast('comm_close', request, content));

  async function answer(request: Request): Promise<void> {
    const type = request.header.msg_type as ShellRequest;
    if (type === 'execute_request') {
      const { fault } = request;
      const result = fault ? execution.refuse(request, refusal(fault)) : await execution.execute(request);
      reply(request, result.reply);
      if (result.stops) await abortQueued();
      return;
    }
    if (request.fault) return refuse(request, refusal(request.fault));
    const content = await answers[type as Later](request);
    if (content) reply(request, content);
  }

  /** What has no reply is reported on stderr. */
  function refuse(request: Request, failure: Failure): void {
    if (replyType(request.header.msg_type)) reply(request, { status: 'error', ...failure });
    else log(`refused a message: ${failure.evalue}`);
  }

  /** Cells that were sent before the failure was known do not run. */
  async function abortQueued(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 1));
    const aborted = queue.filter(r => r.header.msg_type === 'execute_request');
    queue.splice(0, queue.length, ...queue.filter(r => !aborted.includes(r)));
    for (const request of aborted) await around(request, () => reply(request, { status: 'aborted' }));
  }

  async function around(request: Request, work: () => void | Promise<void>): Promise<void> {
    broadcast('status', request, { execution_state: 'busy' });
    try {
      await work();
    } catch (error) {
      refuse(request, thrownFailure(error));
    }
    broadcast('status', request, { execution_state: 'idle' });
  }

  return {
    async receive(request: Request): Promise<void> {
      queue.push(request);
      if (serving) return;
      serving = true;
      for (let next = queue.shift(); next; next = queue.shift()) {
        const current = next;
        await around(current, () => answer(current));
      }
      serving = false;
    },
  };
}
