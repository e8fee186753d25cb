// How much a device trusts others by what it saw them do itself (SPEC P11): points for deeds, which decay, and above a
// threshold a time in which links are refused. Knows no link, and no other device's opinion.
import { CONFIG } from './config.ts';
import { DEEDS, type Deed } from './context.ts';
import { idBytes, toPeerId, type PeerId } from './model/ids.ts';
import { asArray, asId, asUint, decode, encode } from './wire/cbor.ts';

const config = CONFIG.standing;
const MAX_BYTES = 256 * 1024;

interface Row {
  points: number;
  /** When they were so many. */
  at: number;
  /** How often links were refused. */
  refusals: number;
  /** Until when they are. */
  until: number;
  /** By kind: how often, and when one last counted. */
  seen: Map<Deed, { times: number; at: number }>;
}

export interface Standing {
  /** `doubtful`: others are preferred; `refused`: no link for a while. */
  state: 'good' | 'doubtful' | 'refused';
  seen: { deed: Deed; times: number }[];
  /** ms for which links are still refused; 0 where they aren't. */
  left: number;
}

export type Standings = ReturnType<typeof createStandings>;

/** All times are elapsed time, but for those that are written down. */
export function createStandings() {
  const rows = new Map<PeerId, Row>();

  const pointsAt = ({ points, at }: Row, now: number): number =>
    points * 2 ** (-Math.max(0, now - at) / config.halfLife);
  const isOver = (row: Row, now: number): boolean => row.until <= now && pointsAt(row, now) < 1;

  function stateOf(row: Row, now: number): Standing['state'] {
    if (row.until > now) return 'refused';
    return pointsAt(row, now) >= config.doubtful ? 'doubtful' : 'good';
  }

  /** Beyond the limit goes who has least against it. */
  function trim(now: number): void {
    for (const [peer, row] of rows) if (isOver(row, now)) rows.delete(peer);
    if (rows.size <= config.peers) return;
    const order = [...rows].sort(
      ([, a], [, b]) =>
        Math.max(a.until, now) - Math.max(b.until, now) || pointsAt(a, now) - pointsAt(b, now),
    );
    for (const [peer] of order.slice(0, rows.size - config.peers)) rows.delete(peer);
  }

  return {
    /** ms for which links are refused from now on; 0 where this deed changes nothing of that. */
    blame(peer: PeerId, deed: Deed, now: number): number {
      const row: Row = rows.get(peer) ?? { points: 0, at: now, refusals: 0, until: 0, seen: new Map() };
      const before = row.seen.get(deed);
      const once = deed === 'lie' ? config.once.lie : config.once.others;
      if (before !== undefined && now - before.at < once) return 0;
      row.seen.set(deed, { times: (before?.times ?? 0) + 1, at: now });
      row.points = pointsAt(row, now) + config.points[deed];
      row.at = now;
      rows.set(peer, row);
      trim(now);
      // What it did before links were refused is found out while they are: that adds up, and refuses nothing anew.
      if (row.until > now) return 0;
      if (row.points < config.refused) {
        if (deed !== 'flood') return 0;
        row.until = now + config.afterFlood;
        return config.afterFlood;
      }
      const { first, most } = config.refuseFor;
      const left = Math.min(most, first * 2 ** Math.min(row.refusals, 16));
      Object.assign(row, { points: config.left, refusals: row.refusals + 1, until: now + left });
      return left;
    },

    /** A person wants it to be tried again. Whether there was anything to forgive. */
    forgive: (peer: PeerId): boolean => rows.delete(peer),

    of(peer: PeerId, now: number): Standing {
      const row = rows.get(peer);
      if (row === undefined || isOver(row, now)) return { state: 'good', seen: [], left: 0 };
      const seen = DEEDS.flatMap((deed) => {
        const times = row.seen.get(deed)?.times ?? 0;
        return times === 0 ? [] : [{ deed, times }];
      });
      return { state: stateOf(row, now), seen, left: Math.max(0, row.until - now) };
    },

    /** Those that are refused, each with how long. */
    refused: (now: number): { peer: PeerId; left: number }[] =>
      [...rows].flatMap(([peer, { until }]) => (until > now ? [{ peer, left: until - now }] : [])),

    /** As it is kept on disk. `wall`: ms since the epoch. */
    encode(now: number, wall: number): Uint8Array {
      trim(now);
      return encode([
        Math.round(wall),
        [...rows].map(([peer, row]) => [
          idBytes(peer),
          Math.round(pointsAt(row, now)),
          row.refusals,
          Math.round(Math.max(0, row.until - now)),
          DEEDS.map((deed) => row.seen.get(deed)?.times ?? 0),
        ]),
      ]);
    },

    /** What was kept before this start, beside what was seen since. By a wall clock that was set back no time has passed. */
    restore(bytes: Uint8Array, now: number, wall: number): void {
      for (const { peer, row } of readRows(bytes, now, wall)) {
        const fresh = rows.get(peer);
        if (fresh === undefined) rows.set(peer, row);
        else {
          fresh.points = pointsAt(fresh, now) + pointsAt(row, now);
          Object.assign(fresh, { at: now, refusals: fresh.refusals + row.refusals });
          fresh.until = Math.max(fresh.until, row.until);
        }
      }
      trim(now);
    },
  };
}

/** What can't be read is forgotten: nobody is refused for a damaged disk. */
function readRows(bytes: Uint8Array, now: number, wall: number): { peer: PeerId; row: Row }[] {
  const decoded = decode(bytes, { maxBytes: MAX_BYTES });
  const [rawAt, rawRows] = (decoded.ok ? asArray(decoded.value, 2) : null) ?? [];
  const savedAt = asUint(rawAt);
  if (savedAt === null) return [];
  const passed = Math.max(0, wall - savedAt);
  return (asArray(rawRows, config.peers) ?? []).flatMap((raw) => {
    const [rawPeer, ...numbers] = asArray(raw, 8) ?? [];
    const peer = asId(rawPeer, toPeerId);
    const [points, refusals, left] = numbers.slice(0, 3).map((each) => asUint(each));
    const times = asArray(numbers[3], 32) ?? [];
    if (peer === null || points == null || refusals == null || left == null) return [];
    const seen = new Map(
      DEEDS.flatMap((deed, at): [Deed, { times: number; at: number }][] => {
        const count = asUint(times[at]) ?? 0;
        return count === 0 ? [] : [[deed, { times: count, at: -Infinity }]];
      }),
    );
    const until = now + Math.max(0, Math.min(left, config.refuseFor.most) - passed);
    const row = { points: Math.min(points, config.refused), at: now - passed, refusals, until, seen };
    return [{ peer, row }];
  });
}
