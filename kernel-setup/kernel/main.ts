/** The kernel: `node --require typescript-hook.cjs main.ts <connection file>`. */
import { readFileSync } from 'node:fs';
import { prepareTypeScript } from './compiler';
import { kernelInfo } from './info';
import { createLink } from './link';
import { watchModules } from './modules';
import { installStackTraces } from './positions';
import { watchLibrary } from './refresh';
import type { Request } from './wire';

const early: Request[] = [];
const on = {
  request: (request: Request): void => void early.push(request),
  interrupted: (_rounds: number): void => {},
};
const info = kernelInfo();
const link = createLink(JSON.parse(readFileSync(process.argv[2], 'utf8')), JSON.stringify(info), {
  request: request => on.request(request),
  interrupted: rounds => on.interrupted(rounds),
});

installStackTraces();
watchLibrary();
watchModules();
prepareTypeScript();

// tslab is loaded only now, with what was prepared for it.
const { createKernel } = require('./kernel') as typeof import('./kernel');
const kernel = createKernel(link, info);
Object.assign(on, kernel);
process.on('SIGINT', () => kernel.interrupted(0));
for (const request of early) kernel.request(request);
