/** The kernel: `node --require typescript-hook.cjs main.ts <connection file>`. */
import { die } from './log';

try {
  // Loaded here, so that what is missing is told as well.
  (require('./start') as typeof import('./start')).start(process.argv[2]);
} catch (error) {
  die('it could not start', error);
}
