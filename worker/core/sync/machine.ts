// The logs of all groves: one pipeline each, and the routing to it. Knows nothing of what entries mean, nor how links
// come about.
import type { Entry } from '../model/entry.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Frame, WireEntry } from '../wire/frame.ts';
import type { Log } from './log.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts';
import type { Append, Opening } from './types.ts';

export type Sync = ReturnType<typeof createSync>;

/** The frames this machine answers, all of which name a grove. */
export type SyncFrame = Extract<Frame, { type: 'vector' | 'entries' | 'want-entries' | 'want-ids' | 'held' }>;

const LEFT = { code: 'not-found', message: 'grove: this device left it' } as const;

/** Why a device that erased a grove and came back can't write yet (SPEC S11). */
const EARLIER =
  'this device was in the grove before: its own earlier entries have to come back from another member first';

export function createSync(options: PipelineOptions) {
  const { context } = options;
  const groves = new Map<GroveId, Pipeline>();

  function open(id: GroveId): Pipeline {
    const existing = groves.get(id);
    if (existing !== undefined) return existing;
    const pipeline = createPipeline(id, options);
    groves.set(id, pipeline);
    return pipeline;
  }

  return {
    log: (id: GroveId): Log | null => groves.get(id)?.log ?? null,
    pipeline: (id: GroveId): Pipeline | null => groves.get(id) ?? null,

    /** Reads a grove's log back; `loaded` follows. */
    load(id: GroveId): void {
      open(id).load();
    },

    /** Writes a contract, and with it founds the grove whose id is the entry's. */
    found(id: GroveId, contract: Entry, append: Append): void {
      open(id).append({ ...append, entry: contract });
    },

    append(id: GroveId, append: Append): void {
      const pipeline = groves.get(id);
      if (pipeline === undefined) append.then(LEFT);
      else if ((pipeline.log.head(options.keypair.id)?.seq ?? 0) < options.hooks.resumeFrom(id))
        append.then({ code: 'busy', message: EARLIER });
      else pipeline.append(append);
    },

    remove(id: GroveId): void {
      const waiting = groves.get(id)?.close() ?? [];
      groves.delete(id);
      for (const append of waiting) append.then(LEFT);
    },

    /** Reads the log anew, as if the device had just started; what is to be appended waits for that. */
    reload(id: GroveId): void {
      const waiting = groves.get(id)?.close() ?? [];
      groves.delete(id);
      const fresh = open(id);
      fresh.load();
      for (const append of waiting) fresh.append(append);
    },

    setOpening(id: GroveId, link: LinkId, peer: PeerId, opening: Opening): void {
      groves.get(id)?.exchange.setOpening(link, peer, opening);
    },

    linkGone(link: LinkId): void {
      for (const pipeline of groves.values()) pipeline.linkGone(link);
    },

    frame(link: LinkId, peer: PeerId, frame: SyncFrame): void {
      const pipeline = groves.get(frame.grove);
      if (pipeline === undefined || pipeline.exchange.opening(link) === 'closed') {
        context.count('frames.closed');
        return;
      }
      switch (frame.type) {
        case 'entries':
          return pipeline.receive({
            link,
            peer,
            entries: frame.entries,
            why: frame.why,
            hops: frame.hops + 1,
          });
        case 'vector':
          return pipeline.exchange.onVector(link, frame.rows, frame.reply);
        case 'want-entries':
          return pipeline.exchange.onWant(link, frame.runs);
        case 'want-ids':
          return pipeline.onWantIds(link, frame.ids);
        case 'held':
          return pipeline.exchange.onHeld(link, frame.entry);
      }
    },

    /** Entries that came outside an opened grove: those handed over at admission. */
    receive(id: GroveId, link: LinkId, peer: PeerId, entries: readonly WireEntry[]): void {
      groves.get(id)?.receive({ link, peer, entries, why: 'want', hops: 0 });
    },

    holds: (id: GroveId, link: LinkId, entry: EntryId): boolean => {
      const pipeline = groves.get(id);
      const kept = pipeline?.log.get(entry) ?? null;
      return kept !== null && pipeline?.exchange.holds(link, kept.author, kept.seq) === true;
    },

    drained(link: LinkId): void {
      for (const pipeline of groves.values()) pipeline.exchange.drained(link);
    },

    tick(now: number): void {
      for (const pipeline of groves.values()) pipeline.exchange.tick(now);
    },

    nextWake: (): number | null =>
      [...groves.values()].reduce<number | null>((soonest, { exchange }) => {
        const wake = exchange.nextWake();
        return wake !== null && (soonest === null || wake < soonest) ? wake : soonest;
      }, null),
  };
}
