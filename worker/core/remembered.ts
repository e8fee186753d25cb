// The members that a device was linked to, as they are kept on disk (SPEC P6). Knows nothing of who is chosen.
import type { Remembered } from './gossip/membership.ts';
import { idBytes, toPeerId } from './model/ids.ts';
import { asArray, asId, asUint, decode, encode } from './wire/cbor.ts';

const MAX_BYTES = 64 * 1024;
const MAX_PEERS = 64;

export const encodeRemembered = (peers: readonly Remembered[]): Uint8Array =>
  encode(
    peers.map(({ peer, linkedMs, lastMet }) => [idBytes(peer), Math.round(linkedMs), Math.round(lastMet)]),
  );

/** What can't be read is forgotten: the endpoint, or a link made by hand, finds them again. */
export function decodeRemembered(bytes: Uint8Array): Remembered[] {
  const decoded = decode(bytes, { maxBytes: MAX_BYTES });
  const rows = decoded.ok ? (asArray(decoded.value, MAX_PEERS) ?? []) : [];
  return rows.flatMap((raw) => {
    const row = asArray(raw, 16);
    const peer = asId(row?.[0], toPeerId);
    const linkedMs = asUint(row?.[1]);
    const lastMet = asUint(row?.[2]);
    return peer === null || linkedMs === null || lastMet === null ? [] : [{ peer, linkedMs, lastMet }];
  });
}
