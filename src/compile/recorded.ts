/** The types of the rows of a run, by what was recorded. */
import type { tf } from '../autodiff/tf';
import type { Draw } from './trace/draws';
import type { IsAny } from './tree';

/** A recorded value whose rank the types do not tell: use it as the number, or as the nested arrays, that it is. */
export type Recorded = number & RecordedEntries;
/** Nested arrays of recorded numbers. */
export interface RecordedEntries extends Array<Recorded> {}

/** Functions of state, data and draws by name, whose values are recorded. */
export type Recorders<S, D, R> = R & { readonly [K in keyof R]: (state: S, data: D, draw: Draw) => tf.Tensor };

/** What a row holds of what `F` records: a number of a `tf.Scalar`, nested arrays of a known rank, else `Recorded`. */
export type Entry<F> = F extends (...given: any) => infer T
  ? IsAny<T> extends true
    ? Recorded
    : T extends tf.Tensor<infer R>
      ? IsAny<R> extends true
        ? Recorded
        : tf.Rank extends R
          ? Recorded
          : ReturnType<tf.Tensor<R>['arraySync']>
      : never
  : never;

/** What every row of a run has. */
export interface RowTime {
  /** The number of steps done. */
  step: number;
  /** The time step * dt. */
  t: number;
}

/** A row of a run: the number of steps done, the time, and by name what was recorded of the state then. */
export type TrainRow<R = any> =
  IsAny<R> extends true ? RowTime & { [recorded: string]: any } : Flat<RowTime & { [K in keyof R]: Entry<R[K]> }>;

/** An intersection as one object, which is how editors show it then. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** What is recorded where nothing tells: nothing, but of an untyped state, whatever it is called. */
export type Unrecorded<S> =
  // biome-ignore lint/complexity/noBannedTypes: with another empty type, TypeScript 5.0 does not type what is recorded.
  IsAny<S> extends true ? { [name: string]: (state: any, data: any, draw: Draw) => tf.Tensor } : {};
