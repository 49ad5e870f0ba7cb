/** What the language server finds wrong, told in the terms of a notebook. */
import type { Analysis } from '../syntax/analyse';
import type { CellDocument, Kind } from './document';
import type { Names } from './names';

export interface Finding {
  code: number;
  message: string;
  /** Offsets in UTF-16 units, in the cell's source or in `file`. */
  start: number;
  end: number;
  /** Where it is, when that is not the cell. */
  file?: string;
  details: string[];
}

interface Position {
  line: number;
  character: number;
}

export interface Diagnostic {
  code: number;
  severity: number;
  message: string;
  range: { start: Position; end: Position };
}

/** Where each line of a text begins, as TypeScript counts lines. */
const lineStarts = (text: string) => [0, ...Array.from(text.matchAll(/\r\n|[\n\r]/g), m => m.index + m[0].length)];

/** Turns the server's positions into offsets, when `linesAbove` lines stand before the text. */
export function offsets(text: string, linesAbove: number) {
  const starts = lineStarts(text);
  return ({ line, character }: Position): number => {
    const start = starts[line - linesAbove];
    if (start === undefined) return line < linesAbove ? 0 : text.length;
    return Math.min(start + character, text.length);
  };
}

/** An offset as the server's position. */
export function position(text: string, offset: number, linesAbove: number): Position {
  const before = lineStarts(text.slice(0, offset));
  return { line: before.length - 1 + linesAbove, character: offset - before.at(-1)! };
}

/** What an imported name is in the cell that declares it, and the code of TypeScript's message for it. */
const constants: Partial<Record<Kind, [string, number]>> = {
  const: ['a constant', 2588],
  function: ['a function', 2630],
  class: ['a class', 2629],
  enum: ['an enum', 2628],
  namespace: ['a namespace', 2631],
};

const isUnknownName = (message: string) => /^(?:Cannot find n|No value exists in scope)/.test(message);

/** Types of other cells are named by the cell, not by its document. */
const withCells = (names: Names, message: string) =>
  message.replace(
    /(typeof )?import\("[^"]*__widenet_cell_(\d+)__"\)(?:\.([\w$.]+))?/g,
    (_, typeOf = '', id: string, name = 'module') => `${typeOf}${name} of cell ${names.cellOf(Number(id))}`,
  );

const one = (diagnostic: Diagnostic, names: Names, at: (position: Position) => number): Finding => {
  const [message, ...details] = withCells(names, diagnostic.message).split('\n');
  const [start, end] = [at(diagnostic.range.start), at(diagnostic.range.end)];
  return { code: diagnostic.code, message: message!, start, end, details };
};

/** Says of a name that only a refused cell would have made why it is not there. */
function ofRefused(finding: Finding, name: string, names: Names): Finding {
  const where = isUnknownName(finding.message) ? names.refusedIn(name) : undefined;
  return where ? { ...finding, message: `'${name}' is declared in ${where}.` } : finding;
}

function ofConstant(finding: Finding, name: string, names: Names): Finding {
  const [kind] = names.kinds(name) ?? [];
  const constant = finding.code === 2632 && kind ? constants[kind] : undefined;
  if (!constant) return finding;
  return { ...finding, code: constant[1], message: `Cannot assign to '${name}' because it is ${constant[0]}.` };
}

/** The errors of a cell. What is not syntax hides the rest, as with TypeScript's compiler. */
export function ofCell(diagnostics: Diagnostic[], document: CellDocument, analysis: Analysis, names: Names): Finding[] {
  const { source, errors } = analysis;
  const at = offsets(source, document.linesAbove);
  const found = diagnostics.map(diagnostic => one(diagnostic, names, at));
  if (errors.length > 0) return syntax(analysis, found);
  const seen = new Set<string>();
  return found.flatMap(finding => {
    const name = source.slice(finding.start, finding.end);
    if (document.declares.has(name)) return finding;
    const told = ofConstant(ofRefused(finding, name, names), name, names);
    // Once is enough for each name of a refused cell.
    if (told.message !== finding.message && seen.has(told.message)) return [];
    seen.add(told.message);
    return told;
  });
}

/** What TypeScript says of a text that cannot be parsed, or else what oxc says. */
function syntax({ errors }: Analysis, found: Finding[]): Finding[] {
  const own = found.filter(({ code }) => code >= 1000 && code < 2000);
  if (own.length > 0) return own;
  return errors.map(({ message, labels: [label] }) => ({
    code: 1000,
    message,
    start: label?.start ?? 0,
    end: label?.end ?? 0,
    details: [],
  }));
}

/** The errors of a file beside the notebook. */
export function ofFile(diagnostics: Diagnostic[], file: string, text: string, names: Names): Finding[] {
  const at = offsets(text, 0);
  return diagnostics.map(diagnostic => ({ ...one(diagnostic, names, at), file }));
}
