/** argMax and argMin under XLA, which after a NaN take the last entry, or go on from there: NaN is made the least. */
import { graphBuilder } from '../graph-builder';
import { DT, type NativeGraph, type Output } from '../native';
import type { Operation } from '../operation';

/** Whether an operation looks for the place of an extreme entry. */
export const isExtreme = ({ type }: Pick<Operation, 'type'>) => type === 'ArgMax' || type === 'ArgMin';

/** The tensor `id` that such an operation reads, with what it never takes first in the place of NaN. */
export function withoutNaN(graph: NativeGraph, { type, name }: Operation, { dtype }: Output, id: number): number {
  if (dtype !== DT.float && dtype !== DT.double) return id;
  const b = graphBuilder(graph, (made, index) => `${name}_${made}_${index}`);
  const last = b.constant([type === 'ArgMax' ? -Infinity : Infinity], [], dtype);
  return b.op('SelectV2', [b.op('IsNan', [id])[0], last, id])[0];
}
