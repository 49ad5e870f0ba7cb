import { expect, test } from 'vitest';
import { scatter } from '../../src/plot/lines';
import { quick } from '../../src/plot/webgl';
import { decay } from './support';

const dots = (count: number, mode = 'markers') => ({
  type: 'scatter',
  mode,
  x: Array(count).fill(0),
  y: Array(count).fill(1),
});

test('beyond 10,000 dots WebGL draws, but not the traces of few dots, nor lines', () => {
  const types = (...traces: object[]) => quick(traces).map(t => t.type);
  expect(types(dots(10_000))).toEqual(['scatter']);
  expect(types(dots(10_001))).toEqual(['scattergl']);
  expect(types(dots(9500), dots(600), dots(1e5, 'lines'), { type: 'heatmap' })).toEqual([
    'scattergl',
    'scatter',
    'scatter',
    'heatmap',
  ]);
  expect(types(dots(1e6, 'lines'))).toEqual(['scatter']);
});

test('what the user holds stays as it is', () => {
  expect(scatter(decay(0, 10_001), { x: 't', y: 'risk' }).data[0].type).toBe('scatter');
});
