/** Interrupts: the kernel puts an AbortSignal for each cell where the library finds it. */

const key = Symbol.for('widenet.interrupt');

/** Thrown by what is called when its cell is already interrupted. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The signal of the cell that runs now; undefined outside a notebook. */
export function interruptSignal(): AbortSignal | undefined {
  return (globalThis as unknown as Record<symbol, AbortSignal | undefined>)[key];
}
