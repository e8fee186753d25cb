// What comes for one transfer: whether it was wanted of that link, and is what it should be (SPEC C3, C4).
// Knows nothing of whom to ask next.
import type { Context, Failure } from '../context.ts';
import { toHash, type Hash, type LinkId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { listKey } from './keys.ts';
import type { Leaving } from './leaving.ts';
import type { Pace } from './pace.ts';
import type { Round } from './round.ts';
import type { Sources } from './sources.ts';

export interface IntakeOptions {
  context: Context;
  sources: Sources;
  pace: Pace;
  hash: (bytes: Uint8Array) => Uint8Array;
  leaving: Leaving;
  isCurrent(round: Round): boolean;
  /** All lists that were wanted are in the store. */
  listed(round: Round): void;
  listFailed(round: Round, failure: Failure): void;
  refute(why: string): void;
  pump(): void;
}

export function createIntake(options: IntakeOptions) {
  const { context, sources, pace, leaving, hash: hashOf } = options;

  /** The size it counts with until it is released; null where it is not to be used. */
  function accept(link: LinkId, hash: Hash, bytes: Uint8Array): number | null {
    if (toHash(hashOf(bytes)) === hash) {
      const { size, others } = sources.came(link, hash, bytes.length);
      for (const other of others) leaving.cancel(other, [hash]);
      return size;
    }
    context.count('blocks.bad');
    context.blame(link, 'bad-block');
    sources.markBad(link);
    leaving.leave(link);
    options.pump();
    return null;
  }

  return {
    /** Whether it was wanted. */
    list(at: Round, link: LinkId, list: Hash, bytes: Uint8Array): boolean {
      if (!at.wantedLists.has(list) || !sources.isTrusted(link)) return false;
      const size = accept(link, list, bytes);
      if (size === null) return true;
      at.wantedLists.delete(list);
      at.writingLists.add(list);
      const put: WriteOp = { op: 'put', table: 'blobs', key: listKey(list), value: bytes };
      // What is made of the lists is read from the store.
      context.write([put], 'relaxed', (failure) => {
        pace.release(link, size);
        if (!options.isCurrent(at)) return;
        at.writingLists.delete(list);
        if (failure !== null) {
          at.wantedLists.add(list);
          options.listFailed(at, failure);
        } else if (at.wantedLists.size + at.writingLists.size === 0) options.listed(at);
        options.pump();
      });
      return true;
    },

    /** Whether it was wanted, late answers included. */
    block(at: Round, link: LinkId, block: Hash, bytes: Uint8Array): boolean {
      const part = at.parts.get(block);
      const isWanted = sources.isOwed(block) || at.holders.has(block);
      if (part === undefined || !isWanted || !sources.isTrusted(link)) return false;
      const size = accept(link, block, bytes);
      if (size === null) return true;
      at.holders.delete(block);
      if (bytes.length === part.size) {
        at.writer.add(block, bytes, () => pace.release(link, size));
        at.prefix?.came(block, (hash) => at.writer.get(hash));
      } else {
        pace.release(link, size);
        options.refute(`a block of ${bytes.length} bytes stands in its list with ${part.size}`);
      }
      options.pump();
      return true;
    },
  };
}
