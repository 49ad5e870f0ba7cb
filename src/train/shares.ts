/**
 * Which process computes which case, when several work on one sweep. Each has a file, its member; a case is taken by a
 * hard link to it, `<case>.<n>`, which one process alone can make. The link goes when the case is written. One that
 * a dead process left stays, and the case is taken anew with the next n. A member is dead when its process is, or,
 * where that runs on another machine, when its file has not been touched for a minute (the runner touches it).
 */
import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processState } from '../base/process-state';
import type { Team } from '../notebook/runner';
import type { Failure } from './row-files';

/** Milliseconds without a touch, by this process's clock, after which a member on another machine is dead. */
const patience = 60_000;

/** How often a case may end its process, or exceed its time so that the runner ends it, before it is given up. */
const [most, mostLate] = [3, 2];

interface Member {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the units of /proc; empty where there is none. */
  readonly started: string;
}

interface State {
  /** The file of this process's member, by team. */
  readonly own: Map<string, string>;
  /** By link: when it was last touched, and since when this process has known that. */
  readonly seen: Map<string, { touched: number; since: number }>;
}

export interface Shares {
  /**
   * Takes a case for this process, unless another one that lives has it. One that has ended several processes is taken
   * too, with the reason to give it up.
   */
  take(id: string): { readonly hopeless?: Failure } | undefined;
  /** What was taken is written, or is not to be computed here. */
  release(id: string): void;
  /** Asks the runner to end this process when a case takes longer than that; `undefined`: it has ended. */
  limit(id: string, seconds: number | undefined): void;
}

const code = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** When a process started; undefined when there is none of this number. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (code(error) !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return '';
  }
}

/** Writes a file that others see whole or not at all. */
function writeWhole(file: string, value: object): void {
  const part = `${file}.${process.pid}.part`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(part, JSON.stringify(value));
  renameSync(part, file);
}

function ownMember({ folder, member }: Team, own: Map<string, string>): string {
  const known = own.get(folder);
  if (known) return known;
  const file = path.join(folder, 'members', `${member}-${randomUUID().slice(0, 8)}.json`);
  const self: Member = { name: member, host: os.hostname(), pid: process.pid, started: startOf(process.pid) ?? '' };
  writeWhole(file, self);
  own.set(folder, file);
  return file;
}

/** What the runner may know of a sweep: its name, how many cases it has, and the folder of their rows. */
export interface About {
  readonly sweep: string;
  readonly cases: number;
  readonly rows: string;
}

/** The shares of a team in the cases of one key. */
export function sharesOf(team: Team, key: string, about: About): Shares {
  const { own, seen } = processState<State>('shares', () => ({ own: new Map(), seen: new Map() }));
  const folder = path.join(team.folder, 'cases', key);
  mkdirSync(folder, { recursive: true });
  const self = ownMember(team, own);
  const taken = new Map<string, string>();
  writeWhole(path.join(team.folder, 'sweeps', `${key}.json`), about);

  const isDead = (link: string): boolean => {
    const member = JSON.parse(readFileSync(link, 'utf8')) as Member;
    if (member.host === os.hostname()) return startOf(member.pid) !== member.started;
    // A job that was started again finds what it had taken before.
    if (member.name === team.member) return true;
    const touched = statSync(link).mtimeMs;
    const before = seen.get(link);
    if (before?.touched === touched) return performance.now() - before.since > patience;
    seen.set(link, { touched, since: performance.now() });
    return false;
  };

  return {
    take(id) {
      const links = readdirSync(folder).filter(name => name.startsWith(`${id}.`));
      const numbers = links.filter(name => !name.endsWith('late')).map(name => Number(name.split('.')[1]));
      const last = Math.max(0, ...numbers);
      try {
        if (last > 0 && !isDead(path.join(folder, `${id}.${last}`))) return undefined;
        const link = path.join(folder, `${id}.${last + 1}`);
        linkSync(self, link);
        taken.set(id, link);
      } catch (error) {
        // Another process was faster, or has just let it go.
        if (['EEXIST', 'ENOENT'].includes(code(error) ?? '')) return undefined;
        throw error;
      }
      const late = links.length - numbers.length;
      const hopeless =
        late >= mostLate
          ? { status: 'late' as const, message: `not done in its time, and its process was ended, ${late} times` }
          : last >= most
            ? { status: 'failed' as const, message: `${last} processes ended while they computed it` }
            : undefined;
      return { hopeless };
    },
    release(id) {
      const link = taken.get(id);
      taken.delete(id);
      try {
        if (link) unlinkSync(link);
      } catch (error) {
        if (code(error) !== 'ENOENT') throw error;
      }
    },
    limit(id, seconds) {
      const file = `${self}.limit`;
      if (seconds === undefined) return unlinkSync(file);
      const late = `${taken.get(id)}.late`;
      // A look at half of it is no harm: the next one sees all.
      writeFileSync(file, JSON.stringify({ until: Date.now() + 1000 * seconds, late }));
    },
  };
}
