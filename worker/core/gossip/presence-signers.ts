// The newest row of each signer, and how many of it came of late (SPEC G26): nothing old comes again however it is passed on, and nobody
// makes a whole grove work. Knows nothing of what rows say.
import { CONFIG } from '../config.ts';
import type { PeerId } from '../model/ids.ts';

interface Signer {
  seq: number;
  since: number;
  count: number;
}

const MINUTE = 60_000;

export function createSigners(elapsed: () => number) {
  const { presence } = CONFIG;
  const signers = new Map<PeerId, Signer>();

  return {
    isNew: (peer: PeerId, seq: number): boolean => seq > (signers.get(peer)?.seq ?? -1),

    /** Notes a row; false where its signer says too much. */
    take(peer: PeerId, seq: number): boolean {
      const now = elapsed();
      const known = signers.get(peer);
      const isRecent = known !== undefined && now - known.since < MINUTE;
      const count = isRecent ? known.count + 1 : 1;
      if (count > presence.perSigner) return false;
      // The last to be heard of comes last.
      signers.delete(peer);
      signers.set(peer, { seq, since: isRecent ? known.since : now, count });
      const [oldest] = signers.keys();
      if (signers.size > presence.signers && oldest !== undefined) signers.delete(oldest);
      return true;
    },
  };
}
