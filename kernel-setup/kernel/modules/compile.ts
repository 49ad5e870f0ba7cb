/** Makes of a file beside the notebook what Node.js runs. */
import path from 'node:path';
import MagicString from 'magic-string';
import { parseSync, type OxcError, type ParseResult } from 'oxc-parser';
import { mapOf, stripTypes } from '../syntax/strip';
import { isTypeScript } from '../syntax/files';
import { lineAndColumn, type LazyMap } from '../syntax/locations';
import { addStopPoints } from '../stop/points';
import type { Source } from './form';
import { markTypes, type OwnTarget } from './type-exports';

interface CompiledModule {
  code: string;
  /** The same without what the kernel adds. */
  clean: string;
  /** The last step of compilation first. */
  maps: LazyMap[];
}

/** The name under which a module that is no ES module gives its namespace. */
export const everything = '*';

/** Stands before the specifier in `export * from 'm'`, where m is no ES module. */
export const eachName = '*';

/** Names of CommonJS, which TypeScript may use in ES modules too. */
const commonJsNames = ['require', '__dirname', '__filename'];

/** Throws at the first place in a file that is not its language's. */
export function refuseErrors({ parsed, form, text }: Source, label: string): void {
  const error = form === 'json' ? errorOfJson(text) : parsed?.errors[0];
  if (!error) return;
  throw syntaxError(error.message, text, error.labels[0]?.start ?? 0, label);
}

/** An error at a place in a file. */
export function syntaxError(message: string, text: string, start: number, label: string): SyntaxError {
  const { line, column } = lineAndColumn(text, start);
  const at = `${text.split('\n')[line - 1]}\n${' '.repeat(column - 1)}^`;
  return new SyntaxError(`${label}:${line}:${column}: ${message}\n${at}`);
}

/** The error in JSON, with its place where JavaScript finds it too. */
function errorOfJson(text: string): Pick<OxcError, 'message' | 'labels'> | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const [found] = parseSync('data.js', `(${text}\n)`).errors;
    const labels = found?.labels.map(label => ({ ...label, start: Math.min(label.start - 1, text.length) })) ?? [];
    return { message: (error as Error).message, labels };
  }
}

/** Imports and exports of all that a module has, where that is no ES module. */
function takeEverything(edits: MagicString, { module, program }: ParseResult, isForeign: (m: string) => boolean) {
  for (const { moduleRequest, entries } of module.staticImports)
    for (const { importName, isType } of entries)
      if (importName.kind === 'NamespaceObject' && !isType && isForeign(moduleRequest.value)) {
        const star = edits.original.lastIndexOf('*', importName.start ?? entries[0].localName.start);
        edits.overwrite(star, star + 1, `{ "${everything}"`);
        edits.appendLeft(entries.find(entry => entry.importName === importName)!.localName.end, ' }');
      }
  for (const statement of program.body)
    if (statement.type === 'ExportAllDeclaration' && statement.exportKind !== 'type') {
      const { exported, source, start } = statement;
      if (!isForeign(source.value)) continue;
      const star = edits.original.indexOf('*', start);
      if (exported) edits.overwrite(star, star + 1, `{ "${everything}"`).appendLeft(exported.end, ' }');
      else edits.overwrite(source.start, source.end, JSON.stringify(eachName + source.value));
    }
}

/** What TypeScript compiled to CommonJS finds in every module. */
function addCommonJsNames(edits: MagicString, { text }: Source): void {
  const used = commonJsNames.filter(
    name =>
      new RegExp(`(?<![\\w$.])${name}\\b`).test(text) &&
      !new RegExp(`\\b(?:const|let|var|function)\\s+(?:\\{[^}]*)?${name}\\b`).test(text),
  );
  if (used.length > 0)
    edits.prepend(`const { ${used.map(name => `${name.replaceAll('_', '')}: ${name}`).join(', ')} } = import.meta;`);
}

/** An ES module; `own` tells which others are. */
export function compileEs(source: Source, own: OwnTarget, stops: boolean): CompiledModule {
  return compile(source, stops, { isModule: true }, edits => {
    takeEverything(edits, source.parsed!, specifier => own(specifier, source.file) === undefined);
    if (!isTypeScript(source.file)) return;
    markTypes(edits, source, own);
    addCommonJsNames(edits, source);
  });
}

/** CommonJS; an ES module, too, when it is required. */
export function compileCommonJs(source: Source): CompiledModule {
  const isModule = source.parsed!.module.hasModuleSyntax || isTypeScript(source.file);
  return compile(source, true, isModule ? { isModule, module: { type: 'commonjs', ignoreDynamic: true } } : undefined);
}

function compile(
  source: Source,
  stops: boolean,
  options: Parameters<typeof stripTypes>[1] | undefined,
  edit?: (edits: MagicString) => void,
): CompiledModule {
  const { file, text, parsed } = source;
  const isPlain = !isTypeScript(file) && !options?.module;
  const edits = new MagicString(text);
  edit?.(edits);
  const strip = () => {
    const code = edits.toString();
    return isPlain ? { code, map: undefined } : stripTypes(code, { ...options, filename: path.basename(file) });
  };
  const clean = strip();
  if (!stops)
    return { code: clean.code, clean: clean.code, maps: clean.map ? [clean.map, mapOf(edits)] : [mapOf(edits)] };
  addStopPoints(edits, parsed!.program);
  const { code, map } = strip();
  return { code, clean: clean.code, maps: map ? [map, mapOf(edits)] : [mapOf(edits)] };
}
