/** Results as an executed notebook stores them in its outputs: claims, figures, settings. */
import { fail, isObject } from '../base/check';
import { decode } from '../base/lossless-json';
import { plainText } from './html';
import { unpackAll } from './packed';
import type { ShownFigure } from './session';
import { claimProblem, type Claim } from './verdict';

/** The MIME type by which claims are collected from an executed notebook. */
export const claimsMime = 'application/vnd.widenet.claims+json';
/** The MIME type that JupyterLab's and VS Code's Plotly renderers draw. */
export const plotlyMime = 'application/vnd.plotly.v1+json';

interface Output {
  data?: Record<string, any>;
}

/** A notebook of nbformat 4, as far as its results need it. */
export interface StoredNotebook<O = Output> {
  readonly cells: readonly { readonly cell_type: string; readonly outputs?: readonly O[] }[];
}

interface StoredFigure<O> {
  readonly title: string;
  /** Its number and title, fit for a file name. */
  readonly id: string;
  readonly figure: ShownFigure & { readonly config?: Record<string, any> };
  readonly output: O;
}

const outputs = <O extends Output>(notebook: StoredNotebook<O>) =>
  notebook.cells.flatMap(cell => cell.outputs ?? []).filter(output => output.data);

/**
 * The claims in order, of each id the last one, and the settings and profile stored with them. An output may hold
 * anything: `unreadable` says what is wrong with those that are no claims.
 */
export function storedClaims(notebook: StoredNotebook): {
  claims: Claim[];
  unreadable: string[];
  profile?: string;
  settings?: Record<string, unknown>;
} {
  const claims = new Map<string, Claim>();
  const unreadable: string[] = [];
  let context = {};
  for (const { data } of outputs(notebook)) {
    if (data![claimsMime] === undefined) continue;
    const stored = decoded(data![claimsMime]);
    if (!isObject(stored) || !Array.isArray(stored.claims)) {
      unreadable.push(`an output of ${claimsMime} without a list of claims`);
      continue;
    }
    for (const claim of stored.claims.map(claimOf)) {
      const problem = claimProblem(claim);
      if (problem) unreadable.push(problem);
      else claims.set(claim.id, claim);
    }
    if (isObject(stored.settings)) context = { profile: stored.profile, settings: stored.settings };
  }
  return { claims: [...claims.values()], unreadable, ...context };
}

/**
 * A claim is stored as the text of its JSON. It was an object before, and had no kind and no alternatives: one of those
 * is a claim that names none.
 */
function claimOf(stored: unknown): any {
  try {
    const read = typeof stored === 'string' ? decode(JSON.parse(stored)) : stored;
    return isObject(read) ? { kind: 'claim', against: [], ...read } : read;
  } catch {
    return stored;
  }
}

/** The value that was written, or undefined when it was not written by `encode`. */
function decoded(tree: unknown): unknown {
  try {
    return decode(tree);
  } catch {
    return undefined;
  }
}

/** The figures in order, each with the output that holds it. */
export const storedFigures = <O extends Output>(notebook: StoredNotebook<O>): StoredFigure<O>[] =>
  outputs(notebook)
    .filter(output => output.data![plotlyMime])
    .map((output, i) => {
      const figure = unpackAll(output.data![plotlyMime]);
      const title = titleOf(figure);
      return { title, id: [String(i + 1).padStart(2, '0'), slug(title)].filter(Boolean).join('-'), figure, output };
    });

/** A figure's title as plain text, without the caption below it. */
export function titleOf({ layout }: { layout?: Record<string, any> }): string {
  return plainText(String(layout?.title?.text ?? layout?.title ?? '').split('<br>')[0]);
}

/** A title as a part of a file name. */
export const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 50)
    .replace(/-$/, '');

/** The notebook in a JSON text; `where` names it in errors. */
export function parseNotebook(where: string, text: string): StoredNotebook {
  let notebook: StoredNotebook & { nbformat?: number };
  try {
    notebook = JSON.parse(text);
  } catch (error) {
    fail(where, `is not a notebook: ${(error as Error).message}`);
  }
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells))
    fail(where, 'is not a notebook: it has no cells of nbformat 4');
  return notebook;
}
