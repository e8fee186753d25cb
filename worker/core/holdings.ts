// Which blobs and bodies this device holds, fetches, and wants; and which of them others are known to hold.
import { blobKey } from './cas/keys.ts';
import { decodeBlobRecord } from './cas/record.ts';
import { CANCELLED } from './cas/types.ts';
import { CONFIG } from './config.ts';
import { isFailure } from './context.ts';
import type { Core, PeerLink } from './core.ts';
import type { BlobState, Grove } from './grove.ts';
import type { ErrorCode } from './model/errors.ts';
import {
  cidOf,
  hashOfCid,
  type Cid,
  type EntryId,
  type GroveId,
  type Hash,
  type PeerId,
} from './model/ids.ts';

export type Holdings = ReturnType<typeof createHoldings>;

interface Waiter {
  met: () => boolean;
  done: () => void;
}

export function createHoldings(core: Core) {
  const { context } = core;
  /** By grove and CID: peers that said they hold all of it. Forgotten with their link. */
  const holders = new Map<string, Set<PeerId>>();
  const waiters = new Set<Waiter>();
  /** Why the last attempt at a blob failed. */
  const failures = new Map<Hash, { code: ErrorCode; message: string }>();
  const keyOf = (grove: GroveId, cid: Cid): string => `${grove}/${cid}`;

  // ---- what we hold -----------------------------------------------------------------------------------

  /** Asks the store about blobs not looked up yet, and fetches those missing as the policy says. */
  function lookUp(grove: Grove, hashes: readonly Hash[], then: () => void = () => undefined): void {
    const unknown = [...new Set(hashes)].filter((hash) => grove.blobs.get(hash)?.held === null);
    if (unknown.length === 0) return then();
    context.read('blobs', unknown.map(blobKey), (values) => {
      unknown.forEach((hash, index) => {
        const blob = grove.blobs.get(hash);
        if (blob === undefined || isFailure(values)) return;
        const record = values[index] ?? null;
        const decoded = record && decodeBlobRecord(record);
        blob.held = decoded?.ok === true && decoded.value.complete;
        if (blob.held && decoded?.ok === true) blob.size = decoded.value.size;
        if (blob.held) core.storage.held(hash);
      });
      then();
    });
  }

  function fail(hash: Hash, reason: string): void {
    const code = reason === CANCELLED ? 'aborted' : 'corrupt';
    failures.set(hash, { code, message: `fetch: ${reason}` });
  }

  /** The signed rows say where a blob's block list starts; without one it can't be asked for. */
  function want(grove: Grove, hash: Hash): void {
    const blob = grove.blobs.get(hash);
    // The store could not be asked before: now perhaps it can.
    if (blob?.held === null) return lookUp(grove, [hash], () => blob.held === false && want(grove, hash));
    if (blob?.held !== false || blob.rows.length === 0) return;
    if (core.cas.isCancelled(hash)) return fail(hash, CANCELLED);
    failures.delete(hash);
    let later = false;
    core.storage.admit(
      grove,
      hash,
      () => {
        // To make room may have taken a while.
        if (blob.held === false && core.groves.get(grove.id) === grove)
          core.cas.want({ grove: grove.id, hash });
      },
      ({ code, message }) => {
        failures.set(hash, { code, message });
        if (later) settle();
      },
    );
    later = true;
  }

  /** Bodies over 64 KiB are blobs; they come as the policy says of bodies. What failed before is tried again. */
  function wantByPolicy(grove: Grove, hashes: Iterable<Hash>): void {
    for (const hash of hashes) {
      const isBody = grove.views.get(cidOf(hash))?.manifest === null;
      const blob = grove.blobs.get(hash);
      if (isBody && blob?.held === true) readBody(grove, hash);
      else if (blob?.held === false && core.policies.wantsBlob(grove, hash)) want(grove, hash);
    }
    core.cas.resume();
  }

  /** What was paused before this device started, and no policy wants, is shown and waits too. It needs no room yet. */
  function showPaused(grove: Grove): void {
    for (const hash of core.cas.paused()) {
      const blob = grove.blobs.get(hash);
      if (blob?.held === false && blob.rows.length > 0) core.cas.want({ grove: grove.id, hash });
    }
  }

  function onBlob(hash: Hash): void {
    // Counted in this very step, also where its grove has just gone: its record protects its blocks only then (SPEC C16).
    core.storage.held(hash);
    for (const grove of core.groves.values()) {
      const blob = grove.blobs.get(hash);
      if (blob === undefined) continue;
      blob.held = true;
      lookUpSize(blob, hash);
      if (grove.views.has(cidOf(hash))) readBody(grove, hash);
      for (const cid of blob.cids) announceIfComplete(grove, cid);
      core.changed(grove.id);
      settle();
    }
  }

  /** Of the publishers' claims the one that held is on disk. */
  function lookUpSize(blob: BlobState, hash: Hash): void {
    context.read('blobs', [blobKey(hash)], (values) => {
      const record = isFailure(values) ? null : (values[0] ?? null);
      const decoded = record && decodeBlobRecord(record);
      if (decoded?.ok) blob.size = decoded.value.size;
    });
  }

  /** A manifest that came as a blob is put together and enters the views. */
  function readBody(grove: Grove, hash: Hash): void {
    const cid = cidOf(hash);
    if (grove.views.get(cid)?.manifest !== null) return;
    context.assemble(hash, (bytes) => {
      if (isFailure(bytes)) return core.problem(bytes);
      if (bytes === null) return context.count('entries.malformed');
      core.bodies.take(grove, hash, bytes);
    });
  }

  // ---- what others hold -------------------------------------------------------------------------------

  function holdersOf(grove: Grove, cid: Cid): Set<PeerId> {
    const told = holders.get(keyOf(grove.id, cid)) ?? new Set<PeerId>();
    const manifest = grove.views.get(cid)?.manifest ?? null;
    const plain = manifest !== null && grove.artifactHashes(manifest).length === 0;
    const found = new Set<PeerId>();
    for (const { link, peer } of core.links.values()) {
      if (core.sync.pipeline(grove.id)?.exchange.opening(link) !== 'full') continue;
      // Without artifacts, whoever holds the entry holds all there is.
      const holdsEntry = plain && grove.publications(cid).some((id) => core.sync.holds(grove.id, link, id));
      if (told.has(peer) || holdsEntry) found.add(peer);
    }
    return found;
  }

  /** With those who are not linked, by the rows that they signed (SPEC H4). */
  function knownHolders(grove: Grove, cid: Cid): Set<PeerId> {
    return new Set([...holdersOf(grove, cid), ...core.digests.holdersOf(grove.id, cid)]);
  }

  function announceIfComplete(grove: Grove, cid: Cid): void {
    if (!grove.isComplete(cid)) return;
    for (const entry of grove.publications(cid)) {
      for (const link of core.links.values()) {
        if (link.watches.delete(entry)) tellHeld(link, grove.id, entry);
      }
    }
  }

  function tellHeld(link: PeerLink, grove: GroveId, entry: EntryId): void {
    if (core.sync.pipeline(grove)?.exchange.opening(link.link) !== 'full') return;
    context.send(link.link, { type: 'held', grove, entry, complete: true }, 'control');
  }

  function settle(): void {
    for (const waiter of [...waiters]) {
      // To look may settle others, or this one.
      if (waiters.has(waiter) && waiter.met() && waiters.delete(waiter)) waiter.done();
    }
    core.fetching.settle();
  }

  return {
    lookUp,
    want,
    wantByPolicy,
    showPaused,
    onBlob,

    /** A person asks for it: what of it was paused or cancelled is fetched again. */
    allow(grove: Grove, cid: Cid, artifacts: boolean): void {
      const manifest = artifacts ? grove.views.manifest(cid) : null;
      const files = manifest === null ? [] : grove.artifactHashes(manifest);
      for (const hash of [hashOfCid(cid), ...files]) core.cas.allow(hash);
    },

    onFailed(hash: Hash, reason: string): void {
      fail(hash, reason);
      settle();
    },

    /** Why one of these could not be had, if so. */
    failureOf: (hashes: readonly Hash[]): { code: ErrorCode; message: string } | null =>
      hashes.map((hash) => failures.get(hash) ?? null).find((reason) => reason !== null) ?? null,

    holdersOf,

    /** Contributions that this peer said it holds wholly, since it was linked. */
    heldBy: (id: GroveId, peer: PeerId): Cid[] =>
      [...holders].flatMap(([key, peers]) =>
        key.startsWith(`${id}/`) && peers.has(peer) ? [key.slice(id.length + 1) as Cid] : [],
      ),

    knownHolders,
    readBody,
    settle,

    /** Asks all who share the grove to say when they hold all of it. */
    askHolders(grove: Grove, cid: Cid): void {
      for (const entry of grove.publications(cid).slice(0, 1)) {
        for (const link of core.peering.openLinks(grove.id)) {
          context.send(link, { type: 'want-held', grove: grove.id, entry }, 'control');
        }
      }
    },

    onWantHeld(link: PeerLink, grove: Grove, entry: EntryId): void {
      const kept = core.sync.log(grove.id)?.get(entry) ?? null;
      if (kept !== null && grove.isComplete(cidOf(kept.body))) return tellHeld(link, grove.id, entry);
      // Remembered even where the entry itself is still on its way here.
      link.watches.delete(entry);
      link.watches.set(entry, grove.id);
      const [oldest] = link.watches.keys();
      if (link.watches.size > CONFIG.api.maxWatches && oldest !== undefined) link.watches.delete(oldest);
    },

    onHeld(link: PeerLink, grove: Grove, entry: EntryId): void {
      const kept = core.sync.log(grove.id)?.get(entry) ?? null;
      if (kept === null) return;
      const cid = cidOf(kept.body);
      const key = keyOf(grove.id, cid);
      holders.set(key, (holders.get(key) ?? new Set()).add(link.peer));
      core.cas.forgive(link.link);
      core.holders(grove.id, [cid]);
    },

    announceIfComplete,

    linkGone(peer: PeerId): void {
      for (const [key, peers] of holders) {
        peers.delete(peer);
        if (peers.size === 0) holders.delete(key);
      }
    },

    /** Calls back once `met` holds, checked whenever holders or holdings change. Returns a way to give up. */
    wait(waiter: Waiter): () => void {
      if (waiter.met()) {
        waiter.done();
        return () => undefined;
      }
      waiters.add(waiter);
      return () => void waiters.delete(waiter);
    },
  };
}
