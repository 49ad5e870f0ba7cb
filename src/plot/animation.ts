/** Figures one after the other in time. */
import { fail } from '../base/check';
import { figure, type Figure, type PlotlyObject } from './figure';
import { extent, isAxis } from './range';

/**
 * Figures as the frames of one, with a slider and a play button, which plays them in 6 seconds or, if they are many, in
 * 120 ms each. It opens at the last frame. `label` is the slider's text before each value ('t = '). All figures must
 * have the same traces in the same order; the axes hold what every frame needs.
 * Errors: no frames, a value without a figure, a value twice, or figures with different traces.
 *
 * @example
 * const at = (t: number) => lines([{ x: 0, f: t }, { x: 1, f: 1 }], { x: 'x', y: 'f' });
 * animation([0, 0.5, 1], [0, 0.5, 1].map(at), 't = ').frames?.length // -> 3
 */
export function animation(values: readonly (number | string)[], figures: readonly Figure[], label: string): Figure {
  if (figures.length === 0 || values.length !== figures.length)
    fail('animation', `${values.length} values but ${figures.length} figures`);
  const names = values.map(String);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) fail('animation', `the value ${repeated} comes twice; the slider needs a value for each`);
  const shape = (f: Figure) => f.data.map(t => `${t.type}${t.xaxis ?? ''}`).join();
  const odd = figures.findIndex(f => shape(f) !== shape(figures[0]));
  if (odd > 0)
    fail('animation', `figure ${odd} has traces ${shape(figures[odd])} but figure 0 has ${shape(figures[0])}`);
  const { data, layout } = figures[figures.length - 1];
  const legendSpace = layout.showlegend && layout.legend?.orientation === 'h' ? 34 : 0;
  const frames = figures.map((f, i) => ({ name: names[i], data: f.data, layout: { title: f.layout.title } }));
  return figure(
    data,
    {
      ...layout,
      ...commonAxes(figures),
      ...controls(names, label, legendSpace),
      height: (layout.height ?? 420) + 90 + legendSpace,
      margin: { ...layout.margin, b: 150 + legendSpace },
    },
    frames,
  );
}

/** The axes of the last figure, with ranges that hold those of all. */
function commonAxes(figures: readonly Figure[]): PlotlyObject {
  const { layout } = figures[figures.length - 1];
  const axes = Object.keys(layout).filter(isAxis);
  return Object.fromEntries(
    axes.map(name => {
      const ranges = figures.flatMap(f => f.layout[name].range ?? []);
      const fixed = ranges.length > 0 && { range: extent(ranges, false), autorange: false };
      return [name, { ...layout[name], ...fixed }];
    }),
  );
}

/** The slider and the buttons, below a legend that takes `legendSpace` pixels. */
function controls(values: readonly string[], label: string, legendSpace: number): PlotlyObject {
  const still = { mode: 'immediate', frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
  const duration = Math.max(120, Math.round(6000 / values.length)); // a short film is shown slowly enough to be seen
  const play = { fromcurrent: true, frame: { duration, redraw: true }, transition: { duration: 0 } };
  const button = (text: string, args: unknown[]) => ({ label: text, method: 'animate', args });
  const slider = {
    active: values.length - 1,
    x: 0.13,
    len: 0.87,
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
    buttons: [button('▶', [null, play]), button('❚❚', [[null], still])],
  };
  return { sliders: [slider], updatemenus: [buttons] };
}
