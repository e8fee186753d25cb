// A grove's next secret, sealed to each member that remains (SPEC A15), and opened by one. Pure computations.
import { x25519 } from '@noble/curves/ed25519.js';
import { concat } from '../model/bytes.ts';
import { idBytes, toHash, type Hash, type PeerId } from '../model/ids.ts';
import { deriveKey, hash32, open, seal, type Keypair } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import { POWER_LIMITS, type RotateBody } from '../model/powers.ts';
import type { Random } from '../ports.ts';
import type { Rotation } from './rotations.ts';

export interface Receiver {
  peer: PeerId;
  /** X25519, as told on joining. */
  box: Uint8Array;
}

/** No key seals twice: each comes from a pair of this entry's alone. */
const NONCE = new Uint8Array(24);
const SECRET = 32;

export const commitOf = (secret: Uint8Array): Hash => toHash(hash32(secret));

function sharedKey(
  secret: Uint8Array,
  other: Uint8Array,
  entry: Uint8Array,
  box: Uint8Array,
): Uint8Array | null {
  try {
    return deriveKey(x25519.getSharedSecret(secret, other), LABEL.rotate, concat(entry, box));
  } catch {
    return null; // a key of small order, by whoever wrote it
  }
}

/** As many bodies as it takes. Who told no usable key is left out. */
export function sealRotation(
  secret: Uint8Array,
  epoch: number,
  receivers: readonly Receiver[],
  random: Random,
): RotateBody[] {
  const bodies: RotateBody[] = [];
  const commit = commitOf(secret);
  for (let at = 0; at < receivers.length; at += POWER_LIMITS.boxes) {
    const own = random.bytes(32);
    const key = x25519.getPublicKey(own);
    const boxes = receivers.slice(at, at + POWER_LIMITS.boxes).flatMap(({ peer, box }) => {
      const shared = sharedKey(own, box, key, box);
      return shared === null ? [] : [{ peer, sealed: seal(shared, NONCE, secret, idBytes(peer)) }];
    });
    bodies.push({ kind: 'rotate', epoch, commit, key, boxes });
  }
  return bodies;
}

/** The secret, or null where none was sealed to this device, or another than the entry says. */
export function openRotation({ commit, boxes }: Rotation, keypair: Keypair): Uint8Array | null {
  const mine = boxes.get(keypair.id);
  if (mine === undefined) return null;
  const shared = sharedKey(keypair.boxSecret, mine.key, mine.key, keypair.boxPublic);
  const secret = shared && open(shared, mine.sealed, idBytes(keypair.id));
  return secret?.length === SECRET && commitOf(secret) === commit ? secret : null;
}
