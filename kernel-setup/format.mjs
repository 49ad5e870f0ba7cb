/** npm run format: formats every file, and every notebook's code cells, and mends what the linter can. */
import { spawnSync } from 'node:child_process';
import { biome, writeFormatted } from './run/cell-format.mjs';
import { allNotebooks, readNotebook } from './run/notebooks.mjs';
import { root } from './setup.mjs';
import { command } from './shared/command-line.mjs';

const usage = `usage: npm run format [-- options of Biome]
  formats every file and the code cells of notebooks, and mends what the linter can`;

await command(async () => {
  const files = spawnSync(process.execPath, [biome(root), 'check', '--write', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  const notebooks = allNotebooks(root).map(({ name, file }) => ({ name, file, notebook: readNotebook(file) }));
  for (const name of writeFormatted(root, notebooks)) console.log(`${name}: code cells formatted`);
  return files.status ?? 1;
}, usage);
