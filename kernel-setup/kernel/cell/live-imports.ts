/** Imports that may change: a name has, whenever it is read, the value that its module has for it then. */
import type { Namespace } from '../modules/interop';
import { variableOf } from '../syntax/shadow';

function refuseAssignment(): never {
  throw new TypeError('Assignment to constant variable.');
}

/** Makes names of cells stand for a module's exports: `names` has the module's name for each. Gives the module. */
export function follow(module: Namespace, names: Record<string, string>): Namespace {
  for (const [name, exported] of Object.entries(names))
    Object.defineProperty(globalThis, variableOf(name), {
      get: () => module[exported],
      set: refuseAssignment,
      configurable: true,
    });
  return module;
}
