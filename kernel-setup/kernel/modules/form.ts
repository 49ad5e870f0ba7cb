/** Whether a file is an ES module or CommonJS, and what it says. */
import path from 'node:path';
import { parseSync, type ParseResult } from 'oxc-parser';
import { contentOf, isTypeScript, languageOf, type Content } from '../syntax/files';
import { packageOf } from './places';

export interface Source extends Content {
  file: string;
  form: 'es' | 'commonjs' | 'json';
  /** Not for JSON. */
  parsed?: ParseResult;
}

const parse = (file: string, text: string, sourceType: 'module' | 'commonjs') =>
  parseSync(file, text, { lang: languageOf(file), sourceType });

/** Words that only CommonJS knows, in TypeScript that is else written as an ES module. */
function isMixed({ program, module }: ParseResult, text: string): boolean {
  const own = program.body.some(
    ({ type, ...statement }) =>
      type === 'TSExportAssignment' ||
      (type === 'TSImportEqualsDeclaration' &&
        (statement as any).moduleReference.type === 'TSExternalModuleReference' &&
        (statement as any).importKind !== 'type'),
  );
  return own || (module.staticExports.length === 0 && /(?<![\w$.])(?:module\.exports|exports\.[\w$]+\s*=)/.test(text));
}

/** As Node.js decides it; TypeScript may be written in either way, whatever its package says. */
function understand(file: string, text: string): Pick<Source, 'form' | 'parsed'> {
  const ending = path.extname(file);
  const module = parse(file, text, 'module');
  if (ending === '.mjs' || ending === '.mts') return { form: 'es', parsed: module };
  if (ending !== '.cjs' && ending !== '.cts') {
    const isMixedUp = isTypeScript(file) && isMixed(module, text);
    if (!isMixedUp && (module.module.hasModuleSyntax || packageOf(file)?.type === 'module'))
      return { form: 'es', parsed: module };
    if (isMixedUp && module.module.hasModuleSyntax) return { form: 'commonjs', parsed: module };
  } else if (ending === '.cts' && module.module.hasModuleSyntax) return { form: 'commonjs', parsed: module };
  const script = parse(file, text, 'commonjs');
  // `await` outside functions is the one thing that only a module without imports and exports can have.
  return script.errors.length > 0 && module.errors.length === 0 && ending !== '.cjs'
    ? { form: 'es', parsed: module }
    : { form: 'commonjs', parsed: script };
}

const sources = new Map<string, Source>();

/** A file as it is now; undefined where there is none, and for other files than modules. */
export function sourceOf(file: string): Source | undefined {
  const isJson = file.endsWith('.json');
  const content = isJson || languageOf(file) ? contentOf(file) : undefined;
  if (!content) return undefined;
  let source = sources.get(file);
  if (source?.hash !== content.hash) {
    const { text, hash } = content;
    source = { file, text, hash, ...(isJson ? { form: 'json' as const } : understand(file, text)) };
    sources.set(file, source);
  }
  return source;
}
