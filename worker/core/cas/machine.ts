// All transfers of this device, and the serving of others. Knows blobs and links, not what blobs mean.
import { CONFIG } from '../config.ts';
import type { Context, Failure } from '../context.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import type { Hasher, StoreFailure } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import { createByHand } from './by-hand.ts';
import type { BlobClaim } from './claims.ts';
import { createDisk } from './disk.ts';
import type { Halt } from './halts.ts';
import { Pace } from './pace.ts';
import { createProgress } from './progress.ts';
import { createQueue } from './queue.ts';
import { createServing } from './serve.ts';
import { createTelling } from './telling.ts';
import { createTransfer, type Transfer } from './transfer.ts';
import type { BlobWant, TransferHooks, TransferInfo } from './types.ts';

export type CasFrame = Extract<
  Frame,
  {
    type: 'want-list' | 'list' | 'want-blocks' | 'block' | 'lack' | 'cancel' | 'want-have' | 'have';
  }
>;

export type CasFact =
  | { type: 'transfer'; info: TransferInfo }
  | { type: 'blob-complete'; want: BlobWant }
  | { type: 'problem'; code: 'quota' | 'closed' | 'internal'; message: string };

export interface CasHooks {
  hash: (bytes: Uint8Array) => Uint8Array;
  /** The same of what comes in parts; null where there is none that is fast. */
  hasher: (() => Hasher) | null;
  links(): readonly LinkId[];
  /** What the logs of this device's groves say of a blob. */
  claims(blob: Hash): readonly BlobClaim[];
  /** A grove open on the link whose log names this root for the blob. */
  groveFor(link: LinkId, blob: Hash, root: Hash): GroveId | null;
  /** Roots that the log of this grove names for the blob, if the grove is open on this link. */
  rootsOf(link: LinkId, grove: GroveId, blob: Hash): readonly Hash[];
}

export type Cas = ReturnType<typeof createCas>;

const FAILURE: Record<StoreFailure, 'quota' | 'closed' | 'internal'> = {
  quota: 'quota',
  closed: 'closed',
  conflict: 'internal',
  internal: 'internal',
};

const soonest = (times: readonly (number | null)[]): number | null =>
  times.reduce((first, time) => (first === null || (time !== null && time < first) ? time : first), null);

export function createCas(options: {
  context: Context;
  hooks: CasHooks;
  /** What was paused and cancelled before this device started. */
  halts?: ReadonlyMap<Hash, Halt>;
  emit: (fact: CasFact) => void;
}) {
  const { context, hooks, emit } = options;
  const transfers = new Map<Hash, Transfer>();
  const pace = new Pace(context);
  const queue = createQueue(context);
  const disk = createDisk(context);
  const progress = createProgress(context, (transfer) => emit({ type: 'transfer', info: transfer.info() }));
  const serving = createServing(context, hooks);
  const telling = createTelling(context, {
    rootsOf: hooks.rootsOf,
    held: (blob, root) => transfers.get(blob)?.held(root) ?? null,
  });
  const byHand = createByHand(context, {
    ...{ transfers, pump },
    known: options.halts ?? new Map<Hash, Halt>(),
    failed: ({ failure, message }) => emit({ type: 'problem', code: FAILURE[failure], message }),
  });
  const { halts } = byHand;
  /** When it is looked at who is late, where all was asked for. */
  let endgameAt: number | null = null;
  let pumping = false;
  let again = false;

  /** Starts what can be started, asks whoever has room, and ends what is through. */
  function pump(): void {
    again = true;
    if (pumping) return;
    pumping = true;
    while (again) {
      again = false;
      if (!disk.isFull()) queue.start();
      for (const link of hooks.links()) {
        for (const transfer of queue.running) {
          if (!pace.hasRoom(link)) break;
          transfer.ask(link);
        }
      }
      for (const transfer of [...queue.running]) transfer.settle();
    }
    pumping = false;
    const isEnding = [...queue.running].some((transfer) => transfer.isEnding());
    endgameAt = isEnding ? (endgameAt ?? context.elapsed() + CONFIG.cas.endgame.every) : null;
  }

  /** What changed may help those that nobody could be asked for. */
  function news(): void {
    queue.news();
    pump();
  }

  function remove(transfer: Transfer): void {
    transfer.close();
    transfers.delete(transfer.want.hash);
    queue.remove(transfer);
    progress.forget(transfer);
  }

  /** What has ended is taken out before it is told, so that the blob may be wanted anew at once. */
  function changed(transfer: Transfer): void {
    const info = transfer.info();
    const root = transfer.root();
    const isOver = info.state === 'complete' || info.state === 'failed';
    if (isOver) {
      remove(transfer);
      emit({ type: 'transfer', info });
    } else {
      queue.place(transfer);
      progress.now(transfer);
    }
    if (info.state === 'complete') {
      disk.worked();
      halts.lift(info.hash);
      if (root !== null) telling.complete(info.hash, root);
      emit({ type: 'blob-complete', want: transfer.want });
    }
    pump();
  }

  function storeFailed({ failure, message }: Failure): void {
    if (failure === 'quota' && !disk.failed()) return;
    emit({ type: 'problem', code: FAILURE[failure], message });
  }

  function stored(blocks: ReadonlySet<Hash>, self: Transfer): void {
    disk.worked();
    byHand.stored(self);
    for (const transfer of transfers.values()) {
      if (transfer !== self && transfer.onStored(blocks).length === 0) continue;
      tellPlaces(transfer, blocks);
      queue.unstick(transfer);
    }
  }

  function tellPlaces(transfer: Transfer, blocks: ReadonlySet<Hash>): void {
    const found = transfer.placesOf(blocks);
    if (found !== null) telling.stored(transfer.want.hash, found.root, found.places);
  }

  const transferHooks: TransferHooks<Transfer> = {
    hash: hooks.hash,
    hasher: hooks.hasher,
    links: hooks.links,
    claims: hooks.claims,
    groveFor: hooks.groveFor,
    isUnderWay: (block, self) => [...queue.running].some((other) => other !== self && other.fetches(block)),
    stored,
    planned(transfer) {
      const root = transfer.root();
      if (root !== null) telling.stored(transfer.want.hash, root, null);
    },
    changed,
    moved: progress.soon,
    pump,
    storeFailed,
  };

  const each = (act: (transfer: Transfer) => void): void => [...transfers.values()].forEach(act);

  return {
    /** Fetches a blob from whoever holds it; once complete, `blob-complete` follows. Wanting it twice fetches it once. */
    want(want: BlobWant): void {
      const halt = halts.get(want.hash);
      if (transfers.has(want.hash) || halt?.how === 'cancelled') return;
      const transfer = createTransfer(want, { context, pace, hooks: transferHooks, halt });
      transfers.set(want.hash, transfer);
      changed(transfer);
    },

    info: (hash: Hash): TransferInfo | null => transfers.get(hash)?.info() ?? null,
    transfers: (): TransferInfo[] => [...transfers.values()].map((transfer) => transfer.info()),
    /** Blobs on their way here, the waiting and the stalled included: what of them is stored must stay. */
    transfersInProgress: (): Hash[] => [...transfers.keys()],
    /** Blobs that somebody is being given right now. */
    served: (): Hash[] => serving.blobs(),
    /** Whether a blob, list or block is being fetched or given: what is must not be collected. In doubt it is. */
    isBusy: (hash: Hash): boolean =>
      transfers.has(hash) ||
      serving.isServing(hash) ||
      [...transfers.values()].some((transfer) => transfer.uses(hash)),

    ...byHand.calls,

    /** A grove was left: what no other one names is fetched no more. What is stored stays. */
    drop(grove: GroveId): void {
      for (const [hash, halt] of [...halts.all()]) {
        if (halt.grove === grove && hooks.claims(hash).length === 0) halts.lift(hash);
      }
      each((transfer) => {
        if (hooks.claims(transfer.want.hash).length === 0) remove(transfer);
      });
      pump();
    },

    frame(link: LinkId, frame: CasFrame): void {
      take(link, frame);
      pump();
    },

    /** Goes on with what waits: a grove opened on a link, or a log says more of a blob. */
    resume: news,

    /** Something was deleted, or the disk is larger: a transfer that found it full goes on. */
    roomAgain(): void {
      disk.roomAgain();
      news();
    },

    /** The other says that it holds more now. */
    forgive(link: LinkId): void {
      each((transfer) => {
        if (!transfer.isLeft(link)) return;
        transfer.forgive(link);
        queue.unstick(transfer);
      });
      pump();
    },

    linkGone(link: LinkId): void {
      serving.linkGone(link);
      telling.linkGone(link);
      each((transfer) => transfer.linkGone(link));
      pace.gone(link);
      pump();
    },

    drained: (link: LinkId): void => serving.drained(link),

    tick(now: number): void {
      for (const transfer of [...queue.running]) transfer.tick();
      if (endgameAt !== null && endgameAt <= now) endgameAt = null;
      queue.tick(now);
      progress.tick(now);
      telling.tick(now);
      pump();
    },

    nextWake: (): number | null =>
      soonest([
        ...[...queue.running].map((transfer) => transfer.nextWake()),
        disk.isFull() ? null : queue.nextWake(),
        disk.nextWake(),
        progress.nextWake(),
        telling.nextWake(),
        endgameAt,
      ]),
  };

  function take(link: LinkId, frame: CasFrame): void {
    switch (frame.type) {
      case 'want-list':
        return serving.wantList(link, frame.grove, frame.blob, frame.list);
      case 'want-blocks':
        return serving.wantBlocks(link, frame.grove, frame.blob, frame.blocks);
      case 'want-have':
        return telling.watch(link, frame.grove, frame.blob, frame.root);
      case 'cancel':
        if (frame.blocks.length === 0) return telling.stop(link, frame.blob);
        return serving.cancel(link, frame.blob, frame.blocks);
      case 'lack':
        return transfers.get(frame.blob)?.onLack(link, frame.hashes);
      case 'have': {
        const transfer = transfers.get(frame.blob);
        if (transfer?.onHave(link, frame.root, frame) !== true) return context.count('haves.unasked');
        return queue.unstick(transfer);
      }
      case 'list':
        return each((transfer) => void transfer.onList(link, frame.list, frame.bytes));
      case 'block': {
        const taken = [...transfers.values()].some((transfer) =>
          transfer.onBlock(link, frame.block, frame.bytes),
        );
        if (!taken) context.count('blocks.unasked');
      }
    }
  }
}
