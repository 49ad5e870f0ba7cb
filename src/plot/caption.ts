/** Captions, the second and smaller line of a figure's title: how they are made, and what the library adds to them. */
import { brief, escapeHtml } from '../notebook/html';
import { extent } from './range';
import type { Row } from '../base/rows';
import { countX, type Curve, type Group, mean } from './groups';

/** The caption of a figure: what the caller says, and then the notes of the library that are not empty or false. */
export const figureCaption = (given: string | false | undefined, ...notes: readonly (string | false)[]) =>
  [given, ...notes].filter(Boolean).join('; ');

/** The text of a title, with its caption on a line below it. */
export const titleWithCaption = (title: string, caption: string) =>
  caption ? `${title}<br><span style="font-size:12px;color:#666">${caption}</span>` : title;

/** The title and the caption of such a text, without the look of the caption. */
export function splitTitle(text: string): { title: string; caption: string } {
  const [title, ...caption] = text.split('<br>');
  return { title, caption: caption.join('<br>').replace(/^<span[^>]*>|<\/span>$/g, '') };
}

/** How many runs diverged: all of a figure, or those of one name. */
export const divergedNote = (diverged: number, runs: number, name?: string) =>
  diverged > 0 && `${diverged} of ${runs} runs ${name === undefined ? '' : `of ${name} `}diverged`;

/** How many rows of `sweep` have no result in the column `name`, and what the first of each kind says. */
export function failedNote(rows: readonly Row[], name: string): string {
  const failed = rows.filter(row => isFailed(row, name));
  const notes = [
    [failed.filter(({ status }) => status !== notFinite), 'failed'] as const,
    [failed.filter(({ status }) => status === notFinite), notFinite] as const,
  ].map(([ofKind, what]) => {
    const late = ofKind.filter(({ status }) => status === 'late').length;
    const said = `${ofKind.length} of ${rows.length} rows ${what}${late > 0 ? `, ${late} of them late` : ''}`;
    return ofKind.length > 0 && `${said}: ${escapeHtml(brief(ofKind[0].message).slice(0, 80))}`;
  });
  return figureCaption(undefined, ...notes);
}

const notFinite = 'not finite';

/** Whether a row is, as `sweep` gives it, that of a case that failed, or one in which this column is NaN. */
export function isFailed(row: Row, name: string): boolean {
  const { status, message } = row;
  const isMarked = status === notFinite && Number.isNaN(row[name]);
  return message !== undefined && (status === 'failed' || status === 'late' || isMarked);
}

/** How many values are missing from a figure because they have no logarithm; `of` names what they are values of. */
export function logAxisNote(values: Iterable<number>, log: boolean | undefined, of?: string): string | false {
  const missing = log ? [...values].filter(v => v <= 0).length : 0;
  const what = `${missing} value${missing === 1 ? '' : 's'}${of === undefined ? '' : ` of ${of}`}`;
  return missing > 0 && `${what} ≤ 0 cannot be shown on the log axis`;
}

/** How many points of runs that did not diverge are missing from a figure because a number of theirs is not finite. */
export function gapsNote(groups: readonly Group[]): string | false {
  const curves = groups.flatMap(g => g.curves).filter(c => !c.diverged);
  const isLost = ({ x, y }: Curve, i: number) => !Number.isFinite(x[i]) || !Number.isFinite(y[i]);
  const lost = curves.reduce((sum, curve) => sum + curve.x.filter((_, i) => isLost(curve, i)).length, 0);
  return lost > 0 && `${lost} point${lost === 1 ? ' is' : 's are'} not finite and left out`;
}

/** Where a mean ends because a seed does, while others go on. */
function endNote(groups: readonly Group[], logY: boolean | undefined): string | false {
  const notes = groups.flatMap(({ name, curves }) => {
    const kept = curves.filter(c => !c.diverged);
    const { x } = mean(kept, logY);
    const ends = kept.map(c => largest(c.x));
    const [end, last] = [largest(x), largest(ends)];
    const early = ends.filter(e => e < last).length;
    if (kept.length < 2 || x.length < 2 || !(end < last) || early === 0) return [];
    const whose = groups.length > 1 ? ` of ${name}` : '';
    return [
      `mean${whose} ends at ${brief(end)}, as ${early} of ${kept.length} seeds ${early === 1 ? 'stops' : 'stop'} before the others`,
    ];
  });
  return notes.length > 1 ? 'a mean ends where its first seed does' : (notes[0] ?? false);
}

/** Where a mean has fewer points than its seeds have together, as some of them have no value there. */
function sharedNote(groups: readonly Group[], logY: boolean | undefined): string | false {
  const notes = groups.flatMap(({ name, curves }) => {
    const kept = curves.filter(c => !c.diverged);
    const { x } = mean(kept, logY);
    const all = countX(kept, largest(x));
    const whose = groups.length > 1 ? ` of ${name}` : '';
    return kept.length < 2 || x.length < 2 || x.length === all
      ? []
      : [`mean${whose} at the ${x.length} of ${all} points that all seeds have`];
  });
  return notes.length > 1 ? 'means at the points that all seeds have' : (notes[0] ?? false);
}

const largest = (values: readonly number[]) => extent(values, false)?.[1] ?? -Infinity;

/** How many seeds there are, what line and band are and where they end (x that all share), and who diverged. */
export function seedsNote(groups: readonly Group[], logY: boolean | undefined, bands?: boolean): string {
  const counts = [...new Set(groups.map(g => g.curves.length).filter(n => n > 1))].sort((a, b) => a - b);
  const averaged = groups.some(g => g.curves.length > 1 && mean(g.curves, logY).x.length > 1);
  const diverged = groups.map(({ name, curves }) =>
    divergedNote(curves.filter(c => c.diverged).length, curves.length, name),
  );
  const seeds = `${counts.join(' or ')} seeds`;
  const kind = logY ? 'geometric mean' : 'mean';
  const band = logY ? 'a factor of one geometric standard deviation' : 'one standard deviation';
  const said = bands ? `${kind} of ${seeds}, band: ${band}` : `thin: ${seeds}${averaged ? `, thick: ${kind}` : ''}`;
  return figureCaption(counts.length > 0 && said, sharedNote(groups, logY), endNote(groups, logY), ...diverged);
}
