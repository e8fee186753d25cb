// The texts by which two devices of one person find each other (M19): one asks, the other answers with its signature, the
// first hands over what lets it in. Only their form, and what seals the last; who signs when is for others.
import { x25519 } from '@noble/curves/ed25519.js';
import { asArray, asBytes, asBytesUpTo, asId, asMap, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { groveRow, readGroveRow, type BackedGrove } from './backup.ts';
import { concat, fromBase64Url, toBase64Url } from './bytes.ts';
import { fail, ok, type Result } from './errors.ts';
import { idBytes, toPeerId, type PeerId } from './ids.ts';
import { deriveKey, open, seal, type Keypair } from './keys.ts';
import { LABEL } from './labels.ts';
import { DEVICE_NAME, readVouch, vouchFields, type Pairing, type Vouch } from './vouch.ts';
import type { Random } from '../ports.ts';

const PREFIX = {
  ask: 'thicket-device:',
  answer: 'thicket-device-answer:',
  give: 'thicket-device-groves:',
} as const;
const VERSION = 1;
export const PAIRING_LIMITS = { text: 65_536, groves: 300 } as const;
/** Each key seals once: the other half of its pair is made for it. */
const NONCE = new Uint8Array(24);

export type Answer = Pairing & Pick<Vouch, 'accepted'>;

const write = (kind: keyof typeof PREFIX, fields: readonly unknown[]): string =>
  PREFIX[kind] + toBase64Url(encode([VERSION, ...fields]));

/** Line breaks of mail and messengers are no part of it. */
function read(kind: keyof typeof PREFIX, text: string): Result<readonly unknown[]> {
  const bare = text.replace(/\s+/g, '');
  if (bare.length > PAIRING_LIMITS.text)
    return fail('too-large', `text: at most ${PAIRING_LIMITS.text} characters, given ${bare.length}`);
  if (!bare.startsWith(PREFIX[kind])) {
    const other = Object.values(PREFIX).some((prefix) => bare.startsWith(prefix));
    return fail(
      'invalid',
      other
        ? 'text: a text of another step of adding a device'
        : `text: it begins with ${PREFIX[kind]}, as the other device shows it`,
    );
  }
  const bytes = fromBase64Url(bare.slice(PREFIX[kind].length));
  const decoded = bytes && decode(bytes, { maxBytes: PAIRING_LIMITS.text });
  const fields = decoded?.ok ? asArray(decoded.value, 16) : null;
  if (fields === null || asUint(fields[0]) === null) return fail('invalid', 'text: damaged or incomplete');
  if (fields[0] !== VERSION) return fail('unsupported', 'text: of another version of this software');
  return ok(fields.slice(1));
}

export const writeAsk = (self: PeerId): string => write('ask', [idBytes(self)]);

export function readAsk(text: string): Result<PeerId> {
  const fields = read('ask', text);
  const peer = fields.ok ? asId(fields.value[0], toPeerId) : null;
  if (!fields.ok) return fields;
  return peer === null ? fail('invalid', 'text: damaged or incomplete') : ok(peer);
}

export const writeAnswer = ({ by, key, box, name, accepted }: Answer): string =>
  write('answer', [idBytes(by), idBytes(key), box, name, accepted]);

export function readAnswer(text: string): Result<Answer> {
  const fields = read('answer', text);
  if (!fields.ok) return fields;
  const [rawBy, rawKey, rawBox, rawName, rawAccepted] = fields.value;
  const [by, key] = [asId(rawBy, toPeerId), asId(rawKey, toPeerId)];
  const [box, accepted] = [asBytes(rawBox, 32), asBytes(rawAccepted, 64)];
  const name = asText(rawName, DEVICE_NAME, 1);
  if (by === null || key === null || by === key || box === null || name === null || accepted === null)
    return fail('invalid', 'text: damaged or incomplete');
  return ok({ by, key, box, name, succeeds: false, accepted });
}

function sharedKey(
  secret: Uint8Array,
  other: Uint8Array,
  key: Uint8Array,
  box: Uint8Array,
): Uint8Array | null {
  try {
    return deriveKey(x25519.getSharedSecret(secret, other), LABEL.pairing, concat(key, box));
  } catch {
    return null; // a key of small order
  }
}

/** Null where the other's box is no usable key. */
export function writeGive(vouch: Vouch, groves: readonly BackedGrove[], random: Random): string | null {
  const own = random.bytes(32);
  const key = x25519.getPublicKey(own);
  const shared = sharedKey(own, vouch.box, key, vouch.box);
  if (shared === null) return null;
  const rows = groves.map(groveRow);
  return write('give', [
    vouchFields(vouch),
    key,
    seal(shared, NONCE, encode(rows), idBytes(vouch.by), { pad: true }),
  ]);
}

export function readGive(text: string, keypair: Keypair): Result<{ vouch: Vouch; groves: BackedGrove[] }> {
  const fields = read('give', text);
  if (!fields.ok) return fields;
  const vouch = readVouch(asMap(fields.value[0]));
  const key = asBytes(fields.value[1], 32);
  const sealed = asBytesUpTo(fields.value[2], PAIRING_LIMITS.text);
  if (vouch === null || key === null || sealed === null)
    return fail('invalid', 'text: damaged or incomplete');
  if (vouch.key !== keypair.id) return fail('invalid', 'text: it is for another device than this one');
  const shared = sharedKey(keypair.boxSecret, key, key, keypair.boxPublic);
  const plain = shared && open(shared, sealed, idBytes(vouch.by));
  const decoded = plain && decode(plain, { maxBytes: PAIRING_LIMITS.text });
  const rows = decoded?.ok ? asArray(decoded.value, PAIRING_LIMITS.groves)?.map(readGroveRow) : undefined;
  const groves = rows?.filter((each) => each !== null);
  if (rows === undefined || groves === undefined || groves.length < rows.length)
    return fail('invalid', 'text: damaged or incomplete');
  return ok({ vouch, groves });
}
