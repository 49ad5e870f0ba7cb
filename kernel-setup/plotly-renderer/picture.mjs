/// <reference lib="dom" />
/**
 * The pictures of a figure that are saved with a notebook. This runs in a browser, both in JupyterLab and for the
 * runner: the same browser gives the same bytes, whoever saves.
 */
import { drawable, releasing } from './contexts.mjs';
import { fitted, nameOf } from './fit.mjs';

const usualWidth = 900;

/**
 * A figure, 900 pixels wide if nothing else is asked for, of an animation its last frame: an SVG as text, and a PNG in
 * base64 of at most 256 colours, a quarter of the size of one with all colours.
 * @param {any} Plotly @param {{ data: any[], layout?: any, frames?: any[], config?: any }} figure
 * @param {number} [width]
 */
export async function pictures(Plotly, figure, width = usualWidth) {
  const { data, layout, config } = fitted(still(drawable(figure)), width);
  const box = document.createElement('div');
  box.style.cssText = 'position: fixed; left: -10000px; top: 0';
  document.body.append(box);
  try {
    const wanted = Number(layout?.height ?? 420);
    const size = { width, height: wanted >= 10 && wanted <= 10_000 ? Math.round(wanted) : 420 };
    const copy = structuredClone({ data, layout: { ...layout, ...size }, config: { ...config, staticPlot: true } });
    await Plotly.newPlot(box, copy.data, copy.layout, copy.config);
    const [svg, png] = await releasing(async () => [
      await Plotly.toImage(box, { ...size, format: 'svg' }),
      await Plotly.toImage(box, { ...size, format: 'png', scale: 1 }),
    ]);
    return {
      svg: withName(decodeURIComponent(svg.slice(svg.indexOf(',') + 1)), nameOf(layout)),
      png: base64(await encodePng(await pixelsOf(png, size), width)),
    };
  } finally {
    Plotly.purge(box);
    box.remove();
  }
}

/** The height of a caption's line, in pixels. */
const captionLine = 20;

/**
 * A figure that stands still, with nothing to press: of an animation the last frame, which a line below its title
 * names.
 * @param {any} figure
 */
function still({ data, layout, frames, ...rest }) {
  const last = frames?.at(-1);
  const { sliders, updatemenus, ...stays } = { ...layout, ...last?.layout };
  if (!last) return { data, layout: stays, ...rest };
  const prefix = sliders?.[0]?.currentvalue?.prefix ?? '';
  const note = `${prefix}${last.name}, the last of ${frames.length} frames`;
  const title = typeof stays.title === 'string' ? { text: stays.title } : stays.title;
  const text = [title?.text, `<span style="font-size:12px;color:#666">${note}</span>`].filter(Boolean).join('<br>');
  const low = sliders ? Math.max(0, (stays.margin?.b ?? 80) - 64) : 0;
  return {
    ...rest,
    data: data.map((/** @type {any} */ trace, /** @type {number} */ i) => ({ ...trace, ...last.data?.[i] })),
    layout: {
      ...stays,
      title: { ...title, text, pad: { ...title?.pad, b: (title?.pad?.b ?? 0) + captionLine } },
      height: stays.height && stays.height - low + captionLine,
      margin: { ...stays.margin, t: (stays.margin?.t ?? 100) + captionLine, b: (stays.margin?.b ?? 80) - low },
    },
  };
}

/** An SVG that says what it shows. @param {string} svg @param {string} name */
function withName(svg, name) {
  const text = name.replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`);
  return svg.replace(
    /<svg (.*?)>/s,
    (_, rest) => `<svg ${rest} role="img" aria-label="${text}"><title>${text}</title>`,
  );
}

/** The pixels of a picture on white. @param {string} url @param {{ width: number, height: number }} size */
async function pixelsOf(url, { width, height }) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  const part = 32768;
  const parts = Array.from({ length: Math.ceil(bytes.length / part) }, (_, i) =>
    String.fromCharCode(...bytes.subarray(i * part, (i + 1) * part)),
  );
  return btoa(parts.join(''));
}

/**
 * Encodes opaque pixels (4 bytes each, the last ignored), row by row. More than 256 colours are reduced to the 256 most
 * frequent ones, after rounding, and every other to its nearest among them.
 * @param {ArrayLike<number>} pixels @param {number} width
 */
export async function encodePng(pixels, width) {
  const height = pixels.length / 4 / width;
  const colors = Uint32Array.from(
    { length: width * height },
    (_, i) => (pixels[4 * i] << 16) | (pixels[4 * i + 1] << 8) | pixels[4 * i + 2],
  );
  const palette = frequent(colors);
  const indexOf = new Map(palette.map((color, i) => [color, i]));
  const rows = new Uint8Array(height * (width + 1));
  colors.forEach((color, i) => {
    let index = indexOf.get(color);
    if (index === undefined) {
      index = nearest(palette, color);
      indexOf.set(color, index);
    }
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index;
  });
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  [8, 3, 0, 0, 0].forEach((value, i) => header.setUint8(8 + i, value));
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('PLTE', Uint8Array.from(palette.flatMap(channels))),
    chunk('IDAT', await deflated(rows)),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** The colours of the palette, the most frequent first. @param {Uint32Array} colors */
function frequent(colors) {
  const all = counted(colors, 0xffffff);
  const kept = all.length <= 256 ? all : counted(colors, 0xf8f8f8);
  return kept
    .sort((a, b) => b.count - a.count)
    .slice(0, 256)
    .map(entry => entry.color);
}

/**
 * How often each colour occurs; those that agree in the bits of the mask count as the first of them.
 * @param {Uint32Array} colors @param {number} mask
 */
function counted(colors, mask) {
  /** @type {Map<number, { color: number, count: number }>} */
  const counts = new Map();
  for (const color of colors) {
    const entry = counts.get(color & mask);
    if (entry) entry.count++;
    else counts.set(color & mask, { color, count: 1 });
  }
  return [...counts.values()];
}

const channels = (/** @type {number} */ color) => [color >> 16, (color >> 8) & 255, color & 255];

/** @param {number[]} palette @param {number} color */
function nearest(palette, color) {
  const [r, g, b] = channels(color);
  let [best, least] = [0, Infinity];
  palette.forEach((entry, i) => {
    const distance = (r - (entry >> 16)) ** 2 + (g - ((entry >> 8) & 255)) ** 2 + (b - (entry & 255)) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const body = joined([Uint8Array.from(type, letter => letter.charCodeAt(0)), data]);
  const ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setUint32(4, crc32(body));
  const [length, check] = [new Uint8Array(ends.buffer, 0, 4), new Uint8Array(ends.buffer, 4)];
  return joined([length, body, check]);
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
