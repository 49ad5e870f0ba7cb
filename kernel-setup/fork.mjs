/** npm run fork -- parent name: a notebook of your own under notebooks/forks/, with its hypothesis to fill in. */
import path from 'node:path';
import { fork, usage } from './run/fork.mjs';
import { root, setup } from './setup.mjs';
import { command } from './shared/command-line.mjs';

await command(async () => {
  await setup();
  const file = path.relative(process.cwd(), fork(root, process.argv.slice(2)));
  const name = path.basename(file, '.ipynb');
  console.log(
    `${file}\n  fill in its first cell, change what you like, and run it: npm start, or npm run reproduce -- ${name}`,
  );
  return 0;
}, usage);
