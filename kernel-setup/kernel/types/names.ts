/** Which document declares a name: the newest, as one cell after another runs. */
import type { Analysis } from '../syntax/analyse';
import { compose, header, isType, isValue, withPaths, type CellDocument, type Owner } from './document';

export type Names = ReturnType<typeof createNames>;

export function createNames() {
  const owners = new Map<string, Owner>();
  /** The documents of cells that ran. */
  const documents = new Map<number, CellDocument>();
  /** Names that cells would have declared that did not run, each with the reason. */
  const refused = new Map<string, string>();
  /** The number of the cell of each document. */
  const cells: number[] = [];

  /** The documents that a later cell can depend on. */
  function reachable(): Set<number> {
    const seen = new Set<number>();
    const stack = [...owners.values()].map(({ id }) => id);
    for (const { id, globals } of documents.values()) if (globals.size > 0) stack.push(id);
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      stack.push(...(documents.get(id)?.uses ?? []));
    }
    return seen;
  }

  /**
   * Documents that declare for all modules some of what a cell declares for them, as the cell itself did when it ran
   * before. What other cells depend on is not among them.
   */
  const rivals = (document: CellDocument): CellDocument[] =>
    [...documents.values()].filter(
      ({ id, globals, declares }) =>
        [...globals].some(name => document.globals.has(name)) &&
        [...declares.keys()].every(name => document.declares.has(name)) &&
        ![...documents.values()].some(other => other.uses.has(id)),
    );

  return {
    rivals,
    /** A cell as a document that sees what has been declared so far. */
    compose(analysis: Analysis, cell: number): CellDocument {
      cells.push(cell);
      return { id: cells.length - 1, replaces: [], ...compose(analysis, owners) };
    },
    /** Text that is still being written, with all names. */
    draft(source: string): { text: string; linesAbove: number } {
      return { text: header(owners, new Map()).text + withPaths(source), linesAbove: 1 };
    },
    /** A cell runs: from now on its names are the newest. Gives the documents on which nothing depends any more. */
    enter(document: CellDocument): number[] {
      for (const { globals } of document.replaces) globals.clear();
      documents.set(document.id, document);
      for (const [name, own] of document.declares) {
        const before = owners.get(name)?.kinds ?? new Set();
        const both = (isType(own) && isValue(before)) || (isValue(own) && isType(before));
        owners.set(name, { id: document.id, kinds: both ? new Set([...before, ...own]) : own });
        refused.delete(name);
      }
      const needed = reachable();
      const dead = [...documents.keys()].filter(id => !needed.has(id));
      for (const id of dead) documents.delete(id);
      return dead;
    },
    refuse(names: Iterable<string>, why: string): void {
      for (const name of names) if (!owners.has(name)) refused.set(name, why);
    },
    refusedIn: (name: string) => refused.get(name),
    kinds: (name: string) => owners.get(name)?.kinds,
    cellOf: (id: number) => cells[id],
  };
}
