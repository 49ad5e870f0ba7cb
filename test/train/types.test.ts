import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compilers, complaints, inProject, languageService } from '../support/compilers';

/** Code that is being written: `^` is where its writer asks what there is. */
const inline = (given: string, asked: string) => `import { ndarray, random, tf, train } from 'widenet';
void train(({ W }, { X }) => ({ W: ${asked} }), { W: ${given} }, { data: { X: ndarray([1]) }, steps: 1 });`;
const tensors = ['matMul', 'sub', 'relu', 'square', 'shape'];
const asked: Record<string, readonly [string, readonly string[]]> = {
  'state from a host array': [inline("random.normal([3], { seed: 0, stream: 'W' })", 'W.^'), tensors],
  'state from a number': [inline('0', 'W.^'), tensors],
  'state from a tensor': [inline('tf.zeros([2, 2])', 'W.^'), tensors],
  'state from a nested object': [inline('{ inner: { deep: ndarray([1]) } }', 'W.inner.deep.^'), tensors],
  data: [inline('0', 'X.^'), tensors],
  'state where a value is recorded': [
    `import { train } from 'widenet';
void train(({ W }) => ({ W }), { W: 1 }, { steps: 1, record: { risk: ({ W }) => W.^ } });`,
    tensors,
  ],
  'state typed by its names': [
    `import { type Tensors } from 'widenet';\nconst step = ({ W, z }: Tensors<'W' | 'z'>) => W.^`,
    tensors,
  ],
  'a row': [
    `import { train } from 'widenet';
const run = await train(({ W }) => ({ W }), { W: 1 }, { steps: 1, record: { risk: ({ W }) => W.mean() } });
run.rows[0].^`,
    ['step', 't', 'risk'],
  ],
  'a row of a sweep': [
    `import { sweep } from 'widenet';\n(await sweep('map', [{ d: 1 }], ({ d }) => ({ risk: d })))[0].^`,
    ['d', 'risk'],
  ],
};
const typeTest = 'test/train/train-types.ts';
const asking = new Map(
  Object.entries(asked).map(([of, [code]], i) => [of, { code, file: `test/train/asked-${i}.ts` }]),
);

describe.each(Object.entries(compilers))('%s', (_, compiler) => {
  const service = languageService(compiler, {
    [typeTest]: readFileSync(inProject(typeTest), 'utf8'),
    ...Object.fromEntries([...asking.values()].map(({ file, code }) => [file, code.replace('^', '')])),
  });

  test('the types of train, sweep and compile are as they should be', () => {
    expect(complaints(compiler, service, [typeTest])).toEqual([]);
  });

  test.each(Object.entries(asked))('completion knows the members of %s', (of, [, members]) => {
    const { file, code } = asking.get(of)!;
    const found = service.getCompletionsAtPosition(inProject(file), code.indexOf('^'), {});
    expect(found?.entries.map(({ name }) => name)).toEqual(expect.arrayContaining([...members]));
  });

  // The kernel declares the variables of a cell for the cells after it, so their types must have names.
  test('the types of what a cell keeps can be declared', () => {
    const file = 'test/train/kept.ts';
    const source = `import { compile, random, sweep, train, type Tensors } from 'widenet';
export const W = random.normal([2], { seed: 0, stream: 'W' });
export const go = (d: number) => train(({ W }) => ({ W }), { W }, { steps: d, record: { a: ({ W }) => W } });
export const rows = (await go(1)).rows.map(row => ({ ...row, b: row.a }));
export const swept = await sweep('map', [{ d: 1 }], async ({ d }) => (await go(d)).rows);
export const program = compile(({ x }: Tensors<'x'>) => ({ x }), { record: { x: ({ x }) => x } });`;
    const options = { strict: false, declaration: true, module: compiler.ModuleKind.ESNext };
    expect(complaints(compiler, languageService(compiler, { [file]: source }, options), [file])).toEqual([]);
  });

  test('a tensor operation of a host array is refused with advice, also without strict, as in cells', () => {
    const file = 'test/train/advised.ts';
    const source = `import { random } from 'widenet';\nrandom.normal([2], { seed: 0, stream: 'W' }).mul(2);`;
    const advised = languageService(compiler, { [file]: source }, { strict: false });
    expect(complaints(compiler, advised, [file]).join()).toContain('use tensor(array) first');
  });

  test.each(['[1, 2]', '[[1, 2], [3, 4]]'])(
    'a list of numbers, %s, where a step takes a tensor, is refused with advice',
    list => {
      const file = 'test/train/lists.ts';
      const source = `import { ndarray, train, type Tensors } from 'widenet';
train(({ W }: Tensors<'W'>, { X }: Tensors<'X'>) => ({ W: W.add(X) }), { W: 1 }, { data: { X: ${list} }, steps: 1 });`;
      const advised = languageService(compiler, { [file]: source }, { strict: false });
      expect(complaints(compiler, advised, [file]).join()).toContain(
        'ndarray(list) makes one tensor of a list of numbers',
      );
    },
  );
});
