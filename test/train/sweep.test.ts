import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { claim } from '../../src/notebook/claims';
import { session } from '../../src/notebook/session';
import { type SweepOptions, sweep } from '../../src/train/sweep';
import { last } from '../../src/math/statistics';
import { bars } from '../../src/plot/bars';
import { heatmap } from '../../src/plot/heatmap';
import { lines } from '../../src/plot/lines';
import { root } from '../support/notebooks';
import { shownBy } from '../support/shown';

let folder: string;
const settings = [
  { k: 1, seed: 0 },
  { k: 2, seed: 0 },
  { k: 3, seed: 0 },
];
const [interrupt, cells] = ['widenet.interrupt', 'widenet.cells'].map(name => Symbol.for(name));
const place = globalThis as any;
const said: string[] = [];

/** What the kernel does in a notebook: from here on these cells have run. */
const ranCells = (...code: string[]) => {
  place[cells] = () => ({ code, again: false });
};
const files = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.jsonl'))
    .sort()
    .map(file => path.join(folder, file));
const written = () =>
  files().flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(text => JSON.parse(text)),
  );

/** Runs a sweep of squares, and tells its rows and which cases were computed. */
async function squares(
  given: readonly any[] = settings,
  options?: SweepOptions,
  run = (s: any): any => ({ square: s.k * s.k }),
) {
  const ran: any[] = [];
  said.length = 0;
  const rows = await sweep(
    'squares',
    given,
    s => {
      ran.push(s.k);
      return run(s);
    },
    options,
  );
  return { rows, ran };
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-rows-'));
  process.env.WIDENET_ROWS = folder;
  vi.spyOn(console, 'warn').mockImplementation(line => void said.push(line));
  ranCells('cell');
});
afterEach(() => {
  for (const name of ['WIDENET_ROWS', 'WIDENET_RESUME', 'WIDENET_NOTICES']) delete process.env[name];
  for (const name of [interrupt, cells]) delete place[name];
  Object.assign(session(), { profile: 'quick', settings: {} });
  session().claims.clear();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('each case is on disk, with its settings, before the next one starts', async () => {
  const seen: number[] = [];
  const { rows } = await squares(settings, {}, ({ k }) => {
    seen.push(written().length);
    return { square: k * k };
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(rows).toEqual([
    { k: 1, seed: 0, square: 1 },
    { k: 2, seed: 0, square: 4 },
    { k: 3, seed: 0, square: 9 },
  ]);
  expect(written()[2]).toMatchObject({
    settings: { k: 3, seed: 0 },
    rows: [{ square: 9 }],
    parameters: { profile: 'quick', settings: {} },
    versions: { widenet: '0.1.0', node: process.versions.node },
    seconds: expect.any(Number),
  });
  expect(path.relative(folder, files()[0])).toMatch(/^squares\/[0-9a-f]{32}\/\d{17}-\d+-[0-9a-f]{8}\.jsonl$/);
});

test('values keep their bits: a fresh run gives the very ones, a resumed run equal ones', async () => {
  const odd = () => [
    {
      t: 0,
      loss: NaN,
      low: -Infinity,
      zero: -0,
      big: 2n ** 70n,
      none: undefined,
      W: Float32Array.of(NaN, -0, 0.1),
      state: { W: { shape: [2], values: Float64Array.of(1 / 3, Infinity) } },
    },
    { t: 1, loss: 0.1 + 0.2, map: new Map([[NaN, new Set([1])]]), when: new Date(5) },
  ];
  const given = odd();
  const fresh = await squares([{ k: 1 }], {}, () => given);
  expect(fresh.rows[0].W).toBe(given[0].W);
  const resumed = await squares([{ k: 1 }], { resume: true }, odd);
  expect([fresh.ran, resumed.ran]).toEqual([[1], []]);
  const marks = [{ status: 'not finite', message: 'loss is NaN' }, {}];
  expect(fresh.rows).toStrictEqual(odd().map((row, i) => ({ k: 1, ...marks[i], ...row })));
  expect(resumed.rows).toStrictEqual(fresh.rows);
  expect(Object.is(resumed.rows[0].zero, -0)).toBe(true);
});

test('a diverged run makes no claim hold, fresh or resumed', async () => {
  const verdict = async (resume: boolean) => {
    const { rows } = await squares(settings, { resume }, ({ k }) => ({ loss: k === 2 ? NaN : 1e-9 }));
    claim({
      id: 'converges',
      statement: 'the loss is small',
      measured: rows.map(row => row.loss as number),
      expect: { below: 1e-6 },
      source: 'own',
    });
    return session().claims.get('converges')?.verdict;
  };
  expect([await verdict(false), await verdict(true)]).toEqual(['fails', 'fails']);
});

test('a case that throws is tried again, and then is a row that says so, which no claim takes for a result', async () => {
  const given = () => settings.map(one => ({ ...one, list: [one.k] }));
  const { rows, ran } = await squares(given(), {}, s => {
    s.list.push(0);
    if (s.k === 2) throw new TypeError('no root');
    return { square: s.k * s.k, name: 'x' };
  });
  expect(ran).toEqual([1, 2, 2, 3]);
  expect(rows).toEqual([
    { k: 1, seed: 0, list: [1], square: 1, name: 'x' },
    { k: 2, seed: 0, list: [2], square: NaN, status: 'failed', message: 'TypeError: no root' },
    { k: 3, seed: 0, list: [3], square: 9, name: 'x' },
  ]);
  expect(said).toEqual([
    'sweep \'squares\': 1 of 3 cases failed; the first, {"k":2,"list":[2],"seed":0}, failed: TypeError: no root',
  ]);
  const measured = rows.map(row => row.square as number);
  claim({ id: 'small', statement: 'small', measured, expect: { below: 100 }, source: 'own' });
  expect(session().claims.get('small')?.verdict).toBe('fails');
  expect((await squares(given(), { resume: true })).ran).toEqual([2]);
});

test('the second attempt counts; where the author asks for it, the first error ends the sweep', async () => {
  let times = 0;
  const once = ({ k }: any) => {
    if (k === 2 && times++ === 0) throw new Error('once');
    return { square: k };
  };
  expect((await squares(settings, {}, once)).rows.map(row => row.square)).toEqual([1, 2, 3]);
  times = 0;
  await expect(squares(settings, { stopAtFailure: true }, once)).rejects.toThrow(/^once$/);
  const all = () => squares(settings, {}, () => Promise.reject(new Error('never')));
  await expect(all()).rejects.toThrow(
    /^sweep 'squares': all 3 cases failed; the first, \{"k":1,"seed":0\}, failed: Error: never$/,
  );
});

test('a case that takes longer than it may is late, and what it trains is interrupted', async () => {
  const signals: boolean[] = [];
  const hanging = ({ k }: any) => {
    if (k !== 2) return { square: k };
    const signal: AbortSignal = place[interrupt];
    return new Promise(resolve =>
      signal.addEventListener('abort', () => {
        signals.push(signal.aborted);
        resolve({ square: -1 });
      }),
    );
  };
  const { rows, ran } = await squares(settings, { seconds: 0.05 }, hanging);
  expect([ran, signals, place[interrupt]]).toEqual([[1, 2, 2, 3], [true, true], undefined]);
  expect(rows[1]).toEqual({ k: 2, seed: 0, square: NaN, status: 'late', message: 'not done within 0.05 s' });
});

test('a row in which a number is NaN says so, fresh or taken up, and is stored as it was given', async () => {
  const gave = ({ k }: any) => [
    { risk: k === 2 ? NaN : 1, distance: k === 1 ? 1 : NaN, steps: Infinity },
    { risk: NaN, status: 'diverged' },
  ];
  const fresh = await squares(settings, {}, gave);
  expect(said).toEqual([
    "sweep 'squares': 2 of 6 rows are not finite; the first, of " + '{"k":2,"seed":0}: risk, distance are NaN',
  ]);
  expect(fresh.rows.map(({ status, message }) => [status, message])).toEqual([
    [undefined, undefined],
    ['diverged', undefined],
    ['not finite', 'risk, distance are NaN'],
    ['diverged', undefined],
    ['not finite', 'distance is NaN'],
    ['diverged', undefined],
  ]);
  expect(fresh.rows[2]).toMatchObject({ k: 2, steps: Infinity, risk: NaN });
  expect(Object.keys(written()[1].rows[0])).toEqual(['risk', 'distance', 'steps']);
  const resumed = await squares(settings, { resume: true }, gave);
  expect(resumed).toEqual({ rows: fresh.rows, ran: [] });
});

test('what is watched is drawn of the rows so far, in order, and at the end of all', async () => {
  const seen: any[] = [];
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const slowly = ({ k }: any) => {
    clock.mockReturnValue(1500 * k);
    return { square: k * k };
  };
  const watch = (rows: readonly any[]) => {
    if (rows.length === 1) throw new Error('too few for a map');
    seen.push(rows.map(row => row.square));
    return `${rows.length} rows`;
  };
  try {
    const shown = await shownBy(() => sweep('squares', [...settings, { k: 4, seed: 0 }], slowly, { watch }));
    expect(seen).toEqual([
      [1, 4],
      [1, 4, 9],
      [1, 4, 9, 16],
      [1, 4, 9, 16],
    ]);
    const texts = shown.map(bundle => bundle['text/plain']).filter(text => String(text).includes('rows'));
    expect(texts).toEqual([2, 3, 4, 4].map(count => expect.stringContaining(`${count} rows`)));
    const failing = sweep('squares', settings.slice(0, 1), slowly, { watch });
    await expect(failing).rejects.toThrow(/^too few for a map$/);
  } finally {
    clock.mockRestore();
  }
});

test('captions tell rows of cases that failed from runs that diverged', () => {
  const rows = [1, 2].flatMap(d => [1, 2].map(m => ({ d, m, risk: d / m })));
  const failed = { ...rows[0], risk: NaN, status: 'failed', message: 'Error: a < b' };
  const captions = [
    heatmap([failed, ...rows.slice(1)], { x: 'd', y: 'm', z: 'risk' }),
    bars([failed, ...rows.slice(1)], { x: 'd', y: 'risk' }),
    lines([failed, ...rows.slice(1)], { x: 'd', y: 'risk' }),
  ].map(figure => figure.layout.title.text as string);
  for (const caption of captions) {
    expect(caption).toContain('1 of 4 rows failed: Error: a &lt; b');
    expect(caption).not.toContain('diverged');
  }
  const diverged = heatmap([{ ...rows[0], risk: NaN }, ...rows.slice(1)], { x: 'd', y: 'm', z: 'risk' });
  expect(diverged.layout.title.text).toContain('1 of 4 runs diverged');
  const marked = { ...rows[0], risk: NaN, status: 'not finite', message: 'risk is NaN' };
  for (const draw of [
    (given: readonly any[]) => heatmap(given, { x: 'd', y: 'm', z: 'risk' }),
    (given: readonly any[]) => bars(given, { x: 'd', y: 'risk' }),
    (given: readonly any[]) => lines(given, { x: 'd', y: 'risk' }),
  ]) {
    const [ofRisk, ofOther] = [marked, { ...marked, risk: 1 }].map(
      first => draw([first, ...rows.slice(1)]).layout.title.text as string,
    );
    expect(ofRisk).toContain('1 of 4 rows not finite: risk is NaN');
    expect(ofRisk).not.toContain('diverged');
    expect(ofOther).not.toContain('not finite');
  }
});

test('a resumed sweep runs only what is missing, and says so', async () => {
  await expect(
    squares(settings, { stopAtFailure: true }, ({ k }) => {
      if (k === 3) throw new Error('killed');
      return { square: k * k };
    }),
  ).rejects.toThrow(/^killed$/);
  const { rows, ran } = await squares(settings, { resume: true });
  expect(ran).toEqual([3]);
  expect(rows.map(r => r.square)).toEqual([1, 4, 9]);
  expect(said).toEqual([
    expect.stringMatching(/^sweep 'squares': 2 of 3 cases taken up from .*squares\/[0-9a-f]{32}$/),
  ]);
  process.env.WIDENET_RESUME = '1';
  expect((await squares()).ran).toEqual([]);
  expect((await squares(settings, { resume: false })).ran).toEqual([1, 2, 3]);
});

test('the time left of a resumed sweep is that of the cases that are computed now; one that threw was stopped', async () => {
  ranCells('cell 1');
  const many = Array.from({ length: 10 }, (_, k) => ({ k, seed: 0 }));
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  let now = 0;
  const slow = (seconds: number, last: number) => (s: any) => {
    clock.mockReturnValue((now += 1000 * seconds));
    if (s.k === last) throw new Error('at the last');
    return { square: s.k * s.k };
  };
  try {
    const failing = await shownBy(() => squares(many, { stopAtFailure: true }, slow(100, 8)).catch(() => undefined));
    expect(last(failing)['text/plain']).toBe('squares 8/10, stopped, in 15:00 min, 1:53 min each');
    const resumed = await shownBy(() => squares(many, { resume: true }, slow(1, -1)));
    expect(resumed.map(bundle => bundle['text/plain'])).toEqual([
      'squares 9/10 (8 taken up)  90%  1.00/s, 1.0 s left',
      'squares 10/10 (8 taken up)  100%  1.00/s, 0.0 s left',
      'squares 10/10 (8 taken up) in 2.0 s, 1.00/s',
    ]);
  } finally {
    clock.mockRestore();
  }
});

test('without being asked nothing is taken up, but it is offered; and nothing is ever erased', async () => {
  await squares();
  const before = files().map(file => readFileSync(file, 'utf8'));
  expect((await squares(settings.slice(0, 2))).ran).toEqual([1, 2]);
  expect(said).toEqual([
    expect.stringMatching(
      /^sweep 'squares': 2 of 2 cases, of this very code and parameters, are in .*; \{ resume: true \} as sweep's last argument takes them up/,
    ),
  ]);
  ranCells('cell', 'another line');
  await squares(settings.slice(0, 1));
  expect(said).toEqual([]);
  ranCells('cell');
  const { ran } = await squares(settings, { resume: true });
  expect(ran).toEqual([]);
  expect(files().length).toBe(3);
  expect(files().map(file => readFileSync(file, 'utf8'))).toEqual(expect.arrayContaining(before));
});

test('the key holds code in its order, parameters, profile and name', async () => {
  await squares();
  const others: (() => void)[] = [
    () => ranCells('cell', 'lr = .5'),
    () => ranCells('lr = .5', 'cell'),
    () => {
      session().profile = 'full';
    },
    () => {
      session().settings = { n: 3 };
    },
    () => {
      session().settings = { n: 4 };
    },
  ];
  for (const [i, change] of others.entries()) {
    change();
    expect((await squares(settings, { resume: true })).ran, `change ${i}`).toEqual([1, 2, 3]);
    expect(said).toEqual([
      expect.stringMatching(
        /^sweep 'squares': nothing to take up: .*squares holds rows of other code, parameters or settings$/,
      ),
    ]);
    expect((await squares(settings, { resume: true })).ran, `change ${i}, again`).toEqual([]);
  }
  const ran: number[] = [];
  await sweep(
    'other',
    settings,
    s => {
      ran.push(s.k);
      return {};
    },
    { resume: true },
  );
  expect(ran).toEqual([1, 2, 3]);
});

test('settings are told apart by value', async () => {
  const given = [
    { k: NaN },
    { k: Infinity },
    { k: null },
    { k: -0 },
    { k: 0 },
    { k: new Map([['a', 1]]) },
    { k: new Map([['a', 2]]) },
    { k: Float32Array.of(1) },
    { k: '0' },
    { k: undefined },
    {},
  ];
  const name = (s: any) => given.indexOf(s);
  const fresh = await squares(given, {}, s => ({ place: name(s) }));
  const resumed = await squares([...given].reverse(), { resume: true }, s => ({ place: name(s) }));
  expect([fresh.ran.length, resumed.ran]).toEqual([given.length, []]);
  expect(resumed.rows.map(row => row.place)).toEqual(fresh.rows.map(row => row.place).reverse());
  expect(
    (await squares([{ k: new Map([['a', 2]]) }, { k: NaN }], { resume: true })).rows.map(row => row.place),
  ).toEqual([6, 0]);
});

test('where no kernel tells what code ran, rows are written and never taken up, which is said', async () => {
  delete place[cells];
  await squares();
  expect([written().length, said]).toEqual([3, []]);
  expect((await squares(settings, { resume: true })).ran).toEqual([1, 2, 3]);
  expect(new Set(files().map(file => path.dirname(file))).size).toBe(2);
  expect(said).toEqual([
    "sweep 'squares': no rows are taken up, because outside this project's kernel nothing tells which code made them",
  ]);
});

test.each<[string, (line: string) => string]>([
  ['cut', line => line.slice(0, -20)],
  ['cut at its start', line => line.slice(0, 10)],
  ['with a digit changed', line => line.replace('"square":4', '"square":5')],
  ['of NUL bytes', line => '\0'.repeat(line.length)],
  ['of another kind', () => '{"settings":{"k":2},"rows":[{"square":5}]}'],
  ['no JSON', () => 'square = 5'],
])('a line that is %s costs its own case, with one warning', async (_, damage) => {
  await squares();
  const [file] = files();
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [lines[0], damage(lines[1]), ...lines.slice(2)].join('\n'));
  const { rows, ran } = await squares(settings, { resume: true });
  expect(ran).toEqual([2]);
  expect(rows.map(r => r.square)).toEqual([1, 4, 9]);
  expect(said).toEqual([
    expect.stringMatching(
      new RegExp(`^sweep 'squares': set aside, .*${path.basename(file).replace('.', '\\.')}: line 2 is `),
    ),
    expect.stringMatching(/2 of 3 cases taken up/),
  ]);
});

test('a last line that a kill cut, a file that is a folder, and many damaged lines: one warning each, and the newest line wins', async () => {
  await squares();
  await squares(settings, {}, ({ k }) => ({ square: k * k + 0.5 }));
  const [first] = files();
  appendFileSync(first, '{"check":"0123');
  mkdirSync(path.join(path.dirname(first), '0.jsonl'));
  appendFileSync(files()[2], 'x\ny\n\nz');
  const { rows, ran } = await squares(settings, { resume: true });
  expect([ran, rows.map(r => r.square)]).toEqual([[], [1.5, 4.5, 9.5]]);
  expect(said.length).toBe(4);
  expect(said[0]).toMatch(/0\.jsonl: EISDIR/);
  expect(said[1]).toMatch(/line 4 is no line of rows$/);
  expect(said[2]).toMatch(/line 4 is no line of rows, and 2 more of its lines$/);
  expect(await squares()).toMatchObject({ ran: [1, 2, 3] });
});

test('a long file and a long line are read by pieces', async () => {
  const row = { text: 'x'.repeat(3 << 20), list: Array.from({ length: 50_000 }, (_, i) => i / 3) };
  await squares(settings, {}, () => row);
  const { rows, ran } = await squares(settings, { resume: true });
  expect(ran).toEqual([]);
  expect(rows[2]).toStrictEqual({ k: 3, seed: 0, ...row });
});

test('a case may give more rows than a call takes arguments', async () => {
  const { rows } = await squares([{ k: 1 }], {}, () => Array.from({ length: 300_000 }, (_, t) => ({ t })));
  expect([rows.length, rows[299_999]]).toEqual([300_000, { k: 1, t: 299_999 }]);
});

test('what `run` does to its settings does not change whose rows they are', async () => {
  const given = () => [{ k: 1, list: [1] }];
  const { rows } = await squares(given(), {}, s => {
    s.extra = 5;
    s.k *= 10;
    s.list.push(2);
    return { y: s.k };
  });
  expect(rows).toEqual([{ k: 1, list: [1], y: 10 }]);
  expect(written()[0].settings).toEqual({ k: 1, list: [1] });
  expect(await squares(given(), { resume: true })).toEqual({ rows, ran: [] });

  const list = [1];
  const shared = squares(
    [
      { k: 1, list },
      { k: 2, list },
    ],
    {},
    s => {
      s.list.push(2);
      return {};
    },
  );
  await expect(shared).rejects.toThrow(
    /^sweep 'squares': an earlier case changed the settings \{"k":2,"list":\[1\]\}$/,
  );
});

test('a case that was interrupted is not written', async () => {
  const controller = new AbortController();
  place[interrupt] = controller.signal;
  await expect(
    squares(settings, {}, ({ k }) => {
      if (k === 2) controller.abort();
      return { square: k };
    }),
  ).rejects.toThrow(expect.objectContaining({ name: 'Interrupted' }));
  expect(written().map(line => line.settings.k)).toEqual([1]);
});

test.each<[string, readonly any[], object, RegExp]>([
  ['a/b', [], {}, /^sweep: name is 'a\/b' but must be letters, digits, dots and dashes$/],
  ['..', [], {}, /^sweep: name is '\.\.' but must be/],
  [
    'a',
    [
      { k: 1, j: 2 },
      { j: 2, k: 1 },
    ],
    {},
    /^sweep 'a': settings \{"j":2,"k":1\} come twice$/,
  ],
  ['a', [{ k: 1 }, { f: () => 0 }], {}, /^sweep 'a': settings\[1\]\.f is a function, which cannot be stored$/],
  ['a', [5], {}, /^sweep 'a': settings\[0\] is 5 but must be an object$/],
  ['a', [], { resum: true }, /^sweep 'a': resum is no option; did you mean resume\?$/],
  ['a', [], { seconds: 0 }, /^sweep 'a': seconds is 0 but must be a number > 0$/],
  ['a', [], { watch: 'risk' }, /^sweep 'a': watch is string but must be a function$/],
])('%s %j %j is refused before anything runs', async (name, given, options, message) => {
  let ran = 0;
  await expect(
    sweep(
      name,
      given,
      () => {
        ran++;
        return {};
      },
      options,
    ),
  ).rejects.toThrow(message);
  expect([ran, files()]).toEqual([0, []]);
});

test('a second sweep of a name in one cell is refused', async () => {
  place[cells] = () => ({ code: ['cell'], again: true });
  await expect(squares()).rejects.toThrow(/^sweep 'squares': this cell has a sweep of that name already/);
});

test.each<[unknown, RegExp]>([
  [{ loss: () => 0 }, /^sweep 'squares': row\.loss is a function, which cannot be stored$/],
  [undefined, /^sweep 'squares': for \{"k":2\} run gave undefined but must give an object or a list of objects$/],
  [[{ a: 1 }, 5], /^sweep 'squares': for \{"k":2\} run gave 5 but must give an object/],
])('a row without a value is refused by its path, and the cases before it stay: %#', async (row, message) => {
  await expect(squares([{ k: 1 }, { k: 2 }], {}, ({ k }) => (k === 2 ? row : {}))).rejects.toThrow(message);
  expect(written().map(line => line.settings.k)).toEqual([1]);
});

test('in a run by the runner, notices go to the runner', async () => {
  process.env.WIDENET_NOTICES = path.join(folder, 'notices');
  await squares();
  await squares();
  expect(said).toEqual([]);
  expect(readFileSync(process.env.WIDENET_NOTICES, 'utf8')).toMatch(
    /^sweep 'squares': 3 of 3 cases, of this very code and parameters, are in .*\n$/,
  );
});

/** A process that sweeps as a kernel would. */
const script = (cases: number, row: string) => `
  globalThis[Symbol.for('widenet.cells')] = () => ({ code: ['cell'], again: false });
  const { sweep } = require(${JSON.stringify(path.join(root, 'src', 'train', 'sweep.ts'))});
  sweep('squares', Array.from({ length: ${cases} }, (_, k) => ({ k })), ({ k }) => (${row})).catch(error => { console.log(error.message); process.exit(3); });`;
const node = ['--require', path.join(root, 'kernel-setup', 'typescript-hook.cjs'), '--eval'];

test('a disk that takes part of a line keeps none of it, and the error names file and reason', async () => {
  const run = () =>
    execFileSync(
      'sh',
      [
        '-c',
        'ulimit -f 400; exec "$0" "$@"',
        process.execPath,
        ...node,
        script(100, '{ k, text: "x".repeat(30_000) }'),
      ],
      { encoding: 'utf8', env: process.env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
  expect(run).toThrow(
    expect.objectContaining({
      status: 3,
      stdout: expect.stringMatching(
        /^sweep 'squares': cannot write .*\.jsonl: EFBIG: .*; what was written before is kept\n$/,
      ),
    }),
  );
  const text = readFileSync(files()[0], 'utf8');
  expect(text.endsWith('}\n')).toBe(true);
  const many = written().length;
  expect(many).toBeGreaterThan(1);
  const { ran } = await squares(
    Array.from({ length: 100 }, (_, k) => ({ k })),
    { resume: true },
  );
  expect([ran.length, said.length]).toEqual([100 - many, 1]);
});

test('processes on one sweep at once, killed at random, lose and double nothing', async () => {
  const exits = await Promise.all(
    [0, 150, 300].map(
      delay =>
        new Promise<string | null>(resolve => {
          const child = spawn(process.execPath, [...node, script(100_000, '{ square: k * k }')], {
            env: process.env,
            stdio: 'ignore',
          });
          child.on('exit', (_, signal) => resolve(signal));
          const waiting = setInterval(() => {
            if (files().filter(file => readFileSync(file, 'utf8').includes('\n')).length < 3) return;
            clearInterval(waiting);
            setTimeout(() => child.kill('SIGKILL'), delay);
          }, 20);
        }),
    ),
  );
  expect(exits).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
  const done = new Set(
    files().flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line).settings.k),
    ),
  );
  const all = Array.from({ length: Math.max(...done) + 100 }, (_, k) => k);
  const { rows, ran } = await squares(
    all.map(k => ({ k })),
    { resume: true },
  );
  expect(ran).toEqual(all.filter(k => !done.has(k)));
  expect(rows.every(({ k, square }) => square === (k as number) ** 2)).toBe(true);
  expect(rows.length).toBe(all.length);
});
