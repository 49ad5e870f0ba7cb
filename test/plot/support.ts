import { columns } from '../../src/base/rows';

export const display = (fig: object): any => (fig as any)[Symbol.for('Jupyter.display')]();

/** exp(-rate t) at t = 0, 1, ..., count - 1. */
export const decay = (rate: number, count = 5) =>
  columns({
    t: Array.from({ length: count }, (_, t) => t),
    risk: Array.from({ length: count }, (_, t) => Math.exp(-rate * t)),
  });
