import { expect, test } from 'vitest';
import { adam, adamw, ndarray, sgd, tf, train, type Tensors } from 'widenet';
import golden from '../golden/optimizers.json';

type Params = { x: tf.Tensor<any>; y: tf.Tensor<any> };
const data = { c: ndarray([1, 0.5, 2]), a: ndarray([0.5, -1, 1.5]) };
const params = { x: ndarray([1, 0, -0.5]), y: ndarray([0.75], []) };
const loss = ({ x, y }: Params, { c, a }: Tensors<'c' | 'a'>) =>
  c
    .mul(x.sub(a).pow(4).div(4))
    .add(tf.sin(x.mul(y)))
    .sum()
    .add(y.square());

const optimizers = {
  sgd: sgd(loss, { rate: 0.05 }),
  'sgd, momentum': sgd(loss, { rate: 0.05, momentum: 0.75 }),
  'sgd, schedule': sgd(loss, { rate: t => tf.scalar(0.25).div(t), momentum: 0.5 }),
  adam: adam(loss, { rate: 0.05 }),
  'adam, other constants': adam(loss, { rate: 0.125, beta1: 0.75, beta2: 0.5, epsilon: 0.25 }),
  adamw: adamw(loss, { rate: 0.05 }),
  'adamw, decay and schedule': adamw(loss, { rate: t => tf.scalar(0.25).div(t.cast('float32').sqrt()), decay: 0.5 }),
} as Record<string, any>;

const runs: [mode: 'eager' | 'graph' | 'xla', dtype: 'float32' | 'float64', tolerance: number][] = [
  ['eager', 'float32', 1e-5],
  ['graph', 'float64', 1e-12],
  ['xla', 'float64', 1e-12],
];

test.each(runs)('each step is that of optax (golden/optimizers.py): %s, %s', async (mode, dtype, tolerance) => {
  expect(Object.keys(optimizers)).toEqual(Object.keys(golden));
  for (const [name, { start, step }] of Object.entries(optimizers)) {
    if (mode === 'xla' && !/^adam$|schedule/.test(name)) continue; // the others have no operation that these have not
    const record = { x: ({ params }: any) => params.x, y: ({ params }: any) => params.y };
    const { rows } = await train(step, start(params), { data, steps: 25, mode, dtype, record });
    const found = rows.slice(1).map((row: any) => [...row.x, row.y]);
    (golden as Record<string, number[][]>)[name].forEach((expected, k) =>
      expected.forEach((value, i) =>
        expect(Math.abs(found[k][i] - value), `${name}, step ${k + 1}`).toBeLessThan(tolerance * (1 + Math.abs(value))),
      ),
    );
  }
});

test('a resumed run goes on to the bit, moments and number included; nested parameters keep their form', async () => {
  const nested = { layers: [{ w: ndarray([1, 2]) }, { w: ndarray([3]) }], bias: 0.5 };
  const { start, step } = adam(
    ({ layers, bias }: { layers: { w: tf.Tensor<any> }[]; bias: tf.Tensor<any> }) =>
      tf.addN(layers.map(({ w }) => w.square().sum())).add(bias.square()),
    { rate: 0.1 },
  );
  const whole = await train(step as any, start(nested as any), { steps: 9 });
  const half = await train(step as any, start(nested as any), { steps: 4 });
  const rest = await train(step as any, half.state as any, { from: 4, steps: 9 });
  expect(rest.state).toEqual(whole.state);
  expect((whole.state as any).params.layers[1].w.shape).toEqual([1]);
  expect((whole.state as any).params.bias.values[0]).toBeLessThan(0.5);
});

test('types: state, data and rows of an optimiser are known to train', async () => {
  const { start, step } = adam(loss, { rate: 0.01 });
  const run = await train(step, start(params), { data, steps: 1, record: { y: ({ params }) => params.y } });
  expect(run.state.params.x.shape).toEqual([3]);
  expect(run.state.second.y.values[0]).toBeGreaterThan(0);
});

test('refusals name option and value', () => {
  expect(() => sgd(1 as any, { rate: 1 })).toThrow(/^sgd: loss is number but must be a function$/);
  expect(() => sgd(loss, { rate: 0 })).toThrow(/^sgd: rate is 0 but must be a finite number > 0$/);
  expect(() => sgd(loss, { rate: 1, momentum: 1 })).toThrow(/^sgd: momentum is 1 but must be in \[0, 1\)$/);
  expect(() => adam(loss, { rate: 1, beta2: NaN })).toThrow(/^adam: beta2 is NaN but must be in \[0, 1\)$/);
  expect(() => adam(loss, { rate: 1, epsilon: 0 })).toThrow(/^adam: epsilon is 0 but must be a finite number > 0$/);
  expect(() => adam(loss, { rate: 1, decay: 1 } as any)).toThrow(/^adam: decay is no option;/);
  expect(() => adamw(loss, { rate: 1, decay: -1 })).toThrow(/^adamw: decay is -1 but must be a number >= 0$/);
  expect(() => adam(loss, { rate: 1 }).start({ ...params, y: ndarray(Int32Array.of(1), []) })).toThrow(
    /^adam: params\.y is int32, not float32$/,
  );
});
