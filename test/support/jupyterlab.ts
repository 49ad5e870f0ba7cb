/** A JupyterLab of this repository on a folder of notebooks, seen through a real browser. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { root } from './root';

/**
 * Starts JupyterLab in `folder`, runs `work` with its address (token included), and ends it. Every file it keeps goes
 * to a temporary folder.
 */
export async function withJupyterLab<T>(
  folder: string,
  work: (url: (file: string) => string) => Promise<T>,
): Promise<T> {
  const own = mkdtempSync(path.join(tmpdir(), 'widenet-lab-'));
  const runtime = path.join(own, 'runtime');
  mkdirSync(runtime, { recursive: true });
  // Otherwise it asks whether to fetch news, above the notebook.
  const settings = path.join(own, 's', '@jupyterlab', 'apputils-extension');
  mkdirSync(settings, { recursive: true });
  writeFileSync(path.join(settings, 'notification.jupyterlab-settings'), '{ "fetchNews": "false" }');
  const env = {
    ...process.env,
    JUPYTER_RUNTIME_DIR: runtime,
    JUPYTER_CONFIG_DIR: path.join(own, 'config'),
    JUPYTER_DATA_DIR: path.join(own, 'data'),
    IPYTHONDIR: own,
  };
  const args = [
    '-m',
    'jupyterlab',
    '--no-browser',
    '--ip=127.0.0.1',
    '--port=0',
    '--allow-root',
    `--LabApp.workspaces_dir=${own}/w`,
    `--LabApp.user_settings_dir=${own}/s`,
  ];
  const server = spawn(path.join(root, '.venv', 'bin', 'python'), args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', chunk => {
    log += chunk;
  });
  try {
    const { url, token } = await serverInfo(runtime, () => log);
    return await work(file => `${url}lab/tree/${file}?token=${token}&reset`);
  } finally {
    server.kill();
    await new Promise(resolve => (server.exitCode === null ? server.once('exit', resolve) : resolve(null)));
    rmSync(own, { recursive: true, force: true });
  }
}

async function serverInfo(runtime: string, log: () => string): Promise<{ url: string; token: string }> {
  for (let i = 0; i < 900; i++) {
    const file = readdirSync(runtime).find(name => /^jpserver-.*\.json$/.test(name));
    const port = /127\.0\.0\.1:(\d+)\/lab/.exec(log())?.[1];
    if (file && port) {
      const { token } = JSON.parse(readFileSync(path.join(runtime, file), 'utf8'));
      const url = `http://127.0.0.1:${port}/`;
      // The server writes where it is before it listens there.
      const answer = await fetch(`${url}api/status?token=${token}`).catch(() => undefined);
      if (answer?.ok) return { url, token };
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`JupyterLab did not start:\n${log()}`);
}

/** Opens a notebook and waits until its cells are there. Collects what the browser's console calls an error. */
export async function openNotebook(page: Page, url: string): Promise<string[]> {
  const errors: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', error => {
    errors.push(error.message);
  });
  await page.goto(url);
  await page.waitForSelector('.jp-NotebookPanel .jp-Cell', { timeout: 600_000 });
  return errors;
}
