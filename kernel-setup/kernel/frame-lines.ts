/** Stack frames as lines of a traceback: those of the user with their source, all others counted. */
import type { Frame } from './frames';
import type { SourceLocation } from './locations';

export const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
export const green = (text: string) => `\x1b[32m${text}\x1b[39m`;
const cyan = (text: string) => `\x1b[36m${text}\x1b[39m`;

/** The line of a source location, marked, between its neighbours, with a caret under each of `width` columns. */
export function excerpt({ line, column, lines }: SourceLocation, around: number, width = 1): string[] {
  const gutter = String(line + around).length;
  const number = (n: number) => String(n).padStart(gutter);
  const shown: string[] = [];
  for (let n = Math.max(1, line - around); n <= Math.min(lines.length, line + around); n++) {
    const text = lines[n - 1];
    if (text === undefined) continue;
    if (n !== line) shown.push(`      ${number(n)} | ${text}`);
    else {
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
      shown.push(`${red(`    > ${number(n)} |`)} ${text}`);
      shown.push(`      ${' '.repeat(gutter)} | ${indent}${red('^'.repeat(width))}`);
    }
  }
  return shown;
}

/** What a frame belongs to, when it is not the user's: calls there are counted instead of listed. */
const ownerOf = (frame: Frame): string | undefined =>
  frame.package?.startsWith('@tensorflow/') || /^src[\\/]/.test(frame.location?.label ?? '') ? library : frame.package;

const library = 'widenet';

/** What calls must share to be shown as one: the owner, or the function, or without a name the location. */
const groupOf = (frame: Frame | string): string => {
  if (typeof frame === 'string') return frame;
  const { call, location } = frame;
  return ownerOf(frame) ?? `${location!.label}:${call || `${location!.line}:${location!.column}`}`;
};

const placeIn = ({ call, location }: Frame) =>
  `${call ? `${cyan(call)} in ` : ''}${green(`${location!.label}, line ${location!.line}`)}`;

/** Calls of one group, of which `first` is the innermost. */
function groupLines(first: Frame | string, n: number, isAlone: boolean): string[] {
  if (typeof first === 'string') return [`    ${first}`];
  const { location } = first;
  const owner = ownerOf(first);
  if (owner && !(isAlone && location)) {
    const where = location ? ` (${placeIn(first)})` : '';
    return [`    in ${owner}, ${n} call${n > 1 ? 's' : ''} deep${where}`];
  }
  const times = n > 1 && !owner ? `, ${n} times` : '';
  return [`    at ${placeIn(first)}${times}`, ...excerpt(location!, /^cell/.test(location!.label) ? 2 : 0)];
}

/** At most this many groups of calls are shown at either end of a stack. */
const most = 6;

/** Frames as lines. Calls of others than the user, and those repeated by recursion, are counted instead of listed. */
export function frameLines(frames: (Frame | string)[]): string[] {
  const groups: { first: Frame | string; n: number }[] = [];
  for (const frame of frames) {
    const last = groups.at(-1);
    if (last && groupOf(last.first) === groupOf(frame)) last.n++;
    else groups.push({ first: frame, n: 1 });
  }
  // Where no line is the user's, the innermost one of the library says most.
  const isAlone = frames.every(frame => typeof frame === 'string' || ownerOf(frame));
  const lines = groups.map(({ first, n }, i) => groupLines(first, n, isAlone && i === 0));
  const left = groups.slice(most, -most).reduce((sum, { n }) => sum + n, 0);
  return left > 1
    ? [...lines.slice(0, most), [`    ... ${left} more calls ...`], ...lines.slice(-most)].flat()
    : lines.flat();
}
