/** The processes that a cell has started, such as those of `execSync` and `exec`. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Another one than this process's where it was started detached. */
  readonly group: number;
  /** Milliseconds since it started. */
  readonly age: number;
}

/** Of Linux's clock for processes. */
const ticksPerSecond = 100;

/** `undefined` for a process that has ended meanwhile. */
function readProcess(pid: string, uptime: number): Process | undefined {
  try {
    // The name, in parentheses, may hold anything. Behind it: state, parent, group, session, ..., start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    if (fields[0] === 'Z') return undefined;
    const age = (uptime - Number(fields[19]) / ticksPerSecond) * 1000;
    return { pid: Number(pid), parent: Number(fields[1]), group: Number(fields[2]), age };
  } catch {
    return undefined;
  }
}

/** Seconds of `[[days-]hours:]minutes:seconds`. */
function seconds(elapsed: string): number {
  const [time, days = '0'] = elapsed.split('-').reverse();
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}

function processes(): Process[] {
  if (process.platform === 'linux') {
    const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
    return readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? (readProcess(name, uptime) ?? []) : []));
  }
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,etime='], { encoding: 'latin1' }).trim().split('\n');
  return lines.map(line => {
    const [pid, parent, group, elapsed] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), group: Number(group), age: seconds(elapsed) * 1000 };
  });
}

/** Above what clocks differ by: two of Linux's ticks. */
const margin = 2000 / ticksPerSecond;
/** Above how far they are apart that count seconds. */
const tolerance = 1500;

/** The processes that these have started, those that they have started, and so on. */
function descendants(all: readonly Process[], pids: Iterable<number>): Process[] {
  const found: Process[] = [];
  for (let parents = new Set(pids); parents.size > 0; ) {
    const children = all.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

/** This process's descendants, except the detached, that are at most this many milliseconds old. */
export function startedWithin(milliseconds: number): Process[] {
  const all = processes();
  const own = all.find(({ pid }) => pid === process.pid);
  return descendants(all, [process.pid]).filter(
    ({ age, group }) => age <= milliseconds + margin && group === own?.group,
  );
}

/**
 * Those of them that still run, and what they have started since; another process may have got the number of one that
 * has ended.
 */
export function stillRunning(earlier: readonly Process[], milliseconds: number): Process[] {
  const all = processes();
  const running = all.filter(({ pid, age }) =>
    earlier.some(then => then.pid === pid && Math.abs(age - then.age - milliseconds) < tolerance),
  );
  const pids = new Set(running.map(({ pid }) => pid));
  return [...running, ...descendants(all, pids).filter(({ pid }) => !pids.has(pid))];
}

/** Sends a signal to processes, as far as they still run. */
export function signalAll(all: readonly Process[], signal: 'SIGINT' | 'SIGKILL'): void {
  for (const { pid } of all)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
}
