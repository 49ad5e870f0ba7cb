/** Figures one after the other in time. */
import { isDeepStrictEqual } from 'node:util';
import { fail, knownOptions, positive } from '../base/check';
import { figureCaption, splitTitle, titleWithCaption } from './caption';
import { figure, type Figure, type PlotlyObject } from './figure';
import { oneColorAName } from './one-color';
import { extent, isAxis } from './range';
import { onOneScaleInTime } from './scale';
import { thinned } from './thinning';

/** How an animation plays. */
export interface AnimationOptions {
  /** How long it takes to play. Default: 0.12 for each frame, but at least 4 and at most 20. */
  seconds?: number;
}

/** Bytes that the frames may take in a notebook. */
const most = 2e6;

/**
 * Figures as the frames of one, with a slider, a button that plays it, one that plays it at a quarter of the speed, and
 * one that stops it. It opens at the first frame; its picture is the last. `label` is the slider's text before each
 * value ('t = '). All figures must have the same traces in the same order; the axes, and the colours of maps, hold what
 * every frame needs.
 * Of frames that would take more than 2 MB, every second, third... is shown, and the last; the caption says so.
 * Errors: no frames, a value without a figure, a value twice, figures with different traces, seconds <= 0.
 *
 * @example
 * const at = (t: number) => lines([{ x: 0, f: t }, { x: 1, f: 1 }], { x: 'x', y: 'f' });
 * animation([0, 0.5, 1], [0, 0.5, 1].map(at), 't = ').frames?.length // -> 3
 */
export function animation(
  values: readonly (number | string)[],
  figures: readonly Figure[],
  label: string,
  options: AnimationOptions = {},
): Figure {
  knownOptions('animation', options, ['seconds']);
  if (figures.length === 0 || values.length !== figures.length)
    fail('animation', `${values.length} values but ${figures.length} figures`);
  const names = namesOf(values);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) fail('animation', `the value ${repeated} comes twice; the slider needs a value for each`);
  const shape = (f: Figure) => f.data.map(t => `${t.type}${t.xaxis ?? ''}`).join();
  const odd = figures.findIndex(f => shape(f) !== shape(figures[0]));
  if (odd > 0)
    fail('animation', `figure ${odd} has traces ${shape(figures[odd])} but figure 0 has ${shape(figures[0])}`);
  const { seconds } = options;
  if (seconds !== undefined) positive('animation', 'seconds', seconds);
  return inTime(names, onOneScaleInTime(oneColorAName('animation', figures)), label, seconds);
}

function inTime(names: readonly string[], figures: readonly Figure[], label: string, given?: number): Figure {
  const { kept, note } = thinnedFrames(figures);
  const seconds = given ?? Math.min(20, Math.max(4, 0.12 * kept.length));
  const { data, layout } = figures[0];
  const legendSpace = layout.showlegend && layout.legend?.orientation === 'h' ? 34 : 0;
  const titled = ({ layout: { title } }: Figure) => ({ title: note && title?.text ? noted(title, note) : title });
  const frames = kept.map(i => ({ name: names[i], data: figures[i].data, layout: titled(figures[i]) }));
  return figure(
    data,
    {
      ...layout,
      ...titled(figures[0]),
      ...commonAxes(figures),
      ...controls(
        kept.map(i => names[i]),
        label,
        legendSpace,
        (1000 * seconds) / kept.length,
      ),
      height: (layout.height ?? 420) + 90 + legendSpace,
      margin: { ...layout.margin, ...(note && { t: Math.max(66, layout.margin?.t ?? 0) }), b: 150 + legendSpace },
    },
    frames,
  );
}

/** The values as the slider shows them: fractions with 6 digits, or with as many as tell them apart. */
function namesOf(values: readonly (number | string)[]): string[] {
  const shown = (digits: number) =>
    values.map(v =>
      typeof v === 'number' && !Number.isInteger(v) ? String(Number(v.toPrecision(digits))) : String(v),
    );
  const different = new Set(values).size;
  for (let digits = 6; digits < 17; digits++) if (new Set(shown(digits)).size === different) return shown(digits);
  return shown(17);
}

/** Which figures become frames, and what the caption says where that are not all. */
function thinnedFrames(figures: readonly Figure[]): { kept: number[]; note?: string } {
  const traces = figures.map(({ data, layout }) => data.map(trace => thinned(trace, layout)));
  const changing = traces[0].map((trace, i) =>
    Object.keys(trace).filter(key => !traces.every(all => isDeepStrictEqual(all[i][key], trace[key]))),
  );
  const sizes = traces.map(all => all.map((trace, i) => sizeOf(changing[i].map(key => trace[key]))));
  const step = Math.ceil(sizes.flat().reduce((sum, size) => sum + size, 0) / most);
  const last = figures.length - 1;
  const kept = figures.map((_, i) => i).filter(i => i % step === 0 || i === last);
  return step <= 1 ? { kept: figures.map((_, i) => i) } : { kept, note: `${kept.length} of ${figures.length} frames` };
}

/** About how many bytes the numbers in lists take: 4 each, in base64. */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return 16 / 3;
  if (ArrayBuffer.isView(value)) return (16 / 3) * (value as Float32Array).length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, v) => sum + sizeOf(v), 0);
}

/** A title with this note at the end of its caption, and with room for it. */
function noted(title: PlotlyObject, note: string): PlotlyObject {
  const { title: text, caption } = splitTitle(title.text);
  const whole = figureCaption(caption, note);
  return { ...title, text: titleWithCaption(text, whole), pad: { ...title.pad, b: Math.max(28, title.pad?.b ?? 0) } };
}

/** The axes with ranges that hold those of all figures, and with the ticks of the figure whose own range is longest. */
function commonAxes(figures: readonly Figure[]): PlotlyObject {
  const axes = Object.keys(figures[0].layout).filter(isAxis);
  const length = ({ range }: PlotlyObject) => (range ? range[1] - range[0] : 0);
  return Object.fromEntries(
    axes.map(name => {
      const all = figures.map(f => f.layout[name]);
      const longest = all.reduce((a, b) => (length(b) > length(a) ? b : a));
      const ranges = all.flatMap(axis => axis.range ?? []);
      const fixed = ranges.length > 0 && { range: extent(ranges, false), autorange: false };
      return [name, { ...longest, ...fixed }];
    }),
  );
}

/** The slider and the buttons, below a legend that takes `legendSpace` pixels; a frame stays `pace` milliseconds. */
function controls(values: readonly string[], label: string, legendSpace: number, pace: number): PlotlyObject {
  const still = { mode: 'immediate', frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
  const play = (duration: number) => ({
    fromcurrent: true,
    mode: 'immediate',
    frame: { duration, redraw: true },
    transition: { duration: 0 },
  });
  const button = (text: string, args: unknown[]) => ({ label: text, method: 'animate', args });
  const slider = {
    active: 0,
    x: 0.2,
    len: 0.8,
    y: 0,
    yanchor: 'top',
    pad: { t: 62 + legendSpace },
    currentvalue: { prefix: label, xanchor: 'left', font: { size: 13 } },
    steps: values.map(value => button(value, [[value], still])),
  };
  const buttons = {
    type: 'buttons',
    direction: 'left',
    x: 0,
    y: 0,
    xanchor: 'left',
    yanchor: 'top',
    pad: { t: 76 + legendSpace },
    showactive: false,
    buttons: [button('▶', [null, play(pace)]), button('▶ ¼', [null, play(4 * pace)]), button('❚❚', [[null], still])],
  };
  return { sliders: [slider], updatemenus: [buttons] };
}
