// Gives the runs that others ask for: one frame's worth at a time, while the channel keeps up (SPEC S5).
// Knows nothing of who lacks what.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Log, LogEntry, Run } from './log.ts';
import { oneBatch, readEntries, sendEntries } from './outgoing.ts';
import type { WireEntry } from '../wire/frame.ts';

interface Line {
  backlog: LogEntry[];
  reading: boolean;
  /** Per author the lowest seq that could not be read: nothing above it is of use to who asks. */
  holes: Map<PeerId, number>;
}

export type Serving = ReturnType<typeof createServing>;

export function createServing(
  grove: GroveId,
  log: Log,
  context: Context,
  hash: (bytes: Uint8Array) => Uint8Array,
  /** These could not be read. */
  lost: (entries: readonly LogEntry[]) => void,
) {
  const { sync } = CONFIG;
  const lines = new Map<LinkId, Line>();

  function pump(link: LinkId, line: Line): void {
    if (line.reading || line.backlog.length === 0 || context.outstanding(link) >= sync.windowBytes) return;
    const wanted = oneBatch(line.backlog);
    line.reading = true;
    readEntries(grove, wanted, context, hash, (entries) => {
      line.reading = false;
      if (lines.get(link) !== line) return;
      const found: WireEntry[] = [];
      const gone: LogEntry[] = [];
      wanted.forEach((kept, at) => {
        const entry = entries[at] ?? null;
        if (entry === null) gone.push(kept);
        if (entry === null && !line.holes.has(kept.author)) line.holes.set(kept.author, kept.seq);
        if (entry !== null && kept.seq < (line.holes.get(kept.author) ?? Infinity)) found.push(entry);
      });
      // A few are wanted now; many wait behind what is quick.
      const lane = wanted.reduce((sum, { bytes }) => sum + bytes, 0) > sync.pushBytes ? 'bulk' : 'control';
      sendEntries(found, (batch) =>
        context.send(link, { type: 'entries', grove, why: 'sync', hops: 0, entries: batch }, lane),
      );
      if (line.backlog.length === 0) lines.delete(link);
      else pump(link, line);
      if (gone.length > 0) lost(gone);
    });
  }

  return {
    /** Each run goes up to a verified signature, which covers it: beyond what is asked where there is none before. */
    give(link: LinkId, runs: readonly Run[]): void {
      const line = lines.get(link) ?? { backlog: [], reading: false, holes: new Map<PeerId, number>() };
      const already = new Set(line.backlog.map(({ id }) => id));
      const news = log.ofRuns(runs).filter(({ id }) => !already.has(id));
      if (news.length === 0) return;
      const ends = new Map(news.map((entry) => [entry.author, entry]));
      const covers = [...ends.values()].flatMap((last) => log.signedFrom(last.id).slice(1));
      const more = covers.filter(({ id }) => !already.has(id) && !news.some((each) => each.id === id));
      lines.set(link, line);
      line.backlog = [...line.backlog, ...news, ...more];
      pump(link, line);
    },

    isServing: (link: LinkId): boolean => lines.has(link),

    drained(link: LinkId): void {
      const line = lines.get(link);
      if (line !== undefined) pump(link, line);
    },

    forget: (link: LinkId): void => void lines.delete(link),
  };
}
