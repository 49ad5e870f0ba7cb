import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createProgress } from '../../kernel-setup/shared/progress.mjs';
import { allSteps, runSteps, type Step } from '../../kernel-setup/setup/steps.mjs';
import { scratchRepository, repository, write } from '../support/scratch';

/** A set-up of three parts, c made of a and b; `made` tells what was made, in order. */
function workshop() {
  const root = scratchRepository();
  const made: string[] = [];
  const faults = new Set<string>();
  const step = (title: string, needs: string[]): Step => ({
    title,
    needs,
    bytes: 0,
    stamp: `${title}.json`,
    outputs: [title],
    files: [title],
    madeFrom: () => ({ needs }),
    async make() {
      await new Promise(resolve => setImmediate(resolve));
      write(path.join(root, title), title);
      if (faults.has(title)) throw new Error(`${title} broke`);
      made.push(title);
      return title;
    },
  });
  const steps = [step('a', []), step('b', []), step('c', ['a', 'b'])];
  const printed: string[] = [];
  const go = () =>
    runSteps(
      steps,
      { root, python: 'python3', compiler: ['g++'], lock: 0 },
      new AbortController(),
      createProgress({ write: text => printed.push(text) }),
    );
  return { root, steps, made, faults, printed, go };
}

test('each step runs once, after those it needs, with a line for each', async () => {
  const { made, printed, go } = workshop();
  await go();
  expect(made).toHaveLength(3);
  expect(made[2]).toBe('c');
  expect(printed.map(line => line.trim().split(' ')[0]).sort()).toEqual(['a', 'b', 'c']);
  await go();
  expect(made).toHaveLength(3);
});

test('only what was lost is made again', async () => {
  const { root, made, go } = workshop();
  await go();
  fs.rmSync(path.join(root, 'b'));
  await go();
  expect(made.slice(3)).toEqual(['b']);
});

test('a step that fails leaves no stamp, stops what needs it, and runs again', async () => {
  const { root, made, faults, go } = workshop();
  faults.add('b');
  await expect(go()).rejects.toThrow(/^b broke$/);
  expect(fs.existsSync(path.join(root, 'b.json'))).toBe(false);
  expect(made).not.toContain('c');
  faults.clear();
  await go();
  expect(made.slice(-2)).toEqual(['b', 'c']);
});

test('a step killed half-way through making anew is not trusted, though its old stamp was good', async () => {
  const { root, steps, faults, made, go } = workshop();
  await go();
  const { madeFrom } = steps[0];
  steps[0].madeFrom = () => ({ changed: true });
  faults.add('a');
  await expect(go()).rejects.toThrow(/^a broke$/);
  steps[0].madeFrom = madeFrom;
  faults.clear();
  await go();
  expect(made.filter(title => title === 'a')).toHaveLength(2);
  expect(fs.readFileSync(path.join(root, 'a'), 'utf8')).toBe('a');
});

test('the real steps come after those they need, and the self-check after all', () => {
  const titles: string[] = [];
  for (const { title, needs } of allSteps(repository)) {
    expect(titles).toEqual(expect.arrayContaining(needs));
    titles.push(title);
  }
  expect(titles.at(-1)).toBe('self-check');
  expect(new Set(titles).size).toBe(titles.length);
});

test('a part whose list of files is gone is made again', async () => {
  const { root, made, go } = workshop();
  await go();
  fs.rmSync(path.join(root, 'b.files'));
  await go();
  expect(made.slice(3)).toEqual(['b']);
});
