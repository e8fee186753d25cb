// Hostile members of an overlay: what they say in place of what they should. Every fifth peer is one.
import { descriptorMessage } from '../../../worker/core/gossip/descriptor.ts';
import type { MembershipFrame } from '../../../worker/core/gossip/membership.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import type { WireDescriptor } from '../../../worker/core/wire/frame.ts';
import { GROVE, mark, numberOf, peerOf, quickRandom } from './overlay.ts';

/** Keys from here on are no members. */
const STRANGERS = 40_000;

export const isHostile = (peer: PeerId): boolean => numberOf(peer) % 5 === 0;
export const isMember = (peer: PeerId): boolean => numberOf(peer) < STRANGERS;

function signed(n: number, seq: number): WireDescriptor {
  const fields = { peer: peerOf(n), seq, frozen: false };
  return { ...fields, signature: mark(fields.peer, descriptorMessage(GROVE, fields)), age: 0, hops: 2 };
}

/** `peers` are alive; as many members again have left long ago. */
export function liars(peers: number, seed: number) {
  const random = quickRandom(seed);
  const draw = (below: number): number => {
    const [a = 0, b = 0] = random.bytes(2);
    return (a * 256 + b) % below;
  };

  /** 80 % fakes: strangers, forgeries, and real ones of members that are gone. */
  function row(): WireDescriptor {
    const kind = draw(10);
    if (kind < 2) return signed(5 * draw(Math.floor(peers / 5)), 2_000_000);
    if (kind < 5) return signed(STRANGERS + draw(20_000), 2_000_000);
    if (kind < 7) return { ...signed(draw(peers), 2_000_000), signature: new Uint8Array(64) };
    return signed(peers + draw(peers), 5);
  }
  const sample = (rows: number): WireDescriptor[] => Array.from({ length: rows }, row);

  return (from: PeerId, _to: PeerId, frame: MembershipFrame): MembershipFrame[] => {
    if (!isHostile(from)) return [frame];
    switch (frame.type) {
      // Knocks with the strongest word, says yes to all, leaves nobody, sends nobody on, and shuffles twice.
      case 'neighbour':
        return [{ ...frame, ask: 'join' }];
      case 'neighbour-reply':
        return [{ ...frame, accepted: true }];
      case 'disconnect':
      case 'forward-join':
        return [];
      case 'shuffle':
        return [0, 1].map((again) => ({ ...frame, n: 2 * frame.n + again, sample: sample(7) }));
      case 'shuffle-reply':
        return [{ ...frame, sample: sample(8) }];
      case 'probe':
      case 'probed':
      case 'suspect':
        return [frame];
    }
  };
}
