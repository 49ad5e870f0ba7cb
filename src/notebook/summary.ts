/** Tensors and host arrays in words: type, shape, smallest, mean and largest value, and the first values. */
import { size } from '../base/ndarray';
import { brief } from './html';
import { isTensor, ndArrayOf } from './members';

export const shownValues = 100;

/** The summary of a tensor or a host array, its first line saying all but the values. */
export function summaryOf(value: unknown): string | undefined {
  if (isTensor(value))
    return value.isDisposed
      ? `Tensor ${value.dtype} [${value.shape}], disposed`
      : summary('Tensor', value.dtype, value.shape, value.dataSync());
  const array = ndArrayOf(value);
  if (!array) return undefined;
  const dtype = array.values[Symbol.toStringTag].replace('Array', '').toLowerCase();
  return summary('NdArray', dtype, array.shape, array.values);
}

function summary(kind: string, dtype: string, shape: readonly number[], values: ArrayLike<unknown>): string {
  const title = `${kind} ${dtype} [${shape.join(', ')}]`;
  if (values.length === 0) return `${title}, empty`;
  return [title + statistics(dtype, values), listed(shape, values)].join('\n');
}

function statistics(dtype: string, values: ArrayLike<unknown>): string {
  if (dtype === 'string' || dtype === 'complex64' || values.length < 2) return '';
  let [min, max, sum, bad] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!Number.isFinite(v)) bad++;
    else {
      min = Math.min(min, v);
      max = Math.max(max, v);
      sum += v;
    }
  }
  const finite = values.length - bad;
  const range = finite ? `, min ${brief(min)}, mean ${brief(sum / finite)}, max ${brief(max)}` : '';
  return range + (bad ? `, ${bad} not finite` : '');
}

/** Up to 100 values, nested as the shape says; of more, the first few. */
function listed(shape: readonly number[], values: ArrayLike<unknown>): string {
  if (values.length !== size(shape) || values.length > shownValues) {
    const first = Array.from({ length: Math.min(8, values.length) }, (_, i) => brief(values[i]));
    return `[${first.join(', ')}${values.length > 8 ? ', ...' : ''}]`;
  }
  const nested = (axis: number, from: number): string => {
    if (axis === shape.length) return brief(values[from]);
    const stride = size(shape.slice(axis + 1));
    const parts = Array.from({ length: shape[axis] }, (_, i) => nested(axis + 1, from + i * stride));
    return `[${parts.join(axis + 1 < shape.length ? `,\n${' '.repeat(axis + 1)}` : ', ')}]`;
  };
  return nested(0, 0);
}
