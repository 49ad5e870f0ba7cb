/** Failures as notebooks show them: name, message, and a traceback with the lines that the user wrote. */
import { inspect } from 'node:util';
import { framesOf, type Frame, type SourceLocation } from './locations';
import type { Finding } from './types/types';

/** The `error` message of the protocol. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
const green = (text: string) => `\x1b[32m${text}\x1b[39m`;
const cyan = (text: string) => `\x1b[36m${text}\x1b[39m`;

/** The line of a source location, marked, between its neighbours, with a caret under each of `width` columns. */
function excerpt({ line, column, lines }: SourceLocation, around: number, width = 1): string[] {
  const gutter = String(line + around).length;
  const number = (n: number) => String(n).padStart(gutter);
  const shown: string[] = [];
  for (let n = Math.max(1, line - around); n <= Math.min(lines.length, line + around); n++) {
    const text = lines[n - 1];
    if (n !== line) shown.push(`      ${number(n)} | ${text}`);
    else {
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
      shown.push(`${red(`    > ${number(n)} |`)} ${text}`);
      shown.push(`      ${' '.repeat(gutter)} | ${indent}${red('^'.repeat(width))}`);
    }
  }
  return shown;
}

function packageOf(file: string): string | undefined {
  return /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
}

/** Frames as lines; calls inside one package, and calls repeated by recursion, are counted instead of listed. */
function frameLines(frames: Frame[], groupOf: (frame: Frame) => string = ownGroup): string[] {
  const lines: string[] = [];
  for (let i = 0; i < frames.length; ) {
    const { call, location, file } = frames[i];
    const group = groupOf(frames[i]);
    let n = 1;
    while (i + n < frames.length && group === groupOf(frames[i + n])) n++;
    i += n;
    if (group === library || (!location && packageOf(file)))
      lines.push(`    in ${group}, ${n} call${n > 1 ? 's' : ''} deep`);
    else if (!location) lines.push(`    at ${call || file}`);
    else {
      const times = n > 1 ? `, ${n} times` : '';
      lines.push(
        `    at ${call ? `${cyan(call)} in ` : ''}${green(`${location.label}, line ${location.line}`)}${times}`,
      );
      lines.push(...excerpt(location, location.label.startsWith('cell') ? 2 : 0));
    }
  }
  return lines;
}

/** What calls must share to be shown as one: the package, or the function, or without a name the location. */
const ownGroup = ({ call, location, file }: Frame) =>
  packageOf(file) ?? (location ? `${location.label}:${call || `${location.line}:${location.column}`}` : file);

const library = 'widenet';
const isLibrary = ({ location, file }: Frame) =>
  location ? /^src[\\/]/.test(location.label) : packageOf(file)?.startsWith('@tensorflow/');

/**
 * The frames of a UsageError, which the caller corrects and whose message says how: the library and TensorFlow.js count
 * as one, and calls of JavaScript itself are left out, so that they do not stand between the message and the cell.
 */
const usageLines = (frames: Frame[]) =>
  frameLines(
    frames.filter(({ location, file }) => location || packageOf(file)),
    frame => (isLibrary(frame) ? library : ownGroup(frame)),
  );

const isError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';

function nameOf(thrown: unknown): string {
  if (isError(thrown)) return String(thrown.name || 'Error');
  if (typeof thrown === 'object' && thrown !== null) return thrown.constructor?.name ?? 'Object';
  return thrown === null ? 'null' : typeof thrown;
}

/** What an error names as its causes, except those that lead back to it. */
function causes(thrown: Error, shown: readonly unknown[]): string[] {
  const inner = [
    ...('cause' in thrown ? [{ title: 'Caused by', error: thrown.cause }] : []),
    ...(thrown instanceof AggregateError
      ? thrown.errors.map((error, i) => ({ title: `Error ${i + 1} of ${thrown.errors.length}`, error }))
      : []),
  ];
  return inner
    .filter(({ error }) => !shown.includes(error))
    .flatMap(({ title, error }) => {
      const { ename, evalue, traceback } = failureOf(error, shown);
      return [`${title}: ${red(ename)}: ${evalue}`, ...traceback.slice(1)];
    });
}

/** What was thrown, be it an error or not, and be it such that reading it fails. */
export function thrownFailure(thrown: unknown): Failure {
  try {
    return failureOf(thrown, []);
  } catch {
    const evalue = 'what was thrown cannot be shown: reading it fails';
    return { ename: 'Unreadable', evalue, traceback: [`${red('Unreadable')}: ${evalue}`] };
  }
}

function failureOf(thrown: unknown, shown: readonly unknown[]): Failure {
  const ename = nameOf(thrown);
  if (!isError(thrown)) {
    const evalue = inspect(thrown, { maxArrayLength: 20, maxStringLength: 1000 });
    return { ename, evalue, traceback: [`${red(`thrown ${ename}`)}: ${evalue}`] };
  }
  const evalue = String(thrown.message);
  const behind = causes(thrown, [...shown, thrown]);
  const frames = ename === 'UsageError' ? usageLines(framesOf(thrown)) : frameLines(framesOf(thrown));
  return { ename, evalue, traceback: [`${red(ename)}: ${evalue}`, ...frames, ...behind] };
}

/** The line and column of an offset, both from 1. */
function locate(offset: number, source: string, label: string): SourceLocation {
  const before = source.slice(0, offset).split('\n');
  return { label, line: before.length, column: before.at(-1)!.length + 1, lines: source.split('\n') };
}

/** What the compiler refuses, each finding with its line. `source` is the cell's text, `label` its name. */
export function refusedFailure(findings: Finding[], source: string, label: string): Failure {
  const traceback = findings.flatMap(({ file, start, end, message, code, details }) => {
    const location = locate(start, source, label);
    const width = Math.max(1, Math.min(end - start, location.lines[location.line - 1].length - location.column + 1));
    const where = file ?? `${label}, line ${location.line}`;
    return [
      `${red(`TS${code}`)}: ${message}`,
      ...details.map(text => `  ${text}`),
      `    at ${green(where)}`,
      ...(file ? [] : excerpt(location, 2, width)),
    ];
  });
  const { message, start, code, file } = findings[0];
  return {
    ename: 'CompileError',
    evalue: `${message} (TS${code}, ${file ?? `${label}, line ${locate(start, source, label).line}`})`,
    traceback,
  };
}

/** A stopped cell; where it stopped, when that is known. */
export function interruptedFailure(thrown: unknown): Failure {
  const where = isError(thrown) && thrown.name === 'Interrupted' ? frameLines(framesOf(thrown)) : [];
  return {
    ename: 'Interrupted',
    evalue: 'the cell was stopped',
    traceback: [`${red('Interrupted')}: the cell was stopped`, ...where],
  };
}
