import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { venvPython } from '../../kernel-setup/shared/jupyter.mjs';
import { root } from '../support/root';

/** The cell that papermill writes for these parameters, and the parameters that it finds in a cell. */
function translated(parameters: object, source = ''): { cell: string; found: Record<string, string> } {
  const script = path.join(__dirname, 'translator.py');
  const given = JSON.stringify({ parameters, source }).replace(/"(\d+)n"/g, '$1');
  return JSON.parse(
    execFileSync(venvPython(root), [script, given], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    }),
  );
}

test('papermill finds the translator in the environment, and writes values as TypeScript, for params too', () => {
  const parameters = {
    n: 7,
    rate: 1e-9,
    name: 'it"s\n</script>\u2028é',
    on: true,
    none: null,
    list: [[1], 'a'],
    map: { k: 0 },
  };
  const { cell } = translated(parameters);
  expect(cell).toMatch(/^\/\/ Parameters\nlet n = 7;\nlet rate = 1e-09;\n/);
  const called: unknown[] = [];
  const code = cell.replace('globalThis as any', 'global').replaceAll('process.env', 'env');
  const run = new Function('global', 'env', `${code}; return { n, rate, name, on, none, list, map };`);
  const env: Record<string, string> = {};
  const hook = { inject: () => called.push(JSON.parse(env.WIDENET_INJECTED)) };
  expect(run({ [Symbol.for('widenet.params')]: hook }, env)).toEqual(parameters);
  expect(called).toEqual([parameters]);
  expect(run({}, env), 'above params, or without it').toEqual(parameters);
});

test('an integer that no number of TypeScript is equal to is refused', () => {
  expect(translated({ n: 2 ** 53 }).cell).toContain('let n = 9007199254740992;');
  expect(() => translated({ list: [1, '9007199254740993n'] })).toThrow(
    /TypeScript's numbers hold integers up to 2\^53, not 9007199254740993; -r gives it as a text/,
  );
});

test('papermill is told which parameters a cell has', () => {
  const source = `// widths: 1 and 2
const { n, widths } = params({
  quick: { n: 3, widths: [1, 2], tau: 2 ** -8, name: 'a, b' }, /* no: 1 */
  full: { n: 30 },
});
let rate: number = 0.5;
const list: number[] = [1], text = "x"`;
  expect(translated({}, source).found).toEqual({
    n: '3',
    widths: '[1, 2]',
    tau: '2 ** -8',
    name: "'a, b'",
    rate: '0.5',
    list: '[1]',
    text: '"x"',
  });
});
