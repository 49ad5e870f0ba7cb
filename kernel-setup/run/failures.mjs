/** What failed in a run of the tests, a line each, as it stands before the last line of npm test. */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const width = 300;

/** @param {string} what @param {string} why */
const line = (what, why) => {
  const first = stripVTControlCharacters(why)
    .split('\n')
    .find(text => text.trim());
  return `failed: ${what}: ${first?.trim()}`.slice(0, width);
};

/**
 * The failed tests of Vitest's report in JSON, and the files of which no test failed but a hook, or the loading, each
 * with the first line of its error.
 * @param {any} report @param {string} root
 * @returns {string[]}
 */
export const failedTests = (report, root) =>
  report.testResults.flatMap((/** @type {any} */ file) => {
    const name = path.relative(root, file.name);
    const titled = (/** @type {any} */ test) => [name, ...test.ancestorTitles, test.title].join(' > ');
    const of = (/** @type {string} */ status) =>
      file.assertionResults.filter((/** @type {any} */ test) => test.status === status);
    const failed = of('failed');
    if (failed.length > 0)
      return failed.map((/** @type {any} */ test) => line(titled(test), test.failureMessages.join('\n')));
    if (file.status !== 'failed') return [];
    // Vitest gives no message when what runs before or after the tests of a group fails; the log has it.
    const [first] = of('skipped');
    return [
      first && !file.message ? line(titled(first), 'not run, because its hook failed') : line(name, file.message),
    ];
  });
