/** A fork beside its parent: the parent's stored results under the fork's fresh ones. */
import { readFileSync } from 'node:fs';
import { fail } from '../base/check';
import { displayable, htmlTable, textTable } from '../notebook/html';
import { latexTable } from '../notebook/latex';
import { figureCaption, splitTitle, titleWithCaption } from './caption';
import { figure, type Figure, type PlotlyObject } from './figure';
import { panels } from './panels';
import { extent, isAxis } from './range';
import { session, type ShownFigure } from '../notebook/session';
import { parseNotebook, storedClaims, storedFigures } from '../notebook/stored-results';
import { type Claim, measurement } from '../notebook/verdict';

/** Claims of parent and fork, row by row; `undefined` where one of them does not make the claim. */
export interface Comparison {
  readonly rows: readonly { readonly id: string; readonly parent?: Claim; readonly fork?: Claim }[];
  readonly alone: readonly string[];
}

/**
 * Compares this notebook with its parent, whose executed file is at `path` (relative to this notebook): a table of
 * the claims of both, and each figure whose title the parent has too; of several with one title, the second beside the
 * parent's second. The curves of the parent (of several seeds, their means) are drawn grey below those of
 * the fork; figures of other kinds, or with other panels, stand beside the parent's. Use:
 * `show(...besideParent('../barboni2025.ipynb'))`.
 * Errors: no such notebook, or one without stored results.
 *
 * @example
 * show(...besideParent('../barboni2025.ipynb')) // -> undefined
 */
export function besideParent(path: string): (Comparison | Figure)[] {
  const parent = parseNotebook(`besideParent: ${path}`, read(path));
  const { claims } = storedClaims(parent);
  const stored = numbered(storedFigures(parent));
  if (claims.length === 0 && stored.size === 0)
    fail('besideParent', `${path} holds no results; execute and save it first`);
  const shown = [...numbered(session().figures)];
  const alone = shown.filter(([title]) => !stored.has(title)).map(([title]) => title);
  const isAnimated = (title: string, figure: ShownFigure) => figure.frames ?? stored.get(title)?.frames;
  const animated = shown.filter(([title, f]) => stored.has(title) && isAnimated(title, f)).map(([title]) => title);
  const pairs = shown.filter(([title, f]) => stored.has(title) && !isAnimated(title, f));
  const compared = pairs.flatMap(([title, figure]) => besideEachOther(title, figure, stored.get(title)!));
  return [comparison(claims, alone, animated), ...compared];
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

function comparison(parentClaims: readonly Claim[], alone: string[], animated: string[]): Comparison {
  const [parents, forks] = [new Map(parentClaims.map(c => [c.id, c])), session().claims];
  const ids = [...new Set([...forks.keys(), ...parents.keys()])];
  const rows = ids.map(id => ({ id, parent: parents.get(id), fork: forks.get(id) }));
  const said = (claim: Claim | undefined) =>
    claim
      ? `${claim.verdict}${claim.measured === undefined ? '' : `: ${measurement(claim.measured, claim.expect)}`}`
      : '-';
  const head = ['claim', 'parent', 'fork'];
  const body = rows.map(r => [(r.fork ?? r.parent)!.statement, said(r.parent), said(r.fork)]);
  const notes = [
    alone.length > 0 && `figures without a counterpart in the parent: ${alone.join('; ')}`,
    animated.length > 0 && `animations, which are not compared: ${animated.join('; ')}`,
  ];
  const note = notes.filter(Boolean).join('. ') || undefined;
  return displayable({ rows, alone }, () => ({
    'text/html': htmlTable(head, body, note),
    'text/latex': latexTable(head, body, note),
    'text/plain': [textTable(head, body), note].filter(Boolean).join('\n'),
  }));
}

/** The curves of both in one figure; where a figure is not made of curves alone, the parent's and the fork's apart. */
function besideEachOther(title: string, fork: ShownFigure, parent: ShownFigure): Figure[] {
  const axes = [fork, parent].map(f => Object.keys(f.layout).filter(isAxis).sort().join());
  if ([fork, parent].every(isOfCurves) && axes[0] === axes[1]) return [overlay(title, fork, parent)];
  if ([fork, parent].some(f => f.layout.xaxis2))
    return [withTitle(parent, `${title}: parent`), withTitle(fork, `${title}: fork`)];
  return [panels([withTitle(parent, 'parent'), withTitle(fork, 'fork')], { title: `${title}: parent and fork` })];
}

const isScatter = (trace: PlotlyObject) => (trace.type ?? 'scatter') === 'scatter';
/** Theory is black. It and published values are the same in the parent and in the fork. */
const isMeasured = (trace: PlotlyObject) => trace.line?.color !== '#000' && trace.legendgroup !== 'published';
/** Thin lines of seeds, and the band around their mean, which the mean stands for. */
const isOfSeeds = (trace: PlotlyObject) =>
  trace.showlegend === false && (trace.customdata !== undefined || trace.line?.width === 0);
const isOfCurves = ({ data }: ShownFigure) => data.every(isScatter) && data.some(isMeasured);

function overlay(title: string, fork: ShownFigure, parent: ShownFigure): Figure {
  const grey = parent.data
    .filter(t => isMeasured(t) && !isOfSeeds(t))
    .map(t => ({
      ...t,
      name: `parent: ${t.name}`,
      legendgroup: `parent: ${t.name}`,
      showlegend: t.showlegend !== false,
      line: { ...t.line, color: '#999', width: 1.5 },
      marker: t.marker && { ...t.marker, color: '#999' },
    }));
  const theirs = captionOf(parent);
  const note = theirs !== captionOf(fork) && theirs && `parent: ${theirs}`;
  const { layout } = withTitle(fork, `${title}: fork on parent (grey)`, note);
  return figure([...grey, ...fork.data], { ...layout, ...axesForBoth(fork.layout, parent.layout), showlegend: true });
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

/** A figure with another title, its own caption, and a note behind that. */
function withTitle(shown: ShownFigure, title: string, note: string | false = false): Figure {
  const text = titleWithCaption(title, figureCaption(captionOf(shown), note));
  return figure([...shown.data], { ...shown.layout, title: { ...shown.layout.title, text } });
}
