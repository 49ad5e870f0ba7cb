/** Theory in figures: black and dashed, each curve of a figure in a line style of its own. */
import { column, isRun, type Row, type RunLike } from '../base/rows';
import type { PlotlyObject } from './figure';
import { hover } from './layout';
import { type Range, sampled } from './range';

/**
 * A theory curve: a formula y(x), a constant, or rows with the same columns as the data. A list of constants or of
 * runs draws one curve for each seed.
 */
export type Theory = TheoryCurve | readonly number[] | readonly RunLike[];

/** One curve of theory. */
type TheoryCurve = number | ((x: number) => number) | readonly Row[] | RunLike;

const dashes = ['dash', 'dot', 'dashdot', '10px,3px,2px,3px,2px,3px', '16px,3px'];

/** The line of the theory curve at this index among those of a figure. */
export const theoryLine = (index: number) => ({ color: '#000', width: 1.5, dash: dashes[index % dashes.length] });

/** Whether a trace, or a shape, is a theory curve with a name. */
export const isTheory = ({ name, line }: PlotlyObject) =>
  name !== undefined && line?.color === '#000' && dashes.includes(line.dash);

/** The traces of theory curves; formulas and constants are drawn over `range`. */
export function theoryTraces(
  where: string,
  theory: { readonly [name: string]: Theory },
  range: Range,
  { x, y, logX }: { x: string; y: string; logX?: boolean },
): PlotlyObject[] {
  return Object.entries(theory).flatMap(([name, given], index) => {
    const at = `${where}: theory '${name}'`;
    return perSeed(given).map((one, seed) => ({
      ...(typeof one === 'object'
        ? { x: column(at, rowsOf(one), x), y: column(at, rowsOf(one), y) }
        : sampled(typeof one === 'number' ? () => one : one, range, logX)),
      type: 'scatter',
      mode: 'lines',
      name,
      ...(seed > 0 && { showlegend: false }),
      line: theoryLine(index),
      hovertemplate: hover(`${name} (theory)`, '%{x:.4~g}, %{y:.4~g}'),
    }));
  });
}

const rowsOf = (rows: readonly Row[] | RunLike) => (isRun(rows) ? rows.rows : rows);

function perSeed(given: Theory): readonly TheoryCurve[] {
  const list = Array.isArray(given) && given.length > 0 && given.every(v => typeof v === 'number' || isRun(v));
  return list ? (given as readonly TheoryCurve[]) : [given as TheoryCurve];
}
