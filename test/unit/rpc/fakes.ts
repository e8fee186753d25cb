// Stand-ins for what the platform gives: a clock that tests move, ports that deliver at once, locks that tests free.
import type { Port } from '../../../worker/rpc/port.ts';

export interface FakeTimers {
  now(): number;
  every(ms: number, callback: () => void): () => void;
  /** Moves on in steps, so that each timer fires in its turn. */
  advance(ms: number): void;
  /** The machine slept: time jumps, and each timer fires once. */
  sleep(ms: number): void;
}

export function createFakeTimers(): FakeTimers {
  let now = 1_000_000;
  const timers = new Set<{ every: number; at: number; callback: () => void }>();
  const fire = (): void => {
    for (const timer of [...timers]) {
      if (timer.at > now || !timers.has(timer)) continue;
      timer.at = now + timer.every;
      timer.callback();
    }
  };
  return {
    now: () => now,
    every(every, callback) {
      const timer = { every, at: now + every, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 100);
        fire();
      }
    },
    sleep(ms) {
      now += ms;
      fire();
    },
  };
}

export interface FakePort extends Port {
  /** What was posted through this end, oldest first. */
  readonly sent: unknown[];
  /** Delivers to this end's listener, as if the other side had posted it. */
  deliver(message: unknown): void;
  readonly closed: boolean;
}

export function createFakePort(): FakePort {
  const sent: unknown[] = [];
  const state = { closed: false, listener: (_message: unknown): void => undefined };
  return {
    sent,
    get closed() {
      return state.closed;
    },
    post(message) {
      if (!state.closed) sent.push(structuredClone(message));
    },
    listen(listener) {
      state.listener = listener;
    },
    deliver: (message) => state.listener(message),
    close() {
      state.closed = true;
    },
  };
}

export interface FakeLocks {
  onceFree(name: string, callback: () => void): () => void;
  /** Whoever held it is gone. */
  free(name: string): void;
  readonly watched: ReadonlyMap<string, () => void>;
}

export function createFakeLocks(): FakeLocks {
  const watched = new Map<string, () => void>();
  return {
    watched,
    onceFree(name, callback) {
      watched.set(name, callback);
      return () => void watched.delete(name);
    },
    free(name) {
      const callback = watched.get(name);
      watched.delete(name);
      callback?.();
    },
  };
}

/** Lets promises that are settled tell those who wait. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
