import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { encodePng } from '../../kernel-setup/plotly-renderer/picture.mjs';

/** The pixels of a PNG with a palette, three channels each, read by the format's definition. */
function decode(bytes: Uint8Array) {
  const png = Buffer.from(bytes);
  const chunks: Record<string, Buffer> = {};
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    chunks[type] = png.subarray(at + 8, at + 8 + length);
    if ('crc32' in zlib)
      expect(png.readUInt32BE(at + 8 + length)).toBe((zlib as any).crc32(png.subarray(at + 4, at + 8 + length)));
    at += length + 12;
  }
  const [width, height] = [chunks.IHDR.readUInt32BE(0), chunks.IHDR.readUInt32BE(4)];
  const rows = zlib.inflateSync(chunks.IDAT);
  const pixels = Array.from({ length: width * height }, (_, i) => {
    const index = rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)];
    return [...chunks.PLTE.subarray(3 * index, 3 * index + 3)];
  });
  return { width, height, pixels, colors: chunks.PLTE.length / 3 };
}

const image = (colors: number[][]) => Uint8Array.from(colors.flatMap(c => [...c, 255]));

test('up to 256 colours come back exactly', async () => {
  const colors = Array.from({ length: 256 }, (_, i) => [i, 255 - i, (7 * i) % 256]);
  const { width, height, pixels } = decode(await encodePng(image(colors), 32));
  expect([width, height]).toEqual([32, 8]);
  expect(pixels).toEqual(colors);
});

test('of more colours each comes back near, and the frequent ones exactly', async () => {
  const white = Array.from({ length: 4000 }, () => [255, 255, 255]);
  const shades = Array.from({ length: 1000 }, (_, i) => [i % 250, i % 250, Math.floor(i / 4)]);
  const colors = [...white, ...shades];
  const { pixels, colors: count } = decode(await encodePng(image(colors), 100));
  expect(count).toBeLessThanOrEqual(256);
  expect(pixels.slice(0, 4000).every(p => p.every(v => v === 255))).toBe(true);
  colors.forEach((c, i) => c.forEach((v, k) => expect(Math.abs(v - pixels[i][k])).toBeLessThan(64)));
});
