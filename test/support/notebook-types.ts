/** The type check of notebooks' cells: strict, as the library's own, although the kernel runs them without it. */
import path from 'node:path';
import ts from 'typescript';
import { codeCell } from '../../kernel-setup/run/cell-format.mjs';
import { sourceOf, type Notebook } from '../../kernel-setup/run/notebooks.mjs';
import { root } from './notebooks';

interface Origin {
  cell: number;
  line: number;
}

/**
 * The code cells as one module. A cell lies in a block inside the block of the cell before it: so it sees what was
 * declared before it and nothing that comes later, and may declare a name anew, as in the kernel. Imports go to the
 * top, once each.
 */
export function asModule(notebook: Notebook): { code: string; origins: Origin[] } {
  const imports: string[] = [];
  const importedAt: Origin[] = [];
  const body: string[] = [];
  const bodyAt: Origin[] = [];
  const imported = new Set<string>();
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== 'code') continue;
    const number = codeCell(notebook, index);
    const { code, taken } = withoutImports(sourceOf(cell));
    for (const { text, line } of taken.filter(({ text }) => !imported.has(text))) {
      imported.add(text);
      imports.push(text);
      importedAt.push({ cell: number, line });
    }
    code.split('\n').forEach((text, line) => {
      body.push(line === 0 ? `{ ${text}` : text);
      bodyAt.push({ cell: number, line: line + 1 });
    });
  }
  const ends = '}'.repeat(notebook.cells.filter(cell => cell.cell_type === 'code').length);
  return { code: ['export {};', ...imports, ...body, ends].join('\n'), origins: [...importedAt, ...bodyAt] };
}

/** The code with its imports blanked out, and each imported name as an import of its own, with its line. */
function withoutImports(source: string): { code: string; taken: { text: string; line: number }[] } {
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true);
  const taken: { text: string; line: number }[] = [];
  let code = source;
  for (const node of file.statements.filter(ts.isImportDeclaration)) {
    const [from, type] = [node.moduleSpecifier.getText(), node.importClause?.isTypeOnly ? 'type ' : ''];
    const bindings = node.importClause?.namedBindings;
    const lineOf = (part: ts.Node) => file.getLineAndCharacterOfPosition(part.getStart()).line + 1;
    if (bindings && ts.isNamedImports(bindings) && !node.importClause?.name)
      for (const name of bindings.elements)
        taken.push({ text: `import { ${type}${name.getText()} } from ${from};`, line: lineOf(name) });
    else taken.push({ text: node.getText().replace(/\s+/g, ' '), line: lineOf(node) });
    const [start, end] = [node.getStart(), node.getEnd()];
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return { code, taken };
}

/** What the strict check finds, for all notebooks in one program: `name, code cell 3, line 2: message`. */
export function typeErrors(notebooks: readonly { name: string; file: string; notebook: Notebook }[]): string[] {
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  Object.assign(options, { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler });
  const modules = new Map(notebooks.map(entry => [entry.file.replace(/ipynb$/, 'cells.ts'), entry]));
  const built = new Map([...modules].map(([file, { notebook }]) => [file, asModule(notebook)]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = file => built.has(file) || fileExists(file);
  host.readFile = file => built.get(file)?.code ?? readFile(file);
  host.getSourceFile = (file, ...rest) =>
    built.has(file)
      ? ts.createSourceFile(file, built.get(file)!.code, ts.ScriptTarget.ES2022)
      : getSourceFile(file, ...rest);
  const program = ts.createProgram([...built.keys()], options, host);
  return [...built.keys()].flatMap(file => {
    const source = program.getSourceFile(file)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const { line } = source.getLineAndCharacterOfPosition(start);
      const at = built.get(file)!.origins[line - 1];
      const where = at ? `code cell ${at.cell}, line ${at.line}` : 'the end';
      return `${modules.get(file)!.name}, ${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}
