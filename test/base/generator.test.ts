import { expect, test } from 'vitest';
import { exactLog, normalQuantile, streamWord, threefry2x32 } from '../../src/base/generator';

const threefry = (key: [number, number], counter: [number, number]) => {
  const out = new Uint32Array(2);
  threefry2x32(...key, ...counter, out);
  return Array.from(out);
};

test('the known answers of Random123 for threefry2x32, 20 rounds', () => {
  expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
  expect(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7]);
  expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
});

test('the known answers of FNV-1a, UTF-8 included', () => {
  expect(streamWord('a')).toBe(0xe40c292c);
  expect(streamWord('foobar')).toBe(0xbf9cf968);
  expect(streamWord('λ')).toBe(
    Buffer.from('λ').reduce(
      (h, byte) => Number(((BigInt(h ^ byte) & 0xffffffffn) * 0x01000193n) & 0xffffffffn),
      0x811c9dc5,
    ),
  );
});

test('the logarithm agrees with the machine to an ulp, from 2^-53 to 1', () => {
  for (let i = 0; i < 20000; i++) {
    const x = 2 ** ((-53 * i) / 20000) * (1 - 1e-9);
    expect(Math.abs(exactLog(x) - Math.log(x))).toBeLessThanOrEqual(2 ** -52 * Math.abs(Math.log(x)));
  }
});

test('normal quantiles agree with 20-digit values of sqrt(2) erfinv(2u - 1), in all three ranges', () => {
  const known: [number, number][] = [
    [1.1102230246251565e-16, -8.20953615160138685],
    [1e-10, -6.36134090240405619],
    [1e-5, -4.26489079392282461],
    [0.01, -2.32634787404084109],
    [0.0749, -1.44023826752796366],
    [0.0751, -1.43882539275253998],
    [0.2, -0.84162123357291416],
    [0.6, 0.253347103135799741],
    [0.925001, 1.439538535345230394],
    [0.99, 2.326347874040840767],
    [0.999999999, 5.997807019601637426],
  ];
  for (const [u, x] of known) expect(Math.abs(normalQuantile(u) / x - 1)).toBeLessThan(4e-16);
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.25)).toBe(-normalQuantile(0.75));
});
