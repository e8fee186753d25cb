// Descriptors (P1): a peer's signed word that it is there. Issues one's own and checks others', each of them once.
import { idBytes, type GroveId, type PeerId } from '../model/ids.ts';
import { signedMessage } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import { encode } from '../wire/cbor.ts';
import type { WireDescriptor } from '../wire/frame.ts';
import type { MembershipOptions } from './types.ts';

export interface Descriptor {
  readonly peer: PeerId;
  readonly seq: number;
  readonly frozen: boolean;
  readonly signature: Uint8Array;
}

/** What a descriptor's signature is over. */
export const descriptorMessage = (
  grove: GroveId,
  { peer, seq, frozen }: Pick<Descriptor, 'peer' | 'seq' | 'frozen'>,
): Uint8Array => signedMessage(LABEL.descriptor, idBytes(grove), encode([idBytes(peer), seq, frozen]));

export interface Issuer {
  /** One's own as it goes out: vouched for now. */
  wire(): WireDescriptor;
  setFrozen(frozen: boolean): void;
  /** Someone suspects the incarnation `seq`. False: that is over already, or one was issued just now. */
  refute(seq: number): boolean;
  /** One's own of an earlier life, properly signed, with a higher seq: goes on above it. */
  outgrow(seq: number): void;
}

export function createIssuer({ grove, self, context, limits, sign }: MembershipOptions): Issuer {
  let current: Descriptor | null = null;
  let issuedAt = -Infinity;
  let frozen = false;
  let floor = 0;

  function issue(): Descriptor {
    const seq = Math.min(Number.MAX_SAFE_INTEGER, Math.max(context.now(), floor + 1));
    const fields = { peer: self, seq, frozen };
    current = { ...fields, signature: sign(descriptorMessage(grove, fields)) };
    floor = seq;
    issuedAt = context.elapsed();
    return current;
  }

  return {
    wire() {
      const due = current === null || context.elapsed() - issuedAt >= limits.reissueEvery;
      const { peer, seq, frozen: hidden, signature } = due ? issue() : (current ?? issue());
      return { peer, seq, frozen: hidden, signature, age: 0, hops: limits.hops };
    },
    setFrozen(value) {
      if (value === frozen) return;
      frozen = value;
      current = null;
    },
    refute(seq) {
      if (seq < floor || context.elapsed() - issuedAt < limits.reissueLeast) return false;
      current = null;
      return true;
    },
    outgrow(seq) {
      if (seq <= floor) return;
      floor = seq;
      current = null;
    },
  };
}

export interface Verifier {
  /** The descriptor as its owner signed it, or null. */
  check(wire: WireDescriptor): Descriptor | null;
}

export function createVerifier({ grove, limits, verify }: MembershipOptions): Verifier {
  /** The newest of each peer, by when they came. */
  const seen = new Map<PeerId, Descriptor>();
  return {
    check({ peer, seq, frozen, signature }) {
      const known = seen.get(peer);
      // The signature that was checked stands, whatever came along this time.
      if (known?.seq === seq && known.frozen === frozen) return known;
      const descriptor = { peer, seq, frozen, signature };
      if (!verify(peer, descriptorMessage(grove, descriptor), signature)) return null;
      if (known !== undefined && known.seq > seq) return descriptor;
      seen.delete(peer);
      seen.set(peer, descriptor);
      const [oldest] = seen.keys();
      if (seen.size > limits.verified && oldest !== undefined) seen.delete(oldest);
      return descriptor;
    },
  };
}
