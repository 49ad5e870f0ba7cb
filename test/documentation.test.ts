import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tf } from 'widenet';
import { comments, functions, types, undocumented } from './support/door';

test('every export of the door, each of its options and each member of its types is documented', () => {
  expect(undocumented()).toEqual([]);
});

test.each(functions.map(one => [one.name, one] as const))('%s is documented in at most 25 lines', (_, one) => {
  const lengths = comments(one).map(comment => comment.split('\n').length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(25);
});

test('the type of an optimiser’s rate, a schedule too, can be imported', () => {
  expect(types.map(({ name }) => name)).toContain('LearningRate');
});

test('the activations that the README spells out are GELU and SiLU, which TensorFlow.js lacks', () => {
  const readme = readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8');
  const at2 = ['gelu', 'silu'].map(name => {
    expect(tf).not.toHaveProperty(name);
    const body = new RegExp(`\`const ${name} = \\(x: tf\\.Tensor\\) => (.*?)\``).exec(readme)![1];
    return new Function('tf', 'x', `return ${body}`)(tf, tf.scalar(2)).arraySync();
  });
  expect(at2[0]).toBeCloseTo(2 * 0.9772499, 5); // 2 times the normal distribution function at 2
  expect(at2[1]).toBeCloseTo(2 / (1 + Math.exp(-2)), 5);
});
