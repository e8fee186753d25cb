// All transfers of this device, a few at a time, and the serving of others. Knows blobs and links, not what blobs mean.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import type { StoreFailure } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import { createServing } from './serve.ts';
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
  /** Links on which this grove is fully open. */
  links(grove: GroveId): readonly LinkId[];
  rootOf(link: LinkId, grove: GroveId, blob: Hash): Hash | null;
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

  const stateOf = (transfer: Transfer): TransferInfo['state'] => transfer.info().state;

  function startNext(): void {
    const active = [...transfers.values()].filter((each) =>
      ['receiving', 'verifying'].includes(stateOf(each)),
    );
    let room = CONFIG.cas.parallel - active.length;
    for (const transfer of transfers.values()) {
      if (room <= 0) return;
      if (stateOf(transfer) !== 'queued') continue;
      room -= 1;
      transfer.start();
    }
  }

  function changed(transfer: Transfer): void {
    const info = transfer.info();
    emit({ type: 'transfer', info });
    if (info.state !== 'complete' && info.state !== 'failed') return;
    transfer.close();
    transfers.delete(info.hash);
    if (info.state === 'complete') emit({ type: 'blob-complete', want: transfer.want });
    startNext();
  }

  const others = (self: Transfer): Transfer[] => [...transfers.values()].filter((each) => each !== self);

  const each = (act: (transfer: Transfer) => void): void => [...transfers.values()].forEach(act);

  return {
    /** Fetches a blob from whoever holds it; once complete, `blob-complete` follows. Wanting it twice fetches it once. */
    want(want: BlobWant): void {
      if (transfers.has(want.hash)) return;
      const transfer = createTransfer(want, context, {
        hash: hooks.hash,
        holders: ({ grove }) => hooks.links(grove),
        isUnderWay: (block, self) => others(self).some((other) => other.fetches(block)),
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

    /** Leaving a grove stops what is fetched for it. What is stored stays. */
    drop(grove: GroveId): void {
      each((transfer) => {
        if (transfer.want.grove !== grove) return;
        transfer.close();
        transfers.delete(transfer.want.hash);
      });
    },

    frame(link: LinkId, frame: CasFrame): void {
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
    },

    /** A grove opened on a link, or the other says it holds more now. */
    linkUp(link: LinkId, grove: GroveId, fresh: boolean): void {
      each((transfer) => {
        if (transfer.want.grove === grove) transfer.linkUp(link, fresh);
      });
    },

    linkGone(link: LinkId): void {
      serving.linkGone(link);
      each((transfer) => transfer.linkGone(link));
    },

    drained(link: LinkId): void {
      serving.drained(link);
    },

    tick(now: number): void {
      each((transfer) => {
        const wake = transfer.nextWake();
        if (wake !== null && wake <= now) transfer.tick(now);
      });
    },

    nextWake: (): number | null =>
      [...transfers.values()].reduce<number | null>((soonest, transfer) => {
        const wake = transfer.nextWake();
        return wake !== null && (soonest === null || wake < soonest) ? wake : soonest;
      }, null),
  };
}
