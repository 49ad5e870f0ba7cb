/** HTML that survives the sanitising of an untrusted notebook: tables with no script and no style sheet. */

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** The text without its markup. */
export const plainText = (html: string) => html.replace(/<[^>]*>/g, '');

/** A table; cells are plain text unless `{ html }`. The first column is left-aligned, as are all texts; numbers are given as text. */
export function htmlTable(
  head: readonly string[],
  body: readonly (readonly (string | { html: string })[])[],
  caption?: string,
): string {
  const cell = (c: string | { html: string }) =>
    `<td style="text-align:left">${typeof c === 'string' ? escapeHtml(c) : c.html}</td>`;
  return [
    '<table>',
    caption && `<caption>${escapeHtml(caption)}</caption>`,
    `<thead><tr>${head.map(h => `<th style="text-align:left">${escapeHtml(h)}</th>`).join('')}</tr></thead>`,
    `<tbody>${body.map(row => `<tr>${row.map(cell).join('')}</tr>`).join('')}</tbody>`,
    '</table>',
  ]
    .filter(Boolean)
    .join('');
}

/** The same table as aligned text. */
export function textTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(h.length, ...body.map(row => row[i].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map(w => '-'.repeat(w)).join('  '), ...body.map(line)].join('\n');
}

/** A number as read in a table: 4 significant digits, whole numbers in full, below 0.001 as 1e-4; lists in brackets. */
export function brief(value: unknown): string {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
    const short = Number(value.toPrecision(4));
    return Math.abs(short) < 1e-3 ? short.toExponential() : String(short);
  }
  if (Array.isArray(value)) return `[${value.map(brief).join(', ')}]`;
  return value === undefined || value === null ? '' : String(value);
}

/** Gives a plain object the display that Jupyter shows; the method does not appear among its properties. */
export function displayable<T extends object>(value: T, bundle: () => Record<string, unknown>): T {
  return Object.defineProperty(value, Symbol.for('Jupyter.display'), {
    enumerable: false,
    configurable: true,
    value: bundle,
  });
}
