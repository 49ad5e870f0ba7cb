import { describe, expect, test } from 'vitest';
import {
  bars,
  claim,
  compile,
  fitRate,
  gaussian,
  heatmap,
  Interrupted,
  lines,
  ndarray,
  paired,
  panels,
  params,
  random,
  randomFeatures,
  rays,
  scatter,
  signs,
  sphere,
  table,
  tf,
  train,
  violins,
} from 'widenet';

type X = { x: tf.Tensor };
const int = (value: number) => ndarray(Int32Array.of(value), []);
const count = ({ k }: { k: tf.Tensor }) => ({ k: k.add(tf.scalar(1, 'int32')) }); // XLA adds such a count up at once, so 2^32 steps take no time
const double = ({ x }: X) => ({ x: x.mul(2) });

describe('numbers of steps', () => {
  const run = compile(count, { mode: 'xla' });
  test.each([2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5])(
    '%i steps are so many',
    async steps => {
      expect((await run({ k: int(0) }, { steps })).k.values[0]).toBe(steps | 0);
      expect((await run({ k: int(0) }, { steps: 3, from: steps })).k.values[0]).toBe(3);
      const trained = await train(
        count,
        { k: int(0) },
        { steps, every: [1], mode: 'xla', record: { k: ({ k }) => k } },
      );
      expect(trained).toMatchObject({ status: 'done', step: steps });
      expect(trained.rows.map(row => [row.step, row.k])).toEqual([
        [0, 0],
        [1, 1],
        [steps, steps | 0],
      ]);
      const resumed = await train(count, trained.state, { from: steps, steps: steps + 3, mode: 'xla' });
      expect(resumed.rows.map(row => row.step)).toEqual([0, 1, 2, 3].map(i => steps + i));
    },
  );

  test('up to 2^53, above which doubles skip numbers', async () => {
    const last = 2 ** 53 - 1;
    expect(
      (await train(count, { k: int(0) }, { from: last - 2, steps: last, mode: 'xla' })).rows.map(row => row.step),
    ).toEqual([last - 2, last - 1, last]);
    await expect(train(count, { k: int(0) }, { steps: 2 ** 53 })).rejects.toThrow(
      'train: steps is 9007199254740992 but must be below 2^53, because doubles above skip whole numbers',
    );
    await expect(run({ k: int(0) }, { steps: 2 ** 53 })).rejects.toThrow(
      'compile: steps is 9007199254740992 but must be below 2^53',
    );
    await expect(run({ k: int(0) }, { from: last, steps: 1 })).rejects.toThrow(
      'compile: steps is 9007199254740992 but must be below 2^53',
    );
    await expect(run({ k: int(0) }, { from: -1 })).rejects.toThrow(
      'compile: from is -1 but must be a whole number >= 0',
    );
    await expect(run({ k: int(0) }, { steps: 1.5 })).rejects.toThrow(
      'compile: steps is 1.5 but must be a whole number >= 1',
    );
    await expect(run({ k: int(0) }, { seed: 2 ** 32 })).rejects.toThrow(
      'compile: seed is 4294967296 but must be below 2^32',
    );
  });

  test('steps that draw are numbered below 2^32, in every mode', async () => {
    const walk = (_: X, __: unknown, draw: any) => ({ x: draw.normal([2], 'walk') });
    const start = { x: tf.zeros([2]) },
      last = 2 ** 32 - 1;
    for (const mode of ['eager', 'graph', 'xla'] as const) {
      const { state } = await train(walk, start, { from: last - 1, steps: last, seed: 4, mode });
      expect(state.x.values).toEqual(
        Float32Array.from(random.normal([2], { seed: 4, stream: 'walk', step: last }).values),
      );
      await expect(train(walk, start, { from: last, steps: last + 1, mode })).rejects.toThrow(
        /^train: (the last step is 4294967296, but|step 4294967296 draws random numbers, but) steps that (draw random numbers|do) are numbered below 2\^32$/,
      );
    }
    await expect(compile(walk)(start, { from: last, steps: 1 })).rejects.toThrow(
      'compile: the last step is 4294967296, but steps that draw random numbers are numbered below 2^32',
    );
  });
});

describe('a compiled step', () => {
  const slow = ({ w }: { w: tf.Tensor }) => ({ w: tf.matMul(w, w).tanh() });
  test('stops by its signal and at the stop button, and says how far it was', async () => {
    const run = compile(slow),
      eye = { w: tf.eye(8) };
    await run(eye);
    for (const by of ['signal', 'cell']) {
      const stop = new AbortController();
      const holder = globalThis as unknown as Record<symbol, AbortSignal | undefined>,
        key = Symbol.for('widenet.interrupt');
      if (by === 'cell') holder[key] = stop.signal;
      const going = run(eye, { steps: 1e12, ...(by === 'signal' && { signal: stop.signal }) });
      delete holder[key];
      setTimeout(() => stop.abort(), 100);
      const error: unknown = await going.then(
        () => undefined,
        error => error,
      );
      expect(error).toBeInstanceOf(Interrupted);
      expect((error as Error).message).toMatch(/^compile: interrupted after [1-9]\d* of 1000000000000 steps$/);
      await expect(run(eye, { signal: stop.signal })).rejects.toThrow('compile: interrupted before it began');
    }
  });

  test('records as train does, and is traced once for both', async () => {
    let traces = 0;
    const step = ({ x }: X, { a }: { a: tf.Tensor }, draw: any) => {
      traces++;
      return { x: x.mul(a).add(draw.normal([], 'noise')) };
    };
    const record = { x: ({ x }: X) => x };
    const run = compile(step, { record });
    const options = { data: { a: 0.5 }, steps: 50, every: 10, dt: 0.1, seed: 3, label: 'mine' };
    const [{ seconds: _, ...mine }, { seconds: __, ...trained }] = [
      await run.train({ x: 1 }, options),
      await train(step, { x: 1 }, { ...options, record }),
    ];
    expect(mine).toEqual(trained);
    expect([run.traces, traces]).toEqual([1, 4]);
    expect(await run({ x: 1 }, { data: { a: 0.5 }, steps: 50, seed: 3 })).toEqual(mine.state);
    expect(run.traces).toBe(1);
    const other = await run.train({ x: 1 }, { ...options, data: { a: 0.25 } });
    expect(other.rows[5].x).not.toBe(mine.rows[5].x);
    run.close();
  });

  test('a run of it stops, is interrupted and diverges as train has it', async () => {
    const run = compile(double, { record: { x: ({ x }: X) => x } });
    expect(await run.train({ x: 1 }, { steps: 1e6, until: row => row.x > 1000 })).toMatchObject({
      status: 'stopped',
      step: 10,
    });
    expect(await run.train({ x: 1 }, { steps: 1e6 })).toMatchObject({ status: 'diverged', step: 128 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect((await run.train({ x: 0 }, { steps: 1e12, every: [], signal: stop.signal })).status).toBe('interrupted');
  });

  test('many steps of a call give what train gives, infinite or not', async () => {
    const run = compile(double);
    expect((await run({ x: 1 }, { steps: 100 })).x.values[0]).toBe(2 ** 100);
    expect((await run({ x: 1 }, { steps: 1000 })).x.values[0]).toBe(Infinity);
  });
});

describe('options that do not exist are refused, with the nearest that does', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'train',
      () => train(double, { x: 1 }, { steps: 1, evry: 2 } as any),
      /^train: evry is no option; did you mean every\?$/,
    ],
    [
      'train',
      () => train(double, { x: 1 }, { steps: 1, learningRate: 2 } as any),
      /^train: learningRate is no option; there is steps, every, dt, seed, from, until, signal, label, data, record, dtype, mode, threads$/,
    ],
    ['train', () => train(double, { x: 1 }, undefined as any), /^train: options are undefined but must be an object$/],
    [
      'compile',
      async () => compile(double, { modes: 'xla' } as any),
      /^compile: modes is no option; did you mean mode\?$/,
    ],
    [
      'a compiled step',
      () => compile(double)({ x: 1 }, { step: 2 } as any),
      /^compile: step is no option; did you mean steps\?$/,
    ],
    [
      'lines',
      () => lines([{ t: 0, y: 1 }], { x: 't', y: 'y', logy: true } as any),
      /^lines: logy is no option; did you mean logY\?$/,
    ],
    [
      'scatter',
      () => scatter([{ t: 0, y: 1 }], { x: 't', y: 'y', marker: true } as any),
      /^lines: marker is no option; did you mean markers\?$/,
    ],
    [
      'bars',
      () => bars([{ t: 0, y: 1 }], { x: 't', y: 'y', logX: true } as any),
      /^bars: logX is no option; did you mean logY\?$/,
    ],
    [
      'violins',
      () => violins([{ t: 0, y: 1 }], { x: 't', y: 'y', colours: {} } as any),
      /^violins: colours is no option; did you mean colors\?$/,
    ],
    [
      'heatmap',
      () => heatmap([{ t: 0, y: 1, z: 1 }], { x: 't', y: 'y', z: 'z', zlabel: '' } as any),
      /^heatmap: zlabel is no option; did you mean zLabel\?$/,
    ],
    ['panels', () => panels([], { titel: '' } as any), /^panels: titel is no option; did you mean title\?$/],
    ['rays', () => rays([], { x: 'a', y: 'b', areas: 'c' } as any), /^rays: areas is no option; did you mean area\?$/],
    ['fitRate', () => fitRate([], { y: 'y', form: 3 } as any), /^fitRate: form is no option; did you mean from\?$/],
    ['gaussian', () => gaussian({ n: 2, d: 2, sed: 0 } as any), /^gaussian: sed is no option; did you mean seed\?$/],
    [
      'sphere',
      () => sphere({ n: 2, d: 2, seed: 0, radios: 1 } as any),
      /^sphere: radios is no option; did you mean radius\?$/,
    ],
    ['signs', () => signs({ n: 2, seed: 0, Scale: 2 } as any), /^signs: Scale is no option; did you mean scale\?$/],
    [
      'paired',
      () => paired({ m: 2, d: 2, seed: 0, streams: 'a' } as any),
      /^paired: streams is no option; did you mean stream\?$/,
    ],
    [
      'randomFeatures',
      () => randomFeatures(gaussian({ n: 2, d: 2, seed: 0 }), { width: [2], seed: 0 } as any),
      /^randomFeatures: width is no option; did you mean widths\?$/,
    ],
    [
      'table',
      () => table([{ a: 1 }], { column: ['a'] } as any),
      /^table: column is no option; did you mean columns\?$/,
    ],
    [
      'claim',
      () => claim({ id: 'a', statement: 's', measurd: 1, note: 'n', expect: { above: 0 }, source: 'o' } as any),
      /^claim 'a': measurd is no option; did you mean measured\?$/,
    ],
    [
      'params',
      () => params({ quick: { n: 1 }, ful: { n: 2 } } as any),
      /^params: ful is no option; did you mean full\?$/,
    ],
    [
      'a run of it',
      () => compile(double).train({ x: 1 }, { steps: 2, mode: 'xla' } as any),
      /^compile: mode is no option;/,
    ],
  ])('%s', async (_, f, message) => {
    await expect((async () => f())()).rejects.toThrow(message);
  });
});

test.each(['eager', 'graph', 'xla'] as const)(
  'an int32 counter counts where a float32 one stops, in %s',
  async mode => {
    const step = ({ k, f }: { k: tf.Tensor; f: tf.Tensor }) => ({ k: k.add(tf.scalar(1, 'int32')), f: f.add(1) });
    const { state } = await train(step, { k: int(2 ** 24), f: 2 ** 24 }, { steps: 10, mode });
    expect([state.k.values[0], state.f.values[0]]).toEqual([2 ** 24 + 10, 2 ** 24]);
  },
);
