/** Refuses runs that begin inside a step or a recorded value, of which the loop of a run is made. */
import { heard, UsageError } from '../../base/check';
import { processState } from '../../base/process-state';
import { withDeepStacks, withLine } from '../../base/source-location';

/** The call of a step or of recorded values that runs now, and what it was refused for. */
const now = () => processState<{ call?: { refused?: Error } }>('step-call', () => ({}));

/** Runs `f`, such a call. What `refusedInside` notes meanwhile is thrown, whatever `f` makes of it. */
export function asCall<T>(f: () => T): T {
  const place = now();
  const outer = place.call;
  const call: { refused?: Error } = {};
  place.call = call;
  try {
    const given = heard(f());
    if (call.refused) throw call.refused;
    return given;
  } catch (error) {
    throw call.refused ?? error;
  } finally {
    place.call = outer;
  }
}

/**
 * Inside such a call a promise that never settles, as nobody there can wait for it: the call is refused at its end.
 * Elsewhere undefined.
 */
export function refusedInside(where: string): Promise<never> | undefined {
  const { call } = now();
  if (!call) return undefined;
  const what = 'a step and a recorded value may not call it; call it before or after the run that they are of';
  call.refused ??= withDeepStacks(() => new UsageError(withLine(`${where}: ${what}`, new Error())));
  return new Promise(() => undefined);
}
