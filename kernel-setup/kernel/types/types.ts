/** What TypeScript says of cells: their errors, what may follow at a position, and what stands there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Analysis } from '../cell/analyse';
import { cellFile } from './config';
import { completions, description, type Completions, type Description, type Question } from './answers';
import { ofCell, ofFile, position, type Diagnostic, type Finding } from './findings';
import { createLocalFiles, isPackage } from './local-files';
import type { CellDocument } from './document';
import { createNames } from './names';
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

type Session = ReturnType<typeof createSession>;
type Options = { cwd: string; root: string; globals: string[] };

async function errorsOf(session: Session, file: string): Promise<Diagnostic[]> {
  const { items } = await session.ask('textDocument/diagnostic', file);
  return (items as Diagnostic[]).filter(({ severity }) => severity === 1);
}

/** Tells the server what has changed on disk. Of a package that has changed, any file may have. */
function refresh(session: Session, files: ReturnType<typeof createLocalFiles>): void {
  const events = files.changes();
  if (events.some(({ file, type }) => type !== 'created' && isPackage(file))) session.restart();
  else session.changed(events);
}

/** Lets the server read JavaScript's library and the types of Node.js before the first cell comes. */
function warmUp(session: Session, file: string): void {
  const done = () => session.close(file);
  session.open(file, 'export {};');
  errorsOf(session, file).then(done, done);
}

export function createTypes(options: Options): Types & { session: Session } {
  const session = createSession(options);
  const names = createNames();
  const files = createLocalFiles(options);
  const fileOf = (id: number | string) => path.join(options.cwd, `${cellFile(id)}.ts`);
  const open = ({ id, text }: CellDocument) => session.open(fileOf(id), text);
  const close = ({ id }: { id: number }) => session.close(fileOf(id));
  const documents = new WeakMap<Analysis, CellDocument>();
  /** The cell that was checked last, if it does not run yet. */
  let waiting: CellDocument | undefined;

  /** Takes back what was opened for a cell that does not run. */
  function discard(): void {
    if (!waiting) return;
    close(waiting);
    names.replaced(waiting).forEach(open);
    waiting = undefined;
  }

  /** Asks about a text that is being written. */
  async function asking<T>(source: string, offset: number, answer: (question: Question) => Promise<T>): Promise<T> {
    const { text, linesAbove } = names.draft(source);
    const file = fileOf('draft');
    session.open(file, text);
    const here = { position: position(source, offset, linesAbove) };
    const ask: Question['ask'] = (method, about = here) => session.ask(method, file, about);
    return answer({ ask, source, offset, linesAbove }).finally(() => session.close(file));
  }

  warmUp(session, fileOf('first'));
  return {
    async check(analysis, cell) {
      discard();
      if (/\b(?:import|require)\b/.test(analysis.source)) refresh(session, files);
      const document = (waiting = names.compose(analysis, cell));
      documents.set(analysis, document);
      names.replaced(document).forEach(close);
      open(document);
      if (analysis.errors.length === 0 && isUnchecked(analysis)) return [];
      const found = ofCell(await errorsOf(session, fileOf(document.id)), document, analysis, names);
      for (const file of files.imports(analysis.source).filter(name => /\.[cm]?tsx?$/.test(name)))
        found.push(...ofFile(await errorsOf(session, file), file, readFileSync(file, 'utf8'), names));
      if (found.length === 0) return [];
      if (waiting === document) discard();
      const kind = analysis.errors.length > 0 ? 'syntax' : 'type';
      names.refuse(namesIn(analysis), `cell ${cell}, which did not run because of a ${kind} error`);
      return found;
    },
    enter(analysis) {
      const document = documents.get(analysis)!;
      if (waiting === document) waiting = undefined;
      else open(document);
      for (const id of names.enter(document)) close({ id });
    },
    complete: (source, offset) => asking(source, offset, completions),
    inspect: (source, offset) => asking(source, offset, description),
    close: session.end,
    session,
  };
}
