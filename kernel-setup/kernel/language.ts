/** Completion and inspection. Positions count code points, as Jupyter does; JavaScript counts UTF-16 units. */
import type { Cells } from './cell/cells';
import { halfPair } from './syntax/analyse';

const toUnits = (text: string, points: number) => Array.from(text).slice(0, points).join('').length;
const toPoints = (text: string, units: number) => Array.from(text.slice(0, units)).length;

/** complete_reply; each match has its kind as `_jupyter_types_experimental`, which JupyterLab shows. */
export async function complete(cells: Cells, { code, cursor_pos }: Record<string, any>) {
  const {
    start: first,
    end: last,
    items,
  } = await cells.complete(code.replace(halfPair, '\ufffd'), toUnits(code, cursor_pos));
  const [start, end] = [toPoints(code, first), toPoints(code, last)];
  return {
    status: 'ok',
    matches: items.map(({ name }) => name),
    cursor_start: start,
    cursor_end: end,
    metadata: { _jupyter_types_experimental: items.map(({ name, kind }) => ({ text: name, type: kind, start, end })) },
  };
}

/** inspect_reply: signature and docstring of the name at the cursor, or of the function whose arguments it is in. */
export async function inspect(cells: Cells, { code, cursor_pos }: Record<string, any>) {
  const found = await cells.inspect(code.replace(halfPair, '\ufffd'), toUnits(code, cursor_pos));
  if (!found) return { status: 'ok', found: false, data: {}, metadata: {} };
  const { signature, docs } = found;
  const data = {
    'text/plain': [signature, docs].filter(text => text !== '').join('\n\n'),
    'text/markdown': `\`\`\`typescript\n${signature}\n\`\`\`\n${docs}`,
  };
  return { status: 'ok', found: true, data, metadata: {} };
}
