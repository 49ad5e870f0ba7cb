/** The parameters that a notebook declares, read from its source: nothing in it is run. */
import { createRequire } from 'node:module';
import { library } from './library.mjs';
import { sourceOf } from './notebooks.mjs';

const require = createRequire(import.meta.url);

/**
 * `problem` says, with its line, what in the declaration is not a constant; such parameters are checked when they run.
 * @typedef {{ quick: Record<string, unknown>, full?: Record<string, unknown> }} Parameters
 * @typedef {{ parameters?: Parameters, problem?: string }} Declaration
 */

/** An expression that is not a constant. */
class Unreadable extends Error {}

/**
 * What a notebook gives to `params` in its cell tagged `parameters`: literals, lists, plain objects, and arithmetic on
 * numbers. Empty when no such cell calls `params`.
 * @param {import('./notebooks.mjs').Notebook} notebook @returns {Declaration}
 */
export function declared(notebook) {
  const ts = /** @type {typeof import('typescript')} */ (require('typescript'));
  const cell = notebook.cells.find(c => c.cell_type === 'code' && c.metadata?.tags?.includes('parameters'));
  if (!cell) return {};
  const file = ts.createSourceFile('cell.ts', sourceOf(cell), ts.ScriptTarget.ES2022, true);
  /** @param {import('typescript').Node} node @returns {import('typescript').CallExpression | undefined} */
  const call = node =>
    ts.isCallExpression(node) && node.expression.getText() === 'params' ? node : ts.forEachChild(node, call);
  const [argument] = call(file)?.arguments ?? [];
  if (!argument) return {};
  try {
    const value = fold(ts, argument);
    const { isObject } = library('base/check');
    if (!isObject(value) || !isObject(value.quick) || !(value.full === undefined || isObject(value.full)))
      throw unreadable(argument, 'is not of the form { quick: { ... }, full: { ... } }');
    return { parameters: /** @type {Parameters} */ (value) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problem: error.message };
  }
}

/** @param {import('typescript').Node} node @param {string} what */
function unreadable(node, what) {
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  const text = node.getText().replace(/\s+/g, ' ');
  return new Unreadable(
    `line ${line + 1} of its parameters cell: ${text.length > 60 ? `${text.slice(0, 57)}...` : text} ${what}`,
  );
}

/**
 * The value of a constant expression.
 * @param {typeof import('typescript')} ts @param {import('typescript').Expression} node @returns {unknown}
 */
function fold(ts, node) {
  const inner = (/** @type {import('typescript').Expression} */ n) => fold(ts, n);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return inner(node.expression);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return node.kind === ts.SyntaxKind.TrueKeyword;
  if (ts.isPrefixUnaryExpression(node)) return unary(ts, node, inner(node.operand));
  if (ts.isBinaryExpression(node)) return binary(ts, node, inner(node.left), inner(node.right));
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(inner);
  if (ts.isObjectLiteralExpression(node)) return object(ts, node);
  const constant = /^Math\.([A-Z]\w*)$/.exec(node.getText())?.[1];
  if (constant && Object.hasOwn(Math, constant)) return Math[/** @type {'PI'} */ (constant)];
  throw unreadable(node, 'is not a constant');
}

/**
 * @param {typeof import('typescript')} ts @param {import('typescript').PrefixUnaryExpression} node
 * @param {unknown} value
 */
function unary(ts, node, value) {
  if (typeof value === 'number' && node.operator === ts.SyntaxKind.MinusToken) return -value;
  if (typeof value === 'number' && node.operator === ts.SyntaxKind.PlusToken) return value;
  throw unreadable(node, 'is not arithmetic on numbers');
}

/**
 * @param {typeof import('typescript')} ts @param {import('typescript').BinaryExpression} node @param {unknown} a
 * @param {unknown} b
 */
function binary(ts, node, a, b) {
  const operators = new Map([
    [ts.SyntaxKind.PlusToken, (/** @type {number} */ x, /** @type {number} */ y) => x + y],
    [ts.SyntaxKind.MinusToken, (x, y) => x - y],
    [ts.SyntaxKind.AsteriskToken, (x, y) => x * y],
    [ts.SyntaxKind.SlashToken, (x, y) => x / y],
    [ts.SyntaxKind.PercentToken, (x, y) => x % y],
    [ts.SyntaxKind.AsteriskAsteriskToken, (x, y) => x ** y],
  ]);
  const operator = operators.get(/** @type {any} */ (node.operatorToken.kind));
  if (!operator || typeof a !== 'number' || typeof b !== 'number')
    throw unreadable(node, 'is not arithmetic on numbers');
  return operator(a, b);
}

/** @param {typeof import('typescript')} ts @param {import('typescript').ObjectLiteralExpression} node */
function object(ts, node) {
  const entries = node.properties.map(property => {
    if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name))
      throw unreadable(property, 'is not of the form name: constant');
    const name = /** @type {import('typescript').Identifier} */ (property.name).text;
    if (name === '__proto__') throw unreadable(property, 'is no parameter: the name is taken by JavaScript');
    return [name, fold(ts, property.initializer)];
  });
  return Object.fromEntries(entries);
}
