/** Ranges of values, as axes show them. */

/** The two ends of an axis in data units, the lower one first. */
export type Range = readonly [low: number, high: number];

/** The range with 3 % of room on both sides; a single value gets room of its own size. */
export function pad([low, high]: Range): Range {
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.03;
  return [low - room, high + room];
}

/** Whether this key of a Plotly layout is an axis: xaxis, yaxis2... */
export const isAxis = (key: string) => /^[xy]axis\d*$/.test(key);

/** The lowest and the highest finite value (above zero on a log axis), or undefined when there is none. */
export function extent(values: Iterable<number>, log: boolean | undefined): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (!Number.isFinite(v) || (log && v <= 0)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return low <= high ? [low, high] : undefined;
}

/** 201 points of a formula over a range, at even distances on its axis. */
export function sampled(formula: (x: number) => number, [low, high]: Range, log: boolean | undefined) {
  const x = Array.from({ length: 201 }, (_, i) =>
    log ? low * (high / low) ** (i / 200) : low + (high - low) * (i / 200),
  );
  return { x, y: x.map(formula) };
}
