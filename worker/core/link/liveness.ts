// Pings of one link: when the next is due, whether too many went unanswered, and the smoothed round trip.
// Knows nothing of frames or channels. Times are the machine's own clock in ms, which never goes back.
import type { LinkConfig } from './config.ts';

export type LivenessStep = { type: 'ping'; n: number } | { type: 'dead' };

export interface Liveness {
  rttMs(): number | null;
  /** When `tick` has something to do. */
  nextAt(): number;
  tick(t: number): LivenessStep | null;
  /** Answers that belong to no ping are ignored. */
  pong(n: number, t: number): void;
  /** This device slept: what went unanswered meanwhile proves nothing, so ask again and wait a little. */
  doubt(t: number): void;
}

/** Weight of a new sample, as TCP's smoothed round trip (RFC 6298). */
const GAIN = 1 / 8;

export function createLiveness(
  config: Pick<LinkConfig, 'pingEvery' | 'pingsMissed' | 'doubt'>,
  start: number,
): Liveness {
  /** Sent and unanswered: number -> when. */
  const unanswered = new Map<number, number>();
  let last = 0;
  let dueAt = start;
  let doubtUntil = Infinity;
  let rtt: number | null = null;

  return {
    rttMs: () => rtt,
    nextAt: () => Math.min(dueAt, doubtUntil),
    tick(t) {
      if (t >= doubtUntil) return { type: 'dead' };
      if (t < dueAt) return null;
      if (unanswered.size >= config.pingsMissed) return { type: 'dead' };
      last += 1;
      unanswered.set(last, t);
      dueAt = t + config.pingEvery;
      return { type: 'ping', n: last };
    },
    pong(n, t) {
      const sentAt = unanswered.get(n);
      if (sentAt === undefined) return;
      const sample = t - sentAt;
      rtt = rtt === null ? sample : rtt + GAIN * (sample - rtt);
      for (const earlier of unanswered.keys()) if (earlier <= n) unanswered.delete(earlier);
      doubtUntil = Infinity;
    },
    doubt(t) {
      unanswered.clear();
      dueAt = t;
      doubtUntil = t + config.doubt;
    },
  };
}
