/** Writes into a cell's TypeScript the points at which the stop button ends it; what they call is in calls.ts. */
import type MagicString from 'magic-string';
import type { Program } from '../syntax/oxc';
import { childrenOf } from '../syntax/walk';

/** A node of the syntax tree, whichever it is. */
export type Tree = { type: string; start: number; end: number } & Record<string, any>;

/** Where a node stands. */
interface Place {
  /** Outside all functions. */
  readonly top: boolean;
  /** Inside something that cleans up when an error passes: a pending `await` is then ended by an error. */
  readonly guarded: boolean;
}

interface Work {
  readonly edits: MagicString;
  /** Awaits whose value a variable receives, or a caller: what heeds the stop button still gives it. */
  readonly receiving: Set<Tree>;
}

/** Busy code only. */
const inLoop = 'if (__stop__[0]) __stop__.reached();';
/** Also what a stopped cell has left behind. */
const anywhere = 'if (__stop__[1]) __stop__.reached();';

/** Numbers the awaits of all cells. */
let awaits = 0;

/** Puts texts around a node. Outer nodes come first: what is put around inner ones goes inside. */
function around({ edits }: Work, { start, end }: Tree, before: string, after: string): void {
  edits.appendRight(start, before);
  edits.prependLeft(end, after);
}

/** Begins the body of a function, or of a loop, with a stop point. */
function beginBlock({ edits }: Work, body: Tree, point: string): void {
  const directive = body.body.findLast((statement: Tree) => statement.directive);
  edits.appendLeft(directive?.end ?? body.start + 1, directive ? `;${point}` : point);
}

function beginFunction(work: Work, node: Tree): void {
  const { body } = node;
  if (!body) return;
  if (body.type === 'BlockStatement') beginBlock(work, body, anywhere);
  else {
    around(work, body, `{${anywhere}return (`, ');}');
    const value = awaited(isFilling(body) ? lastPart(body) : body);
    if (value) work.receiving.add(value);
  }
}

function beginTurn(work: Work, { body }: Tree): void {
  if (body.type === 'BlockStatement') beginBlock(work, body, inLoop);
  else {
    around(work, body, `{${inLoop}`, '}');
    list(work, [body], false);
  }
}

const wrappers = new Set([
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
]);

/** What is evaluated for an array, an object or the arguments of a call, in order. */
function partsOf(node: Tree): Tree[] {
  const part = (each: Tree): Tree => {
    if (each.type === 'SpreadElement' && each.argument.type !== 'Identifier') return each.argument;
    return each.type === 'Property' && !each.computed ? each.value : each;
  };
  return (node.elements ?? node.properties ?? node.arguments).filter(Boolean).map(part);
}

/** The await that an expression ends in as it is evaluated: all that follows is to make or to fill a collection. */
function awaited(expression: Tree | null): Tree | undefined {
  for (let node = expression; node; )
    if (node.type === 'AwaitExpression') return node;
    else if (wrappers.has(node.type)) node = node.expression;
    else if (node.type === 'MemberExpression' && !node.computed) node = node.object;
    else if (/^(Array|Object)Expression$/.test(node.type)) node = lastPart(node);
    else return undefined;
  return undefined;
}

/** The last part that does anything. */
const lastPart = (node: Tree): Tree | null =>
  partsOf(node)
    .reverse()
    .find(({ type }) => !/^(Identifier|Literal)$/.test(type)) ?? null;

const filling = new Set(['push', 'unshift', 'set', 'add']);

/** Whether an expression puts its arguments into a list, a map or a set, as far as the name of the method says. */
const isFilling = ({ type, callee }: Tree) =>
  type === 'CallExpression' &&
  callee.type === 'MemberExpression' &&
  !callee.computed &&
  filling.has(callee.property.name);

/** The await whose value a statement puts into variables or collections, as the last thing that it does. */
function received(statement: Tree): Tree | undefined {
  if (statement.type === 'ExportNamedDeclaration') return statement.declaration && received(statement.declaration);
  if (statement.type === 'VariableDeclaration') return awaited(statement.declarations.at(-1).init);
  if (statement.type !== 'ExpressionStatement') return undefined;
  let { expression } = statement;
  while (wrappers.has(expression.type)) expression = expression.expression;
  if (isFilling(expression)) return awaited(lastPart(expression));
  return expression.type === 'AssignmentExpression' && expression.operator === '='
    ? awaited(expression.right)
    : undefined;
}

/** `return` alone, or of a variable: it hands on what has just been received. */
const handsOn = (statement: Tree | undefined) =>
  statement?.type === 'ReturnStatement' && (!statement.argument || statement.argument.type === 'Identifier');

/** Statements one after another: behind one that receives a value stands a stop point. */
function list(work: Work, statements: Tree[], isProgram: boolean): void {
  statements.forEach((statement, i) => {
    // An import waits for its module.
    if (statement.type === 'ImportDeclaration') work.edits.prependLeft(statement.end, `;${anywhere}`);
    const value = received(statement);
    if (!value) return;
    work.receiving.add(value);
    const next = statements[i + 1];
    // The value of a cell is that of its last statement.
    const isResult = isProgram && !next && statement.type === 'ExpressionStatement';
    if (!isResult && !handsOn(next)) work.edits.prependLeft(statement.end, `;${anywhere}`);
  });
}

const isUsing = ({ type, kind }: Tree) => type === 'VariableDeclaration' && /using/.test(kind);

/** What `using` disposes of at the end of a block is a clean-up. */
function disposals({ edits }: Work, statements: Tree[]): void {
  const declarations = statements.filter(isUsing);
  if (declarations.length === 0) return;
  const number = awaits++;
  edits.appendLeft(declarations[0].start, `using __end${number}__ = __stop__.disposed();`);
  declarations.forEach(({ end }, i) =>
    edits.prependLeft(end, `;using __begin${number}_${i}__ = __stop__.disposing(__end${number}__);`),
  );
}

function waitHere(work: Work, node: Tree, { top, guarded }: Place): void {
  const number = awaits++;
  const isReceiving = work.receiving.has(node);
  around(work, node, `__stop__.${isReceiving ? 'take' : 'got'}(`, ')');
  const calls = [guarded ? 'until' : '', top ? 'waiting' : ''].filter(Boolean).map(name => `__stop__.${name}(`);
  const patience = guarded && isReceiving ? ', true' : '';
  const ends = calls.map((_, i) => `, ${number}${i === calls.length - 1 ? patience : ''})`);
  around(work, node.argument, calls.join(''), ends.join(''));
}

function iterateHere(work: Work, { right }: Tree, { top, guarded }: Place): void {
  if (guarded || top) around(work, right, '__stop__.each(', `, ${awaits++}, ${guarded})`);
  if (top) around(work, right, '__stop__.waiting(', `, ${awaits++})`);
}

/** Whether a function's own code, not that of functions in it, has a node of one of these types. */
function has(node: Tree, ...types: string[]): boolean {
  return childrenOf(node).some(
    child =>
      types.includes(child.type) ||
      (child.type === 'ForOfStatement' && child.await && types.includes('AwaitExpression')) ||
      (!isFunction(child) && has(child, ...types)),
  );
}

/** Stop points that are reached in a `finally` block, functions called there included, do not end it. */
function cleanUp({ edits }: Work, block: Tree): void {
  if (has(block, 'YieldExpression')) return;
  const isLong = has(block, 'AwaitExpression');
  const [begin, end] = isLong
    ? ['const __cleaning__ = __stop__.enter();', '__stop__.leave(__cleaning__);']
    : ['__stop__[2]++;', '__stop__[2]--;'];
  edits.appendLeft(block.start + 1, `${begin}try {`);
  edits.appendRight(block.end - 1, `} finally {${end}}`);
}

/** What a stopped cell catches is not its to handle. */
function caughtHere({ edits }: Work, { start, param, body }: Tree): void {
  if (!param) edits.appendLeft(start + 'catch'.length, ' (__caught__)');
  const name = param ? (param.type === 'Identifier' ? param.name : '') : '__caught__';
  edits.appendLeft(body.start + 1, `__stop__.caught(${name});`);
}

const isFunction = ({ type }: Tree) => /^(Arrow)?Function(Expression|Declaration)$/.test(type);
const isLoop = ({ type }: Tree) => /^(While|DoWhile|For|ForIn|ForOf)Statement$/.test(type);

/** What stands inside a node, and where that is. */
function* inside(node: Tree, place: Place): Generator<[Tree, Place]> {
  const guarded = { ...place, guarded: true };
  for (const child of childrenOf(node)) {
    if (isFunction(node)) yield [child, { top: false, guarded: false }];
    else if (node.type === 'TryStatement') yield [child, node.finalizer && child !== node.finalizer ? guarded : place];
    else if (node.type === 'ForOfStatement' && node.await) yield [child, child === node.body ? guarded : place];
    else if (/^(Program|BlockStatement|StaticBlock)$/.test(node.type) && node.body.some(isUsing))
      yield [child, guarded];
    else yield [child, place];
  }
}

function visit(work: Work, node: Tree, place: Place): void {
  if (isFunction(node)) beginFunction(work, node);
  if (isLoop(node)) beginTurn(work, node);
  if (Array.isArray(node.body)) list(work, node.body, node.type === 'Program');
  if (node.type === 'BlockStatement') disposals(work, node.body);
  if (node.type === 'SwitchCase') list(work, node.consequent, false);
  if (node.type === 'ReturnStatement' && awaited(node.argument)) work.receiving.add(awaited(node.argument)!);
  if (node.type === 'AwaitExpression') waitHere(work, node, place);
  if (node.type === 'ForOfStatement' && node.await) iterateHere(work, node, place);
  if (node.type === 'TryStatement' && node.finalizer) cleanUp(work, node.finalizer);
  if (node.type === 'CatchClause') caughtHere(work, node);
  for (const [child, where] of inside(node, place)) visit(work, child, where);
}

/**
 * Each function and each turn of a loop begins with a stop point, which costs half a nanosecond; behind each `await`,
 * in each `catch` and around each `finally` block stand calls that keep a stopped cell from going on.
 */
export function addStopPoints(edits: MagicString, program: Program): void {
  visit({ edits, receiving: new Set() }, program as unknown as Tree, { top: true, guarded: false });
}
