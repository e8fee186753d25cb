// Writes that begin from what is in effect, one after the other in a grove: each sees what the one before it wrote, so
// that none of one device's is lost (SPEC G16).
import type { Grove } from '../grove.ts';
import { afterwards, type Call } from './api.ts';

export type Turns = ReturnType<typeof createTurns>;

export function createTurns() {
  const queues = new WeakMap<Grove, (() => void)[]>();

  /** `end` is called once it is written, or nothing of it happened. */
  function run(grove: Grove, task: (end: () => void) => void): void {
    const queue = queues.get(grove) ?? [];
    queues.set(grove, queue);
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      queue.shift();
      queue[0]?.();
    };
    queue.push(() => {
      try {
        task(end);
      } catch (error) {
        end();
        throw error;
      }
    });
    if (queue.length === 1) queue[0]?.();
  }

  return {
    run,

    /** The same for a call: its turn is over with its answer. */
    take(grove: Grove, call: Call, task: (call: Call) => void): void {
      run(grove, (end) => {
        const last = afterwards(call, end);
        last.attempt(() => task(last));
      });
    },
  };
}
