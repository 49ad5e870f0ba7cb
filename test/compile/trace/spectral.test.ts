import { expect, test } from 'vitest';
import { grad, random, tf, train } from 'widenet';

const shapes = [[8], [7], [3, 8], [2, 3, 10], [4, 2], [4, 1]];
const x = shapes.map(shape => random.normal(shape, { seed: 1, stream: 'x' }));

/** Entry k of the transform of each row, real and imaginary part, in double precision. */
const byHand = (values: ArrayLike<number>, n: number, length: number) =>
  Array.from({ length: (values.length / n) * (Math.floor(length / 2) + 1) }, (_, place) => {
    const [row, k] = [Math.floor(place / (Math.floor(length / 2) + 1)), place % (Math.floor(length / 2) + 1)];
    let [re, im] = [0, 0];
    for (let j = 0; j < Math.min(n, length); j++) {
      re += values[row * n + j] * Math.cos((2 * Math.PI * j * k) / length);
      im -= values[row * n + j] * Math.sin((2 * Math.PI * j * k) / length);
    }
    return [re, im];
  });

const engines = [
  ['xla', 'float32'],
  ['xla', 'float64'],
  ['graph', 'float32'],
  ['graph', 'float64'],
  ['eager', 'float32'],
] as const;

test.each(engines)('transforms of real series and back, in %s with %s', async (mode, dtype) => {
  const lengths = shapes.map(shape => [undefined, 5, 12].map(length => length ?? shape[shape.length - 1]));
  const record = Object.fromEntries(
    shapes.flatMap((_, i) => [
      ...lengths[i].flatMap((length, j) => [
        [
          `re${i}${j}`,
          (_: object, { x }: { x: tf.Tensor[] }) => tf.real(tf.spectral.rfft(x[i], j ? length : undefined)),
        ],
        [
          `im${i}${j}`,
          (_: object, { x }: { x: tf.Tensor[] }) => tf.imag(tf.spectral.rfft(x[i], j ? length : undefined)),
        ],
      ]),
      [`back${i}`, (_: object, { x }: { x: tf.Tensor[] }) => tf.spectral.irfft(tf.spectral.rfft(x[i]))],
    ]),
  );
  const [row] = (await train(s => s, { y: 0 }, { data: { x }, steps: 0, record, mode, dtype })).rows as any[];
  const digits = dtype === 'float64' ? 12 : 4;
  shapes.forEach((shape, i) => {
    const n = shape[shape.length - 1];
    lengths[i].forEach((length, j) => {
      const expected = byHand(x[i].values, n, length);
      for (const [part, name] of ['re', 'im'].entries()) {
        const got = row[`${name}${i}${j}`].flat(Infinity);
        expect(got.length).toBe(expected.length);
        expected.forEach((value, place) => expect(got[place]).toBeCloseTo(value[part], digits));
      }
    });
    const back = row[`back${i}`].flat(Infinity);
    if (n % 2 === 0) Array.from(x[i].values, (value, place) => expect(back[place]).toBeCloseTo(value, digits));
  });
});

test('the shapes are those of TensorFlow.js, and a derivative is refused', () => {
  const series = tf.ones([3, 8]);
  expect(tf.spectral.irfft(tf.spectral.rfft(tf.ones([8]))).shape).toEqual([1, 8]);
  expect(tf.spectral.irfft(tf.spectral.rfft(tf.ones([2, 3, 8]))).shape).toEqual([2, 3, 8]);
  expect(() => grad((x: tf.Tensor) => tf.real(tf.spectral.rfft(x)).sum(), series)).toThrow(
    /op (Real|RFFT) has no derivative/,
  );
});

test('transforms of real series are the runtime’s own, which do half the work of complex ones', async () => {
  const kernels = async (f: () => tf.Tensor) => (await tf.profile(f)).kernelNames.join(' ');
  const x = tf.ones([2, 8]);
  expect(await kernels(() => tf.real(tf.spectral.fft(tf.complex(x, x))))).toContain('FFT');
  expect(await kernels(() => tf.real(tf.spectral.rfft(x)))).not.toContain('FFT');
  const spectrum = tf.spectral.rfft(x);
  expect(await kernels(() => tf.spectral.irfft(spectrum))).not.toContain('FFT');
});
