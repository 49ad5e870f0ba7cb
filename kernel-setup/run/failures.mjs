/** What failed in a run of all tests, a line each, as it stands before the last line of npm test. */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { passes } from './results.mjs';

const width = 300;

/** @param {string} what @param {string} why */
const line = (what, why) => {
  const first = stripVTControlCharacters(why)
    .split('\n')
    .find(text => text.trim());
  return `failed: ${what}: ${first?.trim()}`.slice(0, width);
};

/**
 * The failed tests of Vitest's report in JSON, and the files that could not be loaded, each with the first line of its
 * error.
 * @param {any} report @param {string} root
 * @returns {string[]}
 */
export const failedTests = (report, root) =>
  report.testResults.flatMap((/** @type {any} */ file) => {
    const name = path.relative(root, file.name);
    const failed = file.assertionResults.filter((/** @type {any} */ test) => test.status === 'failed');
    if (failed.length === 0) return file.status === 'failed' ? [line(name, file.message)] : [];
    return failed.map((/** @type {any} */ test) =>
      line([name, ...test.ancestorTitles, test.title].join(' > '), test.failureMessages.join('\n')),
    );
  });

/**
 * The notebooks that did not pass, each with the error of its cell, or with the claims that fail.
 * @param {import('./results.mjs').Result[]} results
 */
export const failedNotebooks = results =>
  results
    .filter(result => !passes(result))
    .map(({ name, failure, claims, known, unreadable = [] }) => {
      if (failure) return line(name, `code cell ${failure.cell}: ${failure.name}: ${failure.message}`);
      const failing = claims.filter(({ verdict, id }) => verdict === 'fails' && !known.includes(id));
      return line(name, [...unreadable, ...failing.map(({ id }) => `the claim ${id} fails`)].join('; '));
    });
