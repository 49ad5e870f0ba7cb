import { expect } from 'vitest';
import { ndarray, tensor, tf, train } from 'widenet';
import { cases, edges, type Case } from './derivatives';
import golden from '../golden/derivatives.json';
import { bothDerivatives } from '../support/both-derivatives';
import { core as test, long } from '../support/tier';

/**
 * First and second derivatives of every operation against JAX's (golden/derivatives.py says which): in float64 by
 * graph and XLA to 1e-10;
 * in float32 by plain TensorFlow.js, outside any step, to 1e-5: the largest of the sums here has some 50 terms of
 * rounding 6e-8.
 */
interface Array {
  shape: number[];
  values: (number | string)[];
}
interface Golden {
  cases: Record<string, Record<'x' | 'v' | 'w' | 'first' | 'second', Array[]>>;
  edges: Record<string, { x: (number | string)[][]; first: (number | string)[]; second: (number | string)[] }>;
}
const { cases: smooth, edges: sharp } = golden as Golden;

/** Cases with an operation that exists in float32 only, by its name. */
const notInDoubles: Record<string, string> = Object.fromEntries([
  ...Object.keys(cases)
    .filter(name => name.startsWith('avgPool3d'))
    .map(name => [name, 'AvgPool3D']),
  ...Object.keys(cases)
    .filter(name => name.startsWith('resizeBilinear'))
    .map(name => [name, 'ResizeBilinear']),
  ['batchNorm', 'FusedBatchNorm'],
  ['batchNormPlain', 'FusedBatchNorm'],
]);
/** Cases that XLA cannot compile, by the operation that it has not. */
const notInXla: Record<string, string> = Object.fromEntries(
  Object.keys(cases)
    .filter(name => name.startsWith('resizeNearest'))
    .map(name => [name, 'ResizeNearestNeighborGrad']),
);

type Given = Record<'x' | 'v' | 'w', tf.Tensor[]>;
const asNumber = (x: number | string) =>
  typeof x === 'number' ? x : { nan: NaN, inf: Infinity, '-inf': -Infinity }[x]!;
const flat = (tensors: tf.Tensor[]) => tf.concat(tensors.map(t => t.flatten()));

/** Both derivatives of a smooth case, as one vector. */
const atSmooth = (f: Case, { x, v, w: [w] }: Given): tf.Tensor => flat(bothDerivatives(f, x, v, w));

/** f' and f'', entry by entry. */
function atEdge(f: Case, [x, ...rest]: tf.Tensor[]): tf.Tensor {
  const first = (x: tf.Tensor) => tf.grad(x => f(x, ...rest).sum())(x);
  return flat([first(x), tf.grad(x => first(x).sum())(x)]);
}

const expected: Record<string, number[]> = Object.fromEntries([
  ...Object.entries(smooth).map(([name, { first, second }]) => [
    name,
    [...first, ...second].flatMap(({ values }) => values.map(asNumber)),
  ]),
  ...Object.entries(sharp).map(([name, { first, second }]) => [
    `${name} at its edges`,
    [...first, ...second].map(asNumber),
  ]),
]);
const data = Object.fromEntries([
  ...Object.entries(smooth).map(([name, given]) => [
    name,
    Object.fromEntries(
      (['x', 'v', 'w'] as const).map(key => [
        key,
        given[key].map(({ shape, values }) => ndarray(values as number[], shape)),
      ]),
    ),
  ]),
  ...Object.entries(sharp).map(([name, { x }]) => [
    `${name} at its edges`,
    x.map(column => ndarray(column.map(asNumber))),
  ]),
]);
const derivatives = (name: string, given: any) =>
  name in smooth ? atSmooth(cases[name], given) : atEdge(edges[name.replace(' at its edges', '')], given);
const names = Object.keys(data);

/** The names whose numbers are further from JAX's than `tolerance` times 1 + |value|, with the worst entry. */
function wrong(found: Record<string, ArrayLike<number>>, tolerance: number): string[] {
  return Object.entries(found).flatMap(([name, values]) => {
    const far = (want: number, i: number) =>
      Number.isFinite(want)
        ? !(Math.abs(values[i] - want) <= tolerance * (1 + Math.abs(want)))
        : !Object.is(values[i], want);
    const at = expected[name].findIndex(far);
    return values.length === expected[name].length && at < 0
      ? []
      : [`${name}[${at}]: ${values[at]} but JAX has ${expected[name][at]}`];
  });
}

test('the file and the cases name the same operations', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(smooth).sort());
  expect(Object.keys(edges).sort()).toEqual(Object.keys(sharp).sort());
});

test('plain TensorFlow.js, outside any step, has the right derivatives and leaves no tensor', () => {
  const before = tf.memory().numTensors;
  const tensors = (value: any): any =>
    Array.isArray(value)
      ? value.map(tensors)
      : value.values
        ? tensor(value)
        : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, tensors(part)]));
  const found = Object.fromEntries(
    names.map(name => [name, tf.tidy(() => derivatives(name, tensors(data[name])).arraySync() as number[])]),
  );
  expect(wrong(found, 1e-5)).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});

long.each(['graph', 'xla'] as const)('%s in float64 has the right derivatives', async mode => {
  const some = names.filter(name => !(name in notInDoubles) && !(mode === 'xla' && name in notInXla));
  const found: Record<string, number[]> = {};
  for (let i = 0; i < some.length; i += 40) {
    const batch = some.slice(i, i + 40);
    const {
      rows: [row],
    } = await train(
      s => s,
      { x: 0 },
      {
        data: Object.fromEntries(batch.map(name => [name, data[name]])),
        steps: 0,
        mode,
        dtype: 'float64',
        record: Object.fromEntries(
          batch.map((name, i) => [`case ${i}`, (_: any, t: any) => derivatives(name, t[name])]),
        ),
      },
    );
    batch.forEach((name, i) => (found[name] = row[`case ${i}`] as number[]));
  }
  expect(wrong(found, 1e-10)).toEqual([]);
});
