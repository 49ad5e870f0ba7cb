/** The source location of a call in the user's code, outside the library and its packages. */
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

function isUsers(site: NodeJS.CallSite): boolean {
  const file = (site.getScriptNameOrSourceURL() ?? '').replace(/^file:\/\//, '');
  return (
    file !== '' &&
    !file.startsWith('node:') &&
    !file.startsWith(library) &&
    !file.includes(`${path.sep}node_modules${path.sep}`)
  );
}

/**
 * `file:line:column` of the innermost frame of the user's own code, or undefined. Where something formats stacks, as
 * the kernel does by cell and line, the location is written in its way. The error's stack must not have been read
 * before.
 */
export function userLine(error: Error | undefined): string | undefined {
  if (!error) return undefined;
  const format = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => {
    for (const site of sites.filter(isUsers)) {
      const stack = format ? String(format(error, [site])) : `    at ${site}`;
      const [, frame] = /^ {4}at (.*)$/m.exec(stack) ?? [];
      if (frame) return frame.endsWith(')') ? frame.slice(frame.lastIndexOf(' (') + 2, -1) : frame;
    }
    return '';
  };
  try {
    return error.stack || undefined;
  } finally {
    Error.prepareStackTrace = format;
  }
}

/** The message with the user's line in the stack of `origin`, where there is one. */
export function withLine(message: string, origin: Error | undefined): string {
  const line = userLine(origin);
  return line === undefined ? message : `${message} (at ${line})`;
}
