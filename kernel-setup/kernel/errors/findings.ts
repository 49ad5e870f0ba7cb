/** What the compiler refuses, as notebooks show it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { excerpt, green, red } from './frame-lines';
import { lineAndColumn, type SourceLocation } from '../syntax/locations';
import type { Failure } from './traceback';
import type { Finding } from '../types/types';

/** The findings that are told, each once. Of a syntax error all others may be consequences. */
function distinct(findings: Finding[]): (Finding & { again: Finding[] })[] {
  const told: (Finding & { again: Finding[] })[] = [];
  for (const finding of findings) {
    const { code, message, file, start } = finding;
    const same = told.find(one => one.code === code && one.message === message && one.file === file);
    if (!same) told.push({ ...finding, again: [] });
    else if (same.start !== start) same.again.push(finding);
  }
  const syntax = told.filter(({ code }) => code < 2000);
  return syntax.length > 0 ? syntax.slice(0, 1) : told;
}

/** At most this many findings are told with their source, and at most so many other lines of each. */
const [mostFindings, mostLines] = [4, 6];

const shortened = (file: string) => path.relative(process.cwd(), file);

function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** What the compiler refuses, each finding with its line. `source` is the cell's text, `label` its name. */
export function refusedFailure(findings: Finding[], source: string, label: string): Failure {
  const locationOf = ({ file, start }: Finding): SourceLocation => {
    const text = file === undefined ? source : sourceOf(file);
    return {
      label: file === undefined ? label : shortened(file),
      ...lineAndColumn(text, start),
      lines: text.split('\n'),
    };
  };
  const told = distinct(findings);
  const lines = told.slice(0, mostFindings).map(finding => {
    const { code, message, details, again, file, start, end } = finding;
    const location = locationOf(finding);
    const width = Math.max(1, Math.min(end - start, location.lines[location.line - 1].length - location.column + 1));
    const others = [...new Set(again.map(one => locationOf(one).line))].filter(line => line !== location.line);
    const more = others.length > mostLines ? ` and ${others.length - mostLines} more` : '';
    const list = `${others.length > 1 ? 'lines' : 'line'} ${others.slice(0, mostLines).join(', ')}${more}`;
    const also = others.length > 0 ? `, also ${list}` : '';
    return [
      `${red(`TS${code}`)}: ${message}`,
      ...details.map(text => `  ${text}`),
      `    at ${green(`${location.label}, line ${location.line}`)}${also}`,
      ...excerpt(location, file === undefined ? 2 : 0, width),
    ];
  });
  const left = told.length - lines.length;
  const { message, code } = told[0];
  const first = locationOf(told[0]);
  return {
    ename: 'CompileError',
    evalue: `${message} (TS${code}, ${first.label}, line ${first.line})`,
    traceback: [...lines.flat(), ...(left > 0 ? [`and ${left} more finding${left > 1 ? 's' : ''}`] : [])],
  };
}
