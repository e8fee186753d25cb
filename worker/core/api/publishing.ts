// Carries a manifest into a grove's log as this device's own: its table of artifacts, and its body as a blob where it is large.
// Knows nothing of where the manifest comes from.
import { hexToBytes } from '@noble/hashes/utils.js';
import { blobKey } from '../cas/keys.ts';
import { decodeBlobRecord } from '../cas/record.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { MAX_INLINE_BODY } from '../model/entry.ts';
import { unwrap } from '../model/errors.ts';
import { toHash, type Hash } from '../model/ids.ts';
import { canonicalManifest, type Manifest } from '../model/manifest.ts';
import { encodeTable, type BlobRow } from '../model/table.ts';
import { afterwards, append, type Call } from './api.ts';

/** Stands for hashes that aren't known yet: all are equally long. */
export const NO_HASH = toHash(new Uint8Array(32));

/** What a manifest says of this device and this moment where its author says nothing else. */
export const authored = ({ context, identity: { name, keypair } }: Core) => ({
  agent: { agentId: keypair.id, platform: 'thicket', ...(name === '' ? {} : { agentName: name }) },
  createdAt: new Date(context.now()).toISOString(),
});

/** Answers with `{cid}`, also where this device's publication of it stands already. */
export function publishManifest(
  core: Core,
  call: Call,
  grove: Grove,
  manifest: Manifest,
  rows: readonly BlobRow[],
): void {
  const { context } = core;
  const { bytes, hash, cid } = unwrap(canonicalManifest(manifest));
  const known = grove.views.item(cid);
  const self = core.identity.keypair.id;
  const standing =
    known !== null && !known.withdrawn && known.publishers.some(({ author }) => author === self);
  if (standing) return call.reply({ cid });
  const write = (all: readonly BlobRow[], to: Call): void => {
    const table = all.length === 0 ? null : encodeTable(all);
    const total = all.reduce((sum, { size }) => sum + size, 0);
    append(
      core,
      to,
      grove,
      { kind: 'contribution', body: bytes, table: table && { bytes: table, total } },
      () => ({ cid }),
    );
  };
  if (bytes.length <= MAX_INLINE_BODY) return write(rows, call);
  core.storage.lease((end) => {
    const last = afterwards(call, () => end([hash]));
    context.ingest(bytes, (blob) => {
      if (isFailure(blob)) {
        if (blob.failure === 'quota') core.storage.foundFull();
        return last.refuse(core.errorCode(blob.failure), blob.message);
      }
      const row = {
        hash,
        size: blob.size,
        mediaType: 'application/json',
        root: toHash(hexToBytes(blob.root)),
      };
      last.attempt(() => write([...rows.filter((each) => each.hash !== hash), row], last));
    });
  });
}

/** Rows of those artifacts that are held here. Of what is not held there is none of ours: what others say of it, they sign. */
export function heldRows(
  core: Core,
  grove: Grove,
  hashes: readonly Hash[],
  then: (rows: BlobRow[]) => void,
  types: Readonly<Record<string, string>> = {},
): void {
  core.context.read('blobs', hashes.map(blobKey), (records) => {
    const rows = hashes.flatMap((hash, index): BlobRow[] => {
      const bytes = isFailure(records) ? null : (records[index] ?? null);
      const record = bytes && decodeBlobRecord(bytes);
      if (!record?.ok || !record.value.complete) return [];
      const { size, root } = record.value;
      const told = Object.hasOwn(types, hash) ? types[hash] : grove.blobs.get(hash)?.rows[0]?.mediaType;
      return [{ hash, size, root, mediaType: told ?? 'application/octet-stream' }];
    });
    then(rows);
  });
}
