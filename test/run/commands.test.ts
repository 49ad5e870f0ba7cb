import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/notebooks';

const run = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'kernel-setup', `${command}.mjs`), ...args],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, said: stdout + stderr };
};

test.each<[string, string[], RegExp]>([
  ['reproduce', ['no-such-notebook'], /^there is no notebook 'no-such-notebook'\n {2}notebooks are: barboni2025/],
  ['reproduce', ['--profile', 'quick', '--profile', 'full'], /^--profile is given 2 times/],
  ['reproduce', ['--set', 'n'], /^--set is 'n' but must be name=value/],
  ['reproduce', ['--output', 'package.json/inside'], /^cannot write to the output folder .*ENOTDIR/],
  [
    'reproduce',
    ['barboni2025', '--set', 'nonsense=1'],
    /^barboni2025: params: --set names 'nonsense' but the parameters are /,
  ],
  ['verify', ['no-such-notebook'], /^there is no notebook 'no-such-notebook'/],
  ['verify', ['--tolerance', 'small'], /^--tolerance is 'small' but must be a number >= 0\n {2}usage: npm run verify/],
  ['compare', [], /^two different runs are compared, but given is: nothing\n {2}usage: npm run compare/],
  ['compare', ['no-such-run', 'plain'], /^there is no run 'no-such-run'\n {2}runs are: /],
  ['compare', ['../output'], /^'\.\.\/output' is not a name for a run/],
  ['register', ['everything'], /^Unexpected argument 'everything'[^]*usage: npm run register/],
  ['fork', [], /^a fork needs a parent and a name/],
])('%s %j says why it will not start, with exit code 2 and no stack trace', (command, args, message) => {
  const { status, said } = run(command, ...args);
  expect(said).toMatch(message);
  expect(said).not.toMatch(/^\s+at /m);
  expect(status).toBe(2);
  expect(existsSync(path.join(root, 'output', 'runs', 'nonsense=1'))).toBe(false);
});
