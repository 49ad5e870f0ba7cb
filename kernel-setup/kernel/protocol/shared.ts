/**
 * How the main thread and the socket thread communicate: by messages through the port, and by a few numbers that both
 * can read at any time.
 */
import type { Connection, Header, Request } from './wire';

/** The entries of the shared `Int32Array`. */
export const at = {
  /** One of `phase`. */
  phase: 0,
  /** Counts the cells run; an interrupt is over when it has changed or the phase is idle. */
  cell: 1,
  /** The last `nudge` that the main thread has seen: how the socket thread knows that its event loop turns. */
  seen: 2,
  /** Bytes of output handed over and not yet sent. */
  unsent: 3,
  /** One of `answer`: whether a cell waits for input. */
  answer: 4,
  /** Three numbers for the stop points of cells (stop/calls.ts). The first is not 0 while busy code is to end. */
  stop: 5,
  /** When the cell began, by `clock`. */
  began: 8,
} as const;

/** What the main thread is doing. */
export const phase = {
  idle: 0,
  /** The kernel's own work, which ends by itself. */
  preparing: 1,
  /** The part of a cell before its first await; SIGINT ends it. */
  running: 2,
  /** After that; the event loop turns unless the cell computes. */
  awaiting: 3,
  /** The compiler is loading: the socket thread says itself what the kernel is. */
  starting: 4,
} as const;

export const answer = {
  unasked: 0,
  /** The main thread waits, doing nothing else. */
  pending: 1,
  given: 2,
  interrupted: 3,
  /** It goes on meanwhile. */
  pendingLater: 4,
} as const;

/** Says at which stage of a stop busy code is, 0 for none. */
export function setBusy(shared: Int32Array, stage: number): void {
  Atomics.store(shared, at.stop, stage);
  if (stage > 0) Atomics.or(shared, at.stop + 1, 1);
  else Atomics.and(shared, at.stop + 1, ~1);
}

/** Milliseconds, the same in all threads; to be compared by `(later - earlier) | 0`. */
export const clock = () => Number(BigInt.asIntN(32, process.hrtime.bigint() / 1_000_000n));

/** Above this much unsent output the main thread waits, so that a loop that prints cannot fill the memory. */
export const unsentLimit = 32 << 20;

/** A stop goes from round to round. */
export const roundMs = 500;

/** From this round on, counted from 0, clean-up is ended too. */
export const lastRound = 3;

export type StreamName = 'stdout' | 'stderr';

/** What the main thread sends. */
export interface Outgoing {
  socket: 'iopub' | 'shell' | 'stdin';
  type: string;
  parent?: Header;
  identities?: Uint8Array[];
  /** JSON; for a stream, the text itself. */
  content: string;
  stream?: StreamName;
  /** What was printed before this mark comes first. */
  mark?: number;
}

/** A cell is about to run: what is written to descriptors 1 and 2 after the mark is its output. */
export interface Entered {
  cell: Header;
  /** From 1; what the cell prints carries it. */
  number: number;
  silent: boolean;
  mark: number;
}

/** What the history is to keep: a cell that starts, or the output of one that has ended. */
export type Ran = { line: number; input: string } | { line: number; output: string };

/** What the main thread posts: a message, a cell that begins, what the history is to keep, that it is up, its end. */
export type ToSockets = Outgoing | Entered | { ran: Ran } | { ready: true } | { end: true };

export type ToMain =
  | { request: Request }
  /**
   * The stop button, pressed `count` half seconds ago while `cell` ran; the main thread answers by storing `nudge` at
   * `at.seen`.
   */
  | { nudge: number; count: number; cell: number }
  | { exit: number };

export interface SocketThreadData {
  connection: Connection;
  shared: SharedArrayBuffer;
  /** Each `input_reply` that a cell waits for. */
  input: import('node:worker_threads').MessagePort;
  /** The reply to kernel_info_request, the same for all. */
  kernelInfo: object;
}
