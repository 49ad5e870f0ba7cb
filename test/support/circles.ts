/** The circles in which files import themselves by way of others. */
export function circles(files: readonly string[], imports: (file: string) => string[]): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string[]) => {
    const at = path.indexOf(path[path.length - 1]);
    if (at < path.length - 1) found.push(path.slice(at));
    else if (!done.has(path[at])) {
      for (const target of imports(path[at])) visit([...path, target]);
      done.add(path[at]);
    }
  };
  for (const file of files) visit([file]);
  return found;
}
