/** A fork beside its parent: the parent's stored results under the fork's fresh ones. */
import { readFileSync } from 'node:fs';
import { fail } from '../base/check';
import { displayable, htmlTable, textTable } from '../notebook/html';
import { figure, type Figure, panels, type PlotlyObject } from './plot';
import { extent } from './axis';
import { session, type ShownFigure } from '../notebook/session';
import { parseNotebook, storedClaims, storedFigures, titleOf } from '../notebook/stored';
import { type Claim, measurement } from '../notebook/verdict';

/** Claims of parent and fork, row by row; `undefined` where one of them does not make the claim. */
export interface Comparison {
  readonly rows: readonly { readonly id: string; readonly parent?: Claim; readonly fork?: Claim }[];
  readonly alone: readonly string[];
}

/**
 * What this notebook has shown and claimed, on the results stored in the parent notebook at `path` (relative to this notebook):
 * a table of the claims of both, then each figure that has a title of the parent's, with the parent's curves in grey below its
 * own; figures without curves stand beside the parent's. Use: `show(...besideParent('../barboni2025.ipynb'))`.
 * Errors: no such notebook, or one without stored results.
 */
export function besideParent(path: string): (Comparison | Figure)[] {
  const parent = parseNotebook(`besideParent: ${path}`, read(path));
  const { claims } = storedClaims(parent);
  const stored = new Map(storedFigures(parent).map(f => [f.title, f.figure]));
  if (claims.length === 0 && stored.size === 0)
    fail('besideParent', `${path} holds no results; execute and save it first`);
  const own = [...session().figures.values()];
  const pairs = own.filter(f => stored.has(titleOf(f)) && !f.frames);
  const alone = own.filter(f => !stored.has(titleOf(f))).map(titleOf);
  return [comparison(claims, alone), ...pairs.map(f => overlay(f, stored.get(titleOf(f))!))];
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

function comparison(parentClaims: readonly Claim[], alone: string[]): Comparison {
  const [parents, forks] = [new Map(parentClaims.map(c => [c.id, c])), session().claims];
  const ids = [...new Set([...forks.keys(), ...parents.keys()])];
  const rows = ids.map(id => ({ id, parent: parents.get(id), fork: forks.get(id) }));
  const said = (claim: Claim | undefined) =>
    claim ? `${claim.verdict}${claim.measured === undefined ? '' : `: ${measurement(claim)}`}` : '-';
  const head = ['claim', 'parent', 'fork'];
  const body = rows.map(r => [(r.fork ?? r.parent)!.statement, said(r.parent), said(r.fork)]);
  const note = alone.length > 0 ? `figures without a counterpart in the parent: ${alone.join('; ')}` : undefined;
  return displayable({ rows, alone }, () => ({
    'text/html': htmlTable(head, body, note),
    'text/plain': [textTable(head, body), note].filter(Boolean).join('\n'),
  }));
}

const isCurve = (trace: PlotlyObject) => (trace.type ?? 'scatter') === 'scatter' && trace.line?.color !== '#000';

function overlay(fork: ShownFigure, parent: ShownFigure): Figure {
  const own: Figure = { data: [...fork.data], layout: { ...fork.layout } };
  if (!fork.data.some(isCurve))
    return panels([titled(parent, 'parent'), titled(fork, 'fork')], { title: `${titleOf(fork)}: parent and fork` });
  const grey = parent.data
    .filter(t => isCurve(t) && t.showlegend !== false)
    .map(t => ({
      ...t,
      name: `parent: ${t.name}`,
      legendgroup: `parent: ${t.name}`,
      showlegend: true,
      line: { ...t.line, color: '#999', width: 1.5 },
      marker: t.marker && { ...t.marker, color: '#999' },
      fill: 'none',
    }));
  const layout = {
    ...own.layout,
    ...axes(fork.layout, parent.layout),
    showlegend: true,
    title: { ...own.layout.title, text: `${titleOf(fork)}: fork on parent (grey)` },
  };
  return figure([...grey, ...own.data], layout);
}

/** The axes of the fork, wide enough for both. */
function axes(fork: PlotlyObject, parent: PlotlyObject): PlotlyObject {
  const names = Object.keys(fork).filter(
    name =>
      /^[xy]axis\d*$/.test(name) && fork[name].range && parent[name]?.range && fork[name].type === parent[name].type,
  );
  return Object.fromEntries(
    names.map(name => [name, { ...fork[name], range: extent([...fork[name].range, ...parent[name].range], false) }]),
  );
}

const titled = ({ data, layout }: ShownFigure, title: string): Figure => ({
  data: [...data],
  layout: { ...layout, title: { ...layout.title, text: title } },
});
