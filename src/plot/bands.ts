/** The spread of seeds, as a band around their mean. */
import type { PlotlyObject } from './figure';
import { average, type Curve, valueAt } from './groups';

/**
 * The ends of the band at each x of the mean: one sample standard deviation below and above it. When `log`, that of the
 * logarithms, which the geometric mean is divided by and multiplied with. NaN where fewer than two seeds have a value.
 */
export function spread(curves: readonly Curve[], at: readonly number[], log: boolean | undefined) {
  const y = curves.filter(c => !c.diverged).map(valueAt);
  const ends = at.map(x => {
    const values = y.flatMap(of => of(x) ?? []);
    const scaled = log ? values.map(v => (v > 0 ? Math.log(v) : NaN)) : values;
    const middle = average(scaled, false);
    const deviation = Math.sqrt(scaled.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (scaled.length - 1));
    const [low, high] = [middle - deviation, middle + deviation];
    return log ? [Math.exp(low), Math.exp(high)] : [low, high];
  });
  return { low: ends.map(([low]) => low), high: ends.map(([, high]) => high) };
}

/** The area between the ends, in pieces where these have gaps. */
export function bandTrace(
  x: readonly number[],
  { low, high }: ReturnType<typeof spread>,
  look: { name: string; fillcolor: string },
): PlotlyObject {
  const pieces: number[][] = [[]];
  for (const i of x.keys()) {
    if (Number.isFinite(low[i]) && Number.isFinite(high[i])) pieces[pieces.length - 1].push(i);
    else pieces.push([]);
  }
  const around = (piece: number[], lower: readonly number[], upper: readonly number[]) =>
    piece.length === 0 ? [] : [...piece.map(i => lower[i]), ...[...piece].reverse().map(i => upper[i]), NaN];
  return {
    type: 'scatter',
    mode: 'lines',
    ...look,
    legendgroup: look.name,
    showlegend: false,
    x: pieces.flatMap(piece => around(piece, x, x)),
    y: pieces.flatMap(piece => around(piece, low, high)),
    fill: 'toself',
    line: { width: 0 },
    hoverinfo: 'skip',
  };
}
