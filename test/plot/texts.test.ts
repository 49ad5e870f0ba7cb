import { expect, test } from 'vitest';
import { figure } from '../../src/plot/figure';
import { lines } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
import { titleOf } from '../../src/notebook/stored-results';
import { decay, display } from './support';

const options = { x: 't', y: 'risk' };

test.each([
  ['risk for m<n, p>2', 'risk for m<n, p>2'],
  ['a < b and c > d', 'a < b and c > d'],
  ['λ<sub>max</sub> <i>of</i> <b>K</b>, 10<sup>-3</sup>', 'λmax of K, 10-3'],
  ['p &lt; 0.05 &amp; more', 'p < 0.05 & more'],
  ['Vec<Real>', 'Vec<Real>'],
])('the title %s reads %s where there is no markup', (title, plain) => {
  const fig = lines(decay(1), { ...options, title, caption: 'a caption' });
  expect(titleOf(fig)).toBe(plain);
  expect(display(fig)['text/plain']).toContain(`Figure: ${plain}\n`);
});

test('a caption that moves from panels to their figure keeps its markup', () => {
  const one = lines(decay(1), { ...options, title: 'a', caption: 'λ<sub>1</sub> < 2' });
  expect(panels([one, one], { title: 'all' }).layout.title.text).toContain('>λ<sub>1</sub> < 2</span>');
});

test('LaTeX is refused wherever it would be shown as its source', () => {
  const refused = /^figure: the text '.*' holds LaTeX, which no figure shows; write symbols and tags instead/;
  for (const text of ['$\\lambda_{max}$', 'the rate $n^{-1}$', '$x_1$']) {
    expect(() => display(lines(decay(1), { ...options, title: text }))).toThrow(refused);
    expect(() => display(lines(decay(1), { ...options, yLabel: text }))).toThrow(refused);
    expect(() => display(lines({ [text]: decay(1), b: decay(2) }, options))).toThrow(refused);
    expect(() => display(lines(decay(1), { ...options, xMarks: { [text]: 1 } }))).toThrow(refused);
  }
  expect(() => display(figure([{ colorbar: { title: { text: '$\\rho$' } } }], {}))).toThrow(refused);
  for (const text of ['from $1 to $2', 'US$', 'λ_max', '10^-3']) display(lines(decay(1), { ...options, title: text }));
});
