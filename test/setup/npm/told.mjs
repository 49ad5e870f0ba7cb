/** Prints what the set-up and `npm start` make of the flags that npm was given. */
import { keptByNpm, parseFlags } from '../../../kernel-setup/setup/flags.mjs';

const args = process.argv.slice(2);
console.log(
  JSON.stringify({ flags: parseFlags(args, process.env), kept: keptByNpm(['port', 'browser'], process.env) }),
);
