/** Completion and inspection. */
import type { Cells } from './cell/cells';

export async function complete(_: Cells, { cursor_pos }: Record<string, any>) {
  return { status: 'ok', matches: [], cursor_start: cursor_pos, cursor_end: cursor_pos, metadata: {} };
}

export async function inspect(_: Cells, _content: Record<string, any>) {
  return { status: 'ok', found: false, data: {}, metadata: {} };
}
