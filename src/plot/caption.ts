/** Captions, the second and smaller line of a figure's title: how they are made, and what the library adds to them. */
import { type Group, mean } from './groups';

/** The caption of a figure: what the caller says, and then the notes of the library that are not empty or false. */
export const figureCaption = (given: string | false | undefined, ...notes: readonly (string | false)[]) =>
  [given, ...notes].filter(Boolean).join('; ');

/** The text of a title, with its caption on a line below it. */
export const titleWithCaption = (title: string, caption: string) =>
  caption ? `${title}<br><span style="font-size:12px;color:#666">${caption}</span>` : title;

/** The title and the caption of such a text, both with their markup. */
export function splitTitle(text: string): { title: string; caption: string } {
  const [title, ...caption] = text.split('<br>');
  return { title, caption: caption.join('<br>') };
}

/** How many runs diverged: all of a figure, or those of one name. */
export const divergedNote = (diverged: number, runs: number, name?: string) =>
  diverged > 0 && `${diverged} of ${runs} runs ${name === undefined ? '' : `of ${name} `}diverged`;

/** How many values are missing from a figure because they have no logarithm. */
export function logAxisNote(values: Iterable<number>, log: boolean | undefined): string | false {
  const missing = log ? [...values].filter(v => v <= 0).length : 0;
  return missing > 0 && `${missing} value${missing === 1 ? '' : 's'} <= 0 cannot be shown on the log axis`;
}

/** How many seeds there are, what line and band are (curves that share no x have none), and which runs diverged. */
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
  return figureCaption(counts.length > 0 && said, ...diverged);
}
