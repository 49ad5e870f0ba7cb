/** Compiled cells with the points at which the stop button ends them. */
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
  /** The same before an await of the cell's own, whose location it keeps. */
  waiting(signal: AbortSignal): void;
}

/** What writes a cell's code anew. */
interface Tools {
  ts: typeof TypeScript;
  factory: TypeScript.NodeFactory;
}

/** The constants of each cell: the signal that held when the function at hand was called, and what tells to stop. */
const [signal, stop] = ['__signal__', '__stop__'];

const own = ({ factory }: Tools, member: keyof StopCalls) =>
  factory.createPropertyAccessExpression(factory.createIdentifier('__tslab__'), member);

const call = (tools: Tools, member: 'checkpoint' | 'waiting', at: TypeScript.Node) =>
  tools.ts.setSourceMapRange(
    tools.factory.createCallExpression(own(tools, member), undefined, [tools.factory.createIdentifier(signal)]),
    at,
  );

function constant(tools: Tools, name: string, member: keyof StopCalls): TypeScript.Statement {
  const { ts, factory } = tools;
  const declaration = factory.createVariableDeclaration(name, undefined, undefined, own(tools, member));
  const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
  return factory.createVariableStatement(undefined, list);
}

function stopHere({ ts, factory }: Tools, at: TypeScript.Node): TypeScript.Statement {
  const flag = factory.createIdentifier(stop);
  const reached = factory.createCallExpression(factory.createPropertyAccessExpression(flag, 'reached'), undefined, []);
  return factory.createIfStatement(
    factory.createElementAccessExpression(flag, 0),
    factory.createThrowStatement(ts.setSourceMapRange(reached, at)),
  );
}

const turn = (tools: Tools, body: TypeScript.Statement, before: TypeScript.Statement[] = []) =>
  tools.factory.createBlock([stopHere(tools, body), ...before, body], true);

function begin(tools: Tools, n: TypeScript.HasModifiers, body: TypeScript.Block): TypeScript.Block {
  const isAsync = n.modifiers?.some(m => m.kind === tools.ts.SyntaxKind.AsyncKeyword);
  const keep = isAsync ? [constant(tools, signal, 'signal')] : [];
  return tools.factory.createBlock([stopHere(tools, n), ...keep, ...body.statements], true);
}

/** A loop with a stop point in each turn; undefined for anything else. */
function loop(tools: Tools, n: TypeScript.Node): TypeScript.Node | undefined {
  const { ts, factory } = tools;
  if (ts.isWhileStatement(n)) return factory.updateWhileStatement(n, n.expression, turn(tools, n.statement));
  if (ts.isDoStatement(n)) return factory.updateDoStatement(n, turn(tools, n.statement), n.expression);
  if (ts.isForStatement(n))
    return factory.updateForStatement(n, n.initializer, n.condition, n.incrementor, turn(tools, n.statement));
  if (ts.isForInStatement(n))
    return factory.updateForInStatement(n, n.initializer, n.expression, turn(tools, n.statement));
  if (!ts.isForOfStatement(n)) return undefined;
  const before = n.awaitModifier ? [factory.createExpressionStatement(call(tools, 'checkpoint', n.statement))] : [];
  return factory.updateForOfStatement(
    n,
    n.awaitModifier,
    n.initializer,
    n.expression,
    turn(tools, n.statement, before),
  );
}

/** A function that begins with a stop point; undefined for anything else. */
function called(tools: Tools, n: TypeScript.Node): TypeScript.Node | undefined {
  const { ts, factory } = tools;
  if (ts.isArrowFunction(n)) {
    const body = ts.isBlock(n.body) ? n.body : factory.createBlock([factory.createReturnStatement(n.body)]);
    return factory.updateArrowFunction(
      n,
      n.modifiers,
      undefined,
      n.parameters,
      undefined,
      n.equalsGreaterThanToken,
      begin(tools, n, body),
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
      begin(tools, n, n.body),
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
      begin(tools, n, n.body),
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
      begin(tools, n, n.body),
    );
  return undefined;
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
    const tools = { ts, factory };
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
          factory.createComma(call(tools, functions === 0 ? 'waiting' : 'checkpoint', node), n),
        );
      return loop(tools, n) ?? called(tools, n) ?? n;
    };
    return file => {
      const visited = ts.visitEachChild(file, visit, context);
      return factory.updateSourceFile(visited, [
        constant(tools, signal, 'signal'),
        constant(tools, stop, 'stop'),
        ...visited.statements,
      ]);
    };
  };
}
