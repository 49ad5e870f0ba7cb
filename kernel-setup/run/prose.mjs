/** Text of a Markdown cell as HTML, as far as prose goes. */
import { createRequire } from 'node:module';
import { escaped } from './page.mjs';

const require = createRequire(import.meta.url);

/** Code, and formulas. As in pandoc, $5 and $6 are prices: within single dollars there is no blank at either end. */
const verbatim = /`([^`]+)`|(?<!\\)\$\$([^$]+)\$\$|(?<![\\$])\$((?!\s)[^$]*[^$\s\\])\$(?!\d)/g;

/** MathML, which browsers draw without a script. @param {string} tex @param {boolean} displayMode */
function formula(tex, displayMode) {
  /** @type {typeof import('temml')} */
  const temml = require('temml'); // on first use: the set-up has installed it then
  try {
    return temml.renderToString(tex, { displayMode, throwOnError: true });
  } catch (error) {
    const [reason] = /** @type {Error} */ (error).message.trim().split(' at position ');
    return `<code class="fails">${escaped(`${tex} (${reason})`)}</code>`;
  }
}

/** **bold**, *italic*, `code`, $formulas$; of a link its text. @param {string} text */
export function inline(text) {
  /** @type {string[]} */
  const kept = [];
  const marked = text.replace(verbatim, (_, code, display, tex) => {
    kept.push(code ? `<code>${escaped(code)}</code>` : formula(display ?? tex, display !== undefined));
    return `\uE000${kept.length - 1}\uE001`;
  });
  return escaped(marked.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('\\$', '$'))
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/\*(\S|\S[^*]*\S)\*/g, '<i>$1</i>')
    .replaceAll('\n', '<br>')
    .replace(/\uE000(\d+)\uE001/g, (_, i) => kept[Number(i)] ?? '');
}

/** Paragraphs, their lines kept. @param {string} text */
export const prose = text =>
  text
    .split(/\n\s*\n/)
    .filter(part => part.trim())
    .map(part => `<p>${inline(part.trim())}</p>`)
    .join('');
