/** What this notebook has claimed, set and shown so far. It lives with the kernel, not with this module, so that a reload of the library keeps it. */
import type { Figure } from './plot';
import type { Claim } from './verdict';

export interface Session {
  readonly claims: Map<string, Claim>;
  readonly figures: Map<string, Figure>;
  profile: string;
  settings: Record<string, unknown>;
}

const key = Symbol.for('widenet.session');

export function session(): Session {
  const holder = globalThis as unknown as Record<symbol, Session | undefined>;
  return holder[key] ??= { claims: new Map(), figures: new Map(), profile: 'quick', settings: {} };
}
