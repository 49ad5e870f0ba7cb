/**
 * npm start: JupyterLab on the notebooks, on this machine only, with its token. What follows `--` goes to JupyterLab.
 */
import { spawn } from 'node:child_process';
import { root, setup } from './setup.mjs';
import { ended } from './shared/child.mjs';
import { command, keptOfAnotherProgram } from './shared/command-line.mjs';
import { jupyterEnvironment, venvPython, writeQuietDefaults } from './shared/jupyter.mjs';
import { Refusal } from './shared/refusal.mjs';

const usage = `usage: npm start [-- options of JupyterLab]
  opens JupyterLab on notebooks/, for this machine only, as in: npm start -- --port=8890 --no-browser
  what options it has: npm start -- --help-all`;

await command(async () => {
  const options = process.argv.slice(2);
  const kept = keptOfAnotherProgram(['port', 'ip', 'browser', 'allow-root', 'notebook-dir'], process.env);
  if (kept.length)
    throw new Refusal(`npm kept ${kept.join(' and ')} for itself: what is for JupyterLab comes after --`, usage);
  await setup();
  return jupyterLab(options);
}, usage);

/**
 * Runs JupyterLab until the user ends it, and gives its exit code.
 * @param {string[]} options
 */
async function jupyterLab(options) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) console.log('running as root: JupyterLab is started with --allow-root');
  const hasDisplay = process.platform === 'darwin' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  writeQuietDefaults(root);
  const server = spawn(
    venvPython(root),
    [
      '-m',
      'jupyterlab',
      'notebooks',
      '--ServerApp.ip=127.0.0.1',
      '--MappingKernelManager.default_kernel_name=tslab',
      // The kernel paces its own output; JupyterLab's limits, made for the web, would drop what exceeds 1 MB/s.
      '--ServerApp.iopub_data_rate_limit=1e9',
      '--ServerApp.iopub_msg_rate_limit=1e6',
      ...(isRoot ? ['--allow-root'] : []),
      ...(hasDisplay ? [] : ['--no-browser']),
      ...options,
    ],
    { cwd: root, env: jupyterEnvironment(root), stdio: 'inherit' },
  );
  // Ctrl-C reaches JupyterLab too, which asks before it stops: leave when it has.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  const { code } = await ended(server).catch(error => {
    throw new Refusal(`JupyterLab could not be started: ${error.message}`);
  });
  return code ?? 1;
}
