/** What this notebook has claimed, set and shown so far. */
import { processState } from '../base/process-state';
import type { Claim } from './verdict';

/** Plotly data, as far as the library reads it. */
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

export const session = () =>
  processState<Session>('session', () => ({ claims: new Map(), figures: new Map(), profile: 'quick', settings: {} }));
