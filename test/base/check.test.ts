import { describe, expect, test } from 'vitest';
import {
  bars,
  claim,
  compile,
  fitRate,
  gaussian,
  heatmap,
  lines,
  paired,
  panels,
  params,
  randomFeatures,
  rays,
  scatter,
  signs,
  sphere,
  table,
  type tf,
  train,
  violins,
} from 'widenet';

const double = ({ x }: { x: tf.Tensor }) => ({ x: x.mul(2) });

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
      /^train: learningRate is no option; there is steps, every, dt, seed, from, until, watch, signal, label, data, record, dtype, mode, threads$/,
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
      () => scatter([{ t: 0, y: 1 }], { x: 't', y: 'y', xrange: [0, 1] } as any),
      /^scatter: xrange is no option; did you mean xRange\?$/,
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
