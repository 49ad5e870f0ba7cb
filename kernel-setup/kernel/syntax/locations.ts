/** Where code came from: cells, the library and modules, by their source maps; and stack traces that say so. */
import { readFileSync } from 'node:fs';
import Module, { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelSetup, library, root } from './root';

export interface SourceLocation {
  /** 'cell 3', a path from the repository's root or the notebook's folder, or what else a script is called. */
  label: string;
  /** From 1. */
  line: number;
  column: number;
  /** The source, line by line; empty when it is not known. */
  lines: string[];
}

/** The line and column of an offset in a text, both from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** A source map that is read when it is asked: read, it takes twenty times the memory of its text. */
export type LazyMap = Pick<SourceMap, 'findEntry'>;

export function lazyMap(text: string): LazyMap {
  let map: SourceMap | undefined;
  return {
    findEntry(...position) {
      map ??= new SourceMap(JSON.parse(text));
      return map.findEntry(...position);
    },
  };
}

interface Script {
  label: string;
  lines: string[];
  isLibrary: boolean;
  /** Last step of compilation first. */
  maps: LazyMap[];
  /** Lines of compiled code; what comes after is not the user's. */
  end: number;
}

/** Where a script stands: in the user's code, in a package, or in the kernel or Node.js, which is not shown. */
export type Place = { location: SourceLocation } | { package: string; location?: SourceLocation } | { hidden: true };

/** The package that `src/` is. */
export const libraryName = 'widenet';

/** Cells' compiled code goes by this and a number. */
export const cellName = 'tslab-cell-';

const scripts = new Map<string, Script>();
/** What was compiled last under a label: so do stack traces name it once they are text. */
const labels = new Map<string, Script>();
const compiled = new Map<string, string>();

/** Enters a script under the name that its stack frames carry, with its source maps, last step of compilation first. */
export function addScript(name: string, label: string, source: string, code: string, maps: LazyMap[]): void {
  enter(name, { label, lines: source.split('\n'), isLibrary: false, maps, end: code.split('\n').length });
}

function enter(name: string, script: Script): void {
  scripts.set(name, script);
  labels.set(script.label, script);
}

/** The inline source map at the end of compiled code. */
function inlineMap(code: string): SourceMap | undefined {
  const mark = code.lastIndexOf('//# sourceMappingURL=data:application/json');
  if (mark < 0) return undefined;
  return new SourceMap(JSON.parse(Buffer.from(code.slice(code.indexOf('base64,', mark) + 7), 'base64').toString()));
}

/** The code of a TypeScript module as `require` makes it of the file: a Worker has loaded it there. */
function compileAgain(file: string): string | undefined {
  try {
    let code: string | undefined;
    const module = { _compile: (text: string) => void (code = text) };
    require.extensions['.ts']!(module as unknown as NodeModule, file);
    return code;
  } catch {
    return undefined;
  }
}

function scriptOf(file: string): Script | undefined {
  const isElsewhere = file.endsWith('.ts') && path.isAbsolute(file) && !scripts.has(file);
  const code = compiled.get(file) ?? (isElsewhere ? compileAgain(file) : undefined);
  if (code !== undefined) {
    compiled.delete(file);
    const map = inlineMap(code);
    const source = (map?.payload as { sourcesContent?: string[] } | undefined)?.sourcesContent?.[0] ?? '';
    const isLibrary = file.startsWith(library);
    if (map)
      enter(file, {
        label: path.relative(isLibrary ? root : process.cwd(), file),
        isLibrary,
        lines: source.split('\n'),
        maps: [map],
        end: Infinity,
      });
  }
  return scripts.get(file);
}

/** From here on it is known how the modules were compiled that bring their source map along. */
export function watchCompiled(): void {
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

/** The source location of a line and column, both from 1, of compiled code; undefined for what the compiler adds. */
function sourceLocation({ label, lines, maps, end }: Script, line: number, column: number): SourceLocation | undefined {
  if (line > end) return undefined;
  let at = { line: line - 1, column: column - 1 };
  for (const map of maps) {
    const entry = map.findEntry(at.line, at.column) as { originalLine?: number; originalColumn?: number };
    if (entry.originalLine === undefined) return undefined;
    at = { line: entry.originalLine, column: entry.originalColumn! };
  }
  return { label, line: at.line + 1, column: at.column + 1, lines };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** What a stack trace tells of a script by its name, a path, a URL or a label, and a line and column, both from 1. */
export function placeOf(name: string, line: number, column: number): Place {
  const file = name.startsWith('file:') ? fileURLToPath(name.replace(/[?#].*/, '')) : name;
  const isKernels = file.startsWith(kernelSetup) || /[\\/]node_modules[\\/](?:tslab|zeromq)[\\/]/.test(file);
  if (!file || isKernels || /^(?:node:|<anonymous>$|native$|index \d+$)|^\[.*\]-wrapper$/.test(file))
    return { hidden: true };
  const script = scriptOf(name) ?? scriptOf(file);
  if (script) return place(script, sourceLocation(script, line, column));
  const inPackage = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
  if (inPackage) return { package: inPackage };
  const known = labels.get(file);
  if (known) return place(known, { label: file, line, column, lines: known.lines });
  const isFile = path.isAbsolute(file);
  const label = isFile ? path.relative(process.cwd(), file) : file;
  return { location: { label, line, column, lines: isFile ? linesOf(file) : [] } };
}

function place({ isLibrary }: Script, location: SourceLocation | undefined): Place {
  if (!location) return { hidden: true };
  return isLibrary ? { package: libraryName, location } : { location };
}
