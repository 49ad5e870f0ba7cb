/**
 * The requests on shell that the socket thread answers by itself, at once, also while the kernel starts or a cell runs.
 * Replies to one frontend may then come in another order than its requests; each names the request that it answers.
 */
import { createHistory } from './history';
import { isComplete } from './is-complete';
import { refusal } from '../protocol/requests';
import type { Request } from '../protocol/wire';

export function createAtOnce(kernelInfo: object) {
  const history = createHistory(process.env);

  function content({ header, content }: Request): object | undefined {
    switch (header.msg_type) {
      case 'is_complete_request':
        return isComplete(content.code);
      case 'history_request':
        return history.reply(content);
      case 'kernel_info_request':
        return kernelInfo;
      default:
        return undefined;
    }
  }

  return {
    remember: history.add,
    /** The content of the reply; undefined for what the main thread answers in its turn. */
    answer(request: Request): object | undefined {
      try {
        return request.fault ? undefined : content(request);
      } catch (error) {
        return { status: 'error', ...refusal((error as Error).message) };
      }
    },
  };
}
