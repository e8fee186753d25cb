// What a run is measured by, counted where entries are committed and frames are sent and arrive. Definitions stand in
// RESULTS.md. Knows no scenario.
import { groveOf } from '../../worker/core/model/entry.ts';
import type { EntryId, GroveId, PeerId } from '../../worker/core/model/ids.ts';
import type { Frame } from '../../worker/core/wire/frame.ts';
import type { CommittedEntry } from './check.ts';
import type { SimPeer } from './peer.ts';

interface Written {
  id: EntryId;
  grove: GroveId;
  author: PeerId;
  at: number;
  /** Host -> how many links it travelled. */
  hops: Map<number, number>;
  /** Hosts that were sent it, the author's own not among them. */
  received: Set<number>;
  /** Host -> by what it last came before it was stored. */
  ways: Map<number, string>;
}

export interface Figures {
  redundancy: number | null;
  redundancyLate: number | null;
  hopsP50: number | null;
  hopsMax: number | null;
  /** The two of what was written a minute after the start of measuring or later. */
  hopsMaxLate: number | null;
  latencyP95Late: number | null;
  latencyP50: number | null;
  latencyP95: number | null;
  meanDelayMs: number | null;
  messagesPerEntry: number | null;
  bytesPerEntry: Record<string, number>;
  linksMax: number;
  repairs: number;
}

/** What an entries frame that belongs to the broadcast says of itself; the rest is catching up. */
const BROADCAST: ReadonlySet<string> = new Set(['push', 'graft']);
/** Frames that tell of entries and shape the tree. */
const TELLING: ReadonlySet<string> = new Set(['ihave', 'graft', 'prune']);
/** When the tree has found its shape: simulated ms from the start of measuring. */
const LATE = 60_000;

const quantile = (sorted: readonly number[], share: number): number | null =>
  sorted.length === 0
    ? null
    : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null);

const rounded = (value: number | null, digits = 0): number | null =>
  value === null ? null : Number(value.toFixed(digits));

const redundancyOf = ({ receptions, first }: { receptions: number; first: number }): number | null =>
  rounded(first === 0 ? null : receptions / first - 1, 3);

export type Measure = ReturnType<typeof createMeasure>;

export function createMeasure(options: { now(): number; hostOf(peer: PeerId): number | null }) {
  const written = new Map<EntryId, Written>();
  const bytes = new Map<string, number>();
  /** Host -> authenticated links. */
  const links = new Map<number, number>();
  const delays = { sum: 0, links: 0 };
  let latencies: number[] = [];
  let hops: number[] = [];
  /** The same of what was written from then on: the broadcast has found its tree. */
  let lateLatencies: number[] = [];
  let lateHops: number[] = [];
  let all = { receptions: 0, first: 0 };
  let late = { receptions: 0, first: 0 };
  let messages = 0;
  let startedAt = 0;
  let began: number | null = null;
  let repairs = 0;
  let linksMax = 0;
  let running = false;

  return {
    /** Wall time (`performance.now()`) at which measuring began. */
    began: (): number | null => began,
    written: (): readonly Written[] => [...written.values()],
    /** Nobody has these any more, and nobody ever may. */
    forget(ids: readonly EntryId[]): void {
      for (const id of ids) written.delete(id);
    },

    /** From here on, without what was before. */
    start(): void {
      running = true;
      written.clear();
      bytes.clear();
      latencies = [];
      hops = [];
      lateLatencies = [];
      lateHops = [];
      all = { receptions: 0, first: 0 };
      late = { receptions: 0, first: 0 };
      messages = 0;
      startedAt = options.now();
      began = performance.now();
      repairs = 0;
      linksMax = Math.max(0, ...links.values());
    },

    onEntry({ peer, row }: CommittedEntry): void {
      const { entry, receivedFrom } = row;
      if (!running || entry.kind !== 'contribution') return;
      if (receivedFrom === null) {
        const { id, author } = entry;
        written.set(id, {
          id,
          grove: groveOf(entry),
          author,
          at: options.now(),
          hops: new Map([[peer.host, 0]]),
          received: new Set(),
          ways: new Map(),
        });
        return;
      }
      const known = written.get(entry.id);
      if (known === undefined || known.hops.has(peer.host)) return;
      const sender = options.hostOf(receivedFrom);
      const travelled = (known.hops.get(sender ?? -1) ?? 0) + 1;
      known.hops.set(peer.host, travelled);
      if (!BROADCAST.has(known.ways.get(peer.host) ?? '')) repairs += 1;
      known.ways.delete(peer.host);
      const isLate = known.at - startedAt >= LATE;
      hops.push(travelled);
      if (isLate) lateHops.push(travelled);
      // Who was not there when it was written catches up later, which is another matter.
      if (peer.since === null || peer.since > known.at) return;
      latencies.push(options.now() - known.at);
      if (isLate) lateLatencies.push(options.now() - known.at);
    },

    onSent(frame: Frame, size: number): void {
      if (!running) return;
      const type = frame.type === 'entries' ? `entries/${frame.why}` : frame.type;
      bytes.set(type, (bytes.get(type) ?? 0) + size);
      if (frame.type === 'entries' ? BROADCAST.has(frame.why) : TELLING.has(frame.type)) messages += 1;
    },

    onArrival(to: SimPeer, frame: Frame, held: ReadonlyMap<EntryId, unknown>, ids: readonly EntryId[]): void {
      if (!running || frame.type !== 'entries') return;
      const counted = options.now() - startedAt >= LATE ? [all, late] : [all];
      for (const id of ids) {
        const known = written.get(id);
        if (known === undefined) continue;
        const first = !known.received.has(to.host);
        for (const each of counted) {
          each.receptions += 1;
          if (first) each.first += 1;
        }
        known.received.add(to.host);
        if (!held.has(id)) known.ways.set(to.host, frame.why);
      }
    },

    /** Two devices connected: one way between them takes so long on average. */
    onConnected(delay: number): void {
      delays.sum += delay;
      delays.links += 1;
    },

    /** So many others have an authenticated link with it. */
    onLinked(host: number, authenticated: number): void {
      links.set(host, authenticated);
      linksMax = Math.max(linksMax, authenticated);
    },

    figures(): Figures {
      const byLatency = latencies.toSorted((a, b) => a - b);
      const byHops = hops.toSorted((a, b) => a - b);
      const deliveries = hops.length;
      const late95 = quantile(
        lateLatencies.toSorted((a, b) => a - b),
        0.95,
      );
      return {
        redundancy: redundancyOf(all),
        redundancyLate: redundancyOf(late),
        hopsP50: quantile(byHops, 0.5),
        hopsMax: byHops.at(-1) ?? null,
        hopsMaxLate: lateHops.reduce<number | null>((most, each) => Math.max(most ?? 0, each), null),
        latencyP50: rounded(quantile(byLatency, 0.5)),
        latencyP95: rounded(quantile(byLatency, 0.95)),
        latencyP95Late: rounded(late95),
        meanDelayMs: rounded(delays.links === 0 ? null : delays.sum / delays.links, 1),
        messagesPerEntry: rounded(written.size === 0 ? null : messages / written.size, 1),
        bytesPerEntry: Object.fromEntries(
          [...bytes]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([type, total]) => [type, Math.round(total / Math.max(1, deliveries))]),
        ),
        linksMax,
        repairs,
      };
    },
  };
}
