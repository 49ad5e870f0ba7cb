/** The layout of figures around their axes: title, legend, margins; and what hovering shows. */
import { plainText } from '../notebook/html';
import { titleWithCaption } from './caption';
import type { PlotlyObject } from './figure';
import { pageLook, titleLook } from './house';

/** What hovering a point shows: whose it is, in bold, and its values. */
export const hover = (name: string, values: string) => `<b>${name}</b><br>${values}<extra></extra>`;

export const legendBelow = (y: number) => ({ orientation: 'h', x: 0, y, yanchor: 'top' });
export const legendBeside = (x: number) => ({ x, y: 1, xanchor: 'left', yanchor: 'top' });

/** Where the title and its caption stand: at the left edge of the axes, `space` pixels above them. */
export const titleLayout = (title: string, caption: string, space: number) => ({
  text: titleWithCaption(title, caption),
  ...titleLook,
  pad: { b: space },
});

interface Texts {
  title: string;
  caption: string;
  /** The names in the legend, which stands at the right, or below when they are long; no names, no legend. */
  legend: readonly string[];
  height?: number;
}

/** The layout of a figure but for its axes. */
export function layoutWith({ title, caption, legend, height = 420 }: Texts): PlotlyObject {
  const longest = Math.max(0, ...legend.map(name => plainText(name).length));
  return {
    title: titleLayout(title, caption, caption ? 28 : 10),
    height,
    autosize: true,
    template: 'none',
    ...pageLook,
    margin: { l: 70, r: 20, t: caption ? 66 : 46, b: 55 },
    showlegend: legend.length > 0,
    legend: longest > 22 ? legendBelow(-0.2) : legendBeside(1.02),
  };
}
