/** Descriptor 0 of a kernel gives nothing, which code would take for an empty input: it is refused by name. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const paths = ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];
const isStandardInput = (target: unknown) => target === 0 || paths.includes(target as string);

/** Makes functions refuse it as their first argument, and as the descriptor among their options. */
function refuseIn(functions: object, where: string, names: readonly string[]): void {
  for (const name of names)
    Object.assign(functions, {
      [name]: new Proxy((functions as Record<string, (...given: unknown[]) => unknown>)[name], {
        apply(read, self, given) {
          const { fd } = (given[1] ?? {}) as { fd?: unknown };
          if (isStandardInput(given[0]) || fd === 0)
            throw new Error(
              `${where}.${name}: a notebook has no standard input to read at once; ask by prompt(), or read the lines ` +
                'that come from process.stdin',
            );
          return Reflect.apply(read, self, given);
        },
      }),
    });
}

export function refuseStandardInput(): void {
  const byDescriptor = ['read', 'readSync', 'readv', 'readvSync'];
  const byPath = ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream'];
  refuseIn(fs, 'fs', [...byDescriptor, ...byPath]);
  refuseIn(fs.promises, 'fs.promises', ['open', 'readFile']);
  syncBuiltinESMExports();
}
