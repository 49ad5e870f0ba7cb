/**
 * Completion, inspection and is_complete. Positions count code points, as the protocol does; TypeScript counts UTF-16
 * units.
 */
import { createRequire } from 'node:module';
import type * as TypeScript from 'typescript';
import { isCompleteCode } from 'tslab/dist/converter';
import { printQuickInfo } from 'tslab/dist/inspect';
import type { Cells } from './cells';

const ts = createRequire(require.resolve('tslab'))('@tslab/typescript-for-tslab') as typeof TypeScript;

const toUnits = (text: string, points: number) => Array.from(text).slice(0, points).join('').length;
const toPoints = (text: string, units: number) => Array.from(text.slice(0, units)).length;

/** complete_reply; each match has its kind as `_jupyter_types_experimental`, which JupyterLab shows. */
export function complete(cells: Cells, { code, cursor_pos }: Record<string, any>) {
  const { start, end, candidates, original } = cells.complete(code, toUnits(code, cursor_pos));
  const kinds = new Map(original?.entries.map(entry => [entry.name, entry.kind]));
  const [cursor_start, cursor_end] = [toPoints(code, start), toPoints(code, end)];
  const types = candidates.map(text => ({ text, type: kinds.get(text) ?? '', start: cursor_start, end: cursor_end }));
  return {
    status: 'ok',
    matches: candidates,
    cursor_start,
    cursor_end,
    metadata: { _jupyter_types_experimental: types },
  };
}

/** The end of the called function's name, when the position is among the arguments of a call. */
function calleeAt(code: string, position: number): number | undefined {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  let found: number | undefined;
  const visit = (node: TypeScript.Node): void => {
    if (position < node.pos || position > node.end) return;
    if (ts.isCallExpression(node) && position > node.expression.end) found = node.expression.end;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** inspect_reply: signature and docstring of the name at the cursor, or of the function whose arguments it is in. */
export function inspect(cells: Cells, { code, cursor_pos }: Record<string, any>) {
  const position = toUnits(code, cursor_pos);
  const callee = calleeAt(code, position);
  const info = cells.inspect(code, position) ?? (callee === undefined ? undefined : cells.inspect(code, callee - 1));
  if (!info) return { status: 'ok', found: false, data: {}, metadata: {} };
  const text = printQuickInfo(info as never)
    .replace(/^\(alias\) /, '')
    .replace(/\nimport \S+$/m, '');
  const [signature, ...rest] = text.split('\n\n');
  const docs = rest.join('\n\n');
  const markdown = `\`\`\`typescript\n${signature}\n\`\`\`\n${docs.replace(/\n/g, '  \n')}`;
  return { status: 'ok', found: true, data: { 'text/plain': text, 'text/markdown': markdown }, metadata: {} };
}

const unterminatedTemplate = 1160;

/** is_complete_reply. */
export function isComplete({ code }: Record<string, any>) {
  const { completed, indent } = isCompleteCode(code);
  if (!completed) return { status: 'incomplete', indent };
  const { diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (diagnostics.some(d => d.code === unterminatedTemplate)) return { status: 'incomplete', indent: '' };
  return { status: diagnostics.length > 0 ? 'invalid' : 'complete' };
}
