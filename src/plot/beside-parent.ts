/** A fork beside its parent: the parent's stored results under the fork's fresh ones. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fail } from '../base/check';
import { brief, displayable, htmlTable, plainText, textTable } from '../notebook/html';
import { latexTable } from '../notebook/latex';
import { figureCaption, splitTitle, titleWithCaption } from './caption';
import { figure, type Figure, type PlotlyObject } from './figure';
import { legendBelow } from './layout';
import { panels } from './panels';
import { isOfCurves, parentCurves } from './parent-curves';
import { extent, isAxis } from './range';
import { session, type ShownFigure } from '../notebook/session';
import { parseNotebook, storedClaims, storedFigures } from '../notebook/stored-results';
import { type Claim, measurement } from '../notebook/verdict';

/** Claims of parent and fork, row by row; `undefined` where one of them does not make the claim. */
export interface Comparison {
  /** Claims of one id, the fork's first. */
  readonly rows: readonly { readonly id: string; readonly parent?: Claim; readonly fork?: Claim }[];
  /** Titles of figures that the parent does not have. */
  readonly alone: readonly string[];
  /** The parameters, and the profile, that differ. */
  readonly settings: readonly { readonly name: string; readonly parent?: unknown; readonly fork?: unknown }[];
}

/**
 * Compares this notebook with its parent, whose executed file is at `path` (relative to this notebook): a table of
 * the claims of both, the parameters that differ, and each figure whose title the parent has too; of several with one
 * title, the second beside the parent's second. The curves of the parent (of several seeds, their means) are drawn grey
 * below those of the fork, and its theory grey and dashed where that is another; figures of other kinds, or with other
 * panels, stand beside the parent's. Use: `show(...besideParent('../barboni2025.ipynb'))`.
 * Errors: no such notebook, or one without stored results.
 *
 * @example
 * show(...besideParent('../barboni2025.ipynb')) // -> undefined
 */
export function besideParent(path: string): (Comparison | Figure)[] {
  const parent = parseNotebook(`besideParent: ${path}`, read(path));
  const { claims, ...theirs } = storedClaims(parent);
  const stored = numbered(storedFigures(parent));
  if (claims.length === 0 && stored.size === 0)
    fail('besideParent', `${path} holds no results; execute and save it first`);
  const settings = theirs.settings ? differing(theirs) : [];
  const shown = [...numbered(session().figures)];
  const alone = shown.filter(([title]) => !stored.has(title)).map(([title]) => title);
  const isAnimated = (title: string, figure: ShownFigure) => figure.frames ?? stored.get(title)?.frames;
  const animated = shown.filter(([title, f]) => stored.has(title) && isAnimated(title, f)).map(([title]) => title);
  const pairs = shown.filter(([title, f]) => stored.has(title) && !isAnimated(title, f));
  const compared = pairs.flatMap(([title, figure]) => besideEachOther(title, figure, stored.get(title)!, settings));
  return [comparison(claims, { rows: [], alone, settings }, animated), ...compared];
}

/** The profile and the parameters whose values are others in the parent. */
function differing({ profile, settings }: { profile?: string; settings?: object }): Comparison['settings'] {
  const own = session();
  const theirs: Record<string, unknown> = { profile, ...settings };
  const ours: Record<string, unknown> = { profile: own.profile, ...own.settings };
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter(name => !isDeepStrictEqual(theirs[name], ours[name]))
    .map(name => ({ name, parent: theirs[name], fork: ours[name] }));
}

/** Figures by title; of several with one title, the second is 'title (2)'. */
function numbered(figures: readonly { title: string; figure: ShownFigure }[]): Map<string, ShownFigure> {
  const counts = new Map<string, number>();
  return new Map(
    figures.map(({ title, figure }) => {
      const count = (counts.get(title) ?? 0) + 1;
      counts.set(title, count);
      return [count === 1 ? title : `${title} (${count})`, figure];
    }),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(
      'besideParent',
      `cannot read ${path} (${(error as NodeJS.ErrnoException).code}); the path is relative to this notebook`,
    );
  }
}

function comparison(
  parentClaims: readonly Claim[],
  { alone, settings }: Comparison,
  animated: readonly string[],
): Comparison {
  const [parents, forks] = [new Map(parentClaims.map(c => [c.id, c])), session().claims];
  const ids = [...new Set([...forks.keys(), ...parents.keys()])];
  const rows = ids.map(id => ({ id, parent: parents.get(id), fork: forks.get(id) }));
  const judged = (claim: Claim | undefined) =>
    claim
      ? `${claim.verdict}${claim.measured === undefined ? '' : `: ${measurement(claim.measured, claim.expect)}`}`
      : '-';
  const head = ['claim', 'parent', 'fork'];
  const body = rows.map(r => [(r.fork ?? r.parent)!.statement, judged(r.parent), judged(r.fork)]);
  const changed = settings.map(({ name, parent, fork }) => `${name} = ${said(fork)} (parent: ${said(parent)})`);
  const notes = [
    changed.length > 0 && `parameters that differ: ${changed.join('; ')}`,
    alone.length > 0 && `figures without a counterpart in the parent: ${alone.join('; ')}`,
    animated.length > 0 && `animations, which are not compared: ${animated.join('; ')}`,
  ];
  const note = notes.filter(Boolean).join('. ') || undefined;
  return displayable({ rows, alone, settings }, () => ({
    'text/html': htmlTable(head, body, note),
    'text/latex': latexTable(head, body, note),
    'text/plain': [textTable(head, body), note].filter(Boolean).join('\n'),
  }));
}

const said = (value: unknown) => (value === undefined ? 'none' : brief(value));

/** The curves of both in one figure; where a figure is not made of curves alone, the parent's and the fork's apart. */
function besideEachOther(
  title: string,
  fork: ShownFigure,
  parent: ShownFigure,
  settings: Comparison['settings'],
): Figure[] {
  const axes = [fork, parent].map(f => Object.keys(f.layout).filter(isAxis).sort().join());
  if ([fork, parent].every(isOfCurves) && axes[0] === axes[1])
    return [overlay(title, fork, parent, othersOf(fork, parent, settings))];
  if ([fork, parent].some(f => f.layout.xaxis2))
    return [withTitle(parent, `${title}: parent`), withTitle(fork, `${title}: fork`)];
  return [panels([withTitle(parent, 'parent'), withTitle(fork, 'fork')], { title: `${title}: parent and fork` })];
}

/** What the parent's figure was made with that this one was not: parameters, and seeds where its curves name them. */
function othersOf(fork: ShownFigure, parent: ShownFigure, settings: Comparison['settings']): string {
  const most = 4;
  const listed = settings.slice(0, most).map(({ name, parent }) => `${name} = ${said(parent)}`);
  const [ours, theirs] = [fork, parent].map(seedsOf);
  const isOther = ours && theirs && ours !== theirs;
  return [
    ...listed,
    ...(settings.length > most ? [`${settings.length - most} more parameters`] : []),
    ...(isOther ? [`seeds ${theirs} (fork: ${ours})`] : []),
  ].join(', ');
}

/** The seeds whose thin curves a figure shows, as text; empty where it names none. */
function seedsOf({ data }: ShownFigure): string {
  const named = data.filter(t => t.customdata && /seed %\{customdata\}/.test(t.hovertemplate));
  const seeds = [...new Set(named.flatMap(t => Array.from(t.customdata as ArrayLike<number>)))].sort((a, b) => a - b);
  const isRow = seeds.length > 2 && seeds.at(-1)! - seeds[0] === seeds.length - 1;
  return isRow ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(', ');
}

/** The curves of the parent, grey, below those of the fork. */
function overlay(title: string, fork: ShownFigure, parent: ShownFigure, others: string): Figure {
  const theirs = captionOf(parent);
  const notes = [others, theirs !== captionOf(fork) && theirs].filter(Boolean).join('; ');
  const { layout } = withTitle(fork, `${title}: fork on parent (grey)`, notes && `parent: ${notes}`);
  const data = [...parentCurves(fork, parent), ...fork.data];
  const names = data.filter(t => t.showlegend !== false && t.name).map(t => plainText(t.name).length);
  const legend = Math.max(...names) > 22 && !fork.layout.xaxis2 ? { legend: legendBelow(-0.2) } : {};
  return figure(data, { ...layout, ...axesForBoth(fork.layout, parent.layout), ...legend, showlegend: true });
}

/** The axes of the fork, wide enough for both. */
function axesForBoth(fork: PlotlyObject, parent: PlotlyObject): PlotlyObject {
  const sameScale = (name: string) => fork[name].range && parent[name]?.range && fork[name].type === parent[name].type;
  const names = Object.keys(fork).filter(name => isAxis(name) && sameScale(name));
  return Object.fromEntries(
    names.map(name => [name, { ...fork[name], range: extent([...fork[name].range, ...parent[name].range], false) }]),
  );
}

const captionOf = ({ layout }: ShownFigure) => splitTitle(String(layout.title?.text ?? '')).caption;

/** What a caption takes above the axes. */
const captionSpace = 20;

/** A figure with another title, its own caption, and a note behind that, for which it makes room if it has none. */
function withTitle(shown: ShownFigure, title: string, note: string | false = false): Figure {
  const { layout } = shown;
  const text = titleWithCaption(title, figureCaption(captionOf(shown), note));
  const space = note && !captionOf(shown) ? captionSpace : 0;
  return figure([...shown.data], {
    ...layout,
    title: { ...layout.title, text, pad: { ...layout.title?.pad, b: (layout.title?.pad?.b ?? 0) + space } },
    margin: { ...layout.margin, t: (layout.margin?.t ?? 100) + space },
  });
}
