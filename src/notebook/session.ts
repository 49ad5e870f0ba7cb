/** What this notebook has claimed, set and shown so far. It lives with the kernel, not with this module, so that a reload of the library keeps it. */
import type { Claim } from './verdict';

/** Plotly data, as far as it is told apart here. */
export interface ShownFigure {
  readonly data: readonly Record<string, any>[];
  readonly layout: Record<string, any>;
  readonly frames?: readonly Record<string, any>[];
}

export interface Session {
  readonly claims: Map<string, Claim>;
  /** The figures by title, as they were last shown. */
  readonly figures: Map<string, ShownFigure>;
  profile: string;
  settings: Record<string, unknown>;
}

const key = Symbol.for('widenet.session');

export function session(): Session {
  const holder = globalThis as unknown as Record<symbol, Session | undefined>;
  return (holder[key] ??= { claims: new Map(), figures: new Map(), profile: 'quick', settings: {} });
}
