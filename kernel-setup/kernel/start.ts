/** Brings the kernel up: the sockets first, which answer while the compiler loads. */
import { readFileSync } from 'node:fs';
import { capture, original } from './stdio/descriptors';
import { kernelInfo } from './info';
import { reasonOf } from './installation';
import { createLink } from './link';
import { installStackTraces } from './errors/frames';
import { logTo } from './log';
import { installStreams } from './stdio/streams';
import { readConnection, type Request } from './protocol/wire';

export function start(connectionFile: string): void {
  const early: Request[] = [];
  const on = {
    request: (request: Request): void => void early.push(request),
    interrupted: (_rounds: number): void => {},
  };
  // A working folder that was deleted is reported here; the socket thread would call it an invalid URL.
  process.cwd();
  capture();
  logTo(original('stderr'));
  installStreams();
  const link = createLink(readConnection(readFileSync(connectionFile, 'utf8')), kernelInfo(), {
    request: request => on.request(request),
    interrupted: rounds => on.interrupted(rounds),
  });

  try {
    installStackTraces();

    const { createKernel } = require('./kernel') as typeof import('./kernel');
    const kernel = createKernel(link);
    Object.assign(on, kernel);
    process.on('SIGINT', () => kernel.interrupted(0));
    for (const request of early) kernel.request(request);
  } catch (error) {
    link.end('it could not start', reasonOf(error));
  }
}
