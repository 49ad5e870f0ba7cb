/** What a press of the stop button ends: all cells since the press before it, and all that they have started. */
import { setMaxListeners } from 'node:events';
import { Interrupted } from '../../../src/base/interrupt';

/** How far a stop has come. Each step ends what the one before has spared. */
export const stage = {
  /** No stop. */
  running: 0,
  /** The signal is aborted; what heeds it may still give its result. */
  asked: 1,
  /** Only clean-up goes on. */
  cleaning: 2,
  /** Nothing goes on. */
  over: 3,
} as const;

export interface Era {
  readonly controller: AbortController;
  stage: number;
  /** Contexts that something may still run in. */
  contexts: number;
  /** Clean-ups under way that wait for something. */
  readonly cleanUps: Set<object>;
}

/** What a piece of code belongs to: AsyncLocalStorage carries it through awaits, timers and callbacks. */
export interface Context {
  readonly era: Era;
  /** The stage of a stop that ends it. */
  readonly endsAt: number;
}

/** Why a cell ended that was told to stop. */
export function stopped(): Interrupted {
  const error = new Interrupted('the cell was stopped');
  stops.add(error);
  return error;
}

const stops = new WeakSet<object>();

/** Whether this was thrown to stop a cell: then there is nothing to report. */
export const isStop = (thrown: unknown) => typeof thrown === 'object' && thrown !== null && stops.has(thrown);

export function createEra(): Era {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return { controller, stage: stage.running, contexts: 0, cleanUps: new Set() };
}

/** The eras that were stopped while something of them may still run. */
const ending = new Set<Era>();
let onEnding = (_is: boolean): void => {};

/** Calls back with whether anything of a stopped era may still run, when that changes. */
export function watchEnding(callback: (is: boolean) => void): void {
  onEnding = callback;
}

const gone = new FinalizationRegistry<Era>(era => {
  if (--era.contexts === 0 && ending.delete(era)) onEnding(ending.size > 0);
});

/** Notes that code may run in this context for as long as it is not collected. */
export function keepTrack<C extends Context>(context: C): C {
  context.era.contexts++;
  gone.register(context, context.era);
  return context;
}

/** Takes a stop to a stage. */
export function advance(era: Era, to: number): void {
  if (era.stage >= to) return;
  era.stage = to;
  if (era.contexts > 0) ending.add(era);
  onEnding(ending.size > 0);
  if (!era.controller.signal.aborted) era.controller.abort(stopped());
}
