/**
 * The processes that execute one notebook together and share the cases of its sweeps (src/train/shares.ts). Each is a
 * member, which keeps its name when it dies and is started again. The folder of a team holds `members/`, a file for
 * each process; `cases/`, who computes what; `sweeps/`, what there is to compute.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Milliseconds between two looks at the members. */
const pause = 1000;

/** @typedef {{ name: string, host: string, pid: number, started: string }} Member */
/** @typedef {{ sweep: string, cases: number, rows: string }} Sweep */
/** @typedef {ReturnType<typeof openTeam>} Team */

/** @param {string} folder @returns {string[]} */
const list = folder => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether the very process runs that a member was, not a later one of its number. @param {Member} member */
function isRunning({ pid, started }) {
  try {
    process.kill(pid, 0);
    const stat = started && fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !stat || stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] === started;
  } catch {
    return false;
  }
}

/**
 * A team in a folder, which is made here or by another member. `run` names the run that its rows belong to; `isSpread`:
 * its members run on several machines.
 * @param {string} folder @param {string} run @param {boolean} [isSpread]
 */
export function openTeam(folder, run, isSpread) {
  const [members, cases, sweeps] = ['members', 'cases', 'sweeps'].map(part => path.join(folder, part));
  fs.mkdirSync(members, { recursive: true });
  const filesOf = (/** @type {string} */ member) =>
    list(members).filter(file => new RegExp(`^${member}-[0-9a-f]{8}\\.json$`).test(file));
  const heldBy = (/** @type {string} */ member) =>
    // A link is removed as soon as its case is done, unless its process dies.
    list(cases).flatMap(key =>
      list(path.join(cases, key))
        .map(file => path.join(cases, key, file))
        .filter(file => readJson(file)?.name === member),
    );
  /** Says that a member lives, and ends its process when a case takes longer than it may. */
  const look = (/** @type {string} */ member) => {
    for (const file of filesOf(member)) {
      const whole = path.join(members, file);
      const self = /** @type {Member | undefined} */ (readJson(whole));
      if (!self || self.host !== os.hostname()) continue;
      // What a dead process was to be done with by then is of no account.
      if (!isRunning(self)) fs.rmSync(`${whole}.limit`, { force: true });
      else {
        const limit = readJson(`${whole}.limit`);
        if (limit && Date.now() > limit.until) {
          fs.writeFileSync(limit.late, '');
          process.kill(self.pid, 'SIGKILL');
        }
        fs.utimesSync(whole, new Date(), new Date());
      }
    }
  };
  return {
    folder,
    run,
    /**
     * The variables that make a process a member. `begin`, from 0 to 1, is where in a list of cases it begins.
     * @param {string} member @param {number} begin
     */
    environment: (member, begin) => ({
      WIDENET_TEAM: JSON.stringify({
        ...{ folder, run, isSpread, member, begin },
        progress: path.join(folder, `${member}.progress`),
      }),
    }),
    /** How far a member says that it is. @param {string} member */
    progress(member) {
      const file = path.join(folder, `${member}.progress`);
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    },
    /** Looks after a member as long as its process runs; the returned function ends that. @param {string} member */
    watch(member) {
      const timer = setInterval(() => look(member), pause);
      return () => clearInterval(timer);
    },
    /** How many cases processes of this name compute, or did when they died. @param {string} member */
    held: member => heldBy(member).length,
    /** Lets go what a member computes, whose process was ended for no fault of its cases. @param {string} member */
    release(member) {
      for (const file of heldBy(member)) fs.rmSync(file, { force: true });
    },
    /** The sweeps that members have come to so far. @returns {Sweep[]} */
    sweeps: () => list(sweeps).flatMap(file => readJson(path.join(sweeps, file)) ?? []),
    remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
