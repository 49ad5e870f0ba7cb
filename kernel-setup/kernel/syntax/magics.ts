/** What a cell may be besides TypeScript: a question about a name, code whose time is taken, a console's end. */

export type Magic =
  /** `?name`, `name?`; with two question marks the source is shown as well. */
  | { name: 'docs'; of: string; source: boolean }
  /** `%timeit expression`, `%%timeit` over a block: many runs. `code` has its lines and columns where they were. */
  | { name: 'timeit'; code: string; isBlock: boolean }
  /** `%time`, `%%time`: one run, which does what the code does without it. */
  | { name: 'time'; code: string }
  /** What consoles end by. */
  | { name: 'exit'; of: string }
  /** A magic that there is not, or not like this. */
  | { name: 'unknown'; why: string };

const known = 'there are ?name, name?, %time, %%time, %timeit and %%timeit';
const path = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.#?[\p{ID_Start}$_][\p{ID_Continue}$]*)*`;
const question = new RegExp(`^(?:(\\?\\??)\\s*(${path})|(${path})\\s*(\\?\\??))\\s*;?$`, 'u');

/** A magic below other code, unless the cell is TypeScript as it stands: a line may begin with a remainder, `% n`. */
function misplaced(code: string): Magic | undefined {
  const called = /^%%?[A-Za-z]\w*/m.exec(code)?.[0];
  if (!called) return undefined;
  const { parseSync } = require('oxc-parser') as typeof import('oxc-parser');
  if (parseSync('cell.ts', code, { sourceType: 'module', lang: 'ts' }).errors.length === 0) return undefined;
  return { name: 'unknown', why: `${called} stands at the head of a cell of its own; ${known}` };
}

/** The magic that the cell is; undefined for TypeScript. */
export function magicOf(code: string): Magic | undefined {
  const asked = question.exec(code.trim());
  if (asked) return { name: 'docs', of: asked[2] ?? asked[3], source: (asked[1] ?? asked[4]).length === 2 };
  const left = /^\s*(exit|quit)(?:\(\))?;?\s*$/.exec(code);
  if (left) return { name: 'exit', of: left[1] };
  const head = /^((?:\s|\/\/[^\n]*\n)*)(%%?)([A-Za-z]\w*)?([^\n]*)/.exec(code);
  if (!head) return misplaced(code);
  const [all, above, percents, name = '', rest] = head;
  const called = `${percents}${name}`;
  const unknown = (why: string): Magic => ({ name: 'unknown', why });
  if (name !== 'time' && name !== 'timeit') return unknown(`${called} is not known here; ${known}`);
  const [line, below] = [rest.trim(), code.slice(all.length).trim()];
  if (percents === '%%' && line) return unknown(`${called} takes the code on the lines below it`);
  if (/^-\w/.test(line)) return unknown(`${called} has no options: it finds by itself how often to run the code`);
  if (!line && !below) return unknown(`${called} stands before the code whose time is taken`);
  if (called === '%timeit' && (!line || below.endsWith(';')))
    return unknown('%timeit takes one expression; %%timeit takes the lines below it');
  const blanked = above + ' '.repeat(called.length) + code.slice(above.length + called.length);
  return name === 'time' ? { name, code: blanked } : { name, code: blanked, isBlock: percents === '%%' };
}
