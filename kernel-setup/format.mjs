/**
 * npm run format: formats every file, and every notebook's code cells, mends what the linter can, and makes anew what
 * is made from others: the reference of the library, and the README's picture and tables of times.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { apiPage } from './run/api.mjs';
import { biome, writeFormatted } from './run/cell-format.mjs';
import { template } from './run/fork.mjs';
import { renewFrontPicture } from './run/front-picture.mjs';
import { readmeWithTables } from './run/measured.mjs';
import { allNotebooks, readNotebook } from './run/notebooks.mjs';
import { root } from './setup.mjs';
import { command } from './shared/command-line.mjs';
import { writeWhole } from './shared/files.mjs';

const usage = `usage: npm run format [-- options of Biome]
  formats every file and the code cells of notebooks, mends what the linter can, and makes anew
  src/API.md, notebooks/front.png and the README's tables of times`;

await command(async () => {
  const files = spawnSync(process.execPath, [biome(root), 'check', '--write', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  const named = [...allNotebooks(root), { name: 'template', file: template }];
  const notebooks = named.map(({ name, file }) => ({ name, file, notebook: readNotebook(file) }));
  for (const name of writeFormatted(root, notebooks)) console.log(`${name}: code cells formatted`);
  writeWhole(path.join(root, 'src', 'API.md'), apiPage(root));
  renewFrontPicture(root);
  writeWhole(path.join(root, 'README.md'), readmeWithTables(root));
  return files.status ?? 1;
}, usage);
