// The logs of all groves: one pipeline each, and the routing to it. Knows nothing of what entries mean, nor how links
// come about.
import type { Context } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';
import type { WriteOp } from '../ports.ts';
import type { Frame, WireEntry } from '../wire/frame.ts';
import type { Log, LogEntry } from './log.ts';
import { readBodies, withoutBodies } from './stored.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts';
import type { Append, Opening } from './types.ts';
import { createUnasked } from './unasked.ts';

export type Sync = ReturnType<typeof createSync>;

/** The frames this machine answers, all of which name a grove. */
export type SyncFrame = Extract<
  Frame,
  {
    type:
      | 'fingerprint'
      | 'vector'
      | 'buckets'
      | 'bucket-rows'
      | 'ihave'
      | 'graft'
      | 'prune'
      | 'entries'
      | 'want-entries'
      | 'want-ids'
      | 'fork'
      | 'want-fork'
      | 'held';
  }
>;

type EntriesFrame = Extract<SyncFrame, { type: 'entries' }>;

const LEFT = { code: 'not-found', message: 'grove: this device left it' } as const;

export function createSync(given: PipelineOptions) {
  const unasked = createUnasked(given.context);
  // What goes out is noted, so that what comes for it isn't taken for a flood.
  const context: Context = {
    ...given.context,
    send(link, frame, lane) {
      unasked.sent(link, frame);
      given.context.send(link, frame, lane);
    },
  };
  const options: PipelineOptions = { ...given, context };
  const groves = new Map<GroveId, Pipeline>();

  function open(id: GroveId): Pipeline {
    const existing = groves.get(id);
    if (existing !== undefined) return existing;
    const pipeline = createPipeline(id, options);
    groves.set(id, pipeline);
    return pipeline;
  }

  function receive(pipeline: Pipeline, link: LinkId, peer: PeerId, frame: EntriesFrame): void {
    const { why, hops } = frame;
    const verdict = context.verdict();
    const entries = frame.entries.slice(0, unasked.take(link, frame.entries.length));
    if (entries.length < frame.entries.length) {
      context.count('entries.flooded', frame.entries.length - entries.length);
      verdict('dropped');
      pipeline.exchange.lookAgain(link);
    }
    if (entries.length > 0) pipeline.receive({ link, peer, entries, why, hops: hops + 1, verdict });
  }

  const kept = (id: GroveId, entries: readonly EntryId[]): LogEntry[] =>
    entries.flatMap((entry) => groves.get(id)?.log.get(entry) ?? []);

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
      else pipeline.append(append);
    },

    remove(id: GroveId): void {
      const waiting = groves.get(id)?.close() ?? [];
      groves.delete(id);
      for (const append of waiting) append.then(LEFT);
    },

    /** Where logs end before their authors did. False: the grove is to be read anew, by these. */
    cutOff: (id: GroveId, cuts: ReadonlyMap<PeerId, Cut>): boolean => groves.get(id)?.cutOff(cuts) ?? true,

    /** Reads the log anew, as if the device had just started; what is to be appended waits for that. */
    reload(id: GroveId, cuts: ReadonlyMap<PeerId, Cut> | null = null): void {
      const before = groves.get(id);
      const waiting = before?.close() ?? [];
      groves.delete(id);
      const fresh = open(id);
      fresh.load(cuts ?? before?.log.quarantine.cuts ?? null);
      for (const append of waiting) fresh.append(append);
    },

    setOpening(id: GroveId, link: LinkId, peer: PeerId, opening: Opening): void {
      groves.get(id)?.exchange.setOpening(link, peer, opening);
    },

    setNeighbour(id: GroveId, link: LinkId, active: boolean): void {
      groves.get(id)?.exchange.setNeighbour(link, active);
    },

    /** Links over which new entries are pushed. */
    eagerLinks: (id: GroveId): readonly LinkId[] => groves.get(id)?.exchange.broadcast.eager() ?? [],

    linkGone(link: LinkId): void {
      unasked.forget(link);
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
          return receive(pipeline, link, peer, frame);
        case 'fingerprint':
        case 'vector':
        case 'buckets':
        case 'bucket-rows':
          return pipeline.exchange.onCompare(link, frame);
        case 'ihave':
        case 'graft':
        case 'prune':
          return pipeline.exchange.onBroadcast(link, frame);
        case 'want-entries':
          return pipeline.exchange.onWant(link, frame.runs);
        case 'want-ids':
          return pipeline.onWantIds(link, frame.ids);
        case 'fork':
        case 'want-fork':
          return pipeline.onFork(link, frame);
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

    /** The bodies of these entries, wherever they lie; null where one isn't here. */
    readBodies(
      id: GroveId,
      entries: readonly EntryId[],
      then: (bodies: (Uint8Array | null)[]) => void,
    ): void {
      readBodies(id, kept(id, entries), context, then);
    },

    /** What takes the bodies of these entries out of the segments they lie in (SPEC S15). */
    withoutBodies(id: GroveId, entries: readonly EntryId[], then: (ops: WriteOp[]) => void): void {
      withoutBodies(id, kept(id, entries), context, then);
    },

    drained(link: LinkId): void {
      for (const pipeline of groves.values()) pipeline.exchange.drained(link);
    },
  };
}
