/** is_complete_request: whether a console runs what was typed or lets the reader type on. */
import type { OxcError } from 'oxc-parser';
import { magicOf } from '../syntax/magics';

type Verdict = 'complete' | 'incomplete' | 'invalid';

/** Found at the end of the text, though they name what stands before it: more text can mend them. */
const mendable = /^(Missing initializer|Identifier expected after|Dynamic imports|Using declarations must)/;

/** Whether the error is only that the text ends there. */
function endsEarly(code: string, { message, labels }: OxcError): boolean {
  const [{ start, end } = { start: 0, end: 0 }] = labels;
  const written = code.trimEnd();
  if (start >= written.length) return true;
  if (message === 'Unterminated multiline comment') return true;
  if (message === 'Unterminated string') {
    const opens = code[start];
    // A template goes on over lines, and so does a string whose last line ends with a backslash.
    return opens === '`' || opens === '}' || (end >= written.length && /\\\n?$/.test(code));
  }
  return mendable.test(message) && end >= written.length;
}

function judge(code: string): Verdict {
  const { parseSync } = require('oxc-parser') as typeof import('oxc-parser');
  const { errors, program } = parseSync('cell.ts', code, { sourceType: 'module', lang: 'ts' });
  if (errors.length > 0) {
    if (errors.every(error => endsEarly(code, error))) return 'incomplete';
    // `<T>(x: T) =>` is read as an assertion as long as nothing follows.
    return /=>\s*$/.test(code) && judge(`${code}{`) === 'incomplete' ? 'incomplete' : 'invalid';
  }
  const last = program.body.at(-1);
  const declared = last?.type === 'ExportNamedDeclaration' ? last.declaration : last;
  // TypeScript's overloads have no body, but the last of them is followed by one that has.
  const isOverload = declared?.type === 'TSDeclareFunction' && !declared.declare && !/;\s*$/.test(code);
  return isOverload ? 'incomplete' : 'complete';
}

/** The indentation of the next line: deeper after what opens a block, none where blanks would become part of a text. */
function indentAfter(code: string): string {
  const line = code.trimEnd().split('\n').at(-1)!;
  const indent = /^[ \t]*/.exec(line)![0];
  return /(?:[{([]|=>)\s*(?:\/\/.*)?$/.test(line) ? `${indent}  ` : indent;
}

/** is_complete_reply. */
export function isComplete(code: string): object {
  // The code is yet to come.
  if (/^\s*%%time(it)?\s*$/.test(code)) return { status: 'incomplete', indent: '' };
  const magic = magicOf(code);
  if (magic && !('code' in magic)) return { status: 'complete' };
  const status = judge(magic?.code ?? code);
  return status === 'incomplete' ? { status, indent: indentAfter(code) } : { status };
}
