/** Completion, inspection and is_complete. */
import { parseSync } from 'oxc-parser';
import type { Cells } from './cell/cells';

export async function complete(_: Cells, { cursor_pos }: Record<string, any>) {
  return { status: 'ok', matches: [], cursor_start: cursor_pos, cursor_end: cursor_pos, metadata: {} };
}

export async function inspect(_: Cells, _content: Record<string, any>) {
  return { status: 'ok', found: false, data: {}, metadata: {} };
}

/** is_complete_reply. */
export function isComplete({ code }: Record<string, any>) {
  const { errors } = parseSync('cell.ts', code, { sourceType: 'module', lang: 'ts' });
  if (errors.length === 0) return { status: 'complete' };
  return errors.some(({ labels }) => labels.some(({ end }) => end >= code.length))
    ? { status: 'incomplete', indent: '' }
    : { status: 'invalid' };
}
