/** The cells of a map: which rows fall into each, and where its borders lie. */
import { fail } from '../base/check';
import { column, type Row } from '../base/rows';
import type { PlotlyObject } from './figure';
import { extent, type Range } from './range';

/** The distinct values of x and y in rising order, and the cell of each pair: `cells[j][i]` at `xs[i]` and `ys[j]`. */
export interface Grid {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly cells: readonly (readonly Cell[])[];
}

/** The sum and the number of the finite values of z, and the number of those that are not finite. */
type Cell = { sum: number; count: number; diverged: number };

interface Columns {
  x: string;
  y: string;
  z: string;
  logX?: boolean;
  logY?: boolean;
}

export function gridOf(where: string, rows: readonly Row[], { x, y, z, logX, logY }: Columns): Grid {
  const [rowX, rowY, rowZ] = [x, y, z].map(name => column(where, rows, name));
  const [xs, ys] = [distinct(where, x, rowX, logX), distinct(where, y, rowY, logY)];
  const cells = ys.map(() => xs.map((): Cell => ({ sum: 0, count: 0, diverged: 0 })));
  rows.forEach((_, i) => {
    const cell = cells[ys.indexOf(rowY[i])][xs.indexOf(rowX[i])];
    if (Number.isFinite(rowZ[i])) {
      cell.sum += rowZ[i];
      cell.count++;
    } else cell.diverged++;
  });
  return { xs, ys, cells };
}

function distinct(where: string, name: string, values: readonly number[], log: boolean | undefined): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const bad = sorted.find(v => !Number.isFinite(v));
  if (bad !== undefined) fail(where, `column '${name}' holds ${bad} but a cell must lie at a finite value`);
  if (sorted.length < 2) fail(where, `column '${name}' has ${sorted.length} value but a map needs at least 2`);
  if (log && sorted[0] <= 0) fail(where, `column '${name}' holds ${sorted[0]} but its axis is logarithmic`);
  return sorted;
}

/** Cell borders: midway between neighbours, in the logarithm on a log axis; one more than there are values. */
export function edges(values: readonly number[], log: boolean | undefined): number[] {
  const [to, from] = log ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  const scaled = values.map(to);
  const last = scaled.length - 1;
  const inner = scaled.slice(1).map((v, i) => (v + scaled[i]) / 2);
  return [2 * scaled[0] - inner[0], ...inner, 2 * scaled[last] - inner[last - 1]].map(from);
}

export const ends = (borders: readonly number[]): Range => [borders[0], borders[borders.length - 1]];

/** The values of the cells, when they fill the axis and are few: then they are its ticks. */
export function cellTicks(values: readonly number[], [low, high]: Range, log: boolean | undefined) {
  const scale = log ? Math.log : (v: number) => v;
  const filled = scale(values[values.length - 1]) - scale(values[0]) > 0.4 * (scale(high) - scale(low));
  return filled && values.length <= 16 ? values : undefined;
}

/**
 * The values of a map in the middle of its cells, above curves and points; on a log axis plotly.js would put them off
 * the middle.
 */
export function cellTexts(map: PlotlyObject, { logX, logY }: { logX?: boolean; logY?: boolean }): PlotlyObject {
  const [xs, ys] = [middles(map.x, logX), middles(map.y, logY)];
  const cells = (map.z as (number | null)[][]).flatMap((line, j) =>
    line.flatMap((value, i) => (value === null ? [] : [{ x: xs[i], y: ys[j], value }])),
  );
  return {
    type: 'scatter',
    mode: 'text',
    meta: cellValues,
    x: cells.map(cell => cell.x),
    y: cells.map(cell => cell.y),
    customdata: cells.map(cell => cell.value),
    text: cells.map(({ value }) => String(Number(value.toPrecision(2))).replace('-', '−')),
    textfont: { size: 11, color: readableOn(map) },
    hoverinfo: 'skip',
    showlegend: false,
  };
}

/** What marks the trace that shows the values of a map. */
export const cellValues = 'values of the cells';

/** For each value of a map, a colour that can be read on the colour of its cell. */
export function readableOn({ z, zmin, zmax }: PlotlyObject): string[] {
  const values: number[] = z.flat().filter((v: number | null) => v !== null);
  const [low, high] = zmin === undefined ? (extent(values, false) ?? [0, 1]) : [zmin, zmax];
  return values.map(v => ((v - low) / (high - low) > 0.55 ? '#222' : '#fff'));
}

const middles = (borders: readonly number[], log: boolean | undefined) =>
  borders.slice(1).map((v, i) => (log ? Math.sqrt(v * borders[i]) : (v + borders[i]) / 2));
