import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { complaints, inProject, languageService } from './support/compilers';
import { examples, functions, types } from './support/door';
import { exampleModule, runExample } from './support/examples';

const typeNames = types.map(({ name }) => name);
const found = functions.flatMap(one =>
  examples(one).map((code, i) => ({ name: `${one.name} ${i + 1}`, ...exampleModule(code, typeNames) })),
);

/** A folder for what examples read and write: they run as in a fork of a notebook. */
const folder = mkdtempSync(path.join(tmpdir(), 'widenet-examples-'));
const before = process.cwd();

beforeAll(() => {
  mkdirSync(path.join(folder, 'forks'));
  copyFileSync(inProject('notebooks/barboni2025.ipynb'), path.join(folder, 'barboni2025.ipynb'));
  process.chdir(path.join(folder, 'forks'));
  vi.stubEnv('WIDENET_ROWS', path.join(folder, 'rows'));
});
beforeEach(() => {
  // Claims and parameters of an example are its own.
  delete (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('widenet.session')];
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterAll(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test.each(functions.map(one => [one.name, one] as const))('%s has an example', (_, one) => {
  expect(examples(one)).not.toEqual([]);
});

test.each(found.map(one => [one.name, one] as const))('the example of %s ends in a value that it tells', (_, one) => {
  expect(one.ends).toBe(true);
});

test('every example is right by the strict types of the door', () => {
  const file = (name: string) => `test/examples/${name.replace(' ', '-')}.ts`;
  const sources = Object.fromEntries(found.map(({ name, module }) => [file(name), module]));
  const service = languageService(ts, sources, { module: ts.ModuleKind.ESNext, noUnusedLocals: false });
  expect(complaints(ts, service, Object.keys(sources))).toEqual([]);
});

test.each(found.map(one => [one.name, one] as const))(
  'the example of %s gives what it tells',
  async (_, { module }) => {
    await runExample(module);
  },
);
