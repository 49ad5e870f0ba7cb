/** Timers whose callbacks have no stop points, such as `setInterval(console.log, 100)`: a stop ends these too. */
import timers, { setInterval, setTimeout } from 'node:timers';
import { syncBuiltinESMExports } from 'node:module';
import { currentContext } from './context';
import { hasStopPoints, standFor } from './texts';

type Callback = (...given: unknown[]) => unknown;

/** From here on `point` is called before such callbacks of cells. */
export function endTimers(point: () => void): void {
  const ending = (callback: Callback): Callback => {
    if (typeof callback !== 'function' || !currentContext() || hasStopPoints(callback)) return callback;
    const { stopping } = {
      stopping(this: unknown, ...given: unknown[]) {
        point();
        return Reflect.apply(callback, this, given);
      },
    };
    standFor(stopping, callback);
    return stopping;
  };
  for (const original of [setTimeout, setInterval]) {
    const own = (callback: Callback, ...rest: [number?, ...unknown[]]) => original(ending(callback), ...rest);
    standFor(own, original);
    for (const owner of [globalThis, timers]) Object.assign(owner, { [original.name]: own });
  }
  syncBuiltinESMExports();
}
