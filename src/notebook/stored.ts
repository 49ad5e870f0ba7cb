/** Results as an executed notebook stores them in its outputs: claims, figures, settings. */
import { fail, isObject } from '../base/check';
import { decode } from '../base/exact';
import { plainText } from './html';
import type { ShownFigure } from './session';
import { claimProblem, type Claim } from './verdict';

/** The MIME type by which claims are collected from an executed notebook. */
export const claimsMime = 'application/vnd.widenet.claims+json';
/** The MIME type that JupyterLab's and VS Code's Plotly renderers draw. */
export const plotlyMime = 'application/vnd.plotly.v1+json';

interface Output {
  data?: Record<string, any>;
}

/** A notebook of nbformat 4, as far as results go. */
export interface StoredNotebook {
  readonly cells: readonly { readonly cell_type: string; readonly outputs?: readonly Output[] }[];
}

export interface StoredFigure<O> {
  readonly title: string;
  /** Its number and title, fit for a file name. */
  readonly id: string;
  readonly figure: ShownFigure & { readonly config?: Record<string, any> };
  readonly output: O;
}

const outputs = <O extends Output>(notebook: { cells: readonly { outputs?: readonly O[] }[] }) =>
  notebook.cells.flatMap(cell => cell.outputs ?? []).filter(output => output.data);

/**
 * Claims in order, the last word on each id, and the settings and profile told beside them. Outputs may hold anything: of what
 * is no claim, `unreadable` says what is wrong.
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
    const told = decoded(data![claimsMime]);
    if (!isObject(told) || !Array.isArray(told.claims)) {
      unreadable.push(`an output of ${claimsMime} without a list of claims`);
      continue;
    }
    for (const claim of told.claims) {
      const problem = claimProblem(claim);
      if (problem) unreadable.push(problem);
      else claims.set(claim.id, claim);
    }
    if (isObject(told.settings)) context = { profile: told.profile, settings: told.settings };
  }
  return { claims: [...claims.values()], unreadable, ...context };
}

/** The value that was written, or undefined when it was not written by `encode`. */
function decoded(tree: unknown): unknown {
  try {
    return decode(tree);
  } catch {
    return undefined;
  }
}

/** Figures in order, with the output that holds each. */
export function storedFigures<O extends Output>(notebook: {
  cells: readonly { outputs?: readonly O[] }[];
}): StoredFigure<O>[] {
  return outputs(notebook)
    .filter(output => output.data![plotlyMime])
    .map((output, i) => {
      const figure = output.data![plotlyMime];
      const title = titleOf(figure);
      return { title, id: [String(i + 1).padStart(2, '0'), slug(title)].filter(Boolean).join('-'), figure, output };
    });
}

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
