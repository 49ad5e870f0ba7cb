/** Where compiled code came from: cells and library files, by their source maps; and stack traces that say so. */
import Module, { SourceMap } from 'node:module';
import path from 'node:path';

export interface SourceLocation {
  /** 'cell 3' or a path from the repository's root. */
  label: string;
  /** From 1. */
  line: number;
  column: number;
  /** The source, line by line. */
  lines: string[];
}

export interface Frame {
  /** As V8 writes it, without the location: 'async Layer.apply'; empty at the top of a cell. */
  call: string;
  /** A location in a cell or in the library; otherwise undefined. */
  location?: SourceLocation;
  /** The file, or V8's own name for it. */
  file: string;
}

interface Script {
  label: string;
  lines: string[];
  /** Last step of compilation first. */
  maps: SourceMap[];
  /** Lines of compiled code; what comes after is not the user's. */
  end: number;
}

/** Cells' compiled code goes by this and a number. */
export const cellName = 'tslab-cell-';

const kernelSetup = path.join(__dirname, '..') + path.sep;
const root = path.join(__dirname, '..', '..');
const scripts = new Map<string, Script>();
const compiled = new Map<string, string>();
const frames = new WeakMap<object, Frame[]>();

/** The frames of an error, innermost first, without the kernel's own; empty for what has no stack. */
export function framesOf(error: unknown): Frame[] {
  if (typeof error !== 'object' || error === null) return [];
  void (error as Error).stack;
  return frames.get(error) ?? [];
}

/** Enters a script under the name that its stack frames carry, with its source maps, last step of compilation first. */
export function addScript(name: string, label: string, source: string, code: string, maps: SourceMap[]): void {
  scripts.set(name, { label, lines: source.split('\n'), maps, end: code.split('\n').length });
}

/** The inline source map at the end of compiled code. */
export function inlineMap(code: string): { map?: SourceMap; code: string } {
  const mark = code.lastIndexOf('//# sourceMappingURL=data:application/json');
  if (mark < 0) return { code };
  const payload = JSON.parse(Buffer.from(code.slice(code.indexOf('base64,', mark) + 7), 'base64').toString());
  return { map: new SourceMap(payload), code: code.slice(0, mark) };
}

function scriptOf(file: string): Script | undefined {
  const code = compiled.get(file);
  if (code !== undefined) {
    compiled.delete(file);
    const { map } = inlineMap(code);
    const lines = (map?.payload as { sourcesContent?: string[] } | undefined)?.sourcesContent?.[0].split('\n') ?? [];
    if (map)
      scripts.set(file, {
        label: path.relative(root, file),
        lines,
        maps: [map],
        end: Infinity,
      });
  }
  return scripts.get(file);
}

/** The source location of a line and column, both from 1, of compiled code. */
function locationOf(file: string, line: number, column: number): SourceLocation | undefined {
  const script = scriptOf(file);
  if (!script || line > script.end) return undefined;
  let at = { line: line - 1, column: column - 1 };
  for (const map of script.maps) {
    const entry = map.findEntry(at.line, at.column) as { originalLine?: number; originalColumn?: number };
    if (entry.originalLine === undefined) return undefined;
    at = { line: entry.originalLine, column: entry.originalColumn! };
  }
  return { label: script.label, line: at.line + 1, column: at.column + 1, lines: script.lines };
}

/** What is neither the user's nor a library's: Node's own frames, the kernel's, and what tslab puts around a cell. */
const hidden = ({ file, location }: Frame) =>
  file.startsWith('node:') ||
  file.startsWith(kernelSetup) ||
  /[\\/]node_modules[\\/](tslab|zeromq)[\\/]/.test(file) ||
  (file.startsWith(cellName) && !location);

function frameOf(site: NodeJS.CallSite): Frame {
  const file = site.getScriptNameOrSourceURL() ?? '';
  const written = String(site);
  const call = written.endsWith(')')
    ? written.slice(0, written.lastIndexOf(' ('))
    : /^async (?!.*[\\/:])/.test(written)
      ? written
      : '';
  return {
    // For a function without a name V8 makes one of what stands around it: tslab's own words, in a cell's last
    // expression.
    call: call.replace(/^Object\.<anonymous>$|^(async )?exports\.tsLastExpr\..*|\b(Proxy|Object|exports)\.(?=\w)/, ''),
    file,
    location: locationOf(file, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1),
  };
}

function writeFrame({ call, location }: Frame, site: NodeJS.CallSite): string {
  if (!location) return `    at ${site}`;
  const where = `${location.label}:${location.line}:${location.column}`;
  return call ? `    at ${call} (${where})` : `    at ${where}`;
}

/**
 * From here on `error.stack` gives the positions that the user wrote, and enough frames to reach the cell through
 * TensorFlow.js.
 */
export function installStackTraces(): void {
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, sites) => {
    const shown = sites.map(site => ({ site, frame: frameOf(site) })).filter(({ frame }) => !hidden(frame));
    frames.set(
      error,
      shown.map(({ frame }) => frame),
    );
    return [String(error), ...shown.map(({ frame, site }) => writeFrame(frame, site))].join('\n');
  };
  const prototype = Module.prototype as unknown as { _compile(code: string, file: string): unknown };
  const compile = prototype._compile;
  prototype._compile = function (code, file) {
    if (file.endsWith('.ts')) {
      scripts.delete(file);
      compiled.set(file, code);
    }
    return compile.call(this, code, file);
  };
}
