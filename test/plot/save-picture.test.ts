import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { lines } from '../../src/plot/lines';
import { savePicture } from '../../src/plot/save-picture';
import { requireChromium } from '../support/browser';
import { decay } from './support';

const folder = mkdtempSync(path.join(tmpdir(), 'widenet-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const curve = lines(decay(1), { x: 't', y: 'risk', title: 'Risk η' });

/** What the streams of a PDF hold. */
function contentOf(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/stream\r?\n/g)]
    .filter(({ index }) => text.slice(index - 3, index) !== 'end')
    .map(({ index, 0: word }) => {
      try {
        return inflateSync(pdf.subarray(index + word.length), { finishFlush: 2 }).toString('latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
}

test('a picture has the format of its ending and the size that was asked for', () => {
  requireChromium();
  for (const name of ['a.svg', 'a.pdf', 'a.PNG']) savePicture(curve, at(name), { width: 480, height: 300 });
  const svg = readFileSync(at('a.svg'), 'utf8');
  expect(svg).toMatch(/^<svg [^>]*width="480" height="300"/);
  expect(svg).toContain('>Risk η<');
  const png = readFileSync(at('a.PNG'));
  expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 480, 300]);
  const pdf = readFileSync(at('a.pdf'));
  expect(pdf.toString('latin1', 0, 5)).toBe('%PDF-');
  // 480 and 300 pixels of 1/96 inch are 360 and 225 points; there is one page, and it holds paths and text.
  const [, ...size] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1')) ?? [];
  expect(size.map(Number).map(Math.round)).toEqual([360, 225]);
  expect(pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1);
  expect(contentOf(pdf)).toMatch(/ l\n[^]*\bBT\b[^]*\bET\b/);
  expect(pdf.toString('latin1')).toMatch(/\/FontFile2/);
});

test('another ending, a wrong size and a place that is none are refused', () => {
  expect(() => savePicture(curve, at('a.eps'))).toThrow(/^savePicture: .*a\.eps: must end in \.svg, \.pdf or \.png$/);
  expect(() => savePicture(curve, at('a.svg'), { width: 0 })).toThrow(/: width is 0 but must be a whole number >= 10$/);
  expect(() => savePicture(curve, at('no/a.svg'))).toThrow(/: cannot write .*a\.svg: ENOENT/);
});

test('without a browser it says how to get one', () => {
  // The thread that draws knows the environment that it was started in.
  delete (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('widenet.painter')];
  vi.stubEnv('WIDENET_CHROMIUM', '');
  vi.stubEnv('PATH', '/nowhere');
  expect(() => savePicture(curve, at('b.svg'))).toThrow(
    /^savePicture: .*b\.svg: no Chromium or Chrome found.*apt install.*the camera/,
  );
  vi.unstubAllEnvs();
});
