/** An engine advances a state by whole segments of steps and writes the recorded values at each segment's end. */
import type { NativeArray } from './native';

export type Mode = 'eager' | 'graph' | 'xla';

/** Segment i steps until the number of steps done in this call is ends[i]. */
export interface Call {
  ends: readonly number[];
  /** Steps done before this call: the first step of the call has number done + 1. */
  done: number;
  seed: number;
}

export interface Advanced<S> {
  state: S;
  /** For each recorded value, its entries at the end of each segment, one after the other. */
  columns: NativeArray[];
  finite: boolean;
}

export interface Engine<S> {
  readonly mode: Mode;
  readonly threads: number;
  /** The most segments, and the most steps, of one call. */
  readonly segments: number;
  readonly steps: number;
  /** Name and shape of each recorded value. */
  readonly recorded: readonly { name: string; shape: readonly number[] }[];
  start(): S;
  advance(state: S, call: Call): Promise<Advanced<S>>;
  read(state: S): NativeArray[];
  free(state: S): void;
  /** Lets go of what start() made for all calls. */
  close(): void;
}
