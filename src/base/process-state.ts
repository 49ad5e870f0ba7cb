/**
 * Values that live as long as the process. After an edit under src/, the kernel loads the library anew, and variables
 * of its modules start afresh; what a notebook has claimed, drawn or started must not. The kernel's are here too.
 */
const values = globalThis as unknown as Record<symbol, unknown>;

/** The value of this name, or undefined when nothing has been stored under it. */
export const processValue = <T>(name: string): T | undefined => values[Symbol.for(`widenet.${name}`)] as T | undefined;

/** The value of this name, made at the first call in this process. */
export const processState = <T>(name: string, make: () => T): T =>
  (values[Symbol.for(`widenet.${name}`)] ??= make()) as T;

/** Stores a value under this name, in place of what was there. */
export function setProcessValue(name: string, value: unknown): void {
  values[Symbol.for(`widenet.${name}`)] = value;
}
