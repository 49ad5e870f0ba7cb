/** Refusals of a trace. */
import { UsageError } from '../../base/check';
import { userLine } from '../../base/source-location';

export interface Refusals {
  /** Notes a refusal, with the user's line in the stack of `origin`. */
  note(what: string, origin?: Error): Error;
  /** Notes a refusal and throws it. */
  refuse(what: string, origin?: Error): never;
  /** Throws the first refusal noted. It is thrown again when the trace ends, in case the step caught it. */
  throwFirst(): void;
}

/** The message with the user's line in the stack of `origin`, where there is one. */
export function withLine(message: string, origin: Error | undefined): string {
  const line = userLine(origin);
  return line === undefined ? message : `${message} (at ${line})`;
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
