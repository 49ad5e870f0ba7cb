/** Compiled cells with the places at which the stop button ends them. */
import type * as TypeScript from 'typescript';

/** What the compiled code calls, as `__tslab__`. */
export interface StopCalls {
  /** The interrupt signal that holds now. */
  signal: AbortSignal;
  /** Not 0 while busy code is to end. */
  stop: Int32Array & {
    /** What it then throws. */
    reached(): Error;
  };
  /** Throws when the signal is aborted. */
  checkpoint(signal: AbortSignal): void;
  /** The same before an await of the cell's own, whose place it keeps. */
  waiting(signal: AbortSignal): void;
}

/**
 * Each async function, and the cell itself, keeps the signal that holds when it is called; each `await x` becomes
 * `(__tslab__.checkpoint(signal), await x)`: what a stopped cell awaits still gives its result, and then the cell goes
 * no further. Each turn of a loop, and each function, begins with `if (stop[0]) throw stop.reached()`, which ends busy
 * code wherever it runs and tells where that was. It costs half a nanosecond.
 */
export function stoppable(
  ts: typeof TypeScript,
  onTopLevelAwait: () => void,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return context => {
    const { factory } = context;
    const [signal, stop] = ['__signal__', '__stop__'];
    const own = (member: keyof StopCalls) =>
      factory.createPropertyAccessExpression(factory.createIdentifier('__tslab__'), member);
    const call = (member: keyof StopCalls, at: TypeScript.Node, ...names: string[]) =>
      ts.setSourceMapRange(
        factory.createCallExpression(
          own(member),
          undefined,
          names.map(name => factory.createIdentifier(name)),
        ),
        at,
      );
    const constant = (name: string, member: keyof StopCalls) =>
      factory.createVariableStatement(
        undefined,
        factory.createVariableDeclarationList(
          [factory.createVariableDeclaration(name, undefined, undefined, own(member))],
          ts.NodeFlags.Const,
        ),
      );
    const isAsync = (node: TypeScript.HasModifiers) =>
      node.modifiers?.some(m => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
    const stopHere = (at: TypeScript.Node) => {
      const flag = factory.createIdentifier(stop);
      const reached = factory.createCallExpression(
        factory.createPropertyAccessExpression(flag, 'reached'),
        undefined,
        [],
      );
      return factory.createIfStatement(
        factory.createElementAccessExpression(flag, 0),
        factory.createThrowStatement(ts.setSourceMapRange(reached, at)),
      );
    };
    const turn = (body: TypeScript.Statement, before: TypeScript.Statement[] = []) =>
      factory.createBlock([stopHere(body), ...before, body], true);
    const begin = (n: TypeScript.HasModifiers, body: TypeScript.Block) =>
      factory.createBlock([stopHere(n), ...(isAsync(n) ? [constant(signal, 'signal')] : []), ...body.statements], true);

    function loop(n: TypeScript.Node): TypeScript.Node | undefined {
      if (ts.isWhileStatement(n)) return factory.updateWhileStatement(n, n.expression, turn(n.statement));
      if (ts.isDoStatement(n)) return factory.updateDoStatement(n, turn(n.statement), n.expression);
      if (ts.isForStatement(n))
        return factory.updateForStatement(n, n.initializer, n.condition, n.incrementor, turn(n.statement));
      if (ts.isForInStatement(n))
        return factory.updateForInStatement(n, n.initializer, n.expression, turn(n.statement));
      if (!ts.isForOfStatement(n)) return undefined;
      const before = n.awaitModifier
        ? [factory.createExpressionStatement(call('checkpoint', n.statement, signal))]
        : [];
      return factory.updateForOfStatement(n, n.awaitModifier, n.initializer, n.expression, turn(n.statement, before));
    }

    function called(n: TypeScript.Node): TypeScript.Node | undefined {
      if (ts.isArrowFunction(n)) {
        const body = ts.isBlock(n.body) ? n.body : factory.createBlock([factory.createReturnStatement(n.body)]);
        return factory.updateArrowFunction(
          n,
          n.modifiers,
          undefined,
          n.parameters,
          undefined,
          n.equalsGreaterThanToken,
          begin(n, body),
        );
      }
      if (ts.isFunctionExpression(n))
        return factory.updateFunctionExpression(
          n,
          n.modifiers,
          n.asteriskToken,
          n.name,
          undefined,
          n.parameters,
          undefined,
          begin(n, n.body),
        );
      if (ts.isFunctionDeclaration(n) && n.body)
        return factory.updateFunctionDeclaration(
          n,
          n.modifiers,
          n.asteriskToken,
          n.name,
          undefined,
          n.parameters,
          undefined,
          begin(n, n.body),
        );
      if (ts.isMethodDeclaration(n) && n.body)
        return factory.updateMethodDeclaration(
          n,
          n.modifiers,
          n.asteriskToken,
          n.name,
          undefined,
          undefined,
          n.parameters,
          undefined,
          begin(n, n.body),
        );
      return undefined;
    }

    let functions = 0;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const isFunction = ts.isFunctionLike(node);
      if (isFunction) functions++;
      const n = ts.visitEachChild(node, visit, context);
      if (isFunction) functions--;
      if (functions === 0 && (ts.isAwaitExpression(n) || (ts.isForOfStatement(n) && n.awaitModifier)))
        onTopLevelAwait();
      if (ts.isAwaitExpression(n))
        return factory.createParenthesizedExpression(
          factory.createComma(call(functions === 0 ? 'waiting' : 'checkpoint', node, signal), n),
        );
      return loop(n) ?? called(n) ?? n;
    };
    return file => {
      const visited = ts.visitEachChild(file, visit, context);
      return factory.updateSourceFile(visited, [
        constant(signal, 'signal'),
        constant(stop, 'stop'),
        ...visited.statements,
      ]);
    };
  };
}
