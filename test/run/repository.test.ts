/** The commands on a copy of the repository that is edited, damaged and interrupted while they work. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test as both } from 'vitest';
import { frontPicture, shown as front } from '../../kernel-setup/run/front-picture.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { processes } from '../kills.mjs';
import { repositoryCopy } from '../support/repository.mjs';
import { core as test, isLong, long } from '../support/tier';

const odd = `what? #1 100% "it's" [a]: ü`;
const claiming = (id: string) => [
  "import { claim, lines, verdicts } from 'widenet';",
  "lines([{ t: 0, y: 1 }, { t: 1, y: 2 }], { x: 't', y: 'y', title: 'Risk' })",
  `claim({ id: '${id}', statement: '${id} holds', measured: 2, expect: { above: 1 }, source: 'own' });`,
  'verdicts()',
];
const sleeping =
  "require('node:fs').writeFileSync('started', ''); await new Promise(resolve => setTimeout(resolve, 600_000))";

let copy: ReturnType<typeof repositoryCopy>;
let at: ReturnType<typeof outputPaths>;
beforeAll(() => {
  copy = repositoryCopy({
    good: claiming('good'),
    other: claiming('other'),
    [odd]: claiming('odd'),
    [front]: [
      "import { lines } from 'widenet';",
      "lines([{ t: 0, y: 1 }, { t: 1, y: 2 }], { x: 't', y: 'y', title: 'Networks of width m move to the teacher along the' })",
    ],
    sleeping: [sleeping],
    edited: [
      "const fs = require('node:fs'); fs.writeFileSync('edited.ipynb', fs.readFileSync('edited.ipynb', " +
        "'utf8').replace('what I type', 'what I typed meanwhile'))",
      "'what I type'",
    ],
    full: [
      '1 + 1',
      `require('node:fs').symlinkSync('/dev/full', '../output/notebooks/full.ipynb.running.part')`,
      '1 + 1',
    ],
    unread: ["import { params } from 'widenet';", 'const n = 1;\nparams({ quick: { n } })'],
    declared: ["import { params } from 'widenet';", 'const { n } = params({ quick: { n: 1 } });'],
    drawn: [
      "import { claim, params } from 'widenet';",
      'const { firstSeed } = params({ quick: { firstSeed: 3 } });',
      "if (firstSeed === 9) throw new Error('an unlucky draw');",
      "claim({ id: 'drawn', statement: 'a draw', measured: firstSeed, expect: { above: 0 }, source: 'own' });",
    ],
    seeded: [
      "import { claim, params, seeds } from 'widenet';",
      'const { firstSeed, seedCount } = params({ quick: { firstSeed: 3, seedCount: 2 } });',
      "claim({ id: 'seed', statement: 'a seed', measured: seeds(seedCount, firstSeed), expect: { below: 8 }, source: 'own' });",
    ],
    sized: [
      "import { params } from 'widenet';",
      'const { seedCount } = params({ quick: { seedCount: 3 }, least: { seedCount: 2 } });',
    ],
    escaping: [
      "import { params } from 'widenet';",
      "const { x } = params({ quick: { x: (this as any).constructor.constructor('return process')().exit(0) } });",
    ],
  });
  at = outputPaths(path.join(copy.root, 'output'));
});
afterAll(() => copy.remove());

const clean = () => expect(copy.git('status', '--porcelain')).toBe('');
function run(command: string, ...args: string[]) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^WIDENET_(RUN|LOCK)$/.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, [`kernel-setup/${command}.mjs`, ...args], {
    cwd: copy.root,
    encoding: 'utf8',
    env,
  });
  const said = stdout + stderr;
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return { status, said };
}

test.each([
  ['--output', '.'],
  ['--output', 'notebooks'],
  ['--output', 'notebooks/results'],
  ['--output', './src/..'],
  ['--output', 'kernel-setup'],
  ['--fresh-seeds', '--output', '.'],
  ['--output', 'node_modules/x'],
])('%s %s is refused before any work', (...args) => {
  const { status, said } = run('reproduce', 'good', ...args);
  expect(said).toMatch(/^--output is .*, a folder of the repository itself\n/);
  expect(status).toBe(2);
  clean();
});

test('an output of another clone, a link to the repository, and a folder under /proc are refused', () => {
  const link = path.join(copy.root, 'output', 'link');
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync('..', link);
  expect(run('reproduce', '--output', link).said).toMatch(/a folder of the repository itself/);
  rmSync(link);
  const clone = path.join(copy.root, 'output', 'clone');
  copy.git('clone', '-q', copy.root, clone);
  expect(run('reproduce', '--output', clone).said).toMatch(
    /^--output is .*clone, where results would overwrite committed files: notebooks\//,
  );
  rmSync(clone, { recursive: true });
  expect(run('reproduce', '--output', '/proc/x').said).toMatch(
    /^cannot write to the output folder \/proc\/x \(ENOENT\)\n {2}make it writable/,
  );
});

test('parameters that cannot be read, and names that every object has, cannot be set; nothing of the cell runs', () => {
  expect(run('reproduce', 'unread', '--set', 'n=2')).toEqual({
    status: 2,
    said: expect.stringMatching(
      /^unread: line 2 of its parameters cell: n is not of the form name: constant\n {2}--set needs parameters that are constants/,
    ),
  });
  expect(run('reproduce', 'escaping', '--set', 'x=2')).toEqual({
    status: 2,
    said: expect.stringMatching(
      /^escaping: line 1 of its parameters cell: \(this as any\)\.constructor.* is not a constant/,
    ),
  });
  for (const name of ['constructor', '__proto__'])
    expect(run('reproduce', 'declared', '--set', `${name}=1`)).toEqual({
      status: 2,
      said: `declared: params: --set names '${name}' but the parameters are n (number)\n`,
    });
});

test('a value below the least that a notebook declares is refused before anything runs', () => {
  expect(run('reproduce', 'sized', '--set', 'seedCount=1')).toEqual({
    status: 2,
    said: 'sized: params: seedCount = 1 but must be at least 2\n',
  });
  clean();
});

test('a comparison without a plain run says so, and which runs there are', () => {
  const runs = path.join(copy.root, 'output', 'runs', 'm=64', 'results');
  const compare = (): object => run('compare', 'm=64');
  expect(compare()).toEqual({
    status: 2,
    said: expect.stringMatching(/^there is no plain run: .*\n {2}runs are: none\n/),
  });
  mkdirSync(runs, { recursive: true });
  expect(compare()).toEqual({
    status: 2,
    said: expect.stringMatching(/^there is no plain run: .*\n {2}runs are: m=64\n {2}make it by: npm run reproduce/),
  });
  rmSync(path.join(copy.root, 'output', 'runs'), { recursive: true });
});

long('other seeds are judged beside the committed ones, in a folder of their own, and what differs is told', () => {
  expect(run('reproduce', 'seeded', '--save').status).toBe(0);
  copy.git('commit', '-qam', 'outputs');
  const { status, said } = run('reproduce', 'seeded', '--fresh-seeds', '--set', 'firstSeed=8');
  expect(said).toMatch(/judged seeds: from 8 on/);
  expect(said).toMatch(
    /beside the committed notebooks: 0 of 1 verdict on fresh seeds \(1 set\) are the same\nseeded seed: holds -> fails, from seed 8 on\n/,
  );
  expect(status).toBe(1);
  const report = readFileSync(at.report, 'utf8').replace(/<script>[^]*<\/script>/, '');
  expect(report).toMatch(/3 \.\. 4 \(2 of 2 hold\).*holds in 0 of 1 set: 8 \.\. 9 \(1 of 2 hold\)/);
  const own = outputPaths(path.join(copy.root, 'output', 'fresh-seeds', '8'));
  for (const file of [own.notebook('seeded'), own.result('seeded'), own.claims]) expect(existsSync(file)).toBe(true);
  expect(run('reproduce', 'declared', '--fresh-seeds')).toMatchObject({
    status: 2,
    said: expect.stringMatching(/^declared: it declares no parameter firstSeed/),
  });

  const named = (file: string) => JSON.parse(readFileSync(file, 'utf8')).notebooks.map((n: any) => n.name);
  const more = run('reproduce', 'drawn', '--fresh-seeds', '--set', 'firstSeed=8').said;
  expect(more).toMatch(/drawn, beside the committed notebook: the committed one holds no claims to compare with\n/);
  expect(named(own.claims)).toEqual(['drawn', 'seeded']);
  expect(run('reproduce', 'seeded', '--fresh-seeds', '--set', 'firstSeed=2', '--set', 'seedCount=1').said).toMatch(
    /seeded, beside the committed notebook: of other parameters\n/,
  );
  expect(run('reproduce', 'drawn', '--fresh-seeds', '--set', 'firstSeed=9').said).toMatch(
    /drawn, beside the committed notebook: the committed one holds no claims/,
  );
  const left = readFileSync(at.report, 'utf8').replace(/<script>[^]*<\/script>/, '');
  expect(left).toMatch(/fresh-seeds\/2: of other parameters/);
  expect(left).toMatch(/fresh-seeds\/9: failed in code cell 3: an unlucky draw/);
  clean();
});

both('a damaged output is told in the report, harms no other notebook, and the next run heals it', async () => {
  expect(run('reproduce', 'good', 'other')).toMatchObject({
    status: 0,
    said: expect.stringMatching(/notebooks\/ is left as it was.*npm run reproduce -- --save/),
  });
  const report = () => readFileSync(at.report, 'utf8').replace(/<script>[^]*<\/script>/, '');
  const figure = path.join(at.figures('good'), '01-risk.json');
  const damages: [() => void, RegExp][] = [
    [() => rmSync(figure), /Incomplete: figures\/good\/01-risk\.json is missing; run it again/],
    [() => writeFileSync(figure, '{"data":'), /Incomplete: figures\/good\/01-risk\.json is damaged: /],
    [() => writeFileSync(at.notebook('good'), ''), /Incomplete: notebooks\/good\.ipynb is damaged: is not a notebook/],
    [() => writeFileSync(at.result('good'), '{"claims": 3}'), /its result is damaged: .*; run it again/],
    [
      () =>
        writeFileSync(
          at.result('good'),
          JSON.stringify({
            ...JSON.parse(readFileSync(at.result('good'), 'utf8')),
            figures: [{ id: '../../secret', title: 'x' }],
          }),
        ),
      /its result is damaged: figures is .*; run it again/,
    ],
  ];
  const whole = [figure, at.notebook('good'), at.result('good')].map(file => ({ file, content: readFileSync(file) }));
  for (const [damage, told] of isLong ? damages : damages.slice(0, 2)) {
    for (const { file, content } of whole) writeFileSync(file, content);
    damage();
    expect(run('reproduce', 'other', '--resume')).toMatchObject({
      status: 0,
      said: expect.stringMatching(/other +unchanged since/),
    });
    expect(report()).toMatch(told);
    expect(report()).toContain('other holds');
  }
  rmSync(figure);
  expect(run('reproduce', 'good', '--resume')).toEqual({
    status: 0,
    said: expect.not.stringMatching(/unchanged since/),
  });
  expect(report()).not.toMatch(/Incomplete|damaged/);
  expect(existsSync(figure)).toBe(true);
  clean();
});

test('what was typed into a notebook while it ran is kept, and the executed one lies beside', () => {
  const { status, said } = run('reproduce', 'edited', 'good', '--save');
  expect(said).toMatch(
    /edited: NOT saved: notebooks\/edited\.ipynb was edited while it ran; the executed notebook is output\/notebooks\/edited\.ipynb/,
  );
  expect(status).toBe(1);
  const kept = readFileSync(path.join(copy.root, 'notebooks', 'edited.ipynb'), 'utf8');
  expect(kept).toContain('what I typed meanwhile');
  expect(JSON.parse(kept).cells[1].outputs).toEqual([]);
  expect(
    [JSON.parse(readFileSync(at.notebook('edited'), 'utf8')).cells[1].outputs[0].data['text/plain']].flat().join(''),
  ).toBe("'what I type'");
  expect(
    copy
      .git('status', '--porcelain')
      .split('\n')
      .map(line => line.trim()),
  ).toEqual(['M notebooks/edited.ipynb', 'M notebooks/good.ipynb']);
  copy.git('checkout', '-q', '--', 'notebooks');
});

test('a saved notebook that the README shows gives the README its picture', () => {
  expect(run('reproduce', front, '--save').status).toBe(0);
  expect(readFileSync(path.join(copy.root, 'notebooks', 'front.png')).equals(frontPicture(copy.root))).toBe(true);
  copy.git('checkout', '-q', '--', 'notebooks');
  copy.git('clean', '-qf', 'notebooks');
});

long('a full disk is told, without a stack trace, wherever it comes', () => {
  symlinkSync('/dev/full', `${at.claims}.part`);
  expect(run('reproduce', 'good', '--resume')).toEqual({
    status: 2,
    said: expect.stringMatching(/\nthe disk is full \(ENOSPC, write[^)]*\)\n {2}free some space/),
  });
  symlinkSync('/dev/full', `${at.notebook('other')}.running.part`);
  expect(run('reproduce', 'other')).toEqual({ status: 2, said: expect.stringMatching(/the disk is full \(ENOSPC/) });
  const { status, said } = run('reproduce', 'full');
  expect(said).toMatch(/FAILED in code cell 2: Error: No space left on device: .*full\.ipynb\.running/);
  expect(status).toBe(1);
  expect(run('reproduce', 'good', '--resume').status).toBe(0);
  clean();
});

long('a notebook may have any name: run, named in the report and forked', () => {
  expect(run('reproduce', odd, '--save').status).toBe(0);
  expect(readFileSync(at.report, 'utf8')).toContain(`<code>notebooks/${odd.replaceAll('"', '&quot;')}.ipynb</code>`);
  const anchor = /<a href="#(what[^"]*)">/.exec(readFileSync(at.report, 'utf8'))![1];
  expect(readFileSync(at.report, 'utf8')).toContain(`<section id="${anchor}">`);
  expect(run('fork', odd, 'odd-fork')).toMatchObject({ status: 0 });
  expect(run('reproduce', 'odd-fork')).toMatchObject({ status: 0, said: expect.stringMatching(/holds +odd holds/) });
  copy.git('checkout', '-q', '--', 'notebooks');
  rmSync(path.join(copy.root, 'notebooks', 'forks'), { recursive: true });
});

const ends: [whom: 'npm' | 'runner', signal: NodeJS.Signals][] = isLong
  ? [
      ['npm', 'SIGHUP'],
      ['npm', 'SIGKILL'],
      ['runner', 'SIGTERM'],
      ['runner', 'SIGHUP'],
    ]
  : [
      ['npm', 'SIGTERM'],
      ['runner', 'SIGKILL'],
    ];
both.each(ends)('nothing of a run remains after %s got %s', async (whom, signal) => {
  const mark = `${whom}-${signal}-${process.pid}`;
  const started = path.join(copy.root, 'notebooks', 'started');
  rmSync(started, { force: true });
  const npm = spawn('npm', ['run', 'reproduce', '--', 'sleeping'], {
    cwd: copy.root,
    env: { ...process.env, WIDENET_KILLS: mark },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  npm.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await expect.poll(() => existsSync(started), { timeout: 600_000 }).toBe(true);
  const of = (kind: string) => processes(mark).find(p => p.kind === kind)!.pid;
  expect([of('execution'), of('kernel')].every(pid => pid > 0)).toBe(true);
  process.kill(whom === 'npm' ? npm.pid! : of('runner'), signal);
  await expect.poll(() => processes(mark)).toEqual([]);
  if (whom === 'runner' && signal !== 'SIGKILL')
    await expect.poll(() => said).toMatch(/go on with: npm run reproduce -- sleeping --resume\n/);
  rmSync(started);
  clean();
});
