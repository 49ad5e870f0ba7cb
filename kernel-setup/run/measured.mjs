/** The README's tables of times, from what test/bench measured. */
import fs from 'node:fs';
import path from 'node:path';
import { Refusal } from '../shared/refusal.mjs';

/**
 * Microseconds are medians of a step at each size, by contestant, ours first; firstCall and call are in seconds, call
 * being what a call of one step costs beside the step.
 * @typedef {{
 *   machine: string, versions: string[], rounds: number,
 *   workloads: { title: string, sizes: string[], microseconds: Record<string, number[]> }[],
 *   firstCall: number, call: number,
 * }} Measured
 */

/** Two digits, 2.0 and 1600 alike. @param {number} value */
const ratio = value => (value < 10 ? value.toPrecision(2) : `${Number(value.toPrecision(2))}`);

/** The tables, in Markdown: of each time, how many times ours it is too. @param {Measured} measured */
export function measuredTables({ machine, versions, rounds, workloads, firstCall, call }) {
  const tables = workloads.map(({ title, sizes, microseconds }) => {
    const [ours] = Object.values(microseconds);
    const rows = Object.entries(microseconds).map(([name, times], i) => {
      const cells = times.map((us, j) => {
        const time = `${Number(us.toPrecision(3))}`;
        return i === 0 ? `**${time}**` : `${time} (${ratio(us / ours[j])})`;
      });
      return `| ${[i === 0 ? `**${name}**` : name, ...cells].join(' | ')} |`;
    });
    const head = [`| n, d, m | ${sizes.join(' | ')} |`, `|---|${sizes.map(() => '---').join('|')}|`];
    return [`${title}:`, [...head, ...rows].join('\n')].join('\n\n');
  });
  return [
    `Microseconds a step (in brackets: times ours), medians of ${rounds} interleaved rounds on ${machine}; ${versions.join(', ')}.`,
    ...tables,
    `The first call took ${Math.round(1000 * firstCall)} ms, a later call ${(1000 * call).toPrecision(2)} ms beside its steps.`,
  ].join('\n\n');
}

const [begin, end] = ['<!-- from test/bench/measured.json, by npm run format -->', '<!-- end -->'];

/** The README with its tables made anew. @param {string} root */
export function readmeWithTables(root) {
  const text = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Refusal(`README.md has no place for the tables of times`, `it lies between ${begin} and ${end}`);
  const measured = JSON.parse(fs.readFileSync(path.join(root, 'test', 'bench', 'measured.json'), 'utf8'));
  return `${text.slice(0, from)}${begin}\n\n${measuredTables(measured)}\n\n${text.slice(to)}`;
}
