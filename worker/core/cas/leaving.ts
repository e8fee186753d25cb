// What becomes of what a link owes of one blob when it lacks it, is late, goes, or is to send no more: it goes back in line
// for others (SPEC C4). Knows nothing of whom to ask next.
import type { Context } from '../context.ts';
import type { Hash, LinkId } from '../model/ids.ts';
import type { Round } from './round.ts';
import type { Sources } from './sources.ts';

export type Leaving = ReturnType<typeof createLeaving>;

/** `current`: the round at hand. */
export function createLeaving(options: {
  blob: Hash;
  context: Context;
  sources: Sources;
  current: () => Round | null;
}) {
  const { blob, context, sources, current } = options;

  function cancel(link: LinkId, blocks: readonly Hash[]): void {
    if (blocks.length > 0) context.send(link, { type: 'cancel', blob, blocks: [...blocks] }, 'control');
  }

  /** Blocks go back in line unless another owes them; wanted lists are there still. */
  function putBack(hashes: readonly Hash[]): void {
    for (const hash of hashes) if (!sources.isOwed(hash)) current()?.holders.add(hash);
  }

  function leave(link: LinkId): void {
    const owed = sources.releaseAll(link);
    putBack(owed);
    cancel(link, owed);
  }

  function forget(link: LinkId): void {
    current()?.holders.forget(link);
    current()?.watched.delete(link);
  }

  return {
    cancel,
    putBack,
    /** It is asked for nothing more for now. */
    leave,
    /** What it said of itself counts no more: it is asked anew. */
    forget,

    /** Nothing is asked of anyone for now. */
    leaveAll(): void {
      for (const [link] of sources.owing()) leave(link);
      current()?.writer.flush();
    },

    /** Nothing of the round is wanted any more, nor to be told who holds what. */
    end(): void {
      for (const [link] of sources.owing()) cancel(link, sources.releaseAll(link));
      const at = current();
      for (const link of at?.watched ?? [])
        context.send(link, { type: 'cancel', blob, blocks: [] }, 'control');
      at?.watched.clear();
      at?.writer.close();
    },

    lacks(link: LinkId, hashes: readonly Hash[]): void {
      const released = sources.release(link, hashes);
      const at = current();
      if (at === null || released.length === 0) return;
      sources.hush(link, at.claim.root);
      at.holders.lacks(link, released);
      putBack(released);
    },

    /** Sources that owe for too long are left for others; what they send late is still taken. */
    late(): void {
      for (const link of sources.late()) {
        context.count('blocks.timeout');
        const at = current();
        if (at !== null) sources.hush(link, at.claim.root);
        leave(link);
      }
    },

    gone(link: LinkId): void {
      putBack(sources.gone(link));
      forget(link);
    },
  };
}
