// The storage economy of a running node: ties counting, collecting, budgets and the disk to groves, transfers and holdings
// (SPEC C13-C19). Decides nothing that its parts can decide.
import { createCollector } from './cas/collect.ts';
import { eachOf } from './cas/contents.ts';
import { createLeases } from './cas/leases.ts';
import { createQuota } from './cas/quota.ts';
import { createUsage } from './cas/usage.ts';
import { createUses } from './cas/uses.ts';
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import { createKeeping } from './keeping.ts';
import type { ThicketError } from './model/errors.ts';
import type { Cid, GroveId, Hash } from './model/ids.ts';
import { createRoom } from './room.ts';

export type Storage = ReturnType<typeof createStorage>;

/** What a transfer tells of itself. */
interface Progress {
  hash: Hash;
  received: number;
  state: string;
}

export function createStorage(core: Core) {
  const { context } = core;
  const { storage } = CONFIG;
  const leases = createLeases();
  const uses = createUses(context);
  const usage = createUsage({ context, leases, namedBy });
  const keeping = createKeeping(core, usage, uses);
  const quota = createQuota(context, {
    isActive: () => leases.shared() > 0 || core.cas.transfersInProgress().length > 0,
    told: (estimate) => {
      const left = estimate.quota - estimate.usage;
      if (full && left >= storage.makeRoom) roomAgain();
      changed();
    },
    warn: ({ usage: used, quota: most }) => {
      const percent = Math.round((100 * used) / Math.max(1, most));
      const message = `${percent} % of what the browser lets this site store is used: ${used} of ${most} bytes`;
      // A warning: no write failed, so nothing has to go for it.
      core.event('problem', { code: 'quota', message });
    },
  });
  const collector = createCollector({
    ...{ context, usage, uses, leases },
    hooks: {
      isBusy: (hash) => core.cas.isBusy(hash),
      isLoose,
      rootsOf: (hash) =>
        groves().flatMap((grove) => (grove.blobs.get(hash)?.rows ?? []).map(({ root }) => root)),
      dropped,
      kept: (hash) => naming(hash).forEach((grove) => lookAgain(grove, hash)),
    },
  });
  const room = createRoom(core, { usage, uses, collector, quota, keeping, changed });
  /** `reading`: what is on disk is being counted. */
  let state: 'idle' | 'reading' | 'ready' = 'idle';
  /** What came while it was, and what has to wait for it. */
  const late: Hash[] = [];
  const waiting: (() => void)[] = [];
  /** A write found the disk full, and nothing says yet that there is room. */
  let full = false;
  /** Bytes of each transfer that were seen. */
  const received = new Map<Hash, number>();

  function groves(): Grove[] {
    return [...core.groves.values()];
  }
  function naming(hash: Hash): Grove[] {
    return groves().filter(({ blobs }) => blobs.has(hash));
  }
  function namedBy(hash: Hash): GroveId[] {
    return naming(hash).map(({ id }) => id);
  }
  function areRead(): boolean {
    return groves().every(({ record, loaded }) => loaded || record.state !== 'active');
  }
  function isLoose(hash: Hash): boolean {
    return areRead() && naming(hash).length === 0;
  }

  // ---- what is here -----------------------------------------------------------------------------------

  /** Once, when all logs were read: only then is it known what names what. */
  function start(): void {
    if (state !== 'idle' || !areRead()) return;
    state = 'reading';
    const again = (): void => {
      state = 'idle';
      context.schedule('storage/start', context.elapsed() + storage.again, start);
    };
    uses.load((read) => {
      if (!read) return again();
      usage.scan((counted) => {
        if (!counted) return again();
        state = 'ready';
        for (const hash of late.splice(0)) count(hash);
        for (const run of waiting.splice(0)) run();
        context.schedule('storage/collect', context.elapsed() + storage.collectAfter, collect);
        room.lookSoon();
        quota.ask();
        changed();
      });
    });
  }

  function collect(): void {
    context.schedule('storage/collect', context.elapsed() + storage.collectEvery, collect);
    collector.collect(() => room.lookSoon());
  }

  function count(hash: Hash): void {
    const use = uses.get(hash);
    if (use === null || use.left) uses.touch(hash);
    usage.note(hash, (here) => {
      room.release(hash);
      if (!here) naming(hash).forEach((grove) => lookAgain(grove, hash));
      room.lookSoon();
      changed();
    });
  }

  function dropped(hash: Hash): void {
    for (const grove of naming(hash)) {
      const blob = grove.blobs.get(hash);
      if (blob?.held !== true) continue;
      blob.held = false;
      core.changed(grove.id);
    }
    changed();
  }

  function lookAgain(grove: Grove, hash: Hash): void {
    const blob = grove.blobs.get(hash);
    if (blob === undefined) return;
    blob.held = null;
    core.holdings.lookUp(grove, [hash], () => core.changed(grove.id));
  }

  // ---- the disk ---------------------------------------------------------------------------------------

  function roomAgain(): void {
    full = false;
    core.cas.roomAgain();
    room.tryAgain();
    changed();
  }

  function changed(): void {
    if (context.isScheduled('storage/told')) return;
    context.schedule('storage/told', context.elapsed() + storage.told, () =>
      core.event('storage', {
        bytes: usage.all.bytes,
        full,
        quota: quota.latest(),
        over: room.excess().map(({ grove, bytes }) => ({ grove, bytes })),
      }),
    );
  }

  /** What only a grove named that is gone from this device: erased with it, or left until someone discards it. */
  function groveRemoved(id: GroveId, erase: boolean): void {
    if (state !== 'ready') return void waiting.push(() => groveRemoved(id, erase));
    usage.forgetGrove(id);
    const loose = [...usage.blobs.keys()].filter(isLoose);
    if (erase) return discard(loose, () => collector.collect(() => room.lookSoon()));
    const marks = loose.map((hash) => uses.mark(hash, { left: true }));
    for (let at = 0; at < marks.length; at += storage.rows)
      context.write(marks.slice(at, at + storage.rows), 'relaxed', (failure) => {
        if (failure !== null) core.problem(failure);
      });
    room.lookSoon();
  }

  /** Calls back with the bytes that went. */
  function discard(hashes: readonly Hash[], then: (bytes: number) => void): void {
    let [bytes, left] = [0, hashes.length];
    if (left === 0) return then(0);
    for (const hash of hashes) {
      const note = () => [uses.forget(hash)];
      collector.remove({ hash, mayGo: () => isLoose(hash), note }, (freed) => {
        bytes += freed ?? 0;
        left -= 1;
        if (left === 0) then(bytes);
      });
    }
  }

  return {
    usage,
    uses,
    keeping,
    room,
    quota,
    collector,
    start,
    isFull: (): boolean => full,
    /** Runs while nobody relies on rows that no record names yet, nor deletes any (SPEC C16). */
    exclude: (run: (release: () => void) => void): void => leases.exclude(run),
    isReady: (): boolean => state === 'ready',

    /** A blob is known to be here whole. */
    held(hash: Hash): void {
      if (state === 'reading') late.push(hash);
      else if (state === 'ready') count(hash);
    },

    /** A transfer moved on, or ended. */
    transfer({ hash, received: bytes, state: at }: Progress): void {
      const more = Math.max(0, bytes - (received.get(hash) ?? 0));
      quota.wrote(more);
      if (more > 0 && received.has(hash)) full = false;
      received.set(hash, bytes);
      if (core.cas.info(hash) === null) {
        received.delete(hash);
        if (at !== 'complete') room.release(hash);
      } else if (bytes > 0 && context.now() - (uses.get(hash)?.at ?? 0) > storage.noteStep) uses.touch(hash);
    },

    /** Read, or given to another: not while someone is at it. */
    using(hash: Hash): void {
      if (usage.blobs.has(hash)) uses.using(hash);
    },

    /** Lets a blob be fetched, or says why not. */
    admit(grove: Grove, hash: Hash, go: () => void, refuse: (error: ThicketError) => void): void {
      room.admit(grove, hash, go, refuse);
    },
    ask: (grove: Grove, cid: Cid): (() => void) => room.ask(grove, cid),
    mayCome: (grove: Grove, cid: Cid): boolean => !full && room.mayCome(grove, cid),

    /** Rows that no record names yet stay until what this gives is called with the blobs that came of them (SPEC C16). */
    lease(run: (end: (blobs: readonly Hash[]) => void) => void): void {
      leases.share((release) => {
        let ended = false;
        run((blobs) => {
          if (ended) return;
          ended = true;
          quota.wrote(0);
          // Counted before they are let go: from then on their records protect what is theirs.
          eachOf(blobs, (hash, done) => usage.note(hash, done), release, Math.max(1, blobs.length));
        });
      });
    },

    /** A write found the disk full (SPEC C18). */
    foundFull(): void {
      if (full) return;
      full = true;
      changed();
      context.count('storage.full');
      room.makeRoom((some) => {
        if (some) roomAgain();
        else quota.ask();
      });
    },

    policyChanged(): void {
      room.lookSoon();
      room.tryAgain();
    },

    groveRemoved,

    /** Has go what groves left behind that were not erased. */
    discardLeft(then: (bytes: number) => void): void {
      discard(
        [...usage.blobs.keys()].filter((hash) => isLoose(hash) && uses.get(hash)?.left === true),
        then,
      );
    },
  };
}
