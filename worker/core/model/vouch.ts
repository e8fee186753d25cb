// Devices of one person (M17): how one vouches for another with both signatures, how one is taken back, and the digits that
// people compare. Only form and signatures: whom a vouch lets in, and what it makes of them, is access's to say.
import { utf8 } from './bytes.ts';
import { idBytes, toPeerId, type PeerId } from './ids.ts';
import { hash32, sign, verify, type Keypair } from './keys.ts';
import { LABEL } from './labels.ts';
import type { Signatures } from '../ports.ts';
import { asBytes, asId, asText, asUint } from '../wire/cbor.ts';

/** What both devices sign. It names no grove: one statement serves in all that the first is in. */
export interface Pairing {
  /** The device that vouches. */
  by: PeerId;
  /** The device that it vouches for. */
  key: PeerId;
  /** X25519, of `key`. */
  box: Uint8Array;
  /** What the second device calls itself. */
  name: string;
  /** It stands in the place of the first: a new key, or a restored backup. */
  succeeds: boolean;
}
export interface Vouch extends Pairing {
  /** Of `by`, 64 bytes. */
  signature: Uint8Array;
  /** Of `key`, 64 bytes. */
  accepted: Uint8Array;
}
export interface VouchBody extends Vouch {
  kind: 'vouch';
}
export interface RevokeBody {
  kind: 'revoke';
  /** A device of the same person. */
  target: PeerId;
  /** Its last entry that counts; `NEVER` takes an earlier revocation by the same device back. */
  seq: number;
}
export type DeviceBody = VouchBody | RevokeBody;

export const NEVER = Number.MAX_SAFE_INTEGER;
export const DEVICE_NAME = 80;

type Fields = ReadonlyMap<string, unknown>;

export function readVouch(fields: Fields | null): Vouch | null {
  const by = asId(fields?.get('by'), toPeerId);
  const key = asId(fields?.get('key'), toPeerId);
  const box = asBytes(fields?.get('box'), 32);
  const name = asText(fields?.get('name'), DEVICE_NAME, 1);
  const succeeds = fields?.get('succeeds');
  const signature = asBytes(fields?.get('signature'), 64);
  const accepted = asBytes(fields?.get('accepted'), 64);
  if (by === null || key === null || by === key || box === null || name === null) return null;
  if (typeof succeeds !== 'boolean' || signature === null || accepted === null) return null;
  return { by, key, box, name, succeeds, signature, accepted };
}

export const vouchFields = ({ by, key, ...rest }: Vouch) => ({ by: idBytes(by), key: idBytes(key), ...rest });

export const DEVICE_READERS: {
  readonly [kind in DeviceBody['kind']]: (fields: Fields) => DeviceBody | null;
} = {
  vouch: (fields) => {
    const vouch = readVouch(fields);
    return vouch && { kind: 'vouch', ...vouch };
  },
  revoke: (fields) => {
    const target = asId(fields.get('target'), toPeerId);
    const seq = asUint(fields.get('seq'));
    return target === null || seq === null ? null : { kind: 'revoke', target, seq };
  },
};

export function deviceFields(body: DeviceBody): Record<string, unknown> {
  if (body.kind === 'revoke') return { target: idBytes(body.target), seq: body.seq };
  const { by, key, box, name, succeeds, signature, accepted } = body;
  return vouchFields({ by, key, box, name, succeeds, signature, accepted });
}

export const isDeviceKind = (kind: string): kind is DeviceBody['kind'] => Object.hasOwn(DEVICE_READERS, kind);

const parts = ({ by, key, box, name, succeeds }: Pairing): Uint8Array[] => [
  idBytes(by),
  idBytes(key),
  box,
  utf8(name),
  new Uint8Array([succeeds ? 1 : 0]),
];

/** The first device's word. */
export const signVouch = (signatures: Signatures, by: Keypair, pairing: Pairing): Uint8Array =>
  sign(signatures, by, LABEL.vouch, ...parts(pairing));

/** The second device's. */
export const signAccept = (signatures: Signatures, key: Keypair, pairing: Pairing): Uint8Array =>
  sign(signatures, key, LABEL.accept, ...parts(pairing));

export const isAccepted = (signatures: Signatures, pairing: Pairing & Pick<Vouch, 'accepted'>): boolean =>
  verify(signatures, pairing.key, pairing.accepted, LABEL.accept, ...parts(pairing));

/** Whether both signed it. */
export const isVouched = (signatures: Signatures, vouch: Vouch): boolean =>
  isAccepted(signatures, vouch) &&
  verify(signatures, vouch.by, vouch.signature, LABEL.vouch, ...parts(vouch));

/**
 * Sixteen digits of both keys, in groups of four, for people to compare: 53 bits, so that nobody finds a key that shows
 * the same in the minutes of a pairing. The same in either order.
 */
export function pairCode(a: PeerId, b: PeerId): string {
  const [low, high] = a < b ? [a, b] : [b, a];
  const digest = hash32(utf8(LABEL.pairCode), idBytes(low), idBytes(high));
  const value = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % 10n ** 16n;
  return (value.toString().padStart(16, '0').match(/.{4}/g) ?? []).join(' ');
}
