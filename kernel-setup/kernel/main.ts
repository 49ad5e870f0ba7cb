/** The kernel: `node --require typescript-hook.cjs main.ts <connection file>`. */
import { die } from './log';

try {
  // Loaded here, so that a missing module is reported as well.
  const [, , connectionFile] = process.argv;
  if (!connectionFile) throw new Error('no connection file is given');
  (require('./start') as typeof import('./start')).start(connectionFile);
} catch (error) {
  const { reasonOf } = require('./installation') as typeof import('./installation');
  die('it could not start', reasonOf(error));
}
