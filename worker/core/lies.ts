// Who signs that it holds something, says that it lacks it, and then signs again that it holds it (SPEC P11). Once is no lie:
// a row lives for minutes, and what it says may go meanwhile. Knows nothing of what follows.
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Hash } from './model/ids.ts';
import { isOpen } from './openings.ts';

export type Lies = ReturnType<typeof createLies>;

export function createLies(core: Core) {
  /** By peer and CID the newest word that it broke. */
  const broken = new Map<string, number>();

  return {
    /** It was asked for parts of a blob, and has none. */
    onLack({ link, peer }: PeerLink, blob: Hash): void {
      for (const grove of core.groves.values()) {
        const known = grove.blobs.get(blob);
        // Where tables contradict each other, it may hold the artifact by another list than was asked for.
        if (known?.rows.length !== 1 || !isOpen(core, grove.id, link)) continue;
        for (const cid of known.cids) {
          const word = core.digests.wordOf(grove.id, peer, cid);
          if (word === null) continue;
          const key = `${peer}/${cid}`;
          const before = broken.get(key);
          if (before !== undefined && word > before) core.context.blame(link, 'lie');
          broken.delete(key);
          broken.set(key, Math.max(word, before ?? 0));
          const [oldest] = broken.keys();
          if (broken.size > CONFIG.standing.lacked && oldest !== undefined) broken.delete(oldest);
        }
      }
    },
  };
}
