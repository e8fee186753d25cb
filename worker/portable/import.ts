// Takes a file of manifests and artifacts into a grove (G27): all of it is checked first, then it is stored and published in
// batches. Whose it is and what is known already the node says.
import { ThicketError } from '../core/model/errors.ts';
import { hashOfCid, isCid, type Hash } from '../core/model/ids.ts';
import type { Manifest } from '../core/model/manifest.ts';
import type { Ingested } from '../ingest.ts';
import { mediaTypeOf } from '../rpc/media-types.ts';
import type { ImportOptions, ImportResult } from '../rpc/shapes/portable.ts';
import { readCar } from './car.ts';
import { check, type Checked } from './check.ts';
import { createHashBytes } from './hashing.ts';
import type { ArtifactItem, ManifestItem, Source } from './items.ts';
import { readLines } from './ndjson.ts';

export interface ImportDeps {
  node(method: string, params: unknown, requestId: string | null): Promise<unknown>;
  ingest(sources: readonly Blob[]): Promise<Ingested[]>;
  hash(source: Blob | Uint8Array): Promise<Hash>;
  /** Nothing is collected while it runs. */
  leased<T>(run: (taken: Ingested[]) => Promise<T>): Promise<T>;
}

/** Published in one go: some tens of ms in which other entries wait. */
const MANIFESTS = 64;
const MANIFEST_BYTES = 512 * 1024;
/** Stored in one go, at most: Blobs, whose bytes stay where they are. */
const ARTIFACTS = 256;
/** Told of what was refused. */
const TOLD = 100;

const isBrace = (byte: number | undefined): boolean => byte === 0x7b;
/** How the map of a CAR's header begins. */
const isMap = (byte: number | undefined): boolean => byte === 0xa2;

async function open(blob: Blob, deps: ImportDeps): Promise<Source> {
  if (blob.size === 0) throw new ThicketError('invalid', 'import: the file is empty');
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  return isBrace(first) && !isMap(second) ? readLines(blob) : readCar(blob, createHashBytes(deps.hash));
}

export async function importFile(
  deps: ImportDeps,
  grove: string,
  blob: Blob,
  options: ImportOptions,
  requestId: string | null,
): Promise<ImportResult> {
  await deps.node('mayImport', [grove], null);
  const source = await open(blob, deps);
  const checked = await check(source, options.partial !== true);
  const result = await take(deps, grove, source, checked, requestId);
  const refused = [...checked.refused].map(([line, reason]) => ({ line, reason }));
  return { ...result, refused: refused.slice(0, TOLD), refusedCount: refused.length };
}

async function take(
  deps: ImportDeps,
  grove: string,
  source: Source,
  { artifacts, refused }: Checked,
  requestId: string | null,
): Promise<Pick<ImportResult, 'added' | 'known' | 'artifacts'>> {
  const total = { added: 0, known: 0, artifacts: 0 };
  const stored = new Set<Hash>();
  let blobs: ArtifactItem[] = [];
  let manifests: ManifestItem[] = [];
  let bytes = 0;
  let batches = 0;

  async function store(taken: Ingested[]): Promise<void> {
    const fresh = blobs;
    blobs = [];
    if (fresh.length === 0) return;
    taken.push(...(await deps.ingest(fresh.map((item) => item.bytes))));
    fresh.forEach(({ hash, line }, i) => {
      if (taken[i]?.hash !== hash)
        throw new ThicketError('corrupt', `import: ${source.what} ${line}: the file changed meanwhile`);
    });
    total.artifacts += fresh.length;
  }

  async function publish(): Promise<void> {
    const batch = manifests;
    [manifests, bytes] = [[], 0];
    if (batch.length === 0) return;
    const items = batch.map((item) => ({ cid: item.cid, bytes: item.bytes, types: typesOf(item.manifest) }));
    batches += 1;
    const id = requestId === null ? null : `${requestId}/${batches}`;
    const done = (await deps.node('importBatch', [grove, items], id)) as { added: number; known: number };
    total.added += done.added;
    total.known += done.known;
  }

  /** Media types of the artifacts that came with the file, by hash. */
  function typesOf(manifest: Manifest): Record<string, string> {
    const types = Object.entries(manifest.artifacts).flatMap(([name, cid]) => {
      const hash = isCid(cid) ? hashOfCid(cid) : null;
      const found = hash === null ? undefined : artifacts.get(hash);
      return hash === null || found === undefined ? [] : [[hash, mediaTypeOf(name, found.mediaType ?? '')]];
    });
    return Object.fromEntries(types) as Record<string, string>;
  }

  const flush = (): Promise<void> =>
    deps.leased(async (taken) => {
      await store(taken);
      await publish();
    });

  try {
    for await (const item of source.items(false)) {
      if (item.type === 'bad' || refused.has(item.line)) continue;
      if (item.type === 'manifest') {
        manifests.push(item);
        bytes += item.bytes.length;
      } else if (artifacts.get(item.hash)?.named === true && !stored.has(item.hash)) {
        stored.add(item.hash);
        blobs.push(item);
      }
      if (manifests.length >= MANIFESTS || bytes >= MANIFEST_BYTES || blobs.length >= ARTIFACTS)
        await flush();
    }
    await flush();
  } catch (error) {
    if (!(error instanceof ThicketError) || total.added === 0) throw error;
    const message = `${error.message} (${total.added} were published before that; importing the file again goes on from there)`;
    throw new ThicketError(error.code, message);
  }
  return total;
}
