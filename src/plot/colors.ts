/** The colours of figures. */
import { fail } from '../base/check';

/**
 * Colours that colour-blind readers can tell apart: six of Okabe and Ito, and two that are as far from all of them, and
 * from the black that is kept for theory, as the six are from each other.
 */
export const distinct = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#882255', '#332288'];

const ordered = ['#440154', '#414487', '#2A788E', '#22A884', '#6CC24A', '#B5A81A'];

/**
 * A colour for each name. Give it to all figures of a notebook, and a name has the same colour in all of them.
 * Names that end in rising or falling numbers ('m = 32', 'm = 128') get an ordered scale from dark to light, others
 * distinct colours. Errors: more than 8 unordered names, or a name twice.
 *
 * @example
 * palette(['ReLU', 'tanh']) // -> { ReLU: '#0072B2', tanh: '#D55E00' }
 */
export function palette(names: readonly string[]): Record<string, string> {
  if (new Set(names).size !== names.length) fail('palette', `names are ${names.join(', ')}; each may come once`);
  const numbers = names.map(name => Number(/(-?[\d.]+(?:e[+-]?\d+)?)\D*$/i.exec(name)?.[1] ?? NaN));
  const rising = names.length > 2 && numbers.every((v, i) => (i === 0 ? !Number.isNaN(v) : v > numbers[i - 1]));
  const falling = names.length > 2 && numbers.every((v, i) => (i === 0 ? !Number.isNaN(v) : v < numbers[i - 1]));
  if (!rising && !falling && names.length > distinct.length)
    fail('palette', `${names.length} names but ${distinct.length} distinct colours; give colors yourself`);
  return Object.fromEntries(
    names.map((name, i) => [name, rising || falling ? mix(i / (names.length - 1)) : distinct[i]]),
  );
}

/** The colours given for these names, or those of their palette. Refuses a colour that `faint` cannot read. */
export function colorsFor(where: string, names: readonly string[], given: Record<string, string> = {}) {
  const wrong = Object.keys(given).find(name => !/^#[0-9a-f]{6}$/i.test(given[name]));
  if (wrong !== undefined)
    fail(where, `colors gives '${wrong}' the colour ${given[wrong]} but a colour must be written as #rrggbb`);
  return names.every(name => name in given) ? given : { ...palette(names), ...given };
}

/** The colour of the ordered scale at a fraction of its length. */
function mix(fraction: number): string {
  const at = Math.min(fraction * (ordered.length - 1), ordered.length - 1.000001);
  const [a, b] = [ordered[Math.floor(at)], ordered[Math.floor(at) + 1]];
  const channel = (hex: string, k: number) => parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16);
  const mixed = [0, 1, 2].map(k => Math.round(channel(a, k) + (channel(b, k) - channel(a, k)) * (at % 1)));
  return `#${mixed.map(v => v.toString(16).padStart(2, '0')).join('')}`;
}

export function faint(hex: string, opacity: number): string {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${r},${g},${b},${opacity})`;
}
