/**
 * The generator behind all random numbers: a number is a function of (seed, stream, step, index) and of nothing else.
 *
 *   key     = (seed, FNV-1a 32 of the stream's UTF-8 bytes)      counter = (step, index)
 *   (a, b)  = Threefry-2x32, 20 rounds (Salmon et al., SC 2011)
 *   uniform = ((a * 2^20 + (b >>> 12)) + 1/2) * 2^-52, in (0, 1), symmetric about 1/2
 *   normal  = inverse normal distribution function of uniform (Wichura 1988, algorithm AS 241, PPND16)
 *   integer = floor(range (a * 2^32 + b) / 2^64), 1 <= range <= 2^32, each with probability 1 / range to within 2^-64
 *   permutation of 0 ... n - 1: for i = n - 1, ..., 1, entries i and `integer` (range i + 1, index i) are swapped
 *
 * Only + - * / sqrt and 32-bit integer operations are used, so every machine gives the same bits, and so does the
 * C++ of the native loop (built without contraction to fused multiply-adds). A float32 draw is the double, rounded
 * once; a uniform one that would be 1 is the float before it, 1 - 2^-24.
 */

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** Threefry-2x32-20 of the counter (c0, c1) under the key (k0, k1), into `out`: two unsigned 32-bit words. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let a = (c0 + k0) | 0;
  let b = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round & 7];
    a = (a + b) | 0;
    b = ((b << r) | (b >>> (32 - r))) ^ a;
    if ((round & 3) === 3) {
      const s = (round + 1) >> 2;
      a = (a + keys[s % 3]) | 0;
      b = (b + keys[(s + 1) % 3] + s) | 0;
    }
  }
  out[0] = a;
  out[1] = b;
}

/** The uniform number in (0, 1) made from the first 52 of the 64 bits of two words. */
export function uniformOf(words: Uint32Array): number {
  return (words[0] * 1048576 + (words[1] >>> 12) + 0.5) * 2 ** -52;
}

/** The high 32 bits of x y, for 0 <= x < 2^32 and 0 <= y <= 2^32. */
const productHigh = (x: number, y: number) =>
  Math.floor((x * Math.floor(y / 65536) + Math.floor((x * (y % 65536)) / 65536)) / 65536);

/** The integer in 0 ... range - 1 made from the 64 bits of two words. */
export function integerOf(words: Uint32Array, range: number): number {
  const [a, b] = words;
  const carry = (Math.imul(a, range) >>> 0) + productHigh(b, range) >= 2 ** 32 ? 1 : 0;
  return productHigh(a, range) + carry;
}

/** FNV-1a, 32 bits, of the stream's UTF-8 bytes: the second word of the key. */
export function streamWord(stream: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(stream)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * log(x) for 0 < x < 1, to within an ulp, from exact operations only: x = m / 2^k with sqrt(1/2) <= m < sqrt(2), then
 * log m = f - s (f - R), f = m - 1, s = f / (2 + f), by fdlibm's polynomial R for log((1+s)/(1-s)).
 */
export function exactLog(x: number): number {
  let m = x;
  let k = 0;
  while (m < 0.70710678118654752) {
    m *= 2;
    k++;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const half = 0.5 * f * f;
  return -(k * 6.9314718036912381649e-1 + (half - (s * (half + (odd + even)) - k * 1.90821492927058770002e-10) - f));
}

function rational(r: number, p: readonly number[], q: readonly number[]): number {
  let numerator = p[7];
  let denominator = q[7];
  for (let i = 6; i >= 0; i--) {
    numerator = numerator * r + p[i];
    denominator = denominator * r + q[i];
  }
  return numerator / denominator;
}

// AS 241: coefficients for |u - 1/2| <= 0.425, and for sqrt(-log min(u, 1 - u)) up to 5 and above.
const centralP = [
  3.387132872796366608, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
  4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
];
const centralQ = [
  1, 4.2313330701600911252e1, 6.871870074920579083e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
  3.930789580009271061e4, 2.8729085735721942674e4, 5.226495278852854561e3,
];
const middleP = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
];
const middleQ = [
  1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1,
  1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const tailP = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1,
  2.6532189526576123093e-2, 1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const tailQ = [
  1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];

/** The inverse standard normal distribution function at 0 < u < 1, relative error about 1e-16 (AS 241, PPND16). */
export function normalQuantile(u: number): number {
  const q = u - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * rational(0.180625 - q * q, centralP, centralQ);
  const r = Math.sqrt(-exactLog(q < 0 ? u : 1 - u));
  const x = r <= 5 ? rational(r - 1.6, middleP, middleQ) : rational(r - 5, tailP, tailQ);
  return q < 0 ? -x : x;
}
