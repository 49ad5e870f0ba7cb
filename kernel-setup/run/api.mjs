/** The reference of the library: what its door exports, by rooms, as its docstrings tell it. */
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** @typedef {import('typescript').Symbol} Symbol @typedef {{ name: string, symbol: Symbol, room: string }} Exported */

/** @type {Record<string, string>} */
const rooms = {
  train: 'Training',
  compile: 'Programs, runs and rows',
  plot: 'Figures',
  notebook: 'Parameters, claims, tables',
  math: 'Mathematics',
  base: 'Arrays, random numbers, files',
};

/**
 * The page, in Markdown.
 * @param {string} root
 */
export function apiPage(root) {
  const ts = /** @type {typeof import('typescript')} */ (require('typescript'));
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const index = path.join(root, 'src', 'index.ts');
  const program = ts.createProgram([index], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const door = /** @type {Symbol} */ (checker.getSymbolAtLocation(/** @type {any} */ (program.getSourceFile(index))));
  const all = exportsOf(ts, checker, path.join(root, 'src'), door, '');
  const named = typesNamedBy(ts, checker, path.join(root, 'src'), all);
  const parts = Object.entries({ ...rooms, named: 'Types named above, without an export' }).map(([room, title]) => {
    const own = [...all, ...named]
      .filter(one => one.room === room)
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    const links = own.map(({ name }) => `[${name}](#${anchor(name)})`).join(' · ');
    return [`## ${title}`, links, ...own.map(one => entry(ts, checker, one))].join('\n\n');
  });
  return `${[head, ...parts].join('\n\n')}\n`;
}

const head = `# Reference

What \`import { ... } from 'widenet'\` offers, made from the docstrings by \`npm run format\`; in JupyterLab, Shift+Tab shows the same. A value behind \`// ->\` is what the line before it gives: tests run every example. \`tf\` is [TensorFlow.js](https://js.tensorflow.org/api/latest/), whose reference is its own.`;

/** The anchor that GitHub gives a heading. @param {string} name */
const anchor = name => name.toLowerCase().replaceAll('.', '');

/**
 * @param {typeof import('typescript')} ts @param {import('typescript').TypeChecker} checker @param {string} source
 * @param {Symbol} module @param {string} prefix
 * @returns {Exported[]}
 */
function exportsOf(ts, checker, source, module, prefix) {
  return checker.getExportsOfModule(module).flatMap(given => {
    const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
    const file = symbol.declarations?.[0].getSourceFile().fileName ?? '';
    const [room] = path.relative(source, file).split(path.sep);
    const name = prefix + given.name;
    // `tf` documents itself. What a namespace holds too is listed once, by its shorter name.
    if (given.name === 'tf' || !Object.hasOwn(rooms, room)) return [];
    if (symbol.flags & ts.SymbolFlags.ValueModule) return exportsOf(ts, checker, source, symbol, `${name}.`);
    return [{ name, symbol, room }];
  });
}

/**
 * The types of the library that declarations name and its door does not have, and those that these name.
 * @param {typeof import('typescript')} ts @param {import('typescript').TypeChecker} checker @param {string} source
 * @param {readonly Exported[]} all
 * @returns {Exported[]}
 */
function typesNamedBy(ts, checker, source, all) {
  const seen = new Set(all.map(({ symbol }) => symbol));
  /** @type {Exported[]} */
  const found = [];
  /** @param {import('typescript').Node} node */
  const visit = node => {
    if (ts.isBlock(node) || ts.isClassDeclaration(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const given = checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression);
      const symbol = given && given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
      const declared = symbol?.declarations?.[0];
      const isOurs = declared?.getSourceFile().fileName.startsWith(source) && !ts.isTypeParameterDeclaration(declared);
      if (symbol && isOurs && !seen.has(symbol)) {
        seen.add(symbol);
        found.push({ name: symbol.name, symbol, room: 'named' });
        symbol.declarations?.forEach(visit);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const { symbol } of all) symbol.declarations?.forEach(visit);
  return found;
}

/**
 * @param {typeof import('typescript')} ts @param {import('typescript').TypeChecker} checker @param {Exported} exported
 */
function entry(ts, checker, { name, symbol }) {
  const examples = symbol.getJsDocTags(checker).filter(tag => tag.name === 'example');
  const code = (/** @type {string} */ text) => `\`\`\`ts\n${text.trim()}\n\`\`\``;
  return [
    `### ${name}`,
    code((symbol.declarations ?? []).flatMap(node => signature(ts, checker, node)).join('\n')),
    prose(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    ...examples.map(tag => code(ts.displayPartsToString(tag.text))),
  ].join('\n\n');
}

/**
 * How something is declared, without what it does.
 * @param {typeof import('typescript')} ts @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Declaration} node
 * @returns {string[]}
 */
function signature(ts, checker, node) {
  const text = node.getText().replace(/^export /, '');
  if (ts.isFunctionDeclaration(node)) {
    const overloaded = /** @type {any} */ (node).symbol.declarations.length > 1;
    if (!node.body) return [text];
    return overloaded
      ? []
      : [text.slice(0, node.body.getStart() - node.getStart() - (node.getText().length - text.length))];
  }
  if (ts.isVariableDeclaration(node)) {
    const type = checker.getTypeAtLocation(node);
    return [`const ${node.name.getText()}: ${checker.typeToString(type, node, ts.TypeFormatFlags.NoTruncation)}`];
  }
  if (ts.isClassDeclaration(node)) return [`class ${node.name?.text}`];
  return [text];
}

/** Text of a docstring as Markdown: signs of arithmetic are no markup. @param {string} text */
const prose = text =>
  text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 ? part : part.replace(/[*<>|\\]|\b_|_\b/g, sign => `\\${sign}`)))
    .join('');
