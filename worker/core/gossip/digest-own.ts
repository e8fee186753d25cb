// Which rows this peer signs, and when: its own at once, others' only while too few are known to hold them (SPEC H2),
// each anew before it ends. Knows neither how a row is signed nor who is told.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Cid } from '../model/ids.ts';
import type { DigestItem, DigestPlace } from './digest-row.ts';

/** Held here in full, and among the best of a ranking. */
export interface Candidate extends DigestItem {
  /** Published by this device. */
  own: boolean;
}

export interface OwnRowsOptions {
  context: Context;
  /** Of the timer; no other's. */
  timer: string;
  /** Members of the grove. */
  members: () => number;
  /** Others whose row for it lives, and not only for a moment. */
  others: (cid: Cid) => number;
  sign: (item: DigestItem) => void;
}

interface Signed {
  places: readonly DigestPlace[];
  at: number;
  renewAt: number;
}

/** Whether all that stands now was said. What was said and stands no more among the best is true all the same. */
const covers = (said: readonly DigestPlace[], now: readonly DigestPlace[]): boolean =>
  now.every(({ ranking, value, direction }) =>
    said.some((place) => place.ranking === ranking && place.value === value && place.direction === direction),
  );

export type OwnRows = ReturnType<typeof createOwnRows>;

export function createOwnRows({ context, timer, members, others, sign }: OwnRowsOptions) {
  const { digest } = CONFIG;
  let candidates: readonly Candidate[] = [];
  let signed = new Map<Cid, Signed>();
  /** Until when this peer waits for others to say that they hold it. */
  let waits = new Map<Cid, number>();

  /** Uniform in (0, 1]. */
  const draw = (): number => {
    const [a = 0, b = 0] = context.random.bytes(2);
    return (a * 256 + b + 1) / 65_536;
  };

  /** So that about `signers` of the members speak up at first, and twice as many in each step after that. */
  function wait({ places }: Candidate): number {
    const share = digest.signers / Math.max(1, members());
    const steps = Math.max(0, Math.ceil(Math.log2(draw() / share)));
    const recent = places.every(({ ranking }) => ranking === 'recency') ? digest.recent : 0;
    return recent + draw() * digest.wait + steps * digest.doubling;
  }

  function publish(candidate: Candidate): number {
    const at = context.elapsed();
    const renewAt = at + digest.life - digest.renewLeft + draw() * digest.renewSpread;
    waits.delete(candidate.cid);
    signed.set(candidate.cid, { places: candidate.places, at, renewAt });
    sign(candidate);
    return renewAt;
  }

  /** Signs it if it is time. Gives when to look again. */
  function see(candidate: Candidate): number {
    const now = context.elapsed();
    const { cid, own, places } = candidate;
    const mine = signed.get(cid);
    if (mine !== undefined && now < mine.renewAt) {
      if (covers(mine.places, places)) return mine.renewAt;
      const next = mine.at + digest.resign;
      return now >= next ? publish(candidate) : Math.min(next, mine.renewAt);
    }
    if (own) return publish(candidate);
    signed.delete(cid);
    if (others(cid) >= digest.enough) {
      waits.delete(cid);
      return now + digest.wholeEvery;
    }
    const until = waits.get(cid) ?? now + wait(candidate);
    if (now >= until) return publish(candidate);
    waits.set(cid, until);
    return until;
  }

  function look(): void {
    const next = candidates.reduce((soonest, candidate) => Math.min(soonest, see(candidate)), Infinity);
    context.schedule(timer, next === Infinity ? null : next, look);
  }

  return {
    set(now: readonly Candidate[]): void {
      candidates = now;
      const cids = new Set(now.map(({ cid }) => cid));
      signed = new Map(
        [...signed].filter(([cid, { at }]) => cids.has(cid) || at + digest.life > context.elapsed()),
      );
      waits = new Map([...waits].filter(([cid]) => cids.has(cid)));
      look();
    },

    /** Rows of an earlier run of this device are about: what stands must be said anew. */
    again(): void {
      signed.clear();
      look();
    },

    close(): void {
      context.schedule(timer, null, look);
    },
  };
}
