// All transfers of this device, a few at a time, and the serving of others. Knows blobs and links, not what blobs mean.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import type { StoreFailure } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import { createServing } from './serve.ts';
import type { BlobClaim } from './claims.ts';
import { createTransfer, type BlobWant, type Transfer, type TransferInfo } from './transfer.ts';

export type CasFrame = Extract<
  Frame,
  { type: 'want-list' | 'list' | 'want-blocks' | 'block' | 'lack' | 'cancel' }
>;

export type CasFact =
  | { type: 'transfer'; info: TransferInfo }
  | { type: 'blob-complete'; want: BlobWant }
  | { type: 'problem'; code: 'quota' | 'closed' | 'internal'; message: string };

export interface CasHooks {
  hash: (bytes: Uint8Array) => Uint8Array;
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

export function createCas(options: { context: Context; hooks: CasHooks; emit: (fact: CasFact) => void }) {
  const { context, hooks, emit } = options;
  const transfers = new Map<Hash, Transfer>();
  const serving = createServing(context, hooks);

  const active = (): Transfer[] =>
    [...transfers.values()].filter((each) => each.state() === 'receiving' || each.state() === 'verifying');

  let starting = false;
  let again = false;

  /** Those that wait, and can be asked of someone, go on as others end or stall. */
  function startNext(): void {
    again = true;
    if (starting) return;
    starting = true;
    while (again) {
      again = false;
      resumeSome();
    }
    starting = false;
  }

  function resumeSome(): void {
    let room = CONFIG.cas.parallel - active().length;
    for (const transfer of transfers.values()) {
      if (room <= 0) return;
      if (!transfer.isReady()) continue;
      room -= 1;
      transfer.resume();
    }
  }

  /** What has ended is taken out before it is told, so that the blob may be wanted anew at once. */
  function changed(transfer: Transfer): void {
    const info = transfer.info();
    if (info.state === 'complete' || info.state === 'failed') {
      transfer.close();
      transfers.delete(info.hash);
    }
    emit({ type: 'transfer', info });
    if (info.state === 'complete') emit({ type: 'blob-complete', want: transfer.want });
    if (info.state !== 'receiving' && info.state !== 'verifying') startNext();
  }

  const others = (self: Transfer): Transfer[] => [...transfers.values()].filter((each) => each !== self);

  const each = (act: (transfer: Transfer) => void): void => [...transfers.values()].forEach(act);

  return {
    /** Fetches a blob from whoever holds it; once complete, `blob-complete` follows. Wanting it twice fetches it once. */
    want(want: BlobWant): void {
      if (transfers.has(want.hash)) return;
      const transfer = createTransfer(want, context, {
        hash: hooks.hash,
        links: hooks.links,
        claims: hooks.claims,
        groveFor: hooks.groveFor,
        isUnderWay: (block, self) => active().some((other) => other !== self && other.fetches(block)),
        stored: (blocks, self) => others(self).forEach((other) => other.onStored(blocks)),
        changed,
        storeFailed: (failure, message) => emit({ type: 'problem', code: FAILURE[failure], message }),
      });
      transfers.set(want.hash, transfer);
      emit({ type: 'transfer', info: transfer.info() });
      startNext();
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

    /** A grove was left: what no other one names is fetched no more. What is stored stays. */
    drop(): void {
      each((transfer) => {
        if (hooks.claims(transfer.want.hash).length > 0) return;
        transfer.close();
        transfers.delete(transfer.want.hash);
      });
      startNext();
    },

    frame(link: LinkId, frame: CasFrame): void {
      take(link, frame);
      startNext();
    },

    /** Goes on with what waits: a grove opened on a link, or a log says more of a blob. */
    resume: startNext,

    /** The other says that it holds more now. */
    forgive(link: LinkId): void {
      each((transfer) => transfer.forgive(link));
      startNext();
    },

    linkGone(link: LinkId): void {
      serving.linkGone(link);
      each((transfer) => transfer.linkGone(link));
      startNext();
    },

    drained(link: LinkId): void {
      serving.drained(link);
    },

    tick(now: number): void {
      each((transfer) => {
        const wake = transfer.nextWake();
        if (wake !== null && wake <= now) transfer.tick(now);
      });
      startNext();
    },

    nextWake: (): number | null =>
      [...transfers.values()].reduce<number | null>((soonest, transfer) => {
        const wake = transfer.nextWake();
        return wake !== null && (soonest === null || wake < soonest) ? wake : soonest;
      }, null),
  };

  function take(link: LinkId, frame: CasFrame): void {
    switch (frame.type) {
      case 'want-list':
        return serving.wantList(link, frame.grove, frame.blob, frame.list);
      case 'want-blocks':
        return serving.wantBlocks(link, frame.grove, frame.blob, frame.blocks);
      case 'cancel':
        return serving.cancel(link, frame.blob, frame.blocks);
      case 'lack':
        return transfers.get(frame.blob)?.onLack(link, frame.hashes);
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
