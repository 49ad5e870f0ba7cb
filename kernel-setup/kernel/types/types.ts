/** What TypeScript says of cells: their errors, what may follow at a position, and what stands there. */
import path from 'node:path';
import type { Analysis } from '../syntax/analyse';
import { completions, description, type Completions, type Description, type Question } from './answers';
import { createChecks, errorsOf } from './checks';
import { documentName } from './config';
import { position, type Finding } from './findings';
import { createLocalFiles } from './local-files';
import { createNames } from './names';
import { createSession, type Session } from './session';

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

/** Lets the server read JavaScript's library and the types of Node.js before the first cell comes. */
function warmUp(session: Session, file: string): void {
  const done = () => session.close(file);
  session.open(file, 'export {};');
  errorsOf(session, file).then(done, done);
}

export function createTypes(options: { cwd: string; root: string; globals: string[] }): Types & {
  /** For tests. */
  session: Session;
} {
  const session = createSession(options);
  const names = createNames();
  const fileOf = (id: number | string) => path.join(options.cwd, `${documentName(id)}.ts`);
  let drafts = 0;

  /** Asks about a text that is being written. */
  async function asking<T>(source: string, offset: number, answer: (question: Question) => Promise<T>): Promise<T> {
    const { text, linesAbove } = names.draft(source);
    const file = fileOf(`draft${++drafts}`);
    session.open(file, text);
    const here = { position: position(source, offset, linesAbove) };
    const ask: Question['ask'] = (method, about = here) => session.ask(method, file, about);
    return answer({ ask, source, offset, linesAbove }).finally(() => session.close(file));
  }

  warmUp(session, fileOf('first'));
  return {
    ...createChecks({ session, names, files: createLocalFiles(options), fileOf }),
    complete: (source, offset) => asking(source, offset, completions),
    inspect: (source, offset) => asking(source, offset, description),
    close: session.end,
    session,
  };
}
