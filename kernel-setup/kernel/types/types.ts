/** What TypeScript says of cells: their errors, what may follow at a position, and what stands there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Analysis } from '../cell/analyse';
import { cellFile } from './config';
import { completions, description, type Completions, type Description, type Question } from './answers';
import { ofCell, ofFile, position, type Diagnostic, type Finding } from './findings';
import { createLocalFiles } from './local-files';
import { createNames, type CellDocument } from './names';
import { createSession } from './session';

export type { Finding } from './findings';

export interface Types {
  /** The errors of a cell that is about to run as the cell of this number. */
  check(analysis: Analysis, cell: number): Promise<Finding[]>;
  /** The cell runs: later cells see its names. */
  enter(analysis: Analysis): void;
  complete(source: string, offset: number): Promise<Completions>;
  inspect(source: string, offset: number): Promise<Description | undefined>;
  close(): void;
}

const setting = 'WIDENET_TYPE_ERRORS';

/** Whether a cell runs in spite of type errors: it says so itself, or the environment does. */
function isUnchecked({ source }: Analysis): boolean {
  const value = process.env[setting];
  if (value !== undefined && value !== '' && value !== 'ignore')
    throw new Error(`${setting} is ${JSON.stringify(value)}. It may be "ignore", which runs cells with type errors.`);
  const [comments] = /^(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/.exec(source)!;
  return value === 'ignore' || /^\s*\/[/*]+\s*@ts-nocheck\b/m.test(comments);
}

/** What a text that cannot be parsed would have declared, as far as lines say. */
const namesIn = ({ source, names }: Analysis) =>
  names.length > 0
    ? names.map(({ name }) => name)
    : Array.from(
        source.matchAll(/^\s*(?:export |async )*(?:let|const|var|function\*?|class|enum|interface|type) ([\w$]+)/gm),
        match => match[1]!,
      );

export function createTypes(options: { cwd: string; root: string; globals: string[] }): Types & {
  /** For tests. */
  session: ReturnType<typeof createSession>;
} {
  const session = createSession(options);
  const names = createNames();
  const files = createLocalFiles(options);
  const composed = new WeakMap<Analysis, CellDocument>();
  const fileOf = (id: number | string) => path.join(options.cwd, `${cellFile(id)}.ts`);
  /** The cell that was checked last and does not run yet. */
  let waiting: CellDocument | undefined;

  const discard = () => {
    if (waiting) session.close(fileOf(waiting.id));
    waiting = undefined;
  };

  async function errorsOf(file: string): Promise<Diagnostic[]> {
    const { items } = await session.ask('textDocument/diagnostic', file);
    return (items as Diagnostic[]).filter(({ severity }) => severity === 1);
  }

  /** Tells the server what has changed on disk. A package that has changed may have changed in any of its files. */
  function refresh(): void {
    const events = files.changes();
    if (events.some(({ file, type }) => type === 'changed' && file.includes('node_modules'))) session.restart();
    else session.changed(events);
  }

  async function findings(analysis: Analysis, document: CellDocument): Promise<Finding[]> {
    const found = ofCell(await errorsOf(fileOf(document.id)), document, analysis, names);
    for (const file of files.imports(analysis.source).filter(name => /\.[cm]?tsx?$/.test(name)))
      found.push(...ofFile(await errorsOf(file), file, readFileSync(file, 'utf8'), names));
    return found;
  }

  /** Asks about a text that is being written. */
  async function asking<T>(source: string, offset: number, ask: (question: Question) => Promise<T>): Promise<T> {
    const { text, linesAbove } = names.draft(source);
    const file = fileOf('draft');
    session.open(file, text);
    try {
      const at = { position: position(source, offset, linesAbove) };
      return await ask({ ask: (method, about = at) => session.ask(method, file, about), source, offset, linesAbove });
    } finally {
      session.close(file);
    }
  }

  // The library of JavaScript and the types of Node.js are read before the first cell comes.
  session.open(fileOf('first'), 'export {};');
  errorsOf(fileOf('first')).then(
    () => session.close(fileOf('first')),
    () => {},
  );

  return {
    async check(analysis, cell) {
      discard();
      if (/\b(?:import|require)\b/.test(analysis.source)) refresh();
      const document = names.compose(analysis, cell);
      composed.set(analysis, document);
      session.open(fileOf(document.id), document.text);
      waiting = document;
      if (analysis.errors.length === 0 && isUnchecked(analysis)) return [];
      const found = await findings(analysis, document);
      if (found.length > 0) {
        if (waiting === document) discard();
        const kind = analysis.errors.length > 0 ? 'syntax' : 'type';
        names.refuse(namesIn(analysis), `cell ${cell}, which did not run because of a ${kind} error`);
      }
      return found;
    },
    enter(analysis) {
      const document = composed.get(analysis)!;
      if (waiting === document) waiting = undefined;
      else session.open(fileOf(document.id), document.text);
      for (const id of names.enter(document)) session.close(fileOf(id));
    },
    complete: (source, offset) => asking(source, offset, completions),
    inspect: (source, offset) => asking(source, offset, description),
    close: session.end,
    session,
  };
}
