/** The user's line: where, outside the library and its packages, something was called. */
import path from 'node:path';

const library = path.join(__dirname, '..') + path.sep;

/** Runs `f` with stacks deep enough to reach from a kernel, through autodiff, to the user's code. */
export function withDeepStacks<T>(f: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 80;
  try {
    return f();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** `file:line:column` of the innermost frame of the user's own code, or undefined. */
export function userLine(stack: string | undefined): string | undefined {
  for (const frame of (stack ?? '').split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(frame)?.[1];
    if (place === undefined || place.startsWith('node:') || place.includes(`${path.sep}node_modules${path.sep}`)) continue;
    if (!place.replace('file://', '').startsWith(library)) return place;
  }
  return undefined;
}
