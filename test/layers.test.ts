import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** The modules of src, lowest layer first; a folder stands for all its files. An import may not point upwards. */
const layers = [
  ['check', 'environment', 'line'],
  ['tfjs'],
  ['autodiff'],
  ['tf', 'ndarray', 'interrupt', 'exact', 'notice'],
  ['key'],
  ['html'],
  ['display'],
  ['show'],
  ['progress'],
  ['together'],
  ['generator'],
  ['streams'],
  ['random'],
  ['losses', 'metrics', 'linalg', 'diffusion', 'finite-volume', 'relaxation', 'data', 'kernels', 'fit'],
  ['compile'],
  ['train', 'eigen'],
  ['rows'],
  ['row-files'],
  ['verdict'],
  ['session'],
  ['stored'],
  ['plot'],
  ['sweep', 'table', 'claims', 'params', 'parent'],
  ['index'],
];

const src = join(__dirname, '..', 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.ts'));
const moduleOf = (file: string) => file.replace(/\.ts$/, '').split(/[/\\]/)[0];
const layerOf = (file: string) => layers.findIndex(names => names.includes(moduleOf(file)));

function imports(file: string): string[] {
  const source = readFileSync(join(src, file), 'utf8');
  return [...source.matchAll(/(?:from|import|require\()\s*['"](\.[^'"]*)['"]/g)]
    .map(([, target]) => relative(src, join(src, file, '..', target)));
}

test.each(files)('%s has a layer and imports nothing from above', file => {
  expect(layerOf(file), `${file}: give it a layer in this test`).toBeGreaterThanOrEqual(0);
  const upwards = imports(file).filter(target => layerOf(target) > layerOf(file));
  expect(upwards).toEqual([]);
});

test.each([['@tensorflow/tfjs-node', 'tfjs.ts'], ['tslab', 'show.ts']])('%s is imported by %s alone', (name, only) => {
  const users = files.filter(f => new RegExp(`(from|import|require\\()\\s*\\(?['"]${name}(/[^'"]*)?['"]`).test(readFileSync(join(src, f), 'utf8')));
  expect(users.filter(f => f !== only)).toEqual([]);
});
