/** The process's own stderr: no notebook shows it, whoever started the kernel keeps it. */
import { writeSync } from 'node:fs';

const longest = 300;
const { exit } = process;
let stderr = 2;

/** The descriptor that stderr has once what cells write to descriptor 2 is caught. */
export function logTo(descriptor: number): void {
  stderr = descriptor;
}

/** One line, cut when it is long, without control characters: what is reported may come from anywhere. */
export function log(text: string): void {
  const line = text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ');
  try {
    writeSync(stderr, `tslab kernel: ${line.length > longest ? `${line.slice(0, longest)}...` : line}\n`);
  } catch {
    // Nobody reads it any more. The kernel need not end for that.
  }
}

/** The last word of a kernel that cannot go on: where it happened, then in one line what, which is the last one. */
export function logEnd(what: string, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  for (const frame of (error.stack ?? '')
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .slice(0, 5))
    log(frame);
  log(`ended: ${what}: ${error.message}`);
}

/** Ends the process with exit code 1 and this last word; to be called on the main thread. */
export function die(what: string, thrown: unknown): never {
  logEnd(what, thrown);
  return exit.call(process, 1);
}
