/** Lines that tell what was done and is no result. */
import { appendFileSync } from 'node:fs';

/** Says a line on stderr; in a run by the runner, to the runner, so that executed notebooks do not differ by it. */
export function notice(line: string): void {
  const file = process.env.WIDENET_NOTICES;
  if (file) appendFileSync(file, `${line}\n`);
  else console.warn(line);
}
