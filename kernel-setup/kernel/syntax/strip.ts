/** TypeScript becomes JavaScript. */
import { transformSync, type Options } from '@swc/core';
import type MagicString from 'magic-string';
import { lazyMap, type LazyMap } from './locations';

const options: Options = {
  filename: 'cell.ts',
  swcrc: false,
  configFile: false,
  isModule: true,
  sourceMaps: true,
  env: { targets: { node: '20' }, include: ['transform-explicit-resource-management'] },
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    // Members stay members: a later cell may declare the enum anew.
    transform: { decoratorVersion: '2022-03', tsEnumIsMutable: true },
    keepClassNames: true,
    preserveAllComments: true,
  },
};

/** A source map of magic-string. */
export const mapOf = (edits: MagicString) => lazyMap(edits.generateMap({ hires: true }).toString());

/** JavaScript for Node.js 20 and later, with a source map: types go, `using`, decorators and enums become code. */
export function stripTypes(source: string, own: Options = {}): { code: string; map: LazyMap } {
  const { code, map } = transformSync(source, { ...options, ...own });
  return { code, map: lazyMap(map!) };
}
