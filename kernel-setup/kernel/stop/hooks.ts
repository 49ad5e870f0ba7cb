/**
 * Node 20 and 22 keep what runs asynchronously apart by symbol members of promises and timers, and show them with the
 * value. Here they are hidden: a value looks as it does without the kernel.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { inspect, type InspectOptions } from 'node:util';

const ofHooks = ['async_id_symbol', 'trigger_async_id_symbol', 'kResourceStore'];

const membersOf = (value: object) =>
  Object.getOwnPropertySymbols(value).filter(({ description }) => ofHooks.includes(description!));

function hideMembers(value: object): void {
  for (const key of membersOf(value)) Object.defineProperty(value, key, { enumerable: false });
}

/** What is done with a value while it is without these members: where hidden ones are shown too, as by `%o`. */
function withoutMembers<T>(value: object, work: () => T): T {
  const members = membersOf(value).map(key => [key, Object.getOwnPropertyDescriptor(value, key)!] as const);
  for (const [key] of members) Reflect.deleteProperty(value, key);
  try {
    return work();
  } finally {
    for (const [key, member] of members) Object.defineProperty(value, key, member);
  }
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
  let looking: object | undefined;
  // Of promises there are many: their members are hidden when one is looked at.
  Object.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: object, depth: number | null, options: InspectOptions, look: typeof inspect): unknown {
      hideMembers(this);
      if (!options.showHidden || looking === this) return this;
      const outer = looking;
      looking = this;
      try {
        return withoutMembers(this, () => look(this, { ...options, depth }));
      } finally {
        looking = outer;
      }
    },
  });
}
