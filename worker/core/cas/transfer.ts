// One blob on its way here: which of its lists and blocks are missing, whom they are asked of, and what came.
// Every list is checked against the hash that named it, every block against its list, the whole at the end (SPEC C3).
import { isFailure, type Context, type Failure } from '../context.ts';
import { MAX_LIST } from '../model/blocklist.ts';
import { toHash, type GroveId, type Hash, type LinkId } from '../model/ids.ts';
import type { StoreFailure, WriteOp } from '../ports.ts';
import { CONFIG } from '../config.ts';
import { Claims, type BlobClaim, type ClaimHooks } from './claims.ts';
import { blobKey, listKey } from './keys.ts';
import { conclude } from './ending.ts';
import { makePlan, type Planned } from './plan.ts';
import { decodeBlobRecord } from './record.ts';
import { createRound, type Round } from './round.ts';
import { Sources } from './sources.ts';
import { createBlockWriter } from './writer.ts';

export interface BlobWant {
  grove: GroveId;
  hash: Hash;
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

export interface TransferHooks extends ClaimHooks {
  /** BLAKE3-256 of a block, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Whether another transfer already fetches this block: equal blocks are fetched once (SPEC C6). */
  isUnderWay: (block: Hash, transfer: Transfer) => boolean;
  stored: (blocks: ReadonlySet<Hash>, transfer: Transfer) => void;
  changed: (transfer: Transfer) => void;
  storeFailed: (failure: StoreFailure, message: string) => void;
}

export type Transfer = ReturnType<typeof createTransfer>;

const UNREADABLE = 'the store could not be read';

export function createTransfer(want: BlobWant, context: Context, hooks: TransferHooks) {
  const blob = want.hash;
  const sources = new Sources(context);
  const claims = new Claims(blob, hooks, sources);
  let state: TransferState = 'queued';
  let reason: string | undefined;
  let round: Round | null = null;
  let closed = false;

  function become(next: TransferState, why?: string): void {
    state = next;
    reason = why;
    hooks.changed(self);
  }

  /** An answer that comes after its round was given up says nothing. */
  function during<T>(current: Round, then: (value: T) => void): (value: T) => void {
    return (value) => {
      if (!closed && round === current) then(value);
    };
  }

  // ---- plan -------------------------------------------------------------------------------------------

  function canGoOn(at: Round): boolean {
    if (claims.usable(at.claim).length === 0) return false;
    return at.phase !== 'blocks' || [...at.missing].some((block) => !hooks.isUnderWay(block, self));
  }

  function begin(claim: BlobClaim): void {
    claims.current = claim;
    const fresh = createRound(
      claim,
      createBlockWriter(context, { stored: (blocks) => onWritten(fresh, blocks), failed: failStore }),
    );
    round = fresh;
    become('receiving');
    context.read(
      'blobs',
      [blobKey(blob)],
      during(fresh, (values) => {
        const record = isFailure(values) ? null : (values[0] ?? null);
        const decoded = record && decodeBlobRecord(record);
        if (decoded?.ok && decoded.value.complete) become('complete');
        else plan(fresh);
      }),
    );
  }

  function plan(at: Round): void {
    at.phase = 'planning';
    at.meanwhile.clear();
    makePlan(
      at.claim,
      context,
      during(at, (planned) => onPlan(at, planned)),
    );
  }

  function onPlan(at: Round, planned: Planned): void {
    switch (planned.type) {
      case 'failed':
        return fail(UNREADABLE);
      case 'refuted':
        return refute(planned.why);
      case 'lists':
        at.phase = 'lists';
        for (const list of planned.missing) at.wantedLists.add(list);
        return request();
      case 'blocks':
        at.take(planned.blocks, planned.held);
        return request();
    }
  }

  /** Asks each source for as much as its window allows. */
  function request(): void {
    if (closed || round === null || round.phase === 'planning' || state !== 'receiving') return;
    const at = round;
    const usable = claims.usable(at.claim);
    for (const { link, grove } of usable) {
      for (const list of at.wantedLists) {
        const { count, bytes } = sources.room(link);
        if (sources.isOwed(list) || count < 1 || bytes < MAX_LIST) continue;
        sources.ask(link, list, MAX_LIST);
        context.send(link, { type: 'want-list', grove, blob, list }, 'control');
      }
      const share = pick(at, link);
      for (const block of share) {
        at.missing.delete(block);
        sources.ask(link, block, at.parts.get(block)?.size ?? 0);
      }
      if (share.length > 0)
        context.send(link, { type: 'want-blocks', grove, blob, blocks: share }, 'control');
    }
    if (sources.owed > 0 || at.writer.pending() > 0) return;
    if (at.phase === 'blocks' && at.missing.size === 0) return finish(at);
    become('stalled', usable.length === 0 ? 'nobody here has it now' : 'waiting for a source');
  }

  /** The next blocks in the order of the blob that nobody fetches yet, as many as this source may owe besides. */
  function pick(at: Round, link: LinkId): Hash[] {
    const share: Hash[] = [];
    let { count, bytes } = sources.room(link);
    for (const hash of at.missing) {
      const size = at.parts.get(hash)?.size ?? 0;
      if (count < 1 || bytes < size) break;
      if (hooks.isUnderWay(hash, self)) continue;
      share.push(hash);
      count -= 1;
      bytes -= size;
    }
    return share;
  }

  /** Blocks go back in line; wanted lists are there still. */
  function putBack(hashes: readonly Hash[]): void {
    for (const hash of hashes) if (round?.parts.has(hash) === true) round.missing.add(hash);
  }

  function cancel(link: LinkId, hashes: readonly Hash[]): void {
    if (hashes.length > 0) context.send(link, { type: 'cancel', blob, blocks: [...hashes] }, 'control');
  }

  // ---- what comes -------------------------------------------------------------------------------------

  /** Whether it is wanted of this link, late answers included; and if so, whether it is what it should be. */
  function accept(link: LinkId, hash: Hash, bytes: Uint8Array): 'not-asked' | 'bad' | 'good' {
    const isWanted = sources.isOwed(hash) || round?.missing.has(hash) === true;
    if (!isWanted || !sources.isTrusted(link)) return 'not-asked';
    if (toHash(hooks.hash(bytes)) !== hash) {
      context.count('blocks.bad');
      sources.markBad(link);
      const owed = sources.releaseAll(link);
      putBack(owed);
      cancel(link, owed);
      request();
      return 'bad';
    }
    round?.missing.delete(hash);
    const other = sources.came(link, hash);
    if (other !== null) cancel(other, [hash]);
    return 'good';
  }

  function onList(link: LinkId, hash: Hash, bytes: Uint8Array): boolean {
    const at = round;
    if (at?.wantedLists.has(hash) !== true) return false;
    const verdict = accept(link, hash, bytes);
    if (verdict !== 'good') return verdict === 'bad';
    const put: WriteOp = { op: 'put', table: 'blobs', key: listKey(hash), value: bytes };
    // Wanted until it is written: what is made of the lists is read from the store.
    sources.ask(link, hash, 0);
    context.write(
      [put],
      'relaxed',
      during(at, (failure) => {
        const other = sources.came(link, hash);
        if (other !== null) cancel(other, [hash]);
        if (failure !== null) return failStore(failure);
        at.wantedLists.delete(hash);
        if (at.wantedLists.size === 0) plan(at);
        else request();
      }),
    );
    return true;
  }

  function onBlock(link: LinkId, hash: Hash, bytes: Uint8Array): boolean {
    const part = round?.parts.get(hash);
    if (round === null || part === undefined) return false;
    const verdict = accept(link, hash, bytes);
    if (verdict !== 'good') return verdict === 'bad';
    if (bytes.length === part.size) {
      round.writer.add(hash, bytes);
      request();
    } else refute(`a block of ${bytes.length} bytes stands in its list with ${part.size}`);
    return true;
  }

  function onWritten(at: Round, stored: ReadonlySet<Hash>): void {
    if (closed || round !== at) return;
    note(at, stored);
    hooks.stored(stored, self);
    request();
  }

  /** These are in the store now. A block may stand in a blob more than once. */
  function note(at: Round, stored: ReadonlySet<Hash>): void {
    at.note(stored);
    hooks.changed(self);
  }

  // ---- the end ----------------------------------------------------------------------------------------

  function finish(at: Round): void {
    become('verifying');
    conclude(blob, at.claim, at.blocks, { context, hash: hooks.hash }, (ending) => {
      if (closed || round !== at) return;
      switch (ending.type) {
        case 'complete':
          return become('complete');
        case 'refuted':
          return refute('its bytes are not what its hash says');
        case 'unreadable':
          return fail(UNREADABLE);
        case 'failed':
          return failStore(ending.failure);
        case 'damaged':
          plan(at);
          return become('receiving');
      }
    });
  }

  /** Whoever signed this claim lied; whoever sent what it names did not. Another claim may hold. */
  function refute(why: string): void {
    giveUp();
    if (claims.refute()) become('stalled', why);
    else become('failed', why);
  }

  function fail(why: string): void {
    giveUp();
    become('failed', why);
  }

  function failStore({ failure, message }: Failure): void {
    hooks.storeFailed(failure, message);
    fail(message);
  }

  /** Of the round at hand nothing is wanted any more. */
  function giveUp(): void {
    for (const [link] of sources.owing()) cancel(link, sources.releaseAll(link));
    round?.writer.close();
    round = null;
  }

  const self = {
    want,
    state: (): TransferState => state,
    info: (): TransferInfo => {
      const size = round?.claim.size ?? claims.standing()[0]?.size ?? 0;
      return {
        grove: want.grove,
        hash: blob,
        size,
        received: state === 'complete' ? size : Math.min(round?.received ?? 0, size),
        sources: sources.owing().length,
        state,
        ...(reason === undefined ? {} : { reason }),
      };
    },

    /** Whether it waits for nothing but its turn. */
    isReady(): boolean {
      if (state !== 'queued' && state !== 'stalled') return false;
      return (round !== null && canGoOn(round)) || claims.next() !== null;
    },

    /** Starts, or goes on after a stall. */
    resume(): void {
      if (round !== null && canGoOn(round)) {
        become('receiving');
        return request();
      }
      const next = claims.next();
      if (next === null) return;
      giveUp();
      begin(next);
    },

    onList,
    onBlock,

    onLack(link: LinkId, hashes: readonly Hash[]): void {
      const released = sources.release(link, hashes);
      if (round === null || released.length === 0) return;
      sources.hush(link, round.claim.root);
      putBack(released);
      request();
    },

    fetches: (block: Hash): boolean => sources.isOwed(block) || round?.writer.has(block) === true,

    /** Whether this list or block is of it. Before its plan is made anything may be. */
    uses: (hash: Hash): boolean =>
      round !== null && (round.phase !== 'blocks' || round.parts.has(hash) || round.claim.root === hash),

    /** Another transfer stored blocks that we may want too. */
    onStored(stored: ReadonlySet<Hash>): void {
      const at = round;
      if (at === null) return;
      if (at.phase === 'planning') for (const hash of stored) at.meanwhile.add(hash);
      const ours = new Set([...stored].filter((hash) => at.missing.delete(hash)));
      if (ours.size > 0) note(at, ours);
      if (state === 'stalled' && at.phase === 'blocks' && at.missing.size === 0) become('receiving');
      request();
    },

    /** The other says that it holds what it lacked. */
    forgive: (link: LinkId): void => sources.forgive(link),

    linkGone(link: LinkId): void {
      putBack(sources.gone(link));
      request();
    },

    /** Sources that owe for too long are left for others; what they send late is still taken. */
    tick(now: number): void {
      for (const [link, { heardAt }] of sources.owing()) {
        if (now - heardAt < CONFIG.cas.requestTimeout || round === null) continue;
        context.count('blocks.timeout');
        sources.hush(link, round.claim.root);
        const owed = sources.releaseAll(link);
        putBack(owed);
        cancel(link, owed);
      }
      request();
    },

    nextWake: (): number | null => sources.nextWake(state === 'stalled'),

    close(): void {
      if (!closed) giveUp();
      closed = true;
    },
  };
  return self;
}
