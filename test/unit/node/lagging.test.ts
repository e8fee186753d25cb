// Who falls further and further behind.
import { describe, expect, it } from 'vitest';
import { createContext } from '../../../worker/core/context.ts';
import { createLagging } from '../../../worker/core/lagging.ts';
import { toGroveId, toPeerId, type LinkId } from '../../../worker/core/model/ids.ts';

const GROVE = toGroveId(new Uint8Array(32).fill(1));
const PEER = toPeerId(new Uint8Array(32).fill(2));
const LOOK = 30_000;
const MINUTES = 60_000 / LOOK;

/** One look each 30 s at what the peer lacks; a null is a look without any link. */
function watch(lags: readonly (number | null)[]): { entries: number; since: number; at: number }[] {
  const told: { entries: number; since: number; at: number }[] = [];
  const context = createContext({ bytes: (length) => new Uint8Array(length) });
  const start = 1_000_000;
  let now = start;
  let lag: number | null = 0;
  context.setNow(now);
  const lagging = createLagging({
    context,
    links: () => (lag === null ? [] : [{ link: 'l1' as LinkId, peer: PEER }]),
    groves: () => [GROVE],
    lagOf: () => lag ?? 0,
    tell: ({ entries, since }) => told.push({ entries, since: since - start, at: now - start }),
  });
  lagging.start();
  for (const each of lags) {
    lag = each;
    now += LOOK;
    context.setNow(now);
    context.runTimers();
    if (lag !== null) lagging.start();
  }
  return told;
}

const times = (count: number, value: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => value(index));

describe('lag that grows', () => {
  it('O3: is told after five minutes in which it never shrank, once', () => {
    expect(watch(times(30, (index) => index + 1))).toEqual([
      { entries: 1 + 5 * MINUTES, since: LOOK, at: LOOK + 5 * 60_000 },
    ]);
  });

  it('O3: is not told where it stands still, or shrinks now and then', () => {
    expect(watch(times(40, () => 7))).toEqual([]);
    expect(watch(times(60, (index) => 5 + (index % (5 * MINUTES))))).toEqual([]);
  });

  it('O3: that stood still long enough is told once it grows', () => {
    expect(watch([...times(20, () => 7), 8, 8, 9])).toEqual([{ entries: 8, since: LOOK, at: 21 * LOOK }]);
  });

  it('O3: is told again after it shrank, and forgotten with its link', () => {
    const growing = times(11, (index) => index + 1);
    expect(watch([...growing, ...growing])).toHaveLength(2);
    expect(watch([...growing.slice(0, 6), null, ...growing.slice(0, 10)])).toEqual([]);
  });
});
