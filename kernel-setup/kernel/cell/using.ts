/** `using` at the top level of a cell: what it names is disposed of at the cell's end, the last first. */

type Disposal = () => unknown;

let disposals: Disposal[] = [];

/** What `using` does with a value: null and undefined need no disposal. */
export function using<T>(value: T, isAsync: boolean): T {
  if (value === null || value === undefined) return value;
  const resource = value as Partial<Record<symbol, Disposal>>;
  const dispose = (isAsync ? resource[Symbol.asyncDispose] : undefined) ?? resource[Symbol.dispose];
  if (typeof dispose !== 'function')
    throw new TypeError(`what \`using\` names has no [Symbol.${isAsync ? 'asyncDispose' : 'dispose'}]()`);
  disposals.push(() => dispose.call(value));
  return value;
}

/** To be called when a cell has ended. Gives what the first failing disposal has thrown. */
export async function disposeAll(): Promise<{ thrown: unknown } | undefined> {
  let failure: { thrown: unknown } | undefined;
  const all = disposals.reverse();
  disposals = [];
  for (const dispose of all) {
    try {
      await dispose();
    } catch (thrown) {
      failure ??= { thrown };
    }
  }
  return failure;
}
