import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { argumentsOf, checkOverrides, defaults, parseOptions } from '../../kernel-setup/run/options.mjs';

const root = path.resolve('/repository');
const parse = (...args: string[]) => parseOptions(args, root);

test('no arguments: all papers, quick, output in the repository', () => {
  expect(defaults(root)).toMatchObject({
    names: [],
    profile: 'quick',
    set: {},
    resume: false,
    save: false,
    open: false,
    output: path.join(root, 'output'),
  });
});

test('names and options', () => {
  expect(
    parse(
      'chen2022',
      '--profile',
      'full',
      '--set',
      'n=256',
      '--set',
      'seeds=[0,1,2]',
      '--set',
      'target=signs',
      '--set',
      'unbiased=false',
      '--set',
      'text="1"',
      '--jobs',
      '3',
      '--resume',
      '--output',
      'elsewhere',
    ),
  ).toMatchObject({
    names: ['chen2022'],
    profile: 'full',
    set: { n: 256, seeds: [0, 1, 2], target: 'signs', unbiased: false, text: '1' },
    jobs: 3,
    resume: true,
    output: path.join(root, 'elsewhere'),
  });
});

test.each([
  [
    ['--profile', 'quick', '--profile', 'full'],
    /^--profile is given 2 times \(quick, full\) but a run has one profile/,
  ],
  [['--profile', 'fast'], /^--profile is 'fast' but must be quick or full/],
  [['--set', 'n'], /^--set is 'n' but must be name=value, as in --set n=256/],
  [['--set', '=3'], /^--set is '=3' but must be name=value/],
  [['--set', 'n='], /^--set is 'n=' but must be name=value/],
  [['--set', 'two words=3'], /^--set is 'two words=3'/],
  [['--set', 'seeds=[0,1'], /^--set gives seeds the value \[0,1, which is not valid JSON/],
  [['--set', 'n=1', '--set', 'n=2'], /^--set gives n more than once\n/],
  [['--jobs', '0'], /^--jobs is '0' but must be a whole number >= 1/],
  [['--jobs', 'many'], /^--jobs is 'many'/],
  [['--fast'], /^Unknown option '--fast'/],
  [['--fresh-seeds', '--save'], /^--save is not for --fresh-seeds: committed notebooks show the committed seeds/],
  [['--fresh-seeds', '--resume'], /^--fresh-seeds draws a first seed that no earlier run had/],
  [['--save', '--profile', 'full'], /^--save is for the quick profile without --set/],
])('%j is refused, with the usage or an example', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
  expect(() => parse(...args)).toThrow(/usage: npm run reproduce|--set n=256|--set firstSeed=123456|not valid JSON/);
});

test('a run that explores has a folder of its own, by its name or by what it sets; plain runs and fresh seeds do not', () => {
  const folder = (...args: string[]) => path.relative(root, parse(...args).output);
  expect(folder('--profile', 'full')).toBe('output');
  expect(folder('--fresh-seeds', '--set', 'firstSeed=7')).toBe('output');
  expect(folder('--set', 'm=64', '--output', 'elsewhere')).toBe('elsewhere');
  expect(folder('--set', 'm=64', '--set', 'target=signs')).toBe('output/runs/m=64,target=signs');
  expect(folder('--set', 'm=64', '--profile', 'full')).toBe('output/runs/full,m=64');
  expect(folder('--set', 'm=64', '--name', 'wide')).toBe('output/runs/wide');
  expect(folder('--name', 'again', '--output', 'elsewhere')).toBe('elsewhere/runs/again');
  const odd = ['[0,1]', '"0,1"', '"a/b"', '../x', 'ab'.repeat(60), 'ab'.repeat(61)].map(v => folder('--set', `s=${v}`));
  expect(new Set(odd).size).toBe(odd.length);
  for (const one of odd) expect(one).toMatch(/^output\/runs\/s=[\w.,=-]{1,80}$/);
});

test.each(['', '.', '..', 'a/b', '-x', 'a b', 'plain', 'x'.repeat(81)])('%j is refused as the name of a run', name => {
  expect(() => parse(`--name=${name}`)).toThrow(/is not a name for a run\n {2}letters, digits/);
});

test('overrides that a notebook would refuse are refused before it runs, in the words of params', () => {
  const declared = { parameters: { quick: { n: 32, seeds: [0, 1] } } };
  const check = (...args: string[]) => checkOverrides('chen2022', declared, parse(...args));
  expect(() => check('--set', 'm=3')).toThrow(
    /^chen2022: params: --set names 'm' but the parameters are n \(number\), seeds \(list of numbers\)$/,
  );
  expect(() => check('--set', 'n=many')).toThrow(
    /^chen2022: params: --set gives n = 'many' but it must be a number like 32$/,
  );
  const before = { ...process.env };
  check('--set', 'n=3');
  expect(process.env).toEqual(before);
  expect(() => checkOverrides('x', {}, parse('--set', 'm=3'))).toThrow(
    /^x: it has no cell tagged 'parameters' that calls params, so --set sets nothing$/,
  );
  expect(() => checkOverrides('x', { problem: 'line 2' }, parse('--set', 'm=3'))).toThrow(
    /^x: line 2\n {2}--set needs parameters that are constants/,
  );
  expect(() => check('--fresh-seeds')).toThrow(
    /^chen2022: it declares no parameter firstSeed, which --fresh-seeds sets\n {2}declare firstSeed/,
  );
  for (const declaration of [{}, { problem: 'line 2' }])
    expect(() => checkOverrides('x', declaration, parse('--profile', 'full'))).not.toThrow();
});

test('the own seeds of a notebook are no fresh ones', () => {
  const parameters = { quick: { firstSeed: 10, seedCount: 5 }, full: { firstSeed: 40 } };
  const check =
    (...args: string[]) =>
    () =>
      checkOverrides('x', { parameters }, parse('--fresh-seeds', ...args));
  for (const own of ['10', '14', '6'])
    expect(check('--set', `firstSeed=${own}`)).toThrow(
      new RegExp(`^x: --set gives firstSeed = ${own}, but its own seeds are 10 to 14, which are not fresh$`),
    );
  expect(check('--set', 'firstSeed=40', '--profile', 'full')).toThrow(
    /its own seeds are 40 to 44, which are not fresh$/,
  );
  for (const fresh of [['5'], ['15'], ['9', '--set', 'seedCount=1'], ['40']])
    expect(check('--set', `firstSeed=${fresh[0]}`, ...fresh.slice(1))).not.toThrow();
});

test('a run on Slurm takes the options of sbatch as one text, and gives them again', () => {
  const options = parse('chen2022', '--slurm', '--partition=cpu --time=2:00:00', '--shards', '40', '--resume');
  expect(options).toMatchObject({ slurm: '--partition=cpu --time=2:00:00', shards: 40, names: ['chen2022'] });
  expect(argumentsOf(options, root)).toBe("chen2022 --slurm '--partition=cpu --time=2:00:00' --shards 40 --resume");
});

test.each<[string[], RegExp]>([
  [['--shards', '4'], /^--shards is for --slurm/],
  [['--slurm', '', '--shards', '0'], /^--shards is '0' but must be/],
  [['--slurm', '', '--save'], /^--save is not for --slurm/],
  [['--slurm', '', '--jobs', '2'], /^--jobs is not for --slurm/],
])('%j is refused', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

test('arguments for the same options again, as a shell reads them', () => {
  expect(argumentsOf(defaults(root), root)).toBe('');
  const given = ['chen2022', '--profile', 'full', '--set', 'n=3', '--set', "text=it's", '--jobs', '17', '--resume'];
  const options = parse(...given, '--output', 'elsewhere', '--open');
  const again = argumentsOf(options, root);
  const read = spawnSync('sh', ['-c', `printf '%s\\n' ${again}`], { encoding: 'utf8' })
    .stdout.trimEnd()
    .split('\n');
  expect(parse(...read)).toEqual(options);
  for (const named of [parse('--set', 'm=64', '--resume'), parse('--name', 'x', '--output', 'elsewhere')])
    expect(parse(...argumentsOf(named, root).split(' '))).toEqual(named);
  expect(argumentsOf(parse('--fresh-seeds', '--set', 'firstSeed=7'), root)).toBe('--set firstSeed=7 --fresh-seeds');
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  '%s is no parameter, though every object has it',
  name => {
    expect(() => checkOverrides('x', { parameters: { quick: { n: 1 } } }, parse('--set', `${name}=1`))).toThrow(
      new RegExp(`^x: params: --set names '${name}' but the parameters are n \\(number\\)$`),
    );
  },
);
