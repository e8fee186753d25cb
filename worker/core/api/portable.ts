// For the RPC server, which writes and reads the files: what of a grove goes out, and what of a file is taken in, a page at a
// time (SPEC G27). Knows no file format.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { cidOf, hashOfCid, type Cid, type Hash } from '../model/ids.ts';
import { canonicalManifest, parseManifest, type Manifest } from '../model/manifest.ts';
import type { BlobRow } from '../model/table.ts';
import { activeGrove, checkMayWrite, type Call } from './api.ts';
import { heldRows, publishManifest } from './publishing.ts';

/** A manifest of a file, and media types of those of its artifacts that came with it, by hash. */
interface Given {
  cid: Cid;
  bytes: Uint8Array;
  types: Readonly<Record<string, string>>;
}

export function portableCalls(core: Core) {
  function fact(grove: Grove, cid: Cid) {
    const item = grove.views.item(cid);
    if (item === null) return null;
    const { manifest, createdAt, withdrawn } = item;
    const artifacts = manifest === null ? [] : grove.artifactHashes(manifest);
    return {
      cid,
      createdAt,
      withdrawn,
      body: manifest !== null,
      targets: [...new Set((manifest?.relations ?? []).map(({ targetCid }) => targetCid))],
      lacks: artifacts.filter((hash) => grove.blobs.get(hash)?.held !== true).length,
    };
  }

  /** Told by others before, or named before it came: it is here now. */
  function arrived(grove: Grove, rows: readonly BlobRow[]): void {
    for (const { hash } of rows) if (grove.blobs.get(hash)?.held === false) core.holdings.onBlob(hash);
  }

  const isKnown = (grove: Grove, cid: Cid): boolean => {
    const item = grove.views.item(cid);
    return item !== null && !item.withdrawn && item.manifest !== null;
  };

  return {
    /** CIDs in the order in which this device applied them, some more than once; `next` where there may be more. */
    exportList(call: Call, id: string, from: number): void {
      const grove = activeGrove(core, id);
      const entries = core.sync.log(grove.id)?.since(from, CONFIG.api.exportPage) ?? [];
      const last = entries.at(-1);
      call.reply({
        cids: entries.flatMap(({ kind, quarantined, body }) =>
          kind === 'contribution' && !quarantined ? [cidOf(body)] : [],
        ),
        next: last === undefined ? null : last.index + 1,
      });
    },

    exportFacts(call: Call, id: string, cids: readonly Cid[]): void {
      const grove = activeGrove(core, id);
      call.reply(cids.map((cid) => fact(grove, cid)));
    },

    exportManifests(call: Call, id: string, cids: readonly Cid[]): void {
      const grove = activeGrove(core, id);
      const whole = cids.flatMap((cid) => {
        const manifest = grove.views.manifest(cid);
        if (manifest === null) return [];
        const { bytes } = unwrap(canonicalManifest(manifest));
        return [{ cid, bytes, files: grove.artifactHashes(manifest).map((hash) => fileOf(grove, hash)) }];
      });
      call.reply(whole);
    },

    mayImport(call: Call, id: string): void {
      checkMayWrite(core, activeGrove(core, id), 'contribution');
      call.reply(null);
    },

    /** Publishes one after the other what the grove doesn't have; what comes from others goes on in between. */
    importBatch(call: Call, id: string, items: readonly Given[]): void {
      const grove = activeGrove(core, id);
      const manifests = items.map(({ cid, bytes, types }) => ({
        manifest: readGiven(cid, bytes),
        cid,
        types,
      }));
      const fresh = manifests.filter(({ cid }, i) => {
        const isFirst = manifests.findIndex((each) => each.cid === cid) === i;
        return isFirst && !isKnown(grove, cid);
      });
      const answer = { added: fresh.length, known: items.length - fresh.length };
      const hashes = new Set(manifests.flatMap(({ manifest }) => grove.artifactHashes(manifest)));
      const types = Object.assign({}, ...manifests.map((each) => each.types)) as Record<string, string>;
      heldRows(
        core,
        grove,
        [...hashes],
        (rows) => {
          arrived(grove, rows);
          const byHash = new Map(rows.map((row) => [row.hash, row]));
          publishNext(0, byHash);
        },
        types,
      );

      function publishNext(at: number, rows: ReadonlyMap<Hash, BlobRow>): void {
        const next = fresh[at];
        if (next === undefined) return call.reply(answer);
        const own = grove.artifactHashes(next.manifest).flatMap((hash) => rows.get(hash) ?? []);
        const isLast = at === fresh.length - 1;
        const one: Call = {
          reply: () => publishNext(at + 1, rows),
          refuse: (code, message) => call.refuse(code, message),
          attempt: (run) => call.attempt(run),
          note: () => (isLast ? call.note(answer) : []),
        };
        call.attempt(() => publishManifest(core, one, grove, next.manifest, own));
      }
    },
  };

  function fileOf(grove: Grove, hash: Hash) {
    const blob = grove.blobs.get(hash);
    // Nothing is to go between here and when it is read.
    core.storage.using(hash);
    const mediaType = blob?.rows[0]?.mediaType ?? 'application/octet-stream';
    return { hash, size: blob?.size ?? 0, mediaType, held: blob?.held === true };
  }
}

function readGiven(cid: Cid, bytes: Uint8Array): Manifest {
  const manifest = unwrap(parseManifest(bytes));
  const found = unwrap(canonicalManifest(manifest)).hash;
  if (found !== hashOfCid(cid))
    throw new ThicketError('corrupt', `import: the hash of ${cid} is blake3:${found}`);
  return manifest;
}
