// What every Clock does. `elapse` lets so many milliseconds pass for it.
import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../worker/core/ports.ts';

export interface ClockUnderTest {
  clock: Clock;
  elapse: (ms: number) => Promise<void>;
}

export function describeClock(name: string, create: () => ClockUnderTest): void {
  describe(`Clock: ${name}`, () => {
    it('wakes once, at the time asked for or after it, never before', async () => {
      const { clock, elapse } = create();
      const woken: number[] = [];
      const at = clock.now() + 40;
      clock.wake(at, () => woken.push(clock.now()));
      expect(woken).toEqual([]);
      await elapse(200);
      expect(woken).toHaveLength(1);
      expect(woken[0]).toBeGreaterThanOrEqual(at);
    });

    it('a wake-up replaces the one before; null cancels', async () => {
      const { clock, elapse } = create();
      const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
      clock.wake(clock.now() + 10, first);
      clock.wake(clock.now() + 30, second);
      await elapse(150);
      clock.wake(clock.now() + 10, third);
      clock.wake(null, third);
      await elapse(100);
      expect([first, second, third].map((each) => each.mock.calls.length)).toEqual([0, 1, 0]);
    });

    it('a time that has passed wakes soon, but not within the call', async () => {
      const { clock, elapse } = create();
      const late = vi.fn();
      clock.wake(clock.now() - 1000, late);
      expect(late).not.toHaveBeenCalled();
      await elapse(100);
      expect(late).toHaveBeenCalledTimes(1);
    });

    it('may be asked again from within a wake-up', async () => {
      const { clock, elapse } = create();
      let count = 0;
      const again = (): void => {
        if (++count < 3) clock.wake(clock.now() + 5, again);
      };
      clock.wake(clock.now(), again);
      await elapse(300);
      expect(count).toBe(3);
    });
  });
}
