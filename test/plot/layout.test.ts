import { expect, test } from 'vitest';
import { layoutWith } from '../../src/plot/layout';

test('a legend of long names goes below the figure', () => {
  const layout = (...legend: string[]) => layoutWith({ title: 't', caption: '', legend });
  expect(layout('short').legend.orientation).toBeUndefined();
  expect(layout('a name of more than 22 letters').legend.orientation).toBe('h');
  expect(layout('<i>short</i><sub>short</sub>').legend.orientation).toBeUndefined();
  expect(layout().showlegend).toBe(false);
});
