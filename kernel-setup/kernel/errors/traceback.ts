/** Failures as notebooks show them: name, message, and a traceback with the lines that the user wrote. */
import { inspect, types, type InspectOptions } from 'node:util';
import { stackOf, type Frame } from './frames';
import { frameLines, red } from './frame-lines';
import type { SourceLocation } from '../syntax/locations';

/** The `error` message of the protocol. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

const isError = (thrown: unknown): thrown is Error =>
  types.isNativeError(thrown) || (!types.isProxy(thrown) && thrown instanceof Error);

const classOf = (thrown: object): string => String(thrown.constructor?.name || 'Object');

function nameOf(thrown: unknown): string {
  if (isError(thrown)) {
    const name = String(thrown.name || 'Error');
    return name === 'Error' ? classOf(thrown) : name;
  }
  if (types.isProxy(thrown)) return 'Proxy';
  if (typeof thrown === 'object' && thrown !== null) return classOf(thrown);
  return thrown === null ? 'null' : typeof thrown;
}

/** The value of a property of the error's own, unless it would run code. */
const own = (error: Error, name: string): unknown => Object.getOwnPropertyDescriptor(error, name)?.value;

/** The errors that an error names, with what each is to it, and the properties that hold them. */
function innerErrors(thrown: Error): { title: string; error: unknown; property: string }[] {
  const errors = own(thrown, 'errors');
  const single = (property: string, title: string) =>
    Object.getOwnPropertyDescriptor(thrown, property) ? [{ title, error: own(thrown, property), property }] : [];
  return [
    ...single('cause', 'Caused by'),
    ...(thrown.name === 'SuppressedError'
      ? [...single('error', 'Thrown last'), ...single('suppressed', 'Thrown before it')]
      : []),
    ...(Array.isArray(errors)
      ? errors.map((error, i) => ({ title: `Error ${i + 1} of ${errors.length}`, error, property: 'errors' }))
      : []),
  ];
}

/** At most this many errors are shown that one error names, and as deep. */
const mostErrors = 4;

/** What an error names as its causes, except those that lead back to it. */
function causes(thrown: Error, shown: readonly unknown[]): string[] {
  const inner = innerErrors(thrown).filter(({ error }) => !shown.includes(error));
  const told = shown.length > mostErrors ? [] : inner.slice(0, mostErrors);
  const left = inner.length - told.length;
  return [
    ...told.flatMap(({ title, error }) => {
      const { ename, evalue, traceback } = failureOf(error, shown);
      return [`${title}: ${red(ename)}: ${evalue}`, ...traceback.slice(1)];
    }),
    ...(left > 0 ? [`and ${left} more error${left > 1 ? 's' : ''} behind it`] : []),
  ];
}

const inspection: InspectOptions = {
  maxArrayLength: 20,
  maxStringLength: 1000,
  breakLength: 110,
  customInspect: false,
};

/** The error's own properties, beside those that are told anyway. No getter is run. */
function properties(thrown: Error): string[] {
  const told = new Set<PropertyKey>(['name', 'message', 'stack']);
  for (const { property } of innerErrors(thrown)) told.add(property);
  const shown = {};
  for (const name of Reflect.ownKeys(thrown)) {
    const descriptor = Object.getOwnPropertyDescriptor(thrown, name);
    if (descriptor?.enumerable && !told.has(name)) Object.defineProperty(shown, name, descriptor);
  }
  const lines = inspect(shown, inspection).split('\n');
  return Reflect.ownKeys(shown).length > 0 ? lines.map(line => `    ${line}`) : [];
}

/**
 * What was thrown, be it an error or not, and be it such that reading it fails; `place` is where the cell waited, `at`
 * where the expression begins whose value was being displayed.
 */
export function thrownFailure(thrown: unknown, place?: Error, at?: SourceLocation): Failure {
  try {
    return failureOf(thrown, [], place, at);
  } catch {
    const evalue = 'what was thrown cannot be shown: reading it fails';
    return { ename: 'Unreadable', evalue, traceback: [`${red('Unreadable')}: ${evalue}`] };
  }
}

const isUsers = (frame: Frame | string) => typeof frame !== 'string' && !frame.package;

/** An error's frames; those of one thrown while the cell's value is displayed go on to the expression that gave it. */
function framesOf(thrown: Error, at: SourceLocation | undefined): (Frame | string)[] {
  const { frames } = stackOf(thrown);
  return at && !frames.some(isUsers) ? [...frames, { call: '', location: at }] : frames;
}

/** Where the cell was, for what names none of the user's lines: some of Node's errors have no stack. */
function placeLines(frames: (Frame | string)[], place: Error | undefined): string[] {
  return frames.some(isUsers) || !place ? [] : ["    the cell's last await is", ...frameLines(stackOf(place).frames)];
}

function failureOf(thrown: unknown, shown: readonly unknown[], place?: Error, at?: SourceLocation): Failure {
  const ename = nameOf(thrown);
  if (!isError(thrown)) {
    const evalue = inspect(thrown, inspection);
    return { ename, evalue, traceback: [`${red(`thrown ${ename}`)}: ${evalue}`, ...placeLines([], place)] };
  }
  const evalue = asWritten(String(thrown.message));
  const { head } = stackOf(thrown);
  const frames = framesOf(thrown, at);
  const behind = causes(thrown, [...shown, thrown]);
  const lines = [
    ...head.map(line => `    ${line}`),
    ...frameLines(frames, ename === 'UsageError'),
    ...placeLines(frames, place),
    ...properties(thrown),
  ];
  return { ename, evalue, traceback: [`${red(ename)}: ${evalue}`, ...lines, ...behind] };
}

/** A message of V8's that quotes code, as the code was written: without what the kernel has put into it. */
const asWritten = (message: string) =>
  message
    .replace(/\s*if \(__stop__\[\d\]\) __stop__\.reached\(\);/g, '')
    .replace(/__stop__\.\w+\(\.\.\.\)/g, '(await ...)')
    .replace(/__stop__\.\w+ is not a function or its return value/g, '(await ...)')
    .replace(/__import__\b(?:\.(?:using|follow))?/g, 'import');

/** A stopped cell; where it stopped, when that is known. `at` is where the expression begins whose value it showed. */
export function interruptedFailure(thrown: unknown, at?: SourceLocation): Failure {
  const where = isError(thrown) && thrown.name === 'Interrupted' ? frameLines(framesOf(thrown, at)) : [];
  return {
    ename: 'Interrupted',
    evalue: 'the cell was stopped',
    traceback: [`${red('Interrupted')}: the cell was stopped`, ...where],
  };
}
