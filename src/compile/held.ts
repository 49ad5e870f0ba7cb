/** A state that stays native from one call to the next, with the data that the steps read. */
import { fail, knownOptions, wholeNumber } from '../base/check';
import { Interrupted } from '../base/interrupt';
import type { NdArray } from '../base/ndarray';
import { processState } from '../base/process-state';
import { advanceAll } from './advance';
import type { Engine } from './engine';
import { planner } from './plan';
import { interruption, readState, stepNumbers } from './run';
import { refusedInside } from './trace/inside';
import type { Given, Mapped } from './tree';

/** A state, held natively with the data that its steps read: what `hold` of a compiled step gives. */
export interface Held<S> {
  /**
   * Makes steps. When it rejects, the state is that before the call; after an interrupt (`Interrupted`) it is that
   * after the steps that were done.
   */
  advance(options?: {
    /** How many more. Default 1. */
    steps?: number;
    /** When it aborts, the call rejects, as it does at the stop button. Default: none. */
    signal?: AbortSignal;
  }): Promise<void>;
  /** The state after the last call, copied. */
  read(): Mapped<S, NdArray>;
  /** The number of the last step done. */
  readonly step: number;
  /** Frees the state and the data. Of a held state that nobody refers to the collector does so, some time later. */
  close(): void;
}

/** Outside the scope of what refers to the held state, which it must not keep from the collector. */
const freeing =
  <E>(engine: Engine<E>, now: { state: E; isOpen: boolean }) =>
  () => {
    if (!now.isOpen) return;
    now.isOpen = false;
    engine.free(now.state);
    engine.close();
  };

/** What an engine was opened for, held: its start, after the steps that are done. `move` makes steps of `advance`. */
export function heldState<S, E>(where: string, engine: Engine<E>, given: Given, seed: number, from: number) {
  const now = { state: engine.start, step: from, isOpen: true, isMoving: false };
  const mustRest = (what: string) => {
    if (!now.isOpen) fail(where, `${what} is called on a held state that is closed`);
    if (now.isMoving) fail(where, `${what} is called before the call of advance has ended: await that`);
  };
  const free = freeing(engine, now);
  // Without rows nothing tells at which step a state stopped being finite: it is given as it is.
  const toTheEnd: Engine<E> = {
    ...engine,
    advance: async (state, call) => ({ ...(await engine.advance(state, call)), finite: true }),
    free: state => state !== now.state && engine.free(state),
  };

  async function move(steps: number, interrupted: () => boolean): Promise<void> {
    const last = now.step + steps;
    stepNumbers(where, { steps: last, from: now.step, seed });
    const every = planner(where, [], last);
    now.isMoving = true;
    try {
      const begin = { ...toTheEnd, start: now.state };
      const end = await advanceAll(where, begin, { steps: last, from: now.step, every, seed, dt: 1, interrupted });
      const done = end.done - now.step;
      if (end.state !== now.state) engine.free(now.state);
      Object.assign(now, { state: end.state, step: end.done });
      if (end.status === 'interrupted') throw new Interrupted(`${where}: interrupted after ${done} of ${steps} steps`);
    } finally {
      now.isMoving = false;
    }
  }

  const held: Held<S> = {
    async advance(options = {}) {
      const refused = refusedInside('advance of a held state');
      if (refused) return refused;
      knownOptions(where, options, ['steps', 'signal']);
      const { steps = 1, signal } = options;
      mustRest('advance');
      await move(wholeNumber(where, 'steps', steps), interruption(where, signal));
    },
    read() {
      mustRest('read');
      return readState(engine, given, now.state);
    },
    get step() {
      return now.step;
    },
    close() {
      if (now.isOpen) mustRest('close');
      // Who has taken any of these functions has the held state too.
      unreachable.unregister(held);
      free();
    },
  };
  unreachable.register(held, free, held);
  return { held, move };
}

/** Frees what is held by nobody any more. */
const unreachable = processState('held-states', () => new FinalizationRegistry((free: () => void) => free()));
