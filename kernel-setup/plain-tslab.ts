/**
 * Mends tslab's own kernel for the cells after the one that imports the library first, by which this file is loaded:
 * - `{ n }`, where n is a variable of an earlier cell, is compiled so that n is not defined;
 * - `const { f: y } = t`, where an earlier cell declares an f, is compiled to what is no JavaScript;
 * - a figure, a table or a tensor as the last expression is printed as an object.
 * In other processes it does nothing.
 */
import { createRequire } from 'node:module';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import { show } from '../src/notebook/show';

type Ts = typeof TypeScript;

/** A node as TypeScript's binder leaves it: with the names that it declares. */
type Scope = TypeScript.Node & { locals?: TypeScript.SymbolTable; symbol?: TypeScript.Symbol };

/** Whether a name, at its place in a cell, stands for a variable of an earlier cell. */
function isEarlier(ts: Ts, name: TypeScript.__String, place: Scope): boolean {
  const isVariable = (names: TypeScript.SymbolTable | undefined) =>
    ((names?.get(name)?.flags ?? 0) & (ts.SymbolFlags.Value | ts.SymbolFlags.Alias)) !== 0;
  for (let scope = place; scope; scope = scope.parent) {
    // tslab declares what earlier cells have made in a file of its own, and makes it the parent of the cell's file.
    if (isVariable(scope.locals)) return ts.isSourceFile(scope) && scope.fileName.endsWith('__prev__.d.ts');
    const { symbol } = scope;
    if (ts.isModuleDeclaration(scope) && isVariable(symbol?.exports)) return false;
    if ((ts.isFunctionExpression(scope) || ts.isClassExpression(scope)) && scope.name?.escapedText === name)
      return false;
  }
  return false;
}

/**
 * tslab writes `exports.` before the names of earlier cells' variables, in a walk over the compiled cell. It overlooks
 * shorthands, and takes a property's name in a pattern for a variable. Both are put right by the factory of the nodes
 * that the walk makes.
 */
function mendCompiler(ts: Ts): void {
  const context = ts.getNullTransformationContext();
  const { factory } = context;
  const mended: Partial<TypeScript.NodeFactory> = {
    updateBindingElement(node, dots, property, name, initializer) {
      const own = node.propertyName && ts.isIdentifier(node.propertyName) ? node.propertyName : property;
      return factory.updateBindingElement(node, dots, own, name, initializer);
    },
    updateShorthandPropertyAssignment(node, name, initializer) {
      if (!isEarlier(ts, name.escapedText, ts.getOriginalNode(node)))
        return factory.updateShorthandPropertyAssignment(node, name, initializer);
      const variable = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name.text);
      const value = initializer ? factory.createAssignment(variable, initializer) : variable;
      return factory.createPropertyAssignment(name.text, value) as TypeScript.Node as typeof node;
    },
  };
  Object.assign(context, { factory: Object.assign(Object.create(factory), mended) });
}

/** tslab keeps the value of a cell's last expression among the variables, and prints it when it finds it there. */
function mendDisplay(variables: object): void {
  let unshown: unknown;
  Object.setPrototypeOf(variables, {
    get tsLastExpr() {
      return unshown;
    },
    set tsLastExpr(value: unknown) {
      const isObject = typeof value === 'object' && value !== null;
      unshown = isObject ? undefined : value;
      if (isObject) void show(value);
    },
  });
}

const { __tslab__: session } = globalThis as { __tslab__?: { exports: object } };
const kernels = Object.keys(require.cache).filter(file => /[\\/]tslab[\\/]dist[\\/]main\.js$/.test(file));
for (const kernel of kernels) mendCompiler(createRequire(kernel)('@tslab/typescript-for-tslab'));
if (session && kernels.length > 0) mendDisplay(session.exports);
