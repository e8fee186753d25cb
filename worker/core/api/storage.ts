// Calls about what is stored on this device, how much there may be, and what goes (SPEC C13-C19).
import type { Kept } from '../cas/budget.ts';
import { byUse } from '../cas/budget.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import type { Hash } from '../model/ids.ts';
import { groveOf, type Call } from './api.ts';

export function storageCalls(core: Core) {
  const { storage } = core;
  /** Of the RPC server, which takes bytes in before anything names them: how to end each. */
  const leases = new Map<number, (blobs: readonly Hash[]) => void>();
  let lastLease = 0;

  const totalOf = (all: readonly { size: number }[]): { artifacts: number; bytes: number } => ({
    artifacts: all.length,
    bytes: all.reduce((sum, { size }) => sum + size, 0),
  });

  /** What the policy would fetch and there is no room for. */
  function waitingIn(grove: Grove): { size: number }[] {
    const coming = new Set(core.cas.transfersInProgress());
    return [...grove.blobs].flatMap(([hash, { held }]) => {
      const isWanted = held === false && !coming.has(hash) && core.policies.wantsBlob(grove, hash);
      if (!isWanted || storage.uses.get(hash)?.away === true) return [];
      const size = storage.room.sizeOf(grove, hash);
      return storage.room.fits(grove, size) ? [] : [{ size }];
    });
  }

  const artifactOf = (grove: Grove, { hash, size, at, standing }: Kept) => ({
    hash,
    size,
    usedAt: at,
    standing,
    cids: [...(grove.blobs.get(hash)?.cids ?? [])],
  });

  function groveInfo(grove: Grove) {
    const kept = storage.keeping.keptIn(grove);
    const standing = (which: Kept['standing']) => totalOf(kept.filter((each) => each.standing === which));
    const excess = storage.room.excess().find(({ grove: id }) => id === grove.id);
    return {
      grove: grove.id,
      name: grove.name,
      bytes: storage.usage.bytesOf(grove.id),
      arriving: core.cas
        .transfers()
        .filter(({ grove: id }) => id === grove.id)
        .reduce((sum, { received }) => sum + received, 0),
      artifacts: kept.length,
      budget: grove.record.policy.budget,
      pinned: standing('pinned'),
      evictable: standing('evictable'),
      onlyHere: standing('only-here'),
      waiting: totalOf(waitingIn(grove)),
      needsRoom:
        excess === undefined
          ? null
          : { bytes: excess.bytes, artifacts: excess.artifacts.map((each) => artifactOf(grove, each)) },
    };
  }

  function info() {
    const left = [...storage.usage.blobs].filter(
      ([hash, { groves }]) => groves.size === 0 && storage.uses.get(hash)?.left === true,
    );
    const device = storage.room.excess().find(({ grove }) => grove === null);
    return {
      ready: storage.isReady(),
      bytes: storage.usage.all.bytes,
      budget: core.settings.budget,
      quota: storage.quota.latest(),
      full: storage.isFull(),
      over: device?.bytes ?? 0,
      left: totalOf(left.map(([, each]) => each)),
      groves: [...core.groves.values()].map(groveInfo),
    };
  }

  return {
    /** With a fresh word of the browser. */
    storage: (call: Call): void => storage.quota.ask(() => call.reply(info())),

    stored(call: Call, id: string, options: { limit?: number } = {}): void {
      const grove = groveOf(core, id);
      const kept = storage.keeping.keptIn(grove).sort(byUse);
      call.reply(kept.slice(0, options.limit ?? CONFIG.api.maxStored).map((each) => artifactOf(grove, each)));
    },

    /** A person's word: also what nobody else is known to hold. */
    evict(call: Call, id: string, hashes: readonly Hash[]): void {
      const grove = groveOf(core, id);
      if (!storage.isReady()) throw new ThicketError('busy', 'evict: what is stored is still being counted');
      const unknown = hashes.find((hash) => !grove.blobs.has(hash));
      if (unknown !== undefined)
        throw new ThicketError('not-found', `hashes: nothing in "${grove.name}" names ${unknown}`);
      const kept: { hash: Hash; reason: Kept['standing'] | 'not-held' }[] = [];
      const rest = [...new Set(hashes)];
      let bytes = 0;
      const mayGo = (hash: Hash): boolean =>
        ['evictable', 'only-here'].includes(storage.keeping.standingOf(hash));
      const next = (): void => {
        const hash = rest.shift();
        if (hash === undefined) {
          storage.room.lookSoon();
          return call.reply({ bytes, kept });
        }
        const note = () => [storage.uses.mark(hash, { away: true })];
        storage.collector.remove({ hash, mayGo: () => mayGo(hash), note }, (freed) => {
          bytes += freed ?? 0;
          const isHere = storage.usage.blobs.has(hash);
          if (freed === null)
            kept.push({ hash, reason: isHere ? storage.keeping.standingOf(hash) : 'not-held' });
          next();
        });
      };
      next();
    },

    discardLeft: (call: Call): void => storage.discardLeft((bytes) => call.reply({ bytes })),

    // ---- for the RPC server ---------------------------------------------------------------------------

    /** Before bytes are taken in that nothing names yet (SPEC C16). Answers with its name. */
    lease(call: Call): void {
      storage.lease((end) => {
        lastLease += 1;
        leases.set(lastLease, end);
        call.reply(lastLease);
      });
    },

    /** They are named now, or won't be. `code`: why not. */
    endLease(call: Call, lease: number, blobs: readonly Hash[], code: string | null): void {
      leases.get(lease)?.(blobs);
      leases.delete(lease);
      if (code === 'quota') storage.foundFull();
      call.reply(null);
    },
  };
}
