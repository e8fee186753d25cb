// What a run is measured by, counted where entries are committed and frames are sent and arrive. Definitions stand in
// RESULTS.md. Knows no scenario.
import { groveOf, type Entry } from '../../worker/core/model/entry.ts';
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
}

export interface Figures {
  redundancy: number | null;
  hopsP50: number | null;
  hopsMax: number | null;
  latencyP50: number | null;
  latencyP95: number | null;
  bytesPerEntry: Record<string, number>;
  linksMax: number;
  repairs: number;
}

const quantile = (sorted: readonly number[], share: number): number | null =>
  sorted.length === 0
    ? null
    : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null);

const rounded = (value: number | null, digits = 0): number | null =>
  value === null ? null : Number(value.toFixed(digits));

export type Measure = ReturnType<typeof createMeasure>;

export function createMeasure(options: { now(): number; hostOf(peer: PeerId): number | null }) {
  const written = new Map<EntryId, Written>();
  const bytes = new Map<string, number>();
  const received = new Map<number, Set<EntryId>>();
  /** Host and entry -> by what it last came before it was stored. */
  const ways = new Map<string, string>();
  /** Host -> open links. */
  const links = new Map<number, number>();
  let latencies: number[] = [];
  let hops: number[] = [];
  let receptions = 0;
  let firstReceptions = 0;
  let repairs = 0;
  let linksMax = 0;
  let running = false;

  return {
    written: (): readonly Written[] => [...written.values()],

    /** From here on, without what was before. */
    start(): void {
      running = true;
      written.clear();
      bytes.clear();
      received.clear();
      ways.clear();
      latencies = [];
      hops = [];
      receptions = 0;
      firstReceptions = 0;
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
        });
        return;
      }
      const known = written.get(entry.id);
      if (known === undefined || known.hops.has(peer.host)) return;
      const sender = options.hostOf(receivedFrom);
      const travelled = (known.hops.get(sender ?? -1) ?? 0) + 1;
      known.hops.set(peer.host, travelled);
      if (ways.get(`${peer.host}/${entry.id}`) !== 'push') repairs += 1;
      hops.push(travelled);
      // Who was not there when it was written catches up later, which is another matter.
      if (peer.since !== null && peer.since <= known.at) latencies.push(options.now() - known.at);
    },

    onSent(frame: Frame, size: number): void {
      if (!running) return;
      const type = frame.type === 'entries' ? `entries/${frame.why}` : frame.type;
      bytes.set(type, (bytes.get(type) ?? 0) + size);
    },

    onArrival(
      to: SimPeer,
      frame: Frame,
      held: ReadonlySet<EntryId> | ReadonlyMap<EntryId, Entry>,
      ids: readonly EntryId[],
    ): void {
      if (!running || frame.type !== 'entries') return;
      const seen = received.get(to.host) ?? new Set<EntryId>();
      received.set(to.host, seen);
      for (const id of ids) {
        if (!written.has(id)) continue;
        receptions += 1;
        if (!held.has(id)) ways.set(`${to.host}/${id}`, frame.why);
        if (seen.has(id)) continue;
        seen.add(id);
        firstReceptions += 1;
      }
    },

    onLinked(host: number, open: number): void {
      links.set(host, open);
      linksMax = Math.max(linksMax, open);
    },

    figures(): Figures {
      const byLatency = latencies.toSorted((a, b) => a - b);
      const byHops = hops.toSorted((a, b) => a - b);
      const deliveries = hops.length;
      return {
        redundancy: rounded(firstReceptions === 0 ? null : receptions / firstReceptions - 1, 3),
        hopsP50: quantile(byHops, 0.5),
        hopsMax: byHops.at(-1) ?? null,
        latencyP50: rounded(quantile(byLatency, 0.5)),
        latencyP95: rounded(quantile(byLatency, 0.95)),
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
