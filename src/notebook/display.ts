/** What a value looks like in a notebook: its MIME bundle. Large values are summarised, never dumped. */
import { inspect } from 'node:util';
import { isNdArray, size } from '../base/ndarray';
import type { tf } from '../base/tfjs';
import { brief, display, htmlTable, textTable } from './html';

/** Representations of one value by MIME type; `text/plain` is always among them. */
export type MimeBundle = Record<string, unknown>;

const shownValues = 100;
const shownRows = 60;
const shownColumns = 30;

/** A DataFrame or Series of danfojs. */
type Frame = { $isSeries: boolean; $columns: string[]; $index: unknown[]; shape: number[]; values: unknown[] };

// Recognised by their members, so that the kernel loads neither TensorFlow.js nor danfojs for this.
const isTensor = (v: any): v is tf.Tensor =>
  Array.isArray(v?.shape) && typeof v.dtype === 'string' && typeof v.dataSync === 'function';
const isFrame = (v: any): v is Frame => typeof v?.$isSeries === 'boolean' && Array.isArray(v.$columns);

/**
 * The MIME bundle of a value. In this order: what its own `[Symbol.for('Jupyter.display')]()` gives, which may be a
 * promise; danfojs DataFrames and Series as tables; tensors and NdArrays as type, shape, smallest, mean and largest
 * value and the first values; everything else as Node prints it, long strings and lists cut, tensors in short.
 */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  const own = (value as any)?.[display];
  if (typeof own === 'function') {
    const given = own.call(value);
    return typeof given?.then === 'function' ? given.then(completed) : completed(given);
  }
  if (isFrame(value)) return frame(value);
  const printed = () =>
    inspect(summarised(value, 4), { depth: 4, maxArrayLength: shownValues, maxStringLength: 10_000 });
  return { 'text/plain': summaryOf(value) ?? printed() };
}

function completed(bundle: MimeBundle): MimeBundle {
  return 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': `<${Object.keys(bundle).join(', ')}>` };
}

function summaryOf(value: unknown): string | undefined {
  if (isTensor(value))
    return value.isDisposed
      ? `Tensor ${value.dtype} [${value.shape}], disposed`
      : summary('Tensor', value.dtype, value.shape, value.dataSync());
  if (!isNdArray(value)) return undefined;
  const dtype = value.values.constructor.name.replace('Array', '').toLowerCase();
  return summary('NdArray', dtype, value.shape, value.values);
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

/** A copy of plain objects and lists in which tensors and host arrays are one line each. */
function summarised(value: unknown, depth: number): unknown {
  const line = summaryOf(value)?.split('\n')[0];
  if (line !== undefined) return { [inspect.custom]: () => line };
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.length > 10_000 ? value : value.map(v => summarised(v, depth - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, summarised(v, depth - 1)]));
}

function frame({ $isSeries, $columns, $index, shape, values }: Frame): MimeBundle {
  const columns = $columns.slice(0, shownColumns).map(String);
  const rows = values.map((v, i) => [
    String($index[i]),
    ...($isSeries ? [v] : (v as unknown[])).slice(0, shownColumns).map(brief),
  ]);
  const gap = ['...', ...columns.map(() => '...')];
  const body = rows.length <= shownRows ? rows : [...rows.slice(0, shownRows / 2), gap, ...rows.slice(-shownRows / 2)];
  const extent = $isSeries ? `${shape[0]} values` : `${shape[0]} rows x ${shape[1]} columns`;
  return {
    'text/html': htmlTable(['', ...columns], body, extent),
    'text/plain': `${textTable(['', ...columns], body)}\n${extent}`,
  };
}
