/** What the language server says of cells. */
import type { Analysis } from '../cell/analyse';

export interface Finding {
  code: number;
  message: string;
  /** Offsets in UTF-16 units, in the cell's source or in `file`. */
  start: number;
  end: number;
  /** Where it is, when that is not the cell. */
  file?: string;
  details: string[];
}

export interface Types {
  check(analysis: Analysis): Promise<Finding[]>;
  enter(analysis: Analysis): void;
  complete(source: string, offset: number): Promise<unknown>;
  inspect(source: string, offset: number): Promise<unknown>;
  close(): void;
}

export function createTypes(_: { cwd: string; root: string; globals: string[] }): Types {
  return {
    async check({ errors }) {
      return errors.map(({ message, labels }) => ({
        code: 1000,
        message,
        start: labels[0]?.start ?? 0,
        end: labels[0]?.end ?? 0,
        details: [],
      }));
    },
    enter() {},
    complete: async () => undefined,
    inspect: async () => undefined,
    close() {},
  };
}
