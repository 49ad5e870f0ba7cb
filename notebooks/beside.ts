export const a: number = "x";
export function broken() {
  throw new Error("b");
}
