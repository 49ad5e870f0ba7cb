/**
 * Kills processes of real runs and looks for what was lost, doubled, stale or touched. By hand:
 * `node test/kills.mjs --kills 50 --seed 1`; exit code 1 on any fault. Linux only: it finds processes in /proc.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { library } from '../kernel-setup/run/library.mjs';
import { repositoryCopy } from './support/repository.mjs';

const cases = 12;

/**
 * The cells of a notebook whose sweep computes round * 1000 + k * k for each k, and notes each computation in a file.
 * @param {number} round @param {string} noted
 */
const cells = (round, noted) => [
  "import { claim, lines, sweep, verdicts } from 'widenet';",
  `const settings = Array.from({ length: ${cases} }, (_, k) => ({ round: ${round}, k }));
const rows = await sweep('squares', settings, async ({ round, k }) => {
  await new Promise(resolve => setTimeout(resolve, 60));
  require('node:fs').appendFileSync(${JSON.stringify(noted)}, round + ' ' + k + '\\n');
  return { value: round * 1000 + k * k };
});`,
  "lines(rows, { x: 'k', y: 'value', title: 'Values' })",
  "claim({ id: 'values', statement: 'values are those of this round', " +
    "measured: rows.map(row => Number(row.value)), expect: { above: 0 }, source: 'own' });",
  'verdicts()',
];

/** Numbers in [0, 1) of a seed (mulberry32). @param {number} seed */
const uniform = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** The living processes started with this mark in their environment. @param {string} mark */
export function processes(mark) {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        if (!fs.readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`WIDENET_KILLS=${mark}`))
          return [];
        if (/\) Z /.test(fs.readFileSync(`/proc/${name}/stat`, 'latin1'))) return [];
        const command = fs.readFileSync(`/proc/${name}/cmdline`, 'latin1');
        const kind = /reproduce\.mjs/.test(command)
          ? 'runner'
          : /execute\.py/.test(command)
            ? 'execution'
            : /kernel\/main\.ts/.test(command)
              ? 'kernel'
              : /chrom/.test(command)
                ? 'browser'
                : 'other';
        return [{ pid: Number(name), kind }];
      } catch {
        return [];
      }
    });
}

/**
 * Runs and kills until `kills` have hit. Gives what was done and each fault found.
 * `grace` is how many seconds the processes of a killed runner may still live.
 * @param {{ kills: number, seed: number, grace?: number, log?: (line: string) => void }} options
 * @returns {Promise<{ hits: Record<string, number>, faults: string[] }>}
 */
export async function killRuns({ kills, seed, grace = 5, log = () => {} }) {
  const random = uniform(seed);
  const pick = (/** @type {readonly any[]} */ list) => list[Math.floor(random() * list.length)];
  const repository = repositoryCopy({ small: cells(0, '/dev/null') });
  /** @type {string[]} */
  const faults = [];
  /** @type {Record<string, number>} */
  const hits = {};
  let left = kills;
  let span = 5000; // What a run of the notebook takes, in milliseconds: kills come within it.
  try {
    for (let round = 1; left > 0; round++) {
      const state = newRound(repository, round);
      const fault = (/** @type {string} */ what) => {
        faults.push(`round ${round}: ${what}`);
        log(`FAULT round ${round}: ${what}`);
      };
      for (let n = Math.min(left, 1 + Math.floor(random() * 3)); n > 0; n--) {
        const hit = await killOne(repository, state, {
          after: random() * span,
          pick,
          save: random() < 0.5,
          jobs: random() < 0.5 ? 1 : 2,
          grace,
          fault,
        });
        log(`round ${round}: ${hit ?? 'it had ended before'}`);
        if (hit === undefined) continue;
        hits[hit] = (hits[hit] ?? 0) + 1;
        left--;
      }
      const start = Date.now();
      finish(repository, state, fault);
      span = 1.2 * (Date.now() - start);
    }
  } finally {
    repository.remove();
  }
  return { hits, faults };
}

/** @typedef {ReturnType<typeof repositoryCopy>} Repository */
/** @typedef {{ round: number, noted: string, committed: string, stored: Map<number, number> }} State */

/** @param {Repository} repository @param {number} round @returns {State} */
function newRound({ root, git, write }, round) {
  const noted = path.join(root, 'output', `computed-${round}`);
  fs.mkdirSync(path.dirname(noted), { recursive: true });
  fs.writeFileSync(noted, '');
  const file = write('small', cells(round, noted));
  git('commit', '-qam', `round ${round}`);
  return { round, noted, committed: fs.readFileSync(file, 'utf8'), stored: new Map() };
}

/**
 * Starts a run, kills something of it, and looks at what is left. Gives what was hit, or undefined when the run had
 * ended.
 * @param {Repository} repository @param {State} state
 * @param {{
 *   after: number, pick: (list: readonly any[]) => any, save: boolean, jobs: number, grace: number,
 *   fault: (what: string) => void,
 * }} options
 */
async function killOne({ root, git }, state, { after, pick, save, jobs, grace, fault }) {
  const mark = `${process.pid}-${state.round}-${after}`;
  const child = spawn(
    process.execPath,
    ['kernel-setup/reproduce.mjs', 'small', '--resume', '--jobs', String(jobs), ...(save ? ['--save'] : [])],
    { cwd: root, env: { ...process.env, WIDENET_KILLS: mark }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => {
      said += text;
    });
  const ended = new Promise(resolve => child.once('exit', resolve));
  await Promise.race([sleep(after), ended]);
  const running = processes(mark);
  const kinds = [...new Set(running.map(p => p.kind))].filter(kind => kind !== 'other');
  const kind = kinds.length > 0 ? pick([...kinds, 'all']) : 'none';
  const signal = kind === 'all' ? 'SIGKILL' : pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV']);
  const ofKind = running.filter(p => p.kind === kind);
  for (const { pid } of kind === 'all' ? running : ofKind.length > 0 ? [pick(ofKind)] : []) {
    try {
      process.kill(pid, signal);
    } catch {
      /* it has ended by itself */
    }
  }
  if (['runner', 'all'].includes(kind)) {
    for (let waited = 0; waited < 10 * grace && processes(mark).length > 0; waited++) await sleep(100);
    for (const { pid, kind: what } of processes(mark))
      fault(`the ${what} (process ${pid}) lives ${grace} s after ${signal} to ${kind}`);
  }
  if ((await Promise.race([ended.then(() => 'ended'), sleep(600_000, 'late', { ref: false })])) === 'late')
    fault(`the runner did not end after ${signal} to the ${kind}`);
  if (/^\s+at .*:\d+:\d+\)?$/m.test(said) && kind !== 'kernel')
    fault(`a stack trace after ${signal} to the ${kind}:\n${said}`);
  lookAtRows(root, state, fault);
  lookAtCommitted(root, git, state, save, fault);
  return kind === 'none' ? undefined : `${kind} ${signal}`;
}

/** How often each case of this round is stored, and was computed. @param {string} root @param {State} state */
function counts(root, { round, noted }) {
  const count = (/** @type {string[]} */ lines, /** @type {RegExp} */ pattern) =>
    lines.reduce(
      (map, line) => {
        const k = pattern.exec(line)?.[1];
        return k === undefined ? map : map.set(Number(k), (map.get(Number(k)) ?? 0) + 1);
      },
      /** @type {Map<number, number>} */ (new Map()),
    );
  const rows = path.join(root, 'output', 'rows');
  const files = fs.existsSync(rows)
    ? fs.readdirSync(rows, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.jsonl'))
    : [];
  const lines = files.flatMap(file => fs.readFileSync(path.join(rows, file), 'utf8').split('\n').slice(0, -1));
  return {
    stored: count(
      lines.filter(line => line.includes(`"round":${round},`)),
      /"k":(\d+)/,
    ),
    computed: count(fs.readFileSync(noted, 'utf8').split('\n'), new RegExp(`^${round} (\\d+)$`)),
  };
}

/**
 * What was stored stays stored, once, and is not computed again.
 * @param {string} root @param {State} state @param {(what: string) => void} fault
 */
function lookAtRows(root, state, fault) {
  const { stored, computed } = counts(root, state);
  for (const [k, times] of state.stored) {
    if (!stored.has(k)) fault(`the row of case ${k} was stored and is lost`);
    if ((computed.get(k) ?? 0) > times) fault(`case ${k} was stored and is computed again`);
  }
  for (const [k, times] of stored) if (times > 1) fault(`the row of case ${k} is stored ${times} times`);
  for (const k of stored.keys()) state.stored.set(k, computed.get(k) ?? 0);
}

/**
 * @param {string} root @param {Repository['git']} git @param {State} state @param {boolean} save
 * @param {(what: string) => void} fault
 */
function lookAtCommitted(root, git, { committed }, save, fault) {
  const changed = git('status', '--porcelain')
    .split('\n')
    .filter(line => line && !(save && line.trim() === 'M notebooks/small.ipynb'));
  if (changed.length > 0) fault(`files of the repository are touched: ${changed.join(', ')}`);
  const text = fs.readFileSync(path.join(root, 'notebooks', 'small.ipynb'), 'utf8');
  if (text === committed) return;
  if (!save || text !== fs.readFileSync(path.join(root, 'output', 'notebooks', 'small.ipynb'), 'utf8'))
    fault('the committed notebook is neither as it was nor as executed');
  git('checkout', '-q', '--', 'notebooks');
}

/**
 * Runs to the end: all values are there, of this round, with report and figure.
 * @param {Repository} repository @param {State} state @param {(what: string) => void} fault
 */
function finish({ root, git }, state, fault) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['kernel-setup/reproduce.mjs', 'small', '--resume'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) return fault(`the run that resumes ends with code ${status}:\n${stdout}${stderr}`);
  lookAtRows(root, state, fault);
  lookAtCommitted(root, git, state, false, fault);
  const output = path.join(root, 'output');
  const {
    notebooks: [result],
  } = JSON.parse(fs.readFileSync(path.join(output, 'claims.json'), 'utf8'));
  const expected = Array.from({ length: cases }, (_, k) => state.round * 1000 + k * k);
  const measured = result.claims[0]?.measured;
  if (JSON.stringify(measured) !== JSON.stringify(expected))
    fault(`the claim shows ${JSON.stringify(measured)}, not ${JSON.stringify(expected)}`);
  const figure = path.join(output, 'figures', 'small', '01-values.json');
  if (!fs.existsSync(figure)) fault('the figure is missing');
  else {
    const drawn = library('notebook/packed').unpackAll(JSON.parse(fs.readFileSync(figure, 'utf8'))).data[0].y;
    if (JSON.stringify(drawn) !== JSON.stringify(expected)) fault(`the figure shows ${drawn}, not ${expected}`);
  }
  const report = fs.readFileSync(path.join(output, 'report', 'index.html'), 'utf8');
  if (!report.includes('values are those of this round') || report.includes('Incomplete:'))
    fault('the report is not whole');
  const left = fs
    .readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(part|running)$/.test(file) || /^\.staged./.test(file));
  if (left.length > 0) fault(`files are left: ${left.join(', ')}`);
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
  });
  const { hits, faults } = await killRuns({ kills: Number(values.kills), seed: Number(values.seed), log: console.log });
  console.log(
    Object.entries(hits)
      .sort()
      .map(([what, times]) => `${String(times).padStart(4)}  ${what}`)
      .join('\n'),
  );
  console.log(`${values.kills} kills, ${faults.length} faults`);
  process.exit(faults.length > 0 ? 1 : 0);
}
