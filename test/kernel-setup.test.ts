/** The rooms of kernel-setup. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { circles } from './support/circles';
import { root } from './support/root';

/** Lowest floor first. A file imports from its own room and from lower floors; what has no folder is an npm script. */
const floors = [
  ['typescript-hook.cjs', 'shared'],
  ['kernel/log.ts', 'kernel/protocol', 'kernel/syntax'],
  ['kernel/stdio', 'kernel/stop', 'kernel/types'],
  ['kernel/sockets', 'kernel/errors', 'kernel/modules'],
  ['kernel/record'],
  ['kernel/cell'],
  ['kernel', 'plotly-renderer'],
  ['setup'],
  ['run'],
  ['.'],
];

const folder = path.join(root, 'kernel-setup');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.([mc]?js|ts)$/.test(file));
const floor = (file: string) => floors.findIndex(rooms => rooms.includes(file) || rooms.includes(path.dirname(file)));

function imports(file: string): string[] {
  const source = readFileSync(path.join(folder, file), 'utf8');
  const named = [...source.matchAll(/^(?:import|export) [^;]*?from '(\.[^']*)'|\brequire\('(\.[^']*)'\)/gm)];
  const paths = named.map(([, from, required]) => path.join(path.dirname(file), from ?? required));
  return paths
    .filter(target => !target.startsWith('..'))
    .map(target => (path.extname(target) ? target : `${target}.ts`));
}

test.each(files)('%s imports nothing from above or beside its room', file => {
  const others = imports(file).filter(target => path.dirname(target) !== path.dirname(file));
  expect(others.filter(target => !(floor(target) < floor(file)))).toEqual([]);
});

test('no file imports itself by way of others', () => {
  expect(circles(files, imports)).toEqual([]);
});
