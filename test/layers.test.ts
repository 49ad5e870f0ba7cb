import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { circles } from './support/circles';

/**
 * The rooms of src, lowest floor first. A file imports from its own room and from lower floors, never upwards and never
 * sideways.
 */
const floors = [['base'], ['autodiff', 'notebook'], ['compile', 'plot'], ['math', 'train'], ['index.ts']];

const src = join(__dirname, '..', 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
const room = (file: string) => file.split(sep)[0];
const floor = (file: string) => floors.findIndex(rooms => rooms.includes(room(file)));

/** The files of src that a file imports, as paths from src. */
function imports(file: string): string[] {
  const source = readFileSync(join(src, file), 'utf8');
  const named = [...source.matchAll(/(?:from|import|require\()\s*['"](\.[^'"]*)['"]/g)];
  return named.map(([, target]) => `${relative(src, join(src, file, '..', target))}.ts`);
}

test.each(files)('%s lies in a room and imports nothing from above or beside it', file => {
  expect(floor(file), `${file} is in no room of this test`).toBeGreaterThanOrEqual(0);
  const others = imports(file).filter(target => room(target) !== room(file));
  expect(others.filter(target => !(floor(target) < floor(file)))).toEqual([]);
});

test('no file imports itself by way of others', () => {
  expect(circles(files, imports)).toEqual([]);
});

test.each([
  ['@tensorflow/tfjs-node', join('base', 'tfjs.ts')],
  ['tslab', join('notebook', 'show.ts')],
])('%s is imported by %s alone', (name, only) => {
  const users = files.filter(file =>
    new RegExp(`(from|import|require\\()\\s*\\(?['"]${name}(/[^'"]*)?['"]`).test(readFileSync(join(src, file), 'utf8')),
  );
  expect(users.filter(file => file !== only)).toEqual([]);
});

test.each([
  ['variables of the runner', /process\.env\.WIDENET|['"`]WIDENET_\w+['"`]/, ['runner.ts']],
  ['the global object', /\bglobalThis\b/, ['process-state.ts', 'constants.ts']],
])('%s: only the files that may read them do', (_, pattern, allowed) => {
  const users = files.filter(file => pattern.test(readFileSync(join(src, file), 'utf8')));
  expect(users.filter(file => !allowed.includes(basename(file)))).toEqual([]);
});

test('the kernel and the commands load the notebook room without TensorFlow.js, which takes seconds', () => {
  const script = `
    require(${JSON.stringify(join(src, '..', 'kernel-setup', 'typescript-hook.cjs'))});
    for (const file of ${JSON.stringify(files.filter(file => room(file) === 'notebook'))})
      require(${JSON.stringify(src + sep)} + file);
    console.log(Object.keys(require.cache).filter(file => /node_modules.(@tensorflow|danfojs)/.test(file)).slice(0, 3));`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('[]\n');
});
