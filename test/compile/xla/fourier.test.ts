import { describe, expect, test } from 'vitest';
import { traceStep } from '../../../src/compile/trace/traced-function';
import { flatten } from '../../../src/compile/tree';
import { ndarray, random, tf, train, type NdArray } from 'widenet';

type Series = { re: tf.Tensor; im: tf.Tensor };
type Kind = (given: Series) => tf.Tensor;
/** Each transform, and the sum that it is, of length N over frequencies or times j: entry k. */
const kinds: Record<string, Kind> = {
  fft: ({ re, im }) => tf.spectral.fft(tf.complex(re, im)),
  ifft: ({ re, im }) => tf.spectral.ifft(tf.complex(re, im)),
  rfft: ({ re }) => tf.spectral.rfft(re),
};

const drawn = (shape: number[], stream: string) => random.normal(shape, { seed: 3, stream });
const given = (shape: number[]) => ({ re: drawn(shape, 're'), im: drawn(shape, 'im') });
const parts = (z: tf.Tensor) => tf.stack([tf.real(z), tf.imag(z)]);

/** What a function gives, computed by XLA. */
async function computed(f: (data: any) => tf.Tensor, data: Record<string, NdArray>, options: object = {}) {
  const record = { y: (_: object, data: any) => f(data) };
  const run = await train(s => s, { s: 0 }, { data, steps: 0, record, mode: 'xla', dtype: 'float64', ...options });
  return (run.rows[0].y as any).flat(Infinity) as number[];
}

/** What is called of the addon by a step that ends with these parts. */
function callsIn(f: (data: any) => tf.Tensor, data: Record<string, NdArray>): string[] {
  const layout = { state: flatten('test', 'state', { s: 0 }), data: flatten('test', 'data', data) };
  const step = ({ s }: any, data: any) => ({ s: s.add(f(data).sum()) });
  const { calls, release } = traceStep('test', step as any, layout, 'float64');
  release();
  return Array.from(calls.values(), ({ target }) => target).filter(target => target === 'fourier');
}

/** By its definition, in double precision: sums of z[j] exp(sign 2 pi i j k / n) for k below `count`. */
function byHand(re: ArrayLike<number>, im: ArrayLike<number>, n: number, sign: number, count: number) {
  const roots = Array.from({ length: n }, (_, j) => [Math.cos((2 * Math.PI * j) / n), Math.sin((2 * Math.PI * j) / n)]);
  const sums: [number[], number[]] = [[], []];
  for (let row = 0; row < re.length / n; row++)
    for (let k = 0; k < count; k++) {
      let [a, b] = [0, 0];
      for (let j = 0; j < n; j++) {
        const [c, s] = roots[(j * k) % n];
        const [x, y] = [re[row * n + j], im[row * n + j]];
        a += x * c - sign * y * s;
        b += y * c + sign * x * s;
      }
      sums[0].push(a);
      sums[1].push(b);
    }
  return sums.flat();
}

const largest = (values: readonly number[]) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const distance = (a: readonly number[], b: readonly number[]) => largest(a.map((v, i) => v - b[i])) / largest(b);

describe.each([16, 32, 64, 128, 1024])('%i entries', n => {
  const data = given([3, n]);
  const { re, im } = data;
  const zeros = new Float64Array(3 * n);
  const expected: Record<string, number[]> = {
    fft: byHand(re.values, im.values, n, -1, n),
    ifft: byHand(re.values, im.values, n, 1, n).map(v => v / n),
    rfft: byHand(re.values, zeros, n, -1, n / 2 + 1),
  };

  test.each(Object.entries(kinds))('%s is the sum that defines it, in both types', async (name, f) => {
    expect(callsIn(data => parts(f(data)), data)).toEqual(name === 'rfft' && n === 16 ? [] : ['fourier']);
    for (const [dtype, tolerance] of [
      ['float64', 2e-15],
      ['float32', 1e-6],
    ] as const)
      expect(distance(await computed(data => parts(f(data)), data, { dtype }), expected[name])).toBeLessThan(tolerance);
  });

  test('irfft takes rfft back, and heeds no imaginary part where a real series has none', async () => {
    const back = ({ re }: Series) => tf.spectral.irfft(tf.spectral.rfft(re));
    expect(distance(await computed(back, data), Array.from(re.values))).toBeLessThan(1e-15);
    const ends = ndarray(Array.from({ length: n / 2 + 1 }, (_, k) => (k % (n / 2) === 0 ? 3 : 0)));
    const turned = ({ re, ends }: any) => {
      const z = tf.spectral.rfft(re);
      return tf.spectral.irfft(tf.complex(tf.real(z), tf.imag(z).add(ends)));
    };
    expect(callsIn(turned, { re, ends })).toEqual(n === 16 ? [] : ['fourier', 'fourier']);
    expect(await computed(turned, { re, ends })).toEqual(await computed(back, data));
  });
});

test('one frequency of 2^18 gives one entry', async () => {
  const [n, k] = [2 ** 18, 12345];
  const wave = ndarray(Array.from({ length: n }, (_, j) => Math.cos((2 * Math.PI * ((j * k) % n)) / n)));
  const spectrum = await computed(({ wave }) => parts(tf.spectral.rfft(wave)), { wave });
  expect(spectrum[k]).toBeCloseTo(n / 2, 8);
  spectrum[k] = 0;
  expect(largest(spectrum)).toBeLessThan(1e-9);
});

test('roots of unity are exact where they can be, and no number is infinite that single precision can hold', async () => {
  const one = ndarray(Array.from({ length: 64 }, (_, j) => (j === 1 ? 1 : 0)));
  const spectrum = await computed(({ one }) => parts(tf.spectral.rfft(one)), { one });
  expect([0, 16, 32].map(k => [spectrum[k], spectrum[33 + k]])).toEqual([
    [1, 0],
    [0, -1],
    [-1, 0],
  ]);
  const large = ndarray(Array.from({ length: 64 }, (_, j) => (j === 3 ? 2e38 : 0)));
  const single = await computed(({ large }) => parts(tf.spectral.rfft(large)), { large }, { dtype: 'float32' });
  expect(single.every(Number.isFinite)).toBe(true);
});

test('a stack of matrices is transformed row by row; a row that is not finite spoils no other', async () => {
  const x = drawn([2, 3, 64], 'x');
  const spoilt = { ...x, values: Float64Array.from(x.values, (v, i) => (i === 130 ? NaN : v)) };
  const f = ({ x }: any) => tf.real(tf.spectral.rfft(x));
  const [clean, with130] = [await computed(f, { x }), await computed(f, { x: spoilt as NdArray })];
  expect(with130.map(Number.isNaN)).toEqual(clean.map((_, i) => Math.floor(i / 33) === 2));
  expect(with130.filter((_, i) => Math.floor(i / 33) !== 2)).toEqual(clean.filter((_, i) => Math.floor(i / 33) !== 2));
});

test('threads change no bit, and leave out no row', async () => {
  for (const rows of [1, 19]) {
    const data = given([rows, 4096]);
    const all = (data: Series) => tf.stack(Object.values(kinds).map(f => parts(f(data)).sum(-1)));
    const once = await computed(all, data, { threads: 1 });
    expect(await computed(all, data, { threads: 2 })).toEqual(once);
    expect(distance(once, await computed(all, data, { mode: 'graph' }))).toBeLessThan(1e-13);
  }
});

test.each<[string, number[], (x: tf.Tensor) => tf.Tensor]>([
  ['another length', [2, 48], x => tf.spectral.rfft(x)],
  ['a series that is cut', [2, 128], x => tf.spectral.rfft(x, 64)],
  ['few entries', [2, 16], x => tf.spectral.rfft(x)],
])('%s is left to XLA', async (_, shape, f) => {
  const x = drawn(shape, 'x');
  expect(callsIn(({ x }) => parts(f(x)), { x })).toEqual([]);
  const [xla, graph] = [
    await computed(({ x }) => parts(f(x)), { x }),
    await computed(({ x }) => parts(f(x)), { x }, { mode: 'graph' }),
  ];
  expect(distance(xla, graph)).toBeLessThan(1e-15);
});
