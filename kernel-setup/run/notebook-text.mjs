/**
 * A notebook as text that people can compare: its cells, what they printed, and one line for each figure and picture.
 * For git: git config diff.notebook.textconv "node kernel-setup/run/notebook-text.mjs"
 * It needs nothing that the set-up installs.
 */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourceOf } from './notebooks.mjs';

/** @param {string | string[]} text */
const whole = text => [text].flat().join('').trimEnd();

/** A mark that changes when the value does. @param {unknown} value */
const mark = value => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/** @param {import('./notebooks.mjs').Output} output */
function outputLines({ data = {}, text, ename, evalue }) {
  const printed = text ?? data['text/plain'];
  const others = Object.keys(data).filter(type => type !== 'text/plain');
  return [
    ...(ename ? [`${ename}: ${evalue}`] : []),
    ...(printed === undefined ? [] : whole(printed).split('\n')),
    ...others.map(type => `<${type} ${mark(data[type])}>`),
  ].map(line => `    ${line}`);
}

/** @param {import('./notebooks.mjs').Notebook} notebook */
export const notebookText = ({ cells, metadata }) =>
  [
    ...cells.flatMap(cell => [
      `# ---- ${[cell.cell_type, ...(cell.metadata.tags ?? [])].join(' ')}`,
      sourceOf(cell).trimEnd(),
      ...(cell.outputs ?? []).flatMap(output => outputLines(output)),
      '',
    ]),
    JSON.stringify(metadata),
    '',
  ].join('\n');

/** What a file holds, as it is where that is no notebook: git then shows how. @param {string} file */
function fileText(file) {
  const text = readFileSync(file, 'utf8');
  try {
    return notebookText(JSON.parse(text));
  } catch {
    return text;
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.stdout.write(fileText(process.argv[2]));
