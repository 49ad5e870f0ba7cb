/** The check of a cell before it runs, and what becomes of its document then. */
import { readFileSync } from 'node:fs';
import type { Analysis } from '../syntax/analyse';
import { isTypeScript } from '../syntax/files';
import type { CellDocument } from './document';
import { ofCell, ofFile, type Diagnostic, type Finding } from './findings';
import { isPackage, type LocalFiles } from './local-files';
import type { Names } from './names';
import type { Session } from './session';

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
        source.matchAll(
          /(?:^|;)\s*(?:export |async )*(?:let|const|var|function\*?|class|enum|interface|type) ([\w$]+)/gm,
        ),
        match => match[1]!,
      );

export async function errorsOf(session: Session, file: string): Promise<Diagnostic[]> {
  const { items } = await session.ask('textDocument/diagnostic', file);
  return (items as Diagnostic[]).filter(({ severity }) => severity === 1);
}

/** Tells the server what has changed on disk. Of a package that has changed, any file may have. */
function refresh(session: Session, files: LocalFiles): void {
  const events = files.changes();
  if (events.some(({ file, type }) => type !== 'created' && isPackage(file))) session.restart();
  else session.changed(events);
}

/** TypeScript's errors for two declarations of a name that cannot be one. */
const conflicts = new Set([2300, 2403, 2428, 2451, 2567, 2717]);

interface Parts {
  session: Session;
  names: Names;
  files: LocalFiles;
  fileOf(id: number | string): string;
}

/** The documents of cells in the server. */
function createDocuments({ session, names, fileOf }: Parts) {
  const open = ({ id, text }: CellDocument) => session.open(fileOf(id), text);
  const close = ({ id }: { id: number }) => session.close(fileOf(id));
  /** The cell that was opened last, if it does not run yet. */
  let waiting: CellDocument | undefined;

  /** Puts a document in the place of others that declare the same for all modules: those that do not go with it. */
  function replace(document: CellDocument, rivals: CellDocument[]): void {
    document.replaces.push(...rivals);
    rivals.forEach(close);
  }

  /** Takes back what was opened for a cell that does not run. */
  function discard(document = waiting): void {
    if (!document || document !== waiting) return;
    close(document);
    document.replaces.forEach(open);
    waiting = undefined;
  }

  /** The rivals that cannot stand beside a document. TypeScript says so in either of the two. */
  async function atOdds(rivals: CellDocument[], found: Diagnostic[]): Promise<CellDocument[]> {
    const errors = [found, ...(await Promise.all(rivals.map(({ id }) => errorsOf(session, fileOf(id)))))].flat();
    const odd = errors.filter(({ code }) => conflicts.has(code)).map(({ message }) => /'([^']+)'/.exec(message)?.[1]);
    const named = rivals.filter(({ globals }) => odd.some(name => name !== undefined && globals.has(name)));
    // The name may be that of a member.
    return odd.length > 0 && named.length === 0 ? rivals : named;
  }

  return {
    discard,
    open(document: CellDocument): void {
      discard();
      waiting = document;
      open(document);
    },
    async errors(document: CellDocument): Promise<Diagnostic[]> {
      const rivals = names.rivals(document);
      const isSame = ({ source }: CellDocument) => source === document.source;
      replace(document, rivals.filter(isSame));
      const found = await errorsOf(session, fileOf(document.id));
      const others = rivals.filter(rival => !isSame(rival));
      const odd = others.length === 0 ? [] : await atOdds(others, found);
      if (odd.length === 0) return found;
      replace(document, odd);
      return errorsOf(session, fileOf(document.id));
    },
    enter(document: CellDocument): void {
      if (waiting === document) waiting = undefined;
      else open(document);
      for (const id of names.enter(document)) close({ id });
    },
  };
}

/** Makes files part of the server's project, also those that are required, which TypeScript does not follow. */
function createMembers({ session, fileOf }: Parts) {
  const members = new Set<string>();
  return (files: string[]): void => {
    if (files.every(file => members.has(file))) return;
    for (const file of files) members.add(file);
    session.close(fileOf('files'));
    session.open(fileOf('files'), [...members].map(file => `import type {} from ${JSON.stringify(file)};`).join('\n'));
  };
}

export function createChecks(parts: Parts) {
  const { session, names, files } = parts;
  const documents = createDocuments(parts);
  const include = createMembers(parts);
  const composed = new WeakMap<Analysis, CellDocument>();

  return {
    async check(analysis: Analysis, cell: number): Promise<Finding[]> {
      if (/\b(?:import|require)\b/.test(analysis.source)) refresh(session, files);
      const document = names.compose(analysis, cell);
      composed.set(analysis, document);
      documents.open(document);
      if (analysis.errors.length === 0 && isUnchecked(analysis)) return [];
      const found = ofCell(await documents.errors(document), document, analysis, names);
      const local = files.imports(analysis.source).filter(isTypeScript);
      include(local);
      for (const file of local)
        found.push(...ofFile(await errorsOf(session, file), file, readFileSync(file, 'utf8'), names));
      if (found.length === 0) return [];
      documents.discard(document);
      const kind = analysis.errors.length > 0 ? 'syntax' : 'type';
      names.refuse(namesIn(analysis), `cell ${cell}, which did not run because of a ${kind} error`);
      return found;
    },
    enter: (analysis: Analysis): void => documents.enter(composed.get(analysis)!),
  };
}
