/** Stack traces: the frames of an error, from V8 itself or from the text in which they were handed on. */
import { placeOf, watchCompiled, type Place, type SourceLocation } from '../syntax/locations';

export interface Frame {
  /** The function, as V8 writes it: 'async Layer.apply'; empty at the top of a cell and for what has no name. */
  call: string;
  /** The package, when it is in one; otherwise there is a location. */
  package?: string;
  location?: SourceLocation;
}

export interface Stack {
  /** Innermost first, without the kernel's own and Node's; a string is a line that tells of no frame. */
  frames: (Frame | string)[];
  /** What stands above them, when it is not the error's name and message. */
  head: string[];
}

const made = new WeakMap<object, { text: string; frames: Frame[] }>();
const none: Stack = { frames: [], head: [] };

/** What is called, without the words that V8 has for what has no name and for plain objects. */
const callOf = (written: string) =>
  written
    .replace(/ \[as [^\]]*\]$/, '')
    .replace(/^(async )?(?:Object\.)?(?:<anonymous>|eval)$/, '')
    .replace(/\b(?:Proxy|Object)\.(?=\S)/, '')
    .replace('<static_initializer>', 'static block')
    .replace(/\u200c/g, '');

/** A frame as V8 writes it; undefined for what is not shown. */
function frameOf(written: string): Frame | undefined {
  const [, call = '', inner] = /^(?:(.*?) \((?=.*\)$))?(.*?)\)?$/s.exec(written)!;
  const place = call ? inner : inner.replace(/^async /, '');
  const [, name, line = '1', column = '1'] = /^(.*?)(?::(\d+))?(?::(\d+))?$/s.exec(place)!;
  const at = { line: Number(line), column: Number(column) };
  // Code given to eval or to the constructor of functions has no place of its own.
  const found: Place = name.startsWith('eval at ')
    ? { location: { label: 'evaluated code', ...at, lines: [] } }
    : placeOf(name, at.line, at.column);
  return 'hidden' in found ? undefined : { call: callOf(call), ...found };
}

function write(frame: Frame, written: string): string {
  if (!frame.location) return `    at ${written}`;
  const { label, line, column } = frame.location;
  const where = `${label}:${line}:${column}`;
  return frame.call ? `    at ${frame.call} (${where})` : `    at ${where}`;
}

/**
 * From here on `error.stack` gives the positions that the user wrote, and enough frames to reach the cell through
 * TensorFlow.js.
 */
export function installStackTraces(): void {
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, sites) => {
    const shown = sites.flatMap(site => {
      const text = String(site);
      const frame = frameOf(text);
      // For a function without a name V8 writes one made of what stands around it, such as `train.w`.
      if (frame && !/^(?:(?:module\.)?exports\.|[A-Z]\w*\.)?[^.]+$/.test(site.getFunctionName() ?? '')) frame.call = '';
      return frame ? [{ frame, text }] : [];
    });
    const text = [headOf(error), ...shown.map(({ frame, text }) => write(frame, text))].join('\n');
    made.set(error, { text, frames: shown.map(({ frame }) => frame) });
    return text;
  };
  watchCompiled();
}

function headOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

/** What Node.js puts above an error that leaves a Worker or another context: `file:line`, the line, a caret. */
const decoration = /^(.+):(\d+)\n(.*)\n[ \t]*\^+\n\n?/;

/** The length of the error's name and message at the beginning of a stack's text; 0 when it does not begin so. */
function headerLength(text: string, message: string): number {
  const [name] = /^(?:[\w.$ [\]()-]+: )?/.exec(text)!;
  if (!message) return /^[\w.$ [\]()-]*(?=\n|$)/.exec(text)?.[0].length ?? 0;
  return text.startsWith(message, name.length) ? name.length + message.length : 0;
}

function textOf(error: Error): string | undefined {
  try {
    const { stack }: { stack?: unknown } = error;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The stack that an error carries, be it as V8 made it, changed, or handed on as text. */
export function stackOf(error: Error): Stack {
  const text = textOf(error);
  const own = made.get(error);
  if (text === undefined) return none;
  if (own?.text === text) return { frames: own.frames, head: [] };

  const message = String(error.message);
  const [, file, line, code] = decoration.exec(text) ?? [];
  const plain = text.replace(decoration, '');
  const header = headerLength(plain, message);
  // A message may itself hold lines that look like frames.
  const at = plain.indexOf(`: ${message}`);
  const told = header || (at < 0 ? 0 : at + 2 + message.length);
  const first = plain.slice(told).search(/^[ \t]+at /m);
  const above = first < 0 ? plain.length : told + first;
  const frames = plain
    .slice(above)
    .split('\n')
    .flatMap(line => {
      const [, written] = /^[ \t]+at (.+)$/.exec(line) ?? [];
      return written === undefined ? line.trimEnd() || [] : (frameOf(written) ?? []);
    });
  const location = frames.find(frame => typeof frame !== 'string')?.location;
  if (location?.label === file && location?.line === Number(line) && location.lines.length === 0)
    location.lines[location.line - 1] = code;
  const head = plain.slice(header, above).split('\n');
  return { frames, head: head.filter(line => line.trim()) };
}
