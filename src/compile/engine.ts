/**
 * What a run needs of an engine: it advances a state by segments of steps, and gives the recorded values at the end of
 * each. Mode 'eager' is in eager-engine.ts, 'graph' and 'xla' are in native-engine.ts.
 */
import type { NativeArray } from './native';

/** What runs the steps: TensorFlow.js operation by operation, or natively as a TensorFlow graph or a program of XLA. */
export type Mode = 'eager' | 'graph' | 'xla';

/** One call of an engine. Segment i makes steps until `ends[i]` steps of this call are done. */
export interface Call {
  ends: readonly number[];
  /** Whether each segment ends with a row; else only the new state is wanted. */
  hasRows: boolean;
  /** Steps done before this call: the first step of the call has number done + 1. */
  done: number;
  seed: number;
}

export interface Advanced<S> {
  /** A new state; the one given stays as it was. */
  state: S;
  /** For each recorded value, its entries at the end of each segment, one after the other. */
  columns: NativeArray[];
  /** Whether every number of the new state is finite. */
  finite: boolean;
  /** Milliseconds of work, without the wait for threads that other runs have. */
  milliseconds: number;
}

export interface Engine<S> {
  readonly mode: Mode;
  readonly threads: number;
  /** The most segments, and the most steps, of one call. */
  readonly segments: number;
  readonly steps: number;
  /** The greatest number that a step can have. */
  readonly last: number;
  /** How many steps one call should make, as measured by the calls so far. */
  readonly pace: { steps: number };
  readonly recorded: readonly { name: string; shape: readonly number[] }[];
  readonly start: S;
  advance(state: S, call: Call): Promise<Advanced<S>>;
  read(state: S): NativeArray[];
  free(state: S): void;
  close(): void;
}
