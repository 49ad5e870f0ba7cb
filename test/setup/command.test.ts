import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../kernel-setup/setup/command.mjs';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import { scratchRepository } from '../support/scratch';

function session(controller = new AbortController()) {
  const root = scratchRepository();
  return {
    root,
    python: 'python3',
    compiler: ['g++'],
    lock: fs.openSync(path.join(root, 'lock'), 'w'),
    signal: controller.signal,
  };
}

const shell = (script: string) => ({ name: 'the step', command: ['sh', '-c', script] });
const failure = (script: string) => run(session(), shell(script)).then(() => '', failureText);

test('output is kept in a log, and lines of stdout are told as they come', async () => {
  const s = session();
  const lines: string[] = [];
  await run(s, { ...shell('echo one; echo two; echo aside >&2'), onLine: line => lines.push(line) });
  expect(lines).toEqual(['one', 'two']);
  expect(fs.readFileSync(path.join(s.root, '.native/log/the step.log'), 'utf8').split('\n').sort()).toEqual([
    '',
    'aside',
    'one',
    'two',
  ]);
});

test('temporary files go into the repository, and another Python cannot lean in', async () => {
  const s = session();
  const lines: string[] = [];
  process.env.PYTHONPATH = '/elsewhere';
  await run(s, {
    ...shell('echo "$TMPDIR"; echo "[$PYTHONPATH]"; echo "$PIP_USER"'),
    onLine: line => lines.push(line),
  });
  delete process.env.PYTHONPATH;
  expect(lines).toEqual([path.join(s.root, '.native/tmp/the step'), '[]', '0']);
});

test.each([
  ['write: No space left on device', /the step: the disk is full\n  free some space/],
  ['npm error code ECONNREFUSED', /the step: a package index cannot be reached, or broke off\n.*network and proxy/],
  [
    'WARNING: Retrying (Retry(total=4)) after connection broken by NewConnectionError\n' +
      'ERROR: No matching distribution found',
    /a package index cannot be reached/,
  ],
  ['ERROR: No matching distribution found for x==1', /does not have a pinned package\n.*PIP_INDEX_URL/],
  ['SSL: CERTIFICATE_VERIFY_FAILED', /certificate of a package index is not trusted here\n.*PIP_CERT/],
  ['npm error code EINTEGRITY', /a downloaded package is broken, or not the one that is pinned\n/],
  ["OSError: [Errno 13] Permission denied: 'x'", /a file could not be written\n/],
])('what "%s" means, and what to do', async (output, pattern) => {
  expect(await failure(`echo "${output}" >&2; exit 1`)).toMatch(pattern);
});

test('any other failure shows the end of the log and where the rest is', async () => {
  expect(await failure('seq 1 100; exit 3')).toMatch(
    /^set-up stopped: the step failed; its log ends with\n  \| 89\n(  \| \d+\n){11}  full log: \.native\/log\/the step\.log$/,
  );
});

test('a command that does not exist is a failure, not a crash', async () => {
  const error = await run(session(), { name: 'the step', command: ['no-such-command'] }).then(() => '', failureText);
  expect(error).toMatch(/the step failed.*\n  \| spawn no-such-command ENOENT/);
});

test('an abort ends the command with all it started: its output closes', async () => {
  const controller = new AbortController();
  const running = run(session(controller), {
    ...shell("sh -c 'echo up; sleep 600'; true"),
    onLine: () => controller.abort(new Error('enough')),
  });
  await expect(running).rejects.toThrow(/^enough$/);
});
