/**
 * Kernels to test, registered in a temporary folder: the repository's own, and one of a copy whose library may be
 * edited.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './root';

export interface TestKernels {
  /** What the Python side needs to know. */
  env: NodeJS.ProcessEnv;
  remove(): void;
}

export async function testKernels(): Promise<TestKernels> {
  const { kernelspec } = (await import('../../kernel-setup/kernel/kernelspec.mjs')) as {
    kernelspec(root: string): object;
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-kernel-'));
  const copy = path.join(folder, 'copy');
  copyRepository(copy);
  const register = (name: string, root: string) => {
    mkdirSync(path.join(folder, 'kernels', name), { recursive: true });
    writeFileSync(path.join(folder, 'kernels', name, 'kernel.json'), JSON.stringify(kernelspec(root)));
  };
  register('widenet-test', root);
  register('widenet-copy', copy);

  // A folder inside the repository, so that cells find the library as notebooks do.
  const notebooks = mkdtempSync(path.join(root, 'notebooks', '.kernel-test-'));
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    JUPYTER_PATH: folder,
    JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
    JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
    IPYTHONDIR: folder,
    WIDENET_HISTORY: '',
    WIDENET_TEST_KERNEL: 'widenet-test',
    WIDENET_TEST_FOLDER: notebooks,
    WIDENET_TEST_COPY_KERNEL: 'widenet-copy',
    WIDENET_TEST_COPY: copy,
  };
  return { env, remove: () => [folder, notebooks].forEach(f => rmSync(f, { recursive: true, force: true })) };
}

/** The library and the kernel, with the packages of the original, except that `widenet` is the copy. */
function copyRepository(copy: string): void {
  mkdirSync(path.join(copy, 'notebooks'), { recursive: true });
  for (const part of [
    'package.json',
    'src',
    ...['kernel', 'plotly-renderer', 'run', 'typescript-hook.cjs', 'plain-tslab.ts'].map(
      name => `kernel-setup/${name}`,
    ),
  ])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  mkdirSync(path.join(copy, 'node_modules'));
  for (const name of readdirSync(path.join(root, 'node_modules')))
    if (name !== 'widenet' && name !== '.cache')
      symlinkSync(path.join(root, 'node_modules', name), path.join(copy, 'node_modules', name));
  symlinkSync(path.join(root, '.native'), path.join(copy, '.native'));
  symlinkSync('..', path.join(copy, 'node_modules', 'widenet'));
}
