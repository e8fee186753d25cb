// One blob on its way here: which of its lists and blocks are missing, whom they are asked of, and what came.
// Every list is checked against the hash that named it, every block against its list, the whole at the end (SPEC C3).
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { decodeList } from '../model/blocklist.ts';
import { toHash, type GroveId, type Hash, type LinkId } from '../model/ids.ts';
import type { StoreFailure, WriteOp } from '../ports.ts';
import { readHeld, readLists, type BlockRef } from './blobs.ts';
import { blobKey, blockKey, heldKey, listKey } from './keys.ts';
import { decodeBlobRecord, encodeBlobRecord } from './record.ts';

export interface BlobWant {
  grove: GroveId;
  hash: Hash;
  size: number;
  /** Of its block list, authenticated by a signed entry. */
  root: Hash;
}

export type TransferState = 'queued' | 'receiving' | 'verifying' | 'complete' | 'stalled' | 'failed';

export interface TransferInfo {
  grove: GroveId;
  hash: Hash;
  size: number;
  received: number;
  sources: number;
  state: TransferState;
  reason?: string;
}

interface Source {
  asked: Set<Hash>;
  /** When it last sent something we asked for, or was first asked. */
  heardAt: number;
  /** It said it lacks this blob, or sent bytes that don't match: it is asked no more for it. */
  spent: boolean;
}

export interface TransferHooks {
  /** BLAKE3-256 of a block, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Links on which a grove that names the blob is open. */
  holders: (want: BlobWant) => readonly LinkId[];
  /** Whether another transfer already fetches this block: equal blocks are fetched once (SPEC C6). */
  isUnderWay: (block: Hash, transfer: Transfer) => boolean;
  stored: (blocks: ReadonlySet<Hash>, transfer: Transfer) => void;
  changed: (transfer: Transfer) => void;
  storeFailed: (failure: StoreFailure, message: string) => void;
}

export type Transfer = ReturnType<typeof createTransfer>;

export function createTransfer(want: BlobWant, context: Context, hooks: TransferHooks) {
  const { cas } = CONFIG;
  const sources = new Map<LinkId, Source>();
  let state: TransferState = 'queued';
  let reason: string | undefined;
  let blocks: readonly BlockRef[] = [];
  /** Its blocks are known, and which of them are held: before that, to wait for nothing doesn't mean to be done. */
  let planned = false;
  const sizes = new Map<Hash, number>();
  /** Wanted and not asked of anyone yet, in the order of the blob. */
  const missing = new Map<Hash, number>();
  const wantedLists = new Set<Hash>();
  const asked = new Map<Hash, LinkId>();
  let buffer: { hash: Hash; bytes: Uint8Array }[] = [];
  let unwritten = 0;
  let writing = false;
  let received = 0;
  let closed = false;

  function become(next: TransferState, why?: string): void {
    state = next;
    reason = why;
    hooks.changed(self);
  }

  function usable(): LinkId[] {
    return hooks.holders(want).filter((link) => sources.get(link)?.spent !== true);
  }

  function source(link: LinkId): Source {
    const existing = sources.get(link);
    if (existing !== undefined) return existing;
    const fresh = { asked: new Set<Hash>(), heardAt: context.now(), spent: false };
    sources.set(link, fresh);
    return fresh;
  }

  // ---- plan -------------------------------------------------------------------------------------------

  function start(): void {
    become('receiving');
    context.read('blobs', [blobKey(want.hash)], (values) => {
      if (closed) return;
      const record = isFailure(values) ? null : (values[0] ?? null);
      const decoded = record && decodeBlobRecord(record);
      if (decoded?.ok && decoded.value.complete) {
        received = want.size;
        return become('complete');
      }
      plan();
    });
  }

  function plan(): void {
    readLists(want.root, context, (found) => {
      if (closed) return;
      if (found === null) return fail('the store could not be read');
      if (found.missing.length > 0) {
        for (const list of found.missing) wantedLists.add(list);
        return request();
      }
      const total = found.blocks.reduce((sum, { size }) => sum + size, 0);
      if (total !== want.size) return fail(`its block list adds up to ${total} bytes, not ${want.size}`);
      blocks = found.blocks;
      readHeld(blocks, context, (held) => {
        if (closed) return;
        if (held === null) return fail('the store could not be read');
        received = 0;
        for (const { hash, size } of blocks) {
          sizes.set(hash, size);
          if (held.has(hash)) received += size;
          else missing.set(hash, size);
        }
        planned = true;
        request();
      });
    });
  }

  /** Asks each source for as much as its window allows; lists before blocks. */
  function request(): void {
    if (closed || (state !== 'receiving' && state !== 'stalled')) return;
    const links = usable();
    for (const list of [...wantedLists]) {
      if (asked.has(list)) continue;
      const link = links.find((each) => source(each).asked.size < cas.window);
      if (link === undefined) break;
      ask(link, list);
      context.send(link, { type: 'want-list', grove: want.grove, blob: want.hash, list }, 'control');
    }
    for (const link of links) {
      const share = pick(source(link));
      if (share.length === 0) continue;
      for (const block of share) {
        missing.delete(block);
        ask(link, block);
      }
      context.send(
        link,
        { type: 'want-blocks', grove: want.grove, blob: want.hash, blocks: share },
        'control',
      );
    }
    const waits = wantedLists.size + missing.size + asked.size > 0;
    if (!waits && unwritten === 0) return planned ? finish() : undefined;
    if (asked.size === 0 && unwritten === 0) {
      if (state !== 'stalled')
        become('stalled', links.length === 0 ? 'nobody here has it now' : 'waiting for a source');
    } else if (state === 'stalled') become('receiving');
  }

  /** The next blocks in the order of the blob that nobody fetches yet, as many as this source may owe besides. */
  function pick(from: Source): Hash[] {
    const share: Hash[] = [];
    const room = cas.window - from.asked.size;
    let bytes = [...from.asked].reduce((sum, hash) => sum + (sizes.get(hash) ?? 0), 0);
    for (const [hash, size] of missing) {
      if (share.length >= room || bytes + size > cas.windowBytes) break;
      if (hooks.isUnderWay(hash, self)) continue;
      share.push(hash);
      bytes += size;
    }
    return share;
  }

  function ask(link: LinkId, hash: Hash): void {
    const from = source(link);
    if (from.asked.size === 0) from.heardAt = context.now();
    from.asked.add(hash);
    asked.set(hash, link);
  }

  /** What was asked of a source goes back in line. */
  function release(link: LinkId, hashes: Iterable<Hash>): void {
    for (const hash of [...hashes]) {
      if (asked.get(hash) !== link) continue;
      asked.delete(hash);
      sources.get(link)?.asked.delete(hash);
      if (wantedLists.has(hash)) continue;
      const size = sizes.get(hash);
      if (size !== undefined) missing.set(hash, size);
    }
  }

  // ---- what comes -------------------------------------------------------------------------------------

  /** Whether this link was asked for it by us; and if so, whether it is what it should be. */
  function accept(link: LinkId, hash: Hash, bytes: Uint8Array): 'not-asked' | 'bad' | 'good' {
    if (asked.get(hash) !== link) return 'not-asked';
    const from = source(link);
    if (toHash(hooks.hash(bytes)) !== hash) {
      context.count('blocks.bad');
      from.spent = true;
      release(link, from.asked);
      request();
      return 'bad';
    }
    from.heardAt = context.now();
    from.asked.delete(hash);
    asked.delete(hash);
    return 'good';
  }

  function onList(link: LinkId, hash: Hash, bytes: Uint8Array): boolean {
    if (!wantedLists.has(hash)) return false;
    const verdict = accept(link, hash, bytes);
    if (verdict !== 'good') return verdict === 'bad';
    wantedLists.delete(hash);
    if (!decodeList(bytes).ok) {
      fail('its block list is malformed');
      return true;
    }
    write([{ op: 'put', table: 'blobs', key: listKey(hash), value: bytes }], () => {
      if (wantedLists.size === 0) plan();
      else request();
    });
    return true;
  }

  function onBlock(link: LinkId, hash: Hash, bytes: Uint8Array): boolean {
    const verdict = accept(link, hash, bytes);
    if (verdict !== 'good') return verdict === 'bad';
    buffer.push({ hash, bytes });
    unwritten += 1;
    flush();
    request();
    return true;
  }

  function flush(): void {
    if (writing || buffer.length === 0) return;
    const batch = buffer.splice(0, cas.writeBlocks);
    writing = true;
    const ops = batch.flatMap(({ hash, bytes }): WriteOp[] => [
      { op: 'put', table: 'blocks', key: blockKey(hash), value: bytes },
      { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
    ]);
    write(ops, () => {
      writing = false;
      unwritten -= batch.length;
      const stored = new Set(batch.map(({ hash }) => hash));
      note(stored);
      hooks.stored(stored, self);
      flush();
      request();
    });
  }

  /** These are in the store now. A block may stand in a blob more than once. */
  function note(stored: ReadonlySet<Hash>): void {
    for (const { hash, size } of blocks) if (stored.has(hash)) received += size;
    hooks.changed(self);
  }

  function write(ops: readonly WriteOp[], then: () => void): void {
    context.write(ops, 'relaxed', (failure) => {
      if (closed) return;
      if (failure === null) return then();
      writing = false;
      buffer = [];
      hooks.storeFailed(failure.failure, failure.message);
      fail(failure.message);
    });
  }

  // ---- the end ----------------------------------------------------------------------------------------

  function finish(): void {
    become('verifying');
    context.hashBlob(
      blocks.map(({ hash }) => hash),
      (hash) => {
        if (closed) return;
        if (hash !== want.hash) {
          context.count('blobs.bad');
          return fail(hash === null ? 'a stored block is gone' : 'its bytes are not what its hash says');
        }
        const record = encodeBlobRecord({ size: want.size, root: want.root, complete: true });
        context.write(
          [{ op: 'put', table: 'blobs', key: blobKey(want.hash), value: record }],
          'strict',
          (failure) => {
            if (closed) return;
            if (failure === null) return become('complete');
            hooks.storeFailed(failure.failure, failure.message);
            fail(failure.message);
          },
        );
      },
    );
  }

  function fail(why: string): void {
    for (const [link, { asked: hashes }] of sources) {
      const open = [...hashes];
      if (open.length > 0) context.send(link, { type: 'cancel', blob: want.hash, blocks: open }, 'control');
    }
    asked.clear();
    missing.clear();
    wantedLists.clear();
    sources.clear();
    become('failed', why);
  }

  const self = {
    want,
    info: (): TransferInfo => ({
      grove: want.grove,
      hash: want.hash,
      size: want.size,
      received: Math.min(received, want.size),
      sources: [...sources.values()].filter(({ asked: hashes }) => hashes.size > 0).length,
      state,
      ...(reason === undefined ? {} : { reason }),
    }),
    start,
    onList,
    onBlock,

    onLack(link: LinkId, hashes: readonly Hash[]): void {
      const from = sources.get(link);
      if (from === undefined) return;
      from.spent = true;
      release(link, hashes);
      release(link, from.asked);
      request();
    },

    fetches: (block: Hash): boolean => asked.has(block) || buffer.some(({ hash }) => hash === block),

    /** Another transfer stored blocks that we may want too. */
    onStored(stored: ReadonlySet<Hash>): void {
      const ours = new Set([...stored].filter((hash) => missing.delete(hash)));
      if (ours.size > 0) note(ours);
      request();
    },

    /** A link may be asked (again): it opened a grove, or said that it holds what it lacked. */
    linkUp(link: LinkId, fresh: boolean): void {
      if (fresh) sources.delete(link);
      request();
    },

    linkGone(link: LinkId): void {
      const from = sources.get(link);
      if (from === undefined) return;
      release(link, from.asked);
      sources.delete(link);
      request();
    },

    /** Sources that owe for too long are left for others. */
    tick(now: number): void {
      for (const [link, from] of sources) {
        if (from.asked.size === 0 || now - from.heardAt < cas.requestTimeout) continue;
        context.count('blocks.timeout');
        from.spent = true;
        release(link, from.asked);
      }
      request();
    },

    nextWake(): number | null {
      const heard = [...sources.values()]
        .filter(({ asked: hashes }) => hashes.size > 0)
        .map(({ heardAt }) => heardAt);
      return heard.length === 0 ? null : Math.min(...heard) + cas.requestTimeout;
    },

    close(): void {
      closed = true;
    },
  };
  return self;
}
