/** The types of notebooks' cells, strict as the library's own, although the kernel itself does not look at them. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { Refusal } from '../shared/refusal.mjs';
import { codeCell } from './cell-format.mjs';
import { sourceOf } from './notebooks.mjs';

/**
 * @typedef {import('./notebooks.mjs').Notebook} Notebook
 * @typedef {{ name: string, file: string, notebook: Notebook }} Named
 * @typedef {{ cell: number, line: number }} Origin
 * @typedef {{ said: string, code: number }} TypeError said: `name, code cell 3, line 2: message`
 */

/** @returns {typeof import('typescript')} */
const typescript = () => createRequire(import.meta.url)('typescript');

/**
 * The code cells as one module. A cell lies in a block inside the block of the cell before it: so it sees what was
 * declared before it and nothing that comes later, and may declare a name anew, as in the kernel. Imports go to the
 * top, once each.
 * @param {Notebook} notebook @returns {{ code: string, origins: Origin[] }}
 */
export function asModule(notebook) {
  /** @type {Map<string, Origin>} */
  const imports = new Map();
  /** @type {string[]} */
  const body = [];
  /** @type {Origin[]} */
  const bodyAt = [];
  const cells = notebook.cells.flatMap((cell, index) => (cell.cell_type === 'code' ? [index] : []));
  for (const index of cells) {
    const cell = codeCell(notebook, index);
    const { code, taken } = withoutImports(sourceOf(notebook.cells[index]));
    for (const { text, line } of taken) if (!imports.has(text)) imports.set(text, { cell, line });
    code.split('\n').forEach((text, line) => {
      body.push(line === 0 ? `{ ${text}` : text);
      bodyAt.push({ cell, line: line + 1 });
    });
  }
  return {
    code: ['export {};', ...imports.keys(), ...body, '}'.repeat(cells.length)].join('\n'),
    origins: [...imports.values(), ...bodyAt],
  };
}

/**
 * The code with its imports blanked out, and each imported name as an import of its own, with its line.
 * @param {string} source
 */
function withoutImports(source) {
  const ts = typescript();
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true);
  /** @type {{ text: string, line: number }[]} */
  const taken = [];
  let code = source;
  for (const node of file.statements.filter(ts.isImportDeclaration)) {
    const [from, type] = [node.moduleSpecifier.getText(), node.importClause?.isTypeOnly ? 'type ' : ''];
    const bindings = node.importClause?.namedBindings;
    const lineOf = (/** @type {import('typescript').Node} */ part) =>
      file.getLineAndCharacterOfPosition(part.getStart()).line + 1;
    if (bindings && ts.isNamedImports(bindings) && !node.importClause?.name)
      for (const name of bindings.elements)
        taken.push({ text: `import { ${type}${name.getText()} } from ${from};`, line: lineOf(name) });
    else taken.push({ text: node.getText().replace(/\s+/g, ' '), line: lineOf(node) });
    const [start, end] = [node.getStart(), node.getEnd()];
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return { code, taken };
}

/**
 * What the strict check finds, for all notebooks in one program.
 * @param {string} root @param {readonly Named[]} notebooks @returns {TypeError[]}
 */
export function typeErrors(root, notebooks) {
  const ts = typescript();
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  Object.assign(options, { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler });
  const modules = new Map(
    notebooks.map(({ name, file, notebook }) => [file.replace(/ipynb$/, 'cells.ts'), { name, ...asModule(notebook) }]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = file => modules.has(file) || fileExists(file);
  host.readFile = file => modules.get(file)?.code ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const cells = modules.get(file);
    return cells ? ts.createSourceFile(file, cells.code, ts.ScriptTarget.ES2022) : getSourceFile(file, ...rest);
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules].flatMap(([file, { name, origins }]) => {
    const source = /** @type {import('typescript').SourceFile} */ (program.getSourceFile(file));
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText, code }) => {
      const { line } = source.getLineAndCharacterOfPosition(start);
      const at = origins[line - 1];
      const where = at ? `code cell ${at.cell}, line ${at.line}` : 'the end';
      return { said: `${name}, ${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`, code };
    });
  });
}

/** Names and properties that are not there, comparisons that no value can meet, and keys that a type does not have. */
const ofNames = new Set([2304, 2339, 2353, 2367, 2551, 2552, 2561, 2820]);
const ofText = /: (Argument of type|Type) '"/;

/**
 * Forks that still refer to what they renamed are refused before anything runs. Cells without types run as they are:
 * what the strict check says else is no reason to refuse them.
 * @param {string} root @param {readonly Named[]} forks
 */
export function checkNames(root, forks) {
  const wrong = forks.length > 0 ? typeErrors(root, forks) : [];
  const said = wrong.filter(({ said, code }) => ofNames.has(code) || ofText.test(said)).map(({ said }) => said);
  if (said.length > 0) throw new Refusal(said[0], [...said.slice(1), 'nothing was run']);
}
