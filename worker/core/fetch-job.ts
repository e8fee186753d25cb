// One contribution on its way here: what of it is missing, whom it is asked of next, and when it is given up (SPEC H5).
import { CONFIG } from './config.ts';
import type { FetchGrove, FetchShared } from './fetching.ts';
import { ThicketError } from './model/errors.ts';
import { hashOfCid, type Cid, type Hash, type LinkId, type PeerId } from './model/ids.ts';

export type FetchJob = ReturnType<typeof createFetchJob>;

interface Attempt {
  peer: PeerId;
  /** Null while the link to it is being opened. */
  link: LinkId | null;
  since: number;
}

export function createFetchJob(
  shared: FetchShared,
  options: { grove: FetchGrove; cid: Cid; artifacts: boolean; ttl: number; timer: string },
) {
  const { core } = shared;
  const { context } = core;
  const { grove, cid, ttl, timer } = options;
  const { fetch } = CONFIG;
  let artifacts = options.artifacts;
  let ended: { error: ThicketError | null } | null = null;
  const waiters: ((error: ThicketError | null) => void)[] = [];
  /** Neighbours for whom it is fetched: they are not asked for it. */
  const askers = new Set<PeerId>();
  /** Blobs that were wanted of the transfers already. */
  const wanted = new Set<Hash>();
  const tried = new Set<PeerId>();
  const askedNeighbours = new Set<PeerId>();
  /** Links that were asked for the body, and when. */
  const bodyAsked = new Map<LinkId, number>();
  let attempt: Attempt | null = null;
  const startedAt = context.elapsed();
  let progress = -1;
  let progressAt = startedAt;
  let askedAt = -Infinity;

  // ---- what is missing --------------------------------------------------------------------------------

  /** What is not here; null where the contribution itself is gone: withdrawn with its author, or with the grove. */
  function missing(): Hash[] | null {
    if (core.groves.get(grove.id) !== grove || !grove.views.has(cid)) return null;
    const manifest = grove.views.manifest(cid);
    if (manifest === null) return [hashOfCid(cid)];
    if (!artifacts) return [];
    return grove.artifactHashes(manifest).filter((hash) => grove.blobs.get(hash)?.held !== true);
  }

  /** Has each missing blob asked for once. Why it can't be had at all, if so. */
  function problem(hashes: readonly Hash[]): ThicketError | null {
    for (const hash of hashes) {
      if (hash !== hashOfCid(cid) && (grove.blobs.get(hash)?.rows.length ?? 0) === 0)
        return new ThicketError('not-found', `artifact: no publisher of ${cid} says where ${hash} is`);
      if (wanted.has(hash)) continue;
      wanted.add(hash);
      core.holdings.want(grove, hash);
    }
    const why = core.holdings.failureOf(hashes);
    return why === null ? null : new ThicketError(why.code, why.message);
  }

  const measure = (hashes: readonly Hash[]): number =>
    hashes.reduce((sum, hash) => sum + (core.cas.info(hash)?.received ?? 0), 0) - hashes.length;

  function end(error: ThicketError | null): void {
    if (ended !== null) return;
    ended = { error };
    context.schedule(timer, null, look);
    for (const then of waiters.splice(0)) then(error);
  }

  // ---- step by step -----------------------------------------------------------------------------------

  function look(): void {
    if (ended !== null) return;
    // A log that is read anew says nothing until that is done.
    if (core.groves.get(grove.id) === grove && !grove.loaded) return schedule();
    const hashes = missing();
    if (hashes === null) return end(new ThicketError('not-found', `fetch: ${cid} is not here any more`));
    if (hashes.length === 0) return end(null);
    const why = problem(hashes);
    if (why !== null) return end(why);
    const now = context.elapsed();
    const measured = measure(hashes);
    if (measured !== progress) [progress, progressAt] = [measured, now];
    askForBody(hashes);
    goOn(now, hashes);
    schedule();
  }

  function schedule(): void {
    if (ended === null) context.schedule(timer, context.elapsed() + fetch.tick, look);
  }

  function goOn(now: number, hashes: readonly Hash[]): void {
    const idle = now - progressAt;
    if (attempt !== null && now - Math.max(attempt.since, progressAt) >= fetch.tryFor) dropAttempt();
    if (attempt === null && idle >= fetch.reachAfter) reachNext();
    // Who fetches for others is on their way to a holder already: it goes on along it at once.
    const patience = askers.size > 0 ? fetch.reachAfter : fetch.askAfter;
    if (idle >= patience && now - askedAt >= fetch.askEvery) askNext(now);
    const isOver = attempt === null && now - Math.max(progressAt, askedAt, startedAt) >= fetch.giveUp;
    if (isOver) end(notFound(hashes));
  }

  function notFound(hashes: readonly Hash[]): ThicketError {
    if (hashes.some((hash) => core.cas.info(hash)?.state === 'paused'))
      return new ThicketError('aborted', `fetch: ${cid} waits, since a person paused it on this device`);
    const parts = [
      tried.size === 0 ? 'nobody else is known to hold it' : `${tried.size} who may hold it were tried`,
      askedNeighbours.size === 0
        ? 'no neighbour could be asked'
        : `${askedNeighbours.size} neighbours were asked`,
    ];
    return new ThicketError('not-found', `fetch: ${cid} could not be had now: ${parts.join(', ')}`);
  }

  /** A body up to 64 KiB is asked of who holds it, or else of all who share the grove; a larger one is a blob. */
  function askForBody(hashes: readonly Hash[]): void {
    const hash = hashOfCid(cid);
    if (!hashes.includes(hash) || !grove.missing.has(hash)) return;
    const holders = core.holdings.holdersOf(grove, cid);
    const links = core.peering.openLinks(grove.id);
    const told = links.filter((link) => {
      const peer = core.links.get(link)?.peer;
      return peer !== undefined && (holders.has(peer) || attempt?.peer === peer);
    });
    const now = context.elapsed();
    const due = (told.length > 0 ? told : links).filter(
      (link) => now - (bodyAsked.get(link) ?? -Infinity) >= fetch.bodyAgain,
    );
    for (const link of due) {
      bodyAsked.set(link, now);
      context.send(link, { type: 'want-body', grove: grove.id, hashes: [hash] }, 'control');
    }
  }

  // ---- holders that are no neighbours -----------------------------------------------------------------

  /** Who said so itself first, then who published it; of equals any, so that not all ask the same. */
  function nextHolder(): PeerId | null {
    const linked = new Set(core.peering.openPeers(grove.id));
    const isFree = (peer: PeerId): boolean =>
      peer !== core.identity.keypair.id &&
      !linked.has(peer) &&
      !tried.has(peer) &&
      !askers.has(peer) &&
      grove.members.isMember(peer) &&
      !shared.hasFailed(grove.id, cid, peer);
    const signers = core.digests.holdersOf(grove.id, cid).filter(isFree);
    const good = signers.filter((peer) => !core.standing.isDoubtful(peer));
    const holders = good.length > 0 ? good : signers;
    const [drawn = 0] = context.random.bytes(1);
    if (holders.length > 0) return holders[drawn % holders.length] ?? null;
    const publishers = grove.views.item(cid)?.publishers ?? [];
    return publishers.map(({ author }) => author).find(isFree) ?? null;
  }

  function reachNext(): void {
    const peer = nextHolder();
    if (peer === null) return;
    const opening: Attempt = { peer, link: null, since: context.elapsed() };
    attempt = opening;
    const begun = shared.reach(grove.id, peer, (link) => {
      if (attempt !== opening || ended !== null) return;
      if (link === null) {
        dropAttempt();
        return look();
      }
      opening.link = link;
      opening.since = context.elapsed();
      core.cas.forgive(link);
      look();
    });
    // No room for another temporary link just now: it stays in line.
    if (!begun) attempt = null;
    else tried.add(peer);
  }

  function dropAttempt(): void {
    if (attempt === null) return;
    context.count('fetch.failedHolders');
    shared.fail(grove.id, cid, attempt.peer);
    attempt = null;
  }

  // ---- through a neighbour ----------------------------------------------------------------------------

  /** One at a time, the one first that a holder was last heard of by. */
  function askNext(now: number): void {
    if (ttl <= 0 || askedNeighbours.size >= fetch.neighbours) return;
    const free = core.peering.openLinks(grove.id).flatMap((link) => {
      const peer = core.links.get(link)?.peer;
      return peer === undefined || askers.has(peer) || askedNeighbours.has(peer) ? [] : [{ link, peer }];
    });
    const ways = core.digests.waysTo(grove.id, cid);
    const [drawn = 0] = context.random.bytes(1);
    const next = free.find(({ link }) => ways.includes(link)) ?? free[drawn % Math.max(1, free.length)];
    if (next === undefined) return;
    askedNeighbours.add(next.peer);
    askedAt = now;
    context.send(next.link, { type: 'want-fetch', grove: grove.id, cid: hashOfCid(cid), ttl }, 'control');
  }

  return {
    grove,
    askers,
    look,

    start(): void {
      core.holdings.askHolders(grove, cid);
      look();
    },

    /** Called once it is here, or given up; at once where that is so already. */
    then(waiter: (error: ThicketError | null) => void): void {
      if (ended !== null) waiter(ended.error);
      else waiters.push(waiter);
    },

    /** Another request for the same: what either wants is fetched. */
    join(all: boolean): void {
      if (!all || artifacts) return;
      artifacts = true;
      look();
    },

    ask(peer: PeerId): void {
      askers.add(peer);
      look();
    },
  };
}
