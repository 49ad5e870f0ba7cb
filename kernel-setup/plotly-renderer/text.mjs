/// <reference lib="dom" />
/** Texts as plotly.js reads them: tags of a few names, entities, and `<br>` between lines. */

const tag = /<\/?(?:sup|sub|s|u|b|i|a|span|em|strong|br)(?:\s[^<>]*|\/)?>/gi;
/** @type {Record<string, string>} */
const entities = { lt: '<', gt: '>', amp: '&', nbsp: '\u00a0', times: '×', plusmn: '±', deg: '°', mu: 'μ' };

/** The text without its tags; any other `<` is a character of it. @param {string} text */
export const plain = text =>
  text.replace(tag, '').replace(/&(\w+);/g, (all, name) => (Object.hasOwn(entities, name) ? entities[name] : all));

/** @type {CanvasRenderingContext2D | undefined} */
let context;

/** The width of a line in pixels. @param {string} text @param {{ size: number, family: string }} font */
export function measure(text, { size, family }) {
  context ??= /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  context.font = `${size}px ${family}`;
  return context.measureText(plain(text)).width;
}

/**
 * The text with a `<br>` wherever a line would be wider; `lines` says how many lines more it has now.
 * @param {string} text @param {number} width @param {{ size: number, family: string }} font
 */
export function wrapped(text, width, font) {
  let added = 0;
  const wrap = (/** @type {string} */ line) => {
    const size = Number(/font-size:\s*(\d+)px/.exec(line)?.[1] ?? font.size);
    const fits = (/** @type {string} */ part) => measure(part, { ...font, size }) <= width;
    if (fits(line)) return line;
    const done = [];
    let current = '';
    for (const word of words(line).flatMap(word => (fits(word) ? [word] : letters(word)))) {
      if (current === '' || fits(current + word.trimEnd())) current += word;
      else {
        done.push(current.trimEnd());
        current = word;
      }
    }
    added += done.length;
    return [...done, current].join('<br>');
  };
  return {
    text: text
      .split(/<br\s*\/?>/i)
      .map(wrap)
      .join('<br>'),
    lines: added,
  };
}

/** Words with the space after each; a space within a tag parts none. @param {string} line */
const words = line => line.match(/(?:<[^<>]*>|[^\s<]|<)+\s*|\s+/g) ?? [];

/** The characters of a word that is wider than a line; tags and entities stay whole. @param {string} word */
const letters = word => word.match(/<[^<>]*>|&\w+;|[^]/gu) ?? [];
