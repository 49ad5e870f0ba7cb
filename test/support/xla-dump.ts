/** What XLA makes of programs, as it writes it down itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { root } from './root';

/**
 * Runs a script's `main(widenet)`, a promise, in a process of its own; gives the compiled programs and the settings, as
 * text.
 */
export function xlaDump(main: string): { programs: string[]; settings: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-xla-'));
  const library = JSON.stringify(path.join(root, 'src/index.ts'));
  const script = `(${main})(require(${library})).catch(error => { console.error(error); process.exit(1); });`;
  try {
    const { stderr } = spawnSync(
      process.execPath,
      ['--require', path.join(root, 'kernel-setup/typescript-hook.cjs'), '-e', script],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, XLA_FLAGS: `--xla_dump_to=${folder} --xla_dump_hlo_as_text` },
      },
    );
    expect(stderr).toBe('');
    const read = (end: string) =>
      readdirSync(folder)
        .filter(name => name.endsWith(end))
        .map(name => readFileSync(path.join(folder, name), 'utf8'));
    return { programs: read('after_optimizations.txt'), settings: read('debug_options')[0] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
