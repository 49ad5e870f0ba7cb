/** A PNG of at most 256 colours: for figures, a quarter of the size of a full-colour one. */
import zlib from 'node:zlib';

/**
 * Encodes opaque pixels (4 bytes each, the last ignored), row by row. More than 256 colours are reduced to the 256 most
 * frequent ones, after rounding, and every other to its nearest among them.
 * @param {Uint8Array} pixels @param {number} width
 */
export function encodePng(pixels, width) {
  const height = pixels.length / 4 / width;
  const colors = Uint32Array.from(
    { length: width * height },
    (_, i) => (pixels[4 * i] << 16) | (pixels[4 * i + 1] << 8) | pixels[4 * i + 2],
  );
  const palette = frequent(colors);
  const indexOf = new Map(palette.map((color, i) => [color, i]));
  const rows = Buffer.alloc(height * (width + 1));
  colors.forEach((color, i) => {
    let index = indexOf.get(color);
    if (index === undefined) indexOf.set(color, (index = nearest(palette, color)));
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @param {Uint32Array} colors */
function frequent(colors) {
  for (const mask of [0xffffff, 0xf8f8f8]) {
    /** @type {Map<number, { color: number, count: number }>} */
    const counts = new Map();
    for (const color of colors) {
      const entry = counts.get(color & mask);
      if (entry) entry.count++;
      else counts.set(color & mask, { color, count: 1 });
    }
    if (counts.size <= 256 || mask !== 0xffffff)
      return [...counts.values()]
        .sort((a, b) => b.count - a.count)
        .slice(0, 256)
        .map(entry => entry.color);
  }
  return [];
}

const channels = (/** @type {number} */ color) => [color >> 16, (color >> 8) & 255, color & 255];

/** @param {number[]} palette @param {number} color */
function nearest(palette, color) {
  const [r, g, b] = channels(color);
  let best = 0,
    least = Infinity;
  palette.forEach((entry, i) => {
    const distance = (r - (entry >> 16)) ** 2 + (g - ((entry >> 8) & 255)) ** 2 + (b - (entry & 255)) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** @param {Buffer} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
