/** Captions, the second and smaller line of a figure's title: how they are made, and what the library adds to them. */
import { type Group, mean } from './groups';

/** The caption of a figure: what the caller says, and then the notes of the library that are not empty or false. */
export const figureCaption = (given: string | undefined, ...notes: readonly (string | false)[]) =>
  [given, ...notes].filter(Boolean).join('; ');

/** The text of a title, with its caption on a line below it. */
export const titleWithCaption = (title: string, caption: string) =>
  caption ? `${title}<br><span style="font-size:12px;color:#666">${caption}</span>` : title;

/** The title and the caption of such a text, both with their markup. */
export function splitTitle(text: string): { title: string; caption: string } {
  const [title, ...caption] = text.split('<br>');
  return { title, caption: caption.join('<br>') };
}

/** How many runs are missing from a figure because their value is not finite. */
export const divergedNote = (diverged: number, runs: number) => diverged > 0 && `${diverged} of ${runs} runs diverged`;

/** How many values are missing from a figure because they have no logarithm. */
export function logAxisNote(values: Iterable<number>, log: boolean | undefined): string | false {
  const missing = log ? [...values].filter(v => v <= 0).length : 0;
  return missing > 0 && `${missing} values <= 0 cannot be shown on the log axis`;
}

/** How many seeds there are, what the thick line is (curves that share no x have none), and which runs diverged. */
export function seedsNote(groups: readonly Group[], logY: boolean | undefined): string {
  const counts = [...new Set(groups.map(g => g.curves.length).filter(n => n > 1))].sort((a, b) => a - b);
  const averaged = groups.some(g => g.curves.length > 1 && mean(g.curves, logY).x.length > 1);
  const diverged = groups.flatMap(({ name, curves }) => {
    const note = divergedNote(curves.filter(c => c.diverged).length, curves.length);
    return note ? [note.replace('runs', `runs of ${name}`)] : [];
  });
  const thick = averaged ? `, thick: ${logY ? 'geometric mean' : 'mean'}` : '';
  return figureCaption(counts.length > 0 ? `thin: ${counts.join(' or ')} seeds${thick}` : '', ...diverged);
}
