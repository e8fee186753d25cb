// Writes that begin from what is in effect, one after the other in a grove, or in what this device knows of itself: each sees
// what the one before it wrote, so that none of one device's is lost (SPEC G16, A23).
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { afterwards, type Call } from './api.ts';

export type Turns = ReturnType<typeof createTurns>;
/** What is written: a grove, or who this device is and how it is set. */
type Subject = Grove | Core['identity'];

export function createTurns() {
  const queues = new WeakMap<Subject, (() => void)[]>();

  /** `end` is called once it is written, or nothing of it happened. */
  function run(subject: Subject, task: (end: () => void) => void): void {
    const queue = queues.get(subject) ?? [];
    queues.set(subject, queue);
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
    take(subject: Subject, call: Call, task: (call: Call) => void): void {
      run(subject, (end) => {
        const last = afterwards(call, end);
        last.attempt(() => task(last));
      });
    },
  };
}
