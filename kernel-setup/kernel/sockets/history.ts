/**
 * What was run: in this session, and in earlier ones, whose inputs are kept for the user in one folder. Each session
 * has a file of its own, so that kernels which run at once do not disturb each other.
 */
import { mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { log } from '../log';
import type { Ran } from '../protocol/shared';

interface Entry {
  session: number;
  line: number;
  input: string;
  output: string | null;
}

type Request = Record<string, any>;

/** What is more is deleted, the oldest first. */
const kept = { sessions: 1000, bytes: 64 << 20 };

/** The folder; undefined where no history is to be kept. */
function folderOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env.WIDENET_HISTORY !== undefined) return env.WIDENET_HISTORY || undefined;
  return path.join(env.XDG_STATE_HOME || path.join(homedir(), '.local', 'state'), 'widenet', 'history');
}

/** A shell pattern (`*`, `?`) as a regular expression. */
const glob = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '[^]*')
      .replace(/\?/g, '[^]')}$`,
  );

/** The line of a file; undefined when it was cut as it was written. */
function readLine(session: number, json: string): Entry | undefined {
  try {
    const [line, input] = JSON.parse(json);
    return { session, line, input, output: null };
  } catch {
    return undefined;
  }
}

/** The sessions on disk. */
function createFiles(folder: string) {
  const file = (session: number) => path.join(folder, `${session}.jsonl`);
  const sessions = (): number[] => {
    try {
      const numbers = readdirSync(folder).map(name => Number(/^([1-9]\d{0,14})\.jsonl$/.exec(name)?.[1] ?? 0));
      return numbers.filter(number => number > 0).sort((a, b) => b - a);
    } catch {
      return [];
    }
  };

  function prune(): void {
    let bytes = 0;
    for (const [i, session] of sessions().entries()) {
      bytes += statSync(file(session), { throwIfNoEntry: false })?.size ?? 0;
      if (i >= kept.sessions || (i > 0 && bytes > kept.bytes)) rmSync(file(session), { force: true });
    }
  }

  return {
    /** The newest first. */
    sessions,
    read(session: number): Entry[] {
      try {
        const lines = readFileSync(file(session), 'utf8').split('\n');
        return lines.flatMap(line => readLine(session, line) ?? []);
      } catch {
        return [];
      }
    },
    /** Begins a session: with a number that no other has, and the descriptor of its file. */
    begin(): { session: number; descriptor: number } {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (let session = (sessions()[0] ?? 0) + 1; ; session++)
        try {
          const descriptor = openSync(file(session), 'ax', 0o600);
          prune();
          return { session, descriptor };
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
    },
  };
}

/** The sessions together. Without a folder, or with one that cannot be written, there is this session alone. */
function createSessions(env: NodeJS.ProcessEnv) {
  const own: Entry[] = [];
  let files: ReturnType<typeof createFiles> | undefined;
  let session: number | undefined;
  let descriptor: number | undefined;

  /** Works with the folder as long as that can be done. */
  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      descriptor = undefined;
      log(`this session's history is not kept: ${(error as Error).message}`);
    }
  }
  attempt(() => {
    const folder = folderOf(env);
    if (folder) files = createFiles(folder);
  });

  return {
    own,
    /** The number of this session, or that which it will have if no other begins before. */
    number: () => session ?? (files?.sessions()[0] ?? 0) + 1,
    keep(line: number, input: string): void {
      if (session === undefined) {
        attempt(() => {
          if (files) ({ session, descriptor } = files.begin());
        });
        session ??= this.number();
      }
      own.push({ session, line, input, output: null });
      attempt(() => {
        if (descriptor !== undefined) writeSync(descriptor, `${JSON.stringify([line, input])}\n`);
      });
    },
    entriesOf: (number: number): Entry[] => (number === session ? own : (files?.read(number) ?? [])),
    /** All entries, the last one first. */
    *backwards(): Generator<Entry> {
      const numbers = new Set(files?.sessions());
      if (session !== undefined) numbers.add(session);
      for (const number of [...numbers].sort((a, b) => b - a)) yield* [...this.entriesOf(number)].reverse();
    },
  };
}

export function createHistory(env: NodeJS.ProcessEnv) {
  const sessions = createSessions(env);

  function last(n: number | null, matches: (entry: Entry) => boolean): Entry[] {
    const found: Entry[] = [];
    for (const entry of sessions.backwards()) {
      if (found.length === n) break;
      if (matches(entry)) found.push(entry);
    }
    return found.reverse();
  }

  function select({ hist_access_type, n, session: asked, start, stop, pattern, unique }: Request): Entry[] {
    if (hist_access_type === 'range') {
      const lines = sessions.entriesOf(asked > 0 ? asked : sessions.number() + (asked ?? 0));
      return lines.filter(({ line }) => line >= (start ?? 0) && (stop === null || line < stop));
    }
    if (hist_access_type === 'tail') return last(n, () => true);
    const matcher = glob(pattern ?? '*');
    const seen = new Set<string>();
    return last(n || null, ({ input }) => {
      if (!matcher.test(input) || (unique && seen.has(input))) return false;
      seen.add(input);
      return true;
    });
  }

  return {
    add(ran: Ran): void {
      if ('input' in ran) sessions.keep(ran.line, ran.input);
      else Object.assign(sessions.own.find(({ line }) => line === ran.line)!, { output: ran.output });
    },
    /** history_reply: `[session, line, input]`, or `[session, line, [input, output]]`; earlier outputs are not kept. */
    reply(request: Request): object {
      const history = select(request).map(({ session, line, input, output }) => [
        session,
        line,
        request.output ? [input, output] : input,
      ]);
      return { status: 'ok', history };
    },
  };
}
