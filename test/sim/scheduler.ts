// Simulated time: one queue of events, run in order of (time, place in line). After an event that settled a promise,
// everything that waits for it runs before time goes on. Knows nothing of what the events are.
import { ThicketError } from '../../worker/core/model/errors.ts';

export interface Timer {
  cancel(): void;
}

export interface Scheduler {
  /** Simulated ms since the run began; not whole. */
  now(): number;
  /** Runs after `delay` simulated ms, at least 0. */
  after(delay: number, run: () => void): Timer;
  /** A promise whose `resolve` runs as an event, after `delay`. */
  answer<T>(delay: number, value: () => T | Promise<T>): Promise<T>;
  /** To be called by events that settled a promise by other means than `answer`. */
  settled(): void;
  /** Runs the events of the next `ms`. */
  run(ms: number): Promise<void>;
  /** Runs events until the condition holds, looked at every `every` ms. Resolves to how long it took, null where `limit` passed. */
  until(condition: () => boolean, limit: number, every?: number): Promise<number | null>;
  /** Runs events until the promise is settled. @throws what it rejects with, or `timeout` after `limit` simulated ms. */
  wait<T>(promise: Promise<T>, what: string, limit: number): Promise<T>;
  /** Events run so far. */
  count(): number;
}

interface Event {
  at: number;
  place: number;
  run: (() => void) | null;
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.place < b.place);

/** Ends once every microtask has run: Node empties their queue before it turns to immediates. */
const drain = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export function createScheduler(): Scheduler {
  const heap: Event[] = [];
  let time = 0;
  let place = 0;
  let count = 0;
  let unsettled = false;

  function push(event: Event): void {
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  function pop(): Event | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child !== undefined && right !== undefined && before(right, child)) {
        below += 1;
        child = right;
      }
      if (child === undefined || !before(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }

  const after = (delay: number, run: () => void): Timer => {
    const event: Event = { at: time + Math.max(0, delay), place, run };
    place += 1;
    push(event);
    return {
      cancel() {
        event.run = null;
      },
    };
  };

  async function runTo(end: number, stop: () => boolean): Promise<void> {
    // What ran since the last time may have settled something.
    await drain();
    while (!stop()) {
      const next = heap[0];
      if (next === undefined || next.at > end) break;
      pop();
      if (next.run === null) continue;
      time = next.at;
      count += 1;
      next.run();
      if (!unsettled) continue;
      unsettled = false;
      await drain();
    }
    if (!stop()) time = Math.max(time, end);
  }

  return {
    now: () => time,
    after,
    settled() {
      unsettled = true;
    },
    answer: <T>(delay: number, value: () => T | Promise<T>): Promise<T> =>
      new Promise<T>((resolve) => {
        after(delay, () => {
          unsettled = true;
          resolve(value());
        });
      }),
    run: (ms) => runTo(time + ms, () => false),
    async until(condition, limit, every = 100) {
      const start = time;
      while (!condition()) {
        if (time - start >= limit) return null;
        await runTo(time + every, () => false);
      }
      return time - start;
    },
    async wait<T>(promise: Promise<T>, what: string, limit: number): Promise<T> {
      const state = { done: false };
      const watched = promise.finally(() => {
        state.done = true;
      });
      watched.catch(() => undefined);
      await runTo(time + limit, () => state.done);
      if (!state.done) throw new ThicketError('timeout', `${what}: not within ${limit} simulated ms`);
      return watched;
    },
    count: () => count,
  };
}
