/** Interrupts: the kernel provides an AbortSignal for each cell. */
import { processValue, setProcessValue } from './process-state';

/** Thrown by a function that is called after its cell was interrupted. */
export class Interrupted extends Error {
  /** What tells it from other errors. */
  override name = 'Interrupted';
}

/**
 * Runs what heeds the signal and then gives a partial result. The stop button lets it come to that end, and with it the
 * functions of the cell that it calls.
 */
export const heeding = <T>(work: () => T): T =>
  (processValue<(work: () => T) => T>('heeding') ?? ((work: () => T) => work()))(work);

/** The signal of the cell that runs now; undefined outside a notebook. */
export const interruptSignal = () => processValue<AbortSignal>('interrupt');

/** Does `work` under a signal that is aborted with the cell's or by `abort`, whichever comes first. */
export async function abortable<T>(work: (abort: () => void) => Promise<T>): Promise<T> {
  const outer = interruptSignal();
  const controller = new AbortController();
  const inner = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal;
  setProcessValue('interrupt', inner);
  try {
    return await work(() => controller.abort());
  } finally {
    if (interruptSignal() === inner) setProcessValue('interrupt', outer);
  }
}
