/** Compiled cells with the places at which the stop button ends them. */
import type * as TypeScript from 'typescript';

/** What the compiled code calls, as `__tslab__`. */
export interface StopCalls {
  /** The interrupt signal that holds now. */
  signal: AbortSignal;
  /** Not 0 while busy code is to end; also what busy loops then throw. */
  stop: Int32Array;
  /** Throws when the signal is aborted. */
  checkpoint(signal: AbortSignal): void;
}

/**
 * Each async function, and the cell itself, keeps the signal that holds when it is called; each `await x` becomes
 * `(__tslab__.checkpoint(signal), await x)`: what a stopped cell awaits still gives its result, and then the cell goes no further.
 * Each turn of a loop begins with `if (stop[0]) throw stop`, which ends a busy loop wherever it runs and costs half a nanosecond;
 * a call in place of the bare throw would cost four times as much.
 */
export function stoppable(ts: typeof TypeScript, onTopLevelAwait: () => void): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return context => {
    const { factory } = context;
    const [signal, stop] = ['__signal__', '__stop__'];
    const own = (member: keyof StopCalls) => factory.createPropertyAccessExpression(factory.createIdentifier('__tslab__'), member);
    const call = (member: keyof StopCalls, at: TypeScript.Node, ...names: string[]) =>
      ts.setSourceMapRange(factory.createCallExpression(own(member), undefined, names.map(name => factory.createIdentifier(name))), at);
    const constant = (name: string, member: keyof StopCalls) => factory.createVariableStatement(undefined, factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(name, undefined, undefined, own(member))], ts.NodeFlags.Const));
    const isAsync = (node: TypeScript.HasModifiers) => node.modifiers?.some(m => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
    const keeping = (body: TypeScript.Block) => factory.createBlock([constant(signal, 'signal'), ...body.statements], true);
    const turn = (body: TypeScript.Statement, before: TypeScript.Statement[] = []) => factory.createBlock([
      factory.createIfStatement(factory.createElementAccessExpression(factory.createIdentifier(stop), 0), factory.createThrowStatement(factory.createIdentifier(stop))),
      ...before, body,
    ], true);

    function loop(n: TypeScript.Node): TypeScript.Node | undefined {
      if (ts.isWhileStatement(n)) return factory.updateWhileStatement(n, n.expression, turn(n.statement));
      if (ts.isDoStatement(n)) return factory.updateDoStatement(n, turn(n.statement), n.expression);
      if (ts.isForStatement(n)) return factory.updateForStatement(n, n.initializer, n.condition, n.incrementor, turn(n.statement));
      if (ts.isForInStatement(n)) return factory.updateForInStatement(n, n.initializer, n.expression, turn(n.statement));
      if (!ts.isForOfStatement(n)) return undefined;
      const before = n.awaitModifier ? [factory.createExpressionStatement(call('checkpoint', n.statement, signal))] : [];
      return factory.updateForOfStatement(n, n.awaitModifier, n.initializer, n.expression, turn(n.statement, before));
    }

    function asyncFunction(n: TypeScript.Node): TypeScript.Node | undefined {
      if (ts.isArrowFunction(n) && isAsync(n)) {
        const body = ts.isBlock(n.body) ? n.body : factory.createBlock([factory.createReturnStatement(n.body)]);
        return factory.updateArrowFunction(n, n.modifiers, undefined, n.parameters, undefined, n.equalsGreaterThanToken, keeping(body));
      }
      if (ts.isFunctionExpression(n) && isAsync(n))
        return factory.updateFunctionExpression(n, n.modifiers, n.asteriskToken, n.name, undefined, n.parameters, undefined, keeping(n.body));
      if (ts.isFunctionDeclaration(n) && n.body && isAsync(n))
        return factory.updateFunctionDeclaration(n, n.modifiers, n.asteriskToken, n.name, undefined, n.parameters, undefined, keeping(n.body));
      if (ts.isMethodDeclaration(n) && n.body && isAsync(n))
        return factory.updateMethodDeclaration(n, n.modifiers, n.asteriskToken, n.name, undefined, undefined, n.parameters, undefined, keeping(n.body));
      return undefined;
    }

    let functions = 0;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const isFunction = ts.isFunctionLike(node);
      if (isFunction) functions++;
      const n = ts.visitEachChild(node, visit, context);
      if (isFunction) functions--;
      if (functions === 0 && (ts.isAwaitExpression(n) || (ts.isForOfStatement(n) && n.awaitModifier))) onTopLevelAwait();
      if (ts.isAwaitExpression(n)) return factory.createParenthesizedExpression(factory.createComma(call('checkpoint', node, signal), n));
      return loop(n) ?? asyncFunction(n) ?? n;
    };
    return file => {
      const visited = ts.visitEachChild(file, visit, context);
      return factory.updateSourceFile(visited, [constant(signal, 'signal'), constant(stop, 'stop'), ...visited.statements]);
    };
  };
}
