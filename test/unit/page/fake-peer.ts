// The least of a peer that a state class needs: events by hand, and only the calls that a test gives it.
import type { EventName, Events } from '../../../worker/rpc/api.ts';
import type { Thicket } from '../../../src/state/thicket.ts';

type Calls = { [Name in keyof Thicket]?: Thicket[Name] };

export interface FakePeer {
  thicket: Thicket;
  emit<E extends EventName>(event: E, payload: Events[E]): void;
  /** Listeners that are still there. */
  listening(): number;
}

export function fakePeer(calls: Calls): FakePeer {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const on: Thicket['on'] = (event, listener) => {
    const set = listeners.get(event) ?? new Set();
    listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  };
  const thicket = new Proxy({ ...calls, on } as Thicket, {
    get(target, name, receiver): unknown {
      if (!Reflect.has(target, name)) throw new Error(`the test gives no ${String(name)}`);
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    thicket,
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never);
    },
    listening: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

/** Lets all answers that are there arrive. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
