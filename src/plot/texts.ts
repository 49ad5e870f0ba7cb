/** The texts of a figure: Unicode with a few tags, which is what every place that shows figures can show. */
import { fail } from '../base/check';
import type { ShownFigure } from '../notebook/session';

/** Dollars around a command, an index or a power. */
const latex = /\$[^$]*[\\^_][^$]*\$/;

/** Refuses LaTeX, which would be shown as its source. */
export function checkTexts({ data, layout }: ShownFigure): void {
  const ofData = data.map(({ name, colorbar }) => [name, colorbar?.title]);
  const found = texts([layout, ofData]).find(text => latex.test(text));
  if (found !== undefined)
    fail(
      'figure',
      `the text '${found}' holds LaTeX, which no figure shows; ` +
        "write symbols and tags instead: 'λ<sub>max</sub>', '10<sup>-3</sup>', '<i>x</i>'",
    );
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(texts);
}
