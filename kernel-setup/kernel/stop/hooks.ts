/**
 * Node 20 and 22 keep what runs asynchronously apart by symbol members of promises and timers, and show them with the
 * value. Here they are hidden: a value looks as it does without the kernel.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';

const ofHooks = ['async_id_symbol', 'trigger_async_id_symbol', 'kResourceStore'];

function hideMembers(value: object): void {
  for (const key of Object.getOwnPropertySymbols(value))
    if (ofHooks.includes(key.description!)) Object.defineProperty(value, key, { enumerable: false });
}

/** From here on the values that code in this storage makes are shown without what the storage adds to them. */
export function hideStorage(storage: AsyncLocalStorage<unknown>): void {
  type Propagating = { _propagate?(resource: object, from: object, type: string): void };
  const { _propagate: propagate } = storage as unknown as Propagating;
  if (!propagate) return;
  Object.defineProperty(storage, '_propagate', {
    value(this: Propagating, resource: object, from: object, type: string) {
      propagate.call(this, resource, from, type);
      if (type !== 'PROMISE') hideMembers(resource);
    },
  });
  // Of promises there are many: their members are hidden when one is looked at.
  Object.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: object) {
      hideMembers(this);
      return this;
    },
  });
}
