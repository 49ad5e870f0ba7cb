/** The types of the rows of a run, by what was recorded. */
import type { tf } from '../autodiff/tf';
import type { IsAny } from './leaves';

/** A recorded value whose rank the types do not tell: use it as the number, or as the nested arrays, that it is. */
export type Recorded = number & RecordedEntries;
interface RecordedEntries extends Array<Recorded> {}

type ByRank = {
  R0: number;
  R1: number[];
  R2: number[][];
  R3: number[][][];
  R4: number[][][][];
  R5: number[][][][][];
  R6: number[][][][][][];
};

/** Functions of state and data by name, whose values are recorded. */
export type Recorders<S, D, R> = R & { readonly [K in keyof R]: (state: S, data: D) => tf.Tensor };

/** What a row holds of what `F` records: a number of a `tf.Scalar`, nested arrays of a known rank, else `Recorded`. */
type Entry<F> = F extends (...given: any) => infer T
  ? IsAny<T> extends true
    ? Recorded
    : T extends tf.Tensor<infer R>
      ? IsAny<R> extends true
        ? Recorded
        : tf.Rank extends R
          ? Recorded
          : ByRank[R]
      : never
  : never;

/** A row: the number of steps done, the time t = step * dt, and by name what was recorded of the state then. */
export type TrainRow<R = any> =
  IsAny<R> extends true
    ? { step: number; t: number; [recorded: string]: any }
    : { [K in keyof R | 'step' | 't']: K extends 'step' | 't' ? number : K extends keyof R ? Entry<R[K]> : never };

/** What is recorded without `record`: nothing; of an untyped state the rows are untyped too. */
export type Unrecorded<S> = IsAny<S> extends true ? any : {};
