/** Figures of many dots are drawn by WebGL: 100,000 take seconds as elements of a page. */
type Trace = Record<string, any>;

/** More dots than this in a figure, and WebGL draws the traces that have more than `few`. */
const most = 10_000;
const few = 1000;

const dots = ({ type = 'scatter', mode, x, y }: Trace): number =>
  type === 'scatter' && /markers/.test(mode) ? ((y ?? x)?.length ?? 0) : 0;

/** The traces of a figure, or of a frame, as they are drawn in good time. */
export function quick(data: Trace[]): Trace[] {
  if (data.reduce((sum, trace) => sum + dots(trace), 0) <= most) return data;
  return data.map(trace => (dots(trace) > few ? { ...trace, type: 'scattergl' } : trace));
}
