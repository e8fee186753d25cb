// What a person does to transfers: pauses, resumes, cancels, asks for again (SPEC C11).
import type { Context, Failure } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import { createHalts, type Halt } from './halts.ts';
import type { Transfer } from './transfer.ts';
import { CANCELLED } from './types.ts';

export type ByHand = ReturnType<typeof createByHand>;

export function createByHand(
  context: Context,
  options: {
    transfers: ReadonlyMap<Hash, Transfer>;
    /** From before this device started. */
    known: ReadonlyMap<Hash, Halt>;
    /** It couldn't be noted: it stays as it was told to until this device starts anew. */
    failed: (failure: Failure) => void;
    pump: () => void;
  },
) {
  const { transfers, pump } = options;
  const halts = createHalts(context, options);
  const isCancelled = (hash: Hash): boolean => halts.get(hash)?.how === 'cancelled';

  function unpause(hash: Hash): boolean {
    const transfer = transfers.get(hash);
    if (transfer === undefined) return false;
    halts.lift(hash);
    transfer.unpause();
    return true;
  }

  return {
    halts,

    /** What was on its way here when it was paused came all the same. */
    stored({ want: { hash }, info }: Transfer): void {
      const halt = halts.get(hash);
      if (halt?.how === 'paused') halts.set(hash, { ...halt, received: info().received });
    },

    calls: {
      /** Whether there is such a transfer. */
      pause(hash: Hash): boolean {
        const transfer = transfers.get(hash);
        if (transfer === undefined) return false;
        const { grove } = transfer.want;
        const { received } = transfer.info();
        if (transfer.pause()) halts.set(hash, { how: 'paused', grove, received });
        pump();
        return true;
      },
      unpause,
      /** What is stored stays for now; it is not fetched again before it is allowed. */
      cancel(hash: Hash): boolean {
        const transfer = transfers.get(hash);
        if (transfer === undefined) return false;
        halts.set(hash, { how: 'cancelled', grove: transfer.want.grove, received: 0 });
        transfer.end(CANCELLED);
        return true;
      },
      isCancelled,
      /** Blobs that wait for a person, those of which there is no transfer yet included. */
      paused: (): Hash[] => [...halts.all()].flatMap(([hash, { how }]) => (how === 'paused' ? [hash] : [])),
      /** A person asks for it again. */
      allow(hash: Hash): void {
        if (!unpause(hash)) halts.lift(hash);
      },
    },
  };
}
