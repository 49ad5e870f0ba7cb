/** npm run register: the kernel and the renderer for every Jupyter of this user; with --remove, they are taken back. */
import { root, setup } from './setup.mjs';
import { dataFolder, register, unregister } from './setup/registration.mjs';
import { command, parseCommandLine } from './shared/command-line.mjs';

const usage = `usage: npm run register [-- --remove]
  lets any Jupyter of yours run these notebooks and draw their figures: writes the kernel and the Plotly renderer to
  your folder of Jupyter's data (${dataFolder()}), and nothing else
  --remove   takes both back`;

await command(async () => {
  const options = /** @type {const} */ ({ remove: { type: 'boolean' } });
  const { values } = parseCommandLine({ script: 'register', usage, options, names: false }, process.argv.slice(2));
  if (values.remove) {
    const gone = unregister(dataFolder());
    console.log(gone.length > 0 ? `removed ${gone.join('\nremoved ')}` : `nothing of widenet is in ${dataFolder()}`);
    return 0;
  }
  await setup();
  console.log(`wrote ${register(root, dataFolder()).join('\nwrote ')}`);
  console.log('the kernel runs from this folder: after moving it, register again; to take both back: -- --remove');
  return 0;
}, usage);
