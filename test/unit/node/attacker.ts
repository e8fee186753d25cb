// What an attacker does with a real peer's link and key: reads them from its store, signs what it likes, and puts frames on
// links past the node that would not send them.
import { hexToBytes } from '@noble/hashes/utils.js';
import { encodeEntry, signEntry, type Entry, type EntryFields } from '../../../worker/core/model/entry.ts';
import { toGroveId, toHash } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed, nobleSignatures, type Keypair } from '../../../worker/core/model/keys.ts';
import type { Store } from '../../../worker/core/ports.ts';
import { decodeRow, logPrefix, type LogRow } from '../../../worker/core/sync/row.ts';
import { asBytes, asMap, decode } from '../../../worker/core/wire/cbor.ts';
import { encodeFrame, type Frame, type WireEntry } from '../../../worker/core/wire/frame.ts';
import { valueOf } from '../model/fixtures.ts';
import type { createHub } from './mesh.ts';

/** The key of the device whose store it is. */
export async function keypairOf(store: Store): Promise<Keypair> {
  const [identity] = await store.read('meta', ['identity']);
  const fields = asMap(valueOf(decode(identity ?? new Uint8Array(), { maxBytes: 65_536 })));
  return keypairFromSeed(asBytes(fields?.get('seed'), 32) ?? new Uint8Array());
}

/** What lies in rows of its own: all that this device wrote, and whatever came alone. */
export const rowsOf = async (store: Store, grove: string): Promise<LogRow[]> =>
  (await store.scan('log', logPrefix(toGroveId(hexToBytes(grove))), null, 1_000)).map(({ value }) =>
    valueOf(decodeRow(value)),
  );

/** The newest entry of an author. */
export async function headOf(store: Store, grove: string, author: string): Promise<Entry> {
  const own = (await rowsOf(store, grove)).filter(({ entry }) => entry.author === author);
  const head = own.sort((x, y) => y.entry.seq - x.entry.seq)[0];
  if (head === undefined) throw new Error('no log');
  return head.entry;
}

/** An entry as it travels, with its body. */
export function made(
  key: Keypair,
  body: Uint8Array,
  fields: Omit<EntryFields, 'version' | 'body' | 'size' | 'blobs' | 'at'>,
): WireEntry & { id: string } {
  const { header, id } = encodeEntry({
    ...fields,
    ...{ version: 1, at: 0, body: toHash(hash32(body)), size: body.length, blobs: null },
  });
  return { id, header, signature: signEntry(nobleSignatures, key, id), body, table: null };
}

/** Puts a frame on the link between two peers, as if the first had sent it. */
export function inject(hub: ReturnType<typeof createHub>, from: string, to: string, frame: Frame): void {
  const end = [...hub.ends.values()].find(
    ({ name, open, other }) => name === from && open && other?.name === to,
  );
  const { other } = end ?? {};
  if (!other) throw new Error(`no link from ${from} to ${to}`);
  other.emit({ type: 'link-frame', link: other.link, frame: encodeFrame(frame) });
}
