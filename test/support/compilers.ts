/** The two compilers that see the library: the project's, and the older one that the kernel compiles cells with. */
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(__dirname, '..', '..');
const fromTslab = createRequire(createRequire(__filename).resolve('tslab'));

export const compilers: Readonly<Record<string, typeof ts>> = {
  'TypeScript of the project': ts,
  'TypeScript of the kernel': fromTslab('@tslab/typescript-for-tslab'),
};

/** The project's compiler options, of which a test may change some. */
export function projectOptions(compiler: typeof ts, changes: ts.CompilerOptions = {}): ts.CompilerOptions {
  const file = path.join(root, 'tsconfig.json');
  const { config } = compiler.readConfigFile(file, compiler.sys.readFile);
  return { ...compiler.parseJsonConfigFileContent(config, compiler.sys, root).options, ...changes };
}

/** The language service for files of the project, `sources` among them, which need not be on the disk. */
export function languageService(
  compiler: typeof ts,
  sources: Readonly<Record<string, string>>,
  options: ts.CompilerOptions = {},
): ts.LanguageService {
  const given = new Map(Object.entries(sources).map(([file, text]) => [path.join(root, file), text]));
  return compiler.createLanguageService({
    getScriptFileNames: () => [...given.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot(file) {
      const text = given.get(file) ?? compiler.sys.readFile(file);
      return text === undefined ? undefined : compiler.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => projectOptions(compiler, options),
    getDefaultLibFileName: compiler.getDefaultLibFilePath,
    fileExists: file => given.has(file) || compiler.sys.fileExists(file),
    readFile: file => given.get(file) ?? compiler.sys.readFile(file),
    directoryExists: compiler.sys.directoryExists,
    getDirectories: compiler.sys.getDirectories,
    realpath: compiler.sys.realpath,
  });
}

/** What the compiler says of these files: `file:line: message`. */
export function complaints(compiler: typeof ts, service: ts.LanguageService, files: readonly string[]): string[] {
  return files.flatMap(file => {
    const name = path.join(root, file);
    const found = [...service.getSyntacticDiagnostics(name), ...service.getSemanticDiagnostics(name)];
    return found.map(({ file: source, start, messageText }) => {
      const line = source && start !== undefined ? source.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${file}:${line}: ${compiler.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

export const inProject = (file: string) => path.join(root, file);
