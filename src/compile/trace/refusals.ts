/** Refusals of a trace. */
import { UsageError } from '../../base/check';
import { withLine } from '../../base/source-location';

export interface Refusals {
  /** Notes a refusal, with the user's line in the stack of `origin`. */
  note(what: string, origin?: Error): Error;
  /** Notes a refusal and throws it. */
  refuse(what: string, origin?: Error): never;
  /** Throws the first refusal noted. It is thrown again when the trace ends, in case the step caught it. */
  throwFirst(): void;
}

export function newRefusals(where: string): Refusals {
  let first: Error | undefined;
  const note = (what: string, origin = new Error()) =>
    (first ??= new UsageError(withLine(`${where}: ${what}`, origin)));
  return {
    note,
    refuse(what, origin) {
      throw note(what, origin);
    },
    throwFirst() {
      if (first) throw first;
    },
  };
}
