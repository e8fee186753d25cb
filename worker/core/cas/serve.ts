// Answers want-list and want-blocks from the store, a few at a time per link, as fast as its channel takes them.
// Serves only what a grove open on that link names (SPEC C7).
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { MAX_BLOCK } from '../model/blocklist.ts';
import { toHash, type GroveId, type Hash, type LinkId } from '../model/ids.ts';
import { createListCache } from './blobs.ts';
import { blockKey, listKey } from './keys.ts';

type What = 'list' | 'block';

interface Request {
  grove: GroveId;
  blob: Hash;
  what: What;
  hash: Hash;
}

interface Line {
  queue: Request[];
  busy: boolean;
  /** What is being read for it. */
  reading: Request[];
}

export interface ServeHooks {
  /** BLAKE3-256 of a block, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Roots that the log of this grove names for the blob, if the grove is open on this link; else none. */
  rootsOf(link: LinkId, grove: GroveId, blob: Hash): readonly Hash[];
}

export function createServing(context: Context, hooks: ServeHooks) {
  const { cas } = CONFIG;
  const lines = new Map<LinkId, Line>();
  const contentsOf = createListCache(context);

  function lack(link: LinkId, blob: Hash, hashes: readonly Hash[]): void {
    if (hashes.length > 0) context.send(link, { type: 'lack', blob, hashes: [...hashes] }, 'control');
  }

  function enqueue(link: LinkId, requests: readonly Request[]): void {
    const line = lines.get(link) ?? { queue: [], busy: false, reading: [] };
    lines.set(link, line);
    const room = cas.serveQueue - line.queue.length;
    line.queue.push(...requests.slice(0, room));
    const refused = requests.slice(room);
    if (refused.length > 0) context.count('blocks.overflow', refused.length);
    const [first] = refused;
    if (first !== undefined)
      lack(
        link,
        first.blob,
        refused.map(({ hash }) => hash),
      );
    pump(link, line);
  }

  function pump(link: LinkId, line: Line): void {
    const [first] = line.queue;
    if (line.busy || first === undefined || context.outstanding(link) >= cas.serveWindow) return;
    const other = line.queue.findIndex(
      ({ grove, blob, what }) => grove !== first.grove || blob !== first.blob || what !== first.what,
    );
    const alike = other < 0 ? line.queue.length : other;
    const batch = line.queue.splice(0, Math.min(alike, first.what === 'list' ? 1 : cas.serveRead));
    line.busy = true;
    line.reading = batch;
    answer(
      link,
      line,
      first,
      batch.map(({ hash }) => hash),
    );
  }

  /** Only what hangs below a signed root is looked up: what else lies in the store is nobody's business. */
  function answer(link: LinkId, line: Line, { grove, blob, what }: Request, hashes: readonly Hash[]): void {
    belonging(hooks.rootsOf(link, grove, blob), what, hashes, (known) => {
      if (lines.get(link) !== line) return;
      const wanted = hashes.filter((hash) => known.has(hash));
      lack(
        link,
        blob,
        hashes.filter((hash) => !known.has(hash)),
      );
      const [table, key] = what === 'list' ? (['blobs', listKey] as const) : (['blocks', blockKey] as const);
      context.read(table, wanted.map(key), (values) => {
        line.busy = false;
        line.reading = [];
        if (lines.get(link) !== line) return;
        wanted.forEach((hash, index) => {
          const bytes = isFailure(values) ? null : (values[index] ?? null);
          if (bytes === null || !isSound(hash, bytes)) return lack(link, blob, [hash]);
          context.count('blocks.served');
          context.send(
            link,
            what === 'list' ? { type: 'list', list: hash, bytes } : { type: 'block', block: hash, bytes },
            'bulk',
          );
        });
        pump(link, line);
      });
    });
  }

  /** Damaged on this disk, it would be held against us. */
  function isSound(hash: Hash, bytes: Uint8Array): boolean {
    if (bytes.length <= MAX_BLOCK && toHash(hooks.hash(bytes)) === hash) return true;
    context.count('store.corrupt');
    return false;
  }

  /** Which of these hang below one of the roots. */
  function belonging(
    roots: readonly Hash[],
    what: What,
    hashes: readonly Hash[],
    then: (known: Set<Hash>) => void,
  ): void {
    const known = new Set<Hash>();
    const next = (index: number): void => {
      const root = roots[index];
      if (root === undefined || known.size === hashes.length) return then(known);
      contentsOf(root, (contents) => {
        for (const hash of hashes) if (contents[what].has(hash)) known.add(hash);
        next(index + 1);
      });
    };
    next(0);
  }

  const requests = (): Request[] =>
    [...lines.values()].flatMap(({ queue, reading }) => [...queue, ...reading]);

  return {
    /** Blobs of which somebody waits for something. */
    blobs: (): Hash[] => [...new Set(requests().map(({ blob }) => blob))],
    isServing: (hash: Hash): boolean => requests().some((each) => each.blob === hash || each.hash === hash),

    wantList(link: LinkId, grove: GroveId, blob: Hash, list: Hash): void {
      if (hooks.rootsOf(link, grove, blob).length === 0) return lack(link, blob, [list]);
      enqueue(link, [{ grove, blob, what: 'list', hash: list }]);
    },

    wantBlocks(link: LinkId, grove: GroveId, blob: Hash, blocks: readonly Hash[]): void {
      if (hooks.rootsOf(link, grove, blob).length === 0) return lack(link, blob, blocks);
      enqueue(
        link,
        [...new Set(blocks)].map((hash) => ({ grove, blob, what: 'block', hash })),
      );
    },

    cancel(link: LinkId, blob: Hash, blocks: readonly Hash[]): void {
      const line = lines.get(link);
      if (line === undefined) return;
      const gone = new Set(blocks);
      line.queue = line.queue.filter((each) => each.blob !== blob || !gone.has(each.hash));
    },

    drained(link: LinkId): void {
      const line = lines.get(link);
      if (line !== undefined) pump(link, line);
    },

    linkGone(link: LinkId): void {
      lines.delete(link);
    },
  };
}
