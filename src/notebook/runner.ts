/**
 * What the runner (`npm run reproduce`) tells the library, and where results lie. It speaks by environment variables
 * WIDENET_*, which no other file reads. Each is read at the call, and has a value for code that no runner has started.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, isObject } from '../base/check';

/** The folder of this repository. */
export const repository = path.join(__dirname, '..', '..');

/** Whether a whole notebook is executed, in which each cell runs once and nobody watches (WIDENET_BATCH). */
export const isBatch = () => process.env.WIDENET_BATCH === '1';

/** The name of the profile to run, `quick` unless --profile gave one (WIDENET_PROFILE). */
export const requestedProfile = () => process.env.WIDENET_PROFILE || 'quick';

/** The parameters that --set gives, by name (WIDENET_SET, a JSON object). */
export const requestedParameters = () => parametersIn('WIDENET_SET');

/** The parameters that papermill has written into a cell of the notebook (WIDENET_INJECTED, which that cell sets). */
export const injectedParameters = () => parametersIn('WIDENET_INJECTED');

function parametersIn(variable: string): Record<string, unknown> {
  const text = process.env[variable] || '{}';
  const refuse = () => fail('params', `${variable} is ${text} but must be a JSON object`);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return refuse();
  }
  return isObject(given) ? given : refuse();
}

/** Whether sweeps take up the cases that an earlier run has stored, as --resume asks (WIDENET_RESUME). */
export const isResumed = () => process.env.WIDENET_RESUME === '1';

/** The folder of this notebook's rows: the runner's (WIDENET_ROWS), else output/rows/ and its path in notebooks/. */
export function rowsFolder(): string {
  const notebook = path.resolve(process.env.JPY_SESSION_NAME ?? 'session').replace(/\.ipynb$/, '');
  const inside = path.relative(path.join(repository, 'notebooks'), notebook);
  const own = inside.startsWith('..') ? path.basename(notebook) : inside;
  return process.env.WIDENET_ROWS || path.join(repository, 'output', 'rows', own);
}

/** Several processes that execute one notebook and share the cases of its sweeps. */
export interface Team {
  /** The folder in which they say who computes what. */
  readonly folder: string;
  /** The run that all of them belong to: rows of it are taken up whether or not those of other runs are. */
  readonly run: string;
  /** The name of this one, which it keeps when it is started again. */
  readonly member: string;
  /** Where in a list of cases it begins, from 0 to 1, so that each begins elsewhere. */
  readonly begin: number;
  /** Whether its processes run on several machines. */
  readonly isSpread?: boolean;
  /** A file for its progress, where somebody reads that. */
  readonly progress?: string;
}

/** The team that this process belongs to, if any (WIDENET_TEAM, a JSON object). */
export const team = (): Team | undefined =>
  process.env.WIDENET_TEAM ? (JSON.parse(process.env.WIDENET_TEAM) as Team) : undefined;

/** Tells the runner how far this process is. */
export function tellProgress(line: string): void {
  const file = team()?.progress;
  if (file) writeFileSync(file, line);
}

/** Reports a line that is no result: to the runner's file (WIDENET_NOTICES), for equal outputs, else on stderr. */
export function notice(line: string): void {
  const file = process.env.WIDENET_NOTICES;
  if (file) appendFileSync(file, `${line}\n`);
  else console.warn(line);
}
