/** Arrays of pixels as pictures. */
import { fail, knownOptions, wholeNumber } from '../base/check';
import { isNdArray, type NdArray, nested, size } from '../base/ndarray';
import { fromTensor } from '../base/tensors';
import type { tf } from '../base/tfjs';
import { figureCaption } from './caption';
import { figure, type Figure, type PlotlyObject } from './figure';
import { layoutWith } from './layout';
import { checkRange } from './options';
import { extent, type Range } from './range';

/** How `images` shows its pixels. */
export interface ImagesOptions {
  /** Above the images. */
  title: string;
  /** A second, smaller line: settings, or what the reader must know. What is black and what is white is added to it. */
  caption?: string;
  /** The values that are black and white, `[low, high]`. Default: [0, 1] or [0, 255], when all values lie there. */
  range?: Range;
  /** Images in a row. Default: about as many as there are rows. */
  columns?: number;
}

/**
 * Images: [h, w] in grey, [h, w, 3] in colour (red, green, blue), and a batch of these, [n, h, w], [n, h, w, 1] or
 * [n, h, w, 3], as a grid, row by row. The first row of pixels is at the top. Of three axes, the last of length 3 holds
 * colours. Values up to 1 are black to white from 0 to 1, whole numbers up to 255 from 0 to 255; others need a `range`,
 * and what lies beyond it is black or white.
 * Errors: another shape, no pixels or more than 4 million, a value that is not finite, or out of both ranges with none
 * given.
 *
 * @example
 * const digits = ndarray([0, 1, 1, 0, 1, 1, 0, 0], [2, 2, 2]);
 * images(digits, { title: 'Two digits' }).data[0].z // -> [[0, 1, null, 1, 1], [1, 0, null, 0, 0]]
 */
export function images(pixels: NdArray | tf.Tensor, options: ImagesOptions): Figure {
  knownOptions('images', options, ['title', 'caption', 'range', 'columns']);
  checkRange('images', 'range', options.range);
  const { shape, values } = isNdArray(pixels) ? pixels : fromTensor(pixels);
  const batch = batchOf(shape);
  if (values.length === 0 || values.length > 4e6)
    fail('images', `shape [${shape}] holds ${values.length} values but must hold 1 to 4 million`);
  const bad = values.findIndex(v => !Number.isFinite(v));
  if (bad >= 0) fail('images', `value ${bad} is ${values[bad]} but must be finite`);
  const range = options.range ?? usualRange(values);
  const columns = wholeNumber('images', 'columns', options.columns ?? Math.ceil(Math.sqrt(batch.count)));
  const z = tiled(values, batch, Math.min(columns, batch.count), range);
  const [height, width] = [z.length, z[0].length];
  const enlarged = Math.min(800 / width, 560 / height, 8);
  const caption = figureCaption(options.caption, `black: ${range[0]}, white: ${range[1]}`);
  const layout = layoutWith({ title: options.title, caption, legend: [], height: Math.round(enlarged * height) + 96 });
  return figure([{ ...(batch.isColored ? { type: 'image' } : grey(range)), z, hoverinfo: 'z' }], {
    ...layout,
    margin: { ...layout.margin, b: 30 },
    xaxis: { visible: false, constrain: 'domain', constraintoward: 'left' },
    yaxis: { visible: false, autorange: 'reversed', scaleanchor: 'x', constrain: 'domain', constraintoward: 'top' },
  });
}

interface Batch {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly isColored: boolean;
}

function batchOf(shape: readonly number[]): Batch {
  const isColored = shape.length > 2 && shape[shape.length - 1] === 3;
  const hasChannels = isColored || (shape.length === 4 && shape[3] === 1);
  const axes = hasChannels ? shape.slice(0, -1) : shape;
  if (axes.length !== 2 && axes.length !== 3)
    fail('images', `shape is [${shape}] but must be [h, w], [h, w, 3], or a batch of these`);
  const [height, width] = axes.slice(-2);
  return { count: axes.length === 3 ? axes[0] : 1, height, width, isColored };
}

function usualRange(values: NdArray['values']): Range {
  const [low, high] = extent(values, false)!;
  if (low >= 0 && high <= 1) return [0, 1];
  if (low >= 0 && high <= 255 && values.every(Number.isInteger)) return [0, 255];
  return fail('images', `values lie in [${low}, ${high}]; say by range which of them is black and which is white`);
}

const grey = ([zmin, zmax]: Range): PlotlyObject => ({
  type: 'heatmap',
  colorscale: [
    [0, '#000'],
    [1, '#fff'],
  ],
  zmin,
  zmax,
  showscale: false,
});

/** The pixels of a grid of images, with a line of white between two; colours as bytes. */
function tiled(values: NdArray['values'], batch: Batch, columns: number, [low, high]: Range): unknown[][] {
  const { count, height, width, isColored } = batch;
  const byte = (v: number) => Math.round(255 * Math.min(1, Math.max(0, (v - low) / (high - low))));
  const shape = isColored ? [height, width, 3] : [height, width];
  const shown = isColored ? Uint8Array.from(values, byte) : values;
  const blank = isColored ? [255, 255, 255] : null;
  const rows = Math.ceil(count / columns);
  const grid: unknown[][] = Array.from({ length: rows * (height + 1) - 1 }, () =>
    Array(columns * (width + 1) - 1).fill(blank),
  );
  for (let i = 0; i < count; i++) {
    const image = nested(shown, shape, i * size(shape)) as unknown[][];
    const [top, left] = [Math.floor(i / columns) * (height + 1), (i % columns) * (width + 1)];
    for (const [y, line] of image.entries()) for (const [x, pixel] of line.entries()) grid[top + y][left + x] = pixel;
  }
  return grid;
}
