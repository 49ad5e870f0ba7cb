/** Stack frames as lines of a traceback: those of the user with their source, all others counted. */
import type { Frame } from './frames';
import { libraryName, type SourceLocation } from '../syntax/locations';

export const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
export const green = (text: string) => `\x1b[32m${text}\x1b[39m`;
const cyan = (text: string) => `\x1b[36m${text}\x1b[39m`;

/** At most this much of a line is shown. */
const widest = 240;

/** The line of a source location, marked, between its neighbours, with a caret under each of `width` columns. */
export function excerpt({ line, column, lines }: SourceLocation, around: number, width = 1): string[] {
  const gutter = String(line + around).length;
  const number = (n: number) => String(n).padStart(gutter);
  const from = column > widest ? column - widest / 2 : 0;
  const shown: string[] = [];
  for (let n = Math.max(1, line - around); n <= Math.min(lines.length, line + around); n++) {
    if (lines[n - 1] === undefined) continue;
    const text = lines[n - 1].slice(n === line ? from : 0).slice(0, widest);
    if (n !== line) shown.push(`      ${number(n)} | ${text}`);
    else {
      const indent = text.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
      shown.push(`${red(`    > ${number(n)} |`)} ${text}`);
      shown.push(`      ${' '.repeat(gutter)} | ${indent}${red('^'.repeat(Math.min(width, widest)))}`);
    }
  }
  return shown;
}

/** Whose code a frame is in, when that is not the user's: calls there are counted instead of listed. */
const ownerOf = (frame: Frame): string | undefined =>
  frame.package?.startsWith('@tensorflow/') ? libraryName : frame.package;

/** What calls must share to be shown as one: the owner, or the function, or without a name the location. */
const groupOf = (frame: Frame): string => {
  const { call, location } = frame;
  return ownerOf(frame) ?? `${location!.label}:${call || `${location!.line}:${location!.column}`}`;
};

const placeIn = ({ call, location, package: inPackage }: Frame) =>
  location
    ? `${call ? `${cyan(call)} in ` : ''}${green(`${location.label}, line ${location.line}`)}`
    : `${call ? `${cyan(call)} in ` : ''}${inPackage}`;

/** Calls of one group, of which `first` is the innermost. */
type Group = { first: Frame | string; n: number };

function grouped(frames: (Frame | string)[]): Group[] {
  const groups: Group[] = [];
  for (const frame of frames) {
    const last = groups.at(-1);
    if (last && typeof last.first !== 'string' && typeof frame !== 'string' && groupOf(last.first) === groupOf(frame))
      last.n++;
    else groups.push({ first: frame, n: 1 });
  }
  return groups;
}

/** At most this many groups are shown at either end of a stack. */
const most = 6;

/**
 * Frames as lines. Calls of others than the user, and those repeated by recursion, are counted instead of listed. The
 * place of the innermost call of others is told unless the error is a usage error, which the caller corrects.
 */
export function frameLines(frames: (Frame | string)[], isUsageError = false): string[] {
  // Where no line is the user's, that of the library says most.
  const isAlone = frames.every(frame => typeof frame === 'string' || ownerOf(frame));
  const groups = grouped(frames);
  const seen = new Set<string>();
  const lines = groups.map(({ first, n }, i) => {
    if (typeof first === 'string') return [`    ${first}`];
    const { location } = first;
    const owner = ownerOf(first);
    if (owner && !(isAlone && i === 0 && location)) {
      const where = isUsageError ? '' : `: ${placeIn(first)}`;
      return [`    in ${owner}, ${n} call${n > 1 ? 's' : ''} deep${where}`];
    }
    const times = n > 1 && !owner ? `, ${n} times` : '';
    const at = `${location!.label}:${location!.line}:${location!.column}`;
    const isNew = !seen.has(at) && seen.add(at);
    const around = /^cell \d+$/.test(location!.label) ? 2 : 0;
    return [`    at ${placeIn(first)}${times}`, ...(isNew ? excerpt(location!, around) : [])];
  });
  const left = groups.slice(most, -most).reduce((sum, { n }) => sum + n, 0);
  if (left < 2) return lines.flat();
  return [...lines.slice(0, most), [`    ... ${left} more calls ...`], ...lines.slice(-most)].flat();
}
