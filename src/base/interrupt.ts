/** Interrupts: the kernel provides an AbortSignal for each cell. */
import { processValue } from './process-state';

/** Thrown by a function that is called after its cell was interrupted. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The signal of the cell that runs now; undefined outside a notebook. */
export const interruptSignal = () => processValue<AbortSignal>('interrupt');
