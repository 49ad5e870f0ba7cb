/**
 * The error vocabulary: every error reads `where: what is wrong, with both values` and is raised at the door,
 * before any work is done.
 */

/** An error the caller can mend; its message starts with the place. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Throws `where: what`. */
export function fail(where: string, what: string): never {
  throw new UsageError(`${where}: ${what}`);
}

/** Checks that `value` is a whole number of at least `min`. */
export function wholeNumber(where: string, name: string, value: unknown, min = 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min)
    fail(where, `${name} is ${String(value)} but must be a whole number >= ${min}`);
  return value;
}

/** Checks that `value` is a finite number above zero. */
export function positive(where: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
    fail(where, `${name} is ${String(value)} but must be a finite number > 0`);
  return value;
}

/** Checks that `value` is one of `allowed`. */
export function oneOf<T extends string | number>(where: string, name: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) fail(where, `${name} is ${JSON.stringify(value)} but must be one of ${allowed.map(a => JSON.stringify(a)).join(', ')}`);
  return value as T;
}

/** Checks that two shapes are equal. */
export function sameShape(where: string, a: string, shapeA: readonly number[], b: string, shapeB: readonly number[]): void {
  if (shapeA.length !== shapeB.length || shapeA.some((s, i) => s !== shapeB[i]))
    fail(where, `${a} is [${shapeA}] but ${b} is [${shapeB}]; shapes must match`);
}
