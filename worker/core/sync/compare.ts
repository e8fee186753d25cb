// Finds out what two neighbours hold differently of one grove: fingerprints first, then vectors, in buckets where they
// are long (SPEC S5). Knows nothing of what is done about it.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { concat, equalBytes, uint32, utf8 } from '../model/bytes.ts';
import { compareIds, idBytes, type GroveId, type LinkId, type PeerId } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import { BUCKETS, MAX_VECTOR_ROWS, type Frame } from '../wire/frame.ts';
import type { Log, VectorRow } from './log.ts';
import { createVectors } from './vectors.ts';

export type CompareFrame = Extract<Frame, { type: 'fingerprint' | 'vector' | 'buckets' | 'bucket-rows' }>;

export interface CompareOptions {
  grove: GroveId;
  log: Log;
  self: PeerId;
  context: Context;
  /** The hash of what is derived, where nothing that is held by others is missing here; else null. */
  views: () => Uint8Array | null;
  peerOf: (link: LinkId) => PeerId | null;
  /** Vectors are equal. `differ`: what was derived from them is not. */
  equal: (link: LinkId, differ: boolean) => void;
  /** What the other holds. `buckets`: only of these authors, and of all others just what is here. */
  rows: (link: LinkId, rows: readonly VectorRow[], buckets: ReadonlySet<number> | null) => void;
}

/** Of a vector the bucket that an author's row is in. */
export const bucketOf = (author: PeerId): number => parseInt(author.slice(0, 2), 16) >> 2;

const rowBytes = ({ author, seq, id }: VectorRow): Uint8Array =>
  concat(idBytes(author), uint32(Math.floor(seq / 2 ** 32)), uint32(seq % 2 ** 32), idBytes(id));

const hashRows = (rows: readonly VectorRow[]): Uint8Array =>
  hash32(utf8('vector'), ...rows.map((row) => rowBytes(row)));

export function createCompare(options: CompareOptions) {
  const { grove, log, self, context } = options;
  const { sync } = CONFIG;
  const vectors = createVectors(grove, log, context);
  const comparedAt = new Map<LinkId, number>();
  /** Asked for their vectors at once, and not answered yet. */
  const asked = new Set<LinkId>();
  let cache: { size: number; rows: VectorRow[]; hash: Uint8Array; buckets: Uint8Array[] | null } | null =
    null;

  function own(): NonNullable<typeof cache> {
    if (cache?.size === log.size) return cache;
    const rows = log.vector().sort((a, b) => compareIds(a.author, b.author));
    cache = { size: log.size, rows, hash: hashRows(rows), buckets: null };
    return cache;
  }

  function bucketHashes(): Uint8Array[] {
    const state = own();
    if (state.buckets !== null) return state.buckets;
    const parts = Array.from({ length: BUCKETS }, (): VectorRow[] => []);
    for (const row of state.rows) parts[bucketOf(row.author)]?.push(row);
    state.buckets = parts.map((rows) => hashRows(rows));
    return state.buckets;
  }

  /** The hash of what is derived is told once vectors are known to be equal: only then it says something. */
  function sendFingerprint(link: LinkId, reply: boolean, views: Uint8Array | null = null): void {
    const { hash } = own();
    if (reply) comparedAt.set(link, context.elapsed());
    context.send(link, { type: 'fingerprint', grove, reply, count: log.size, hash, views }, 'control');
  }

  /** Who holds no more than the contract knows that the other holds something else, and asks at once what that is. */
  function begin(link: LinkId): void {
    if (log.size > 1) return sendFingerprint(link, true);
    comparedAt.set(link, context.elapsed());
    asked.add(link);
    vectors.send(link, true);
  }

  /** Our vector, whole or by buckets; the other's comes back. */
  function sendVector(link: LinkId): void {
    comparedAt.set(link, context.elapsed());
    if (own().rows.length <= sync.bucketsFrom) vectors.send(link, true);
    else context.send(link, { type: 'buckets', grove, reply: true, hashes: bucketHashes() }, 'control');
  }

  function sendBucketRows(link: LinkId, buckets: readonly number[], reply: boolean): void {
    const rows = own().rows;
    let some: number[] = [];
    let part: VectorRow[] = [];
    const flush = (): void => {
      if (some.length > 0)
        context.send(link, { type: 'bucket-rows', grove, reply, buckets: some, rows: part }, 'control');
      some = [];
      part = [];
    };
    for (const bucket of buckets) {
      const more = rows.filter(({ author }) => bucketOf(author) === bucket).slice(0, MAX_VECTOR_ROWS);
      if (part.length + more.length > MAX_VECTOR_ROWS) flush();
      some.push(bucket);
      part.push(...more);
    }
    flush();
  }

  const lately = (link: LinkId, within: number): boolean =>
    context.elapsed() - (comparedAt.get(link) ?? -Infinity) < within;

  function onFingerprint(link: LinkId, frame: Extract<CompareFrame, { type: 'fingerprint' }>): void {
    const mine = own();
    // It began at the same time; the answer to our vector is on its way, unless we are no member there yet.
    if (asked.has(link)) return sendSoon(link, sync.answerWithin);
    if (equalBytes(frame.hash, mine.hash)) {
      const views = frame.views === null ? null : options.views();
      options.equal(link, views !== null && frame.views !== null && !equalBytes(views, frame.views));
      // It asked, and may not have been asked itself.
      if (frame.reply) vectors.answer(link, () => sendFingerprint(link, false, options.views()));
      return;
    }
    const peer = options.peerOf(link);
    const since = lately(link, sync.compareAgain);
    if (!frame.reply && since && comparedAt.has(link)) return sendSoon(link);
    // Both asked at once: the lower key's vector goes first.
    if (since && peer !== null && compareIds(self, peer) > 0) return sendSoon(link);
    vectors.answer(link, () => sendVector(link));
  }

  /** If nothing comes of what is under way. */
  function sendSoon(link: LinkId, within: number = sync.compareAgain): void {
    const timer = `compare/${grove}/${link}`;
    if (context.isScheduled(timer)) return;
    context.schedule(timer, context.elapsed() + within, () => {
      asked.delete(link);
      if (options.peerOf(link) !== null) sendFingerprint(link, true);
    });
  }

  function onBuckets(link: LinkId, frame: Extract<CompareFrame, { type: 'buckets' }>): void {
    if (frame.hashes.length !== BUCKETS) return context.count('vectors.malformed');
    const mine = bucketHashes();
    const unequal = frame.hashes.flatMap((hash, bucket) => {
      const own = mine[bucket];
      return own !== undefined && equalBytes(own, hash) ? [] : [bucket];
    });
    vectors.answer(link, () => sendBucketRows(link, unequal, true));
  }

  return {
    /** Asks for the other's fingerprint, or whatever of its vector is not as ours. */
    compare: begin,

    /** Our vector, to who asked for it. */
    tell(link: LinkId): void {
      comparedAt.set(link, context.elapsed());
      vectors.answer(link, () => vectors.send(link, false));
    },

    /** The same, unless that was done just now. */
    compareAgain(link: LinkId): void {
      if (lately(link, sync.compareAgain)) sendSoon(link);
      else sendFingerprint(link, true);
    },

    /** What we hold now, so that the other knows. */
    confirm: (link: LinkId): void => sendFingerprint(link, false),

    /** Asks for a vector without telling anything (SPEC A3). */
    askOnly: (link: LinkId): void =>
      context.send(link, { type: 'vector', grove, reply: true, rows: [] }, 'control'),

    /** Full vectors, whatever the fingerprints say. */
    resync: (link: LinkId): void => vectors.send(link, true),

    onFrame(link: LinkId, frame: CompareFrame): void {
      context.schedule(`compare/${grove}/${link}`, null, () => undefined);
      switch (frame.type) {
        case 'fingerprint':
          return onFingerprint(link, frame);
        case 'buckets':
          return onBuckets(link, frame);
        case 'bucket-rows': {
          const buckets = new Set(frame.buckets);
          const rows = frame.rows.filter(({ author }) => buckets.has(bucketOf(author)));
          options.rows(link, rows, buckets);
          if (frame.reply) vectors.answer(link, () => sendBucketRows(link, [...buckets], false));
          return;
        }
        case 'vector': {
          asked.delete(link);
          const rows = vectors.whole(link, frame.rows);
          if (rows === null) return;
          if (frame.reply) vectors.answer(link, () => vectors.send(link, false));
          options.rows(link, rows, null);
        }
      }
    },

    forget(link: LinkId): void {
      vectors.forget(link);
      comparedAt.delete(link);
      asked.delete(link);
      context.schedule(`compare/${grove}/${link}`, null, () => undefined);
    },
  };
}
