/** HTML that survives the sanitising of an untrusted notebook: tables with no script and no style sheet. */

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const figureTag = /<\/?(?:sup|sub|s|u|b|i|a|span|em|strong|br)(?:\s[^<>]*|\/)?>/gi;
const entities: Record<string, string> = {
  lt: '<',
  gt: '>',
  amp: '&',
  nbsp: '\u00a0',
  times: '×',
  plusmn: '±',
  deg: '°',
};

/** A text of a figure without the tags that plotly.js knows; any other `<` is a character of it: 'm < n', 'p<q>r'. */
export const plainText = (text: string) =>
  text.replace(figureTag, '').replace(/&(\w+);/g, (all, name) => entities[name] ?? all);

/**
 * A table, all left-aligned. Its lines and the room in its cells are attributes, which frontends with a style of their
 * own replace, and which keep columns apart in those without any. Notebooks in a terminal know tables by the class that
 * pandas gives its own. A cell is plain text, or HTML when it is given as `{ html }`.
 */
export function htmlTable(
  head: readonly string[],
  body: readonly (readonly (string | { html: string })[])[],
  caption?: string,
): string {
  const row = (tag: 'th' | 'td', cells: readonly (string | { html: string })[]) => {
    const inner = cells.map(c => (typeof c === 'string' ? escapeHtml(c) : c.html));
    return `<tr>${inner.map(html => `<${tag} style="text-align:left">${html}</${tag}>`).join('')}</tr>`;
  };
  const title = caption ? `<caption>${escapeHtml(caption)}</caption>` : '';
  const rows = body.map(cells => row('td', cells)).join('');
  return `<table class="dataframe" border="1" cellpadding="5" cellspacing="0">${title}<thead>${row('th', head)}</thead><tbody>${rows}</tbody></table>`;
}

/** The same table as aligned text. */
export function textTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(h.length, ...body.map(row => row[i].length)));
  const padded = (cells: readonly string[]) => cells.map((c, i) => c.padEnd(widths[i]));
  const line = (cells: readonly string[]) => padded(cells).join('  ').trimEnd();
  return [line(head), widths.map(w => '-'.repeat(w)).join('  '), ...body.map(line)].join('\n');
}

/**
 * A number as read in a table: rounded to 4 significant digits, or as many as are asked for; whole numbers in full,
 * those below 0.001 as 1e-4 and those from 1e9 on as 2e9; lists in brackets.
 */
export function brief(value: unknown, digits = 4): string {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
    const short = Number(value.toPrecision(digits));
    const isPlain = Math.abs(short) >= 1e-3 && Math.abs(short) < 1e9;
    return isPlain || !Number.isFinite(short) ? String(short) : short.toExponential().replace('e+', 'e');
  }
  if (Array.isArray(value)) return `[${value.map(v => brief(v, digits)).join(', ')}]`;
  return value === undefined || value === null ? '' : String(value);
}

/** The name of the method by which a value says how a notebook shows it. */
export const display: unique symbol = Symbol.for('Jupyter.display');

/** Gives an object such a method, which does not appear among its properties. */
export const displayable = <T extends object>(value: T, bundle: () => Record<string, unknown>): T =>
  Object.defineProperty(value, display, { enumerable: false, configurable: true, value: bundle });
