// What a file to import holds, one after the other, whatever its format. Types and what both formats share.
import { ThicketError } from '../core/model/errors.ts';
import { hashOfCid, type Cid, type Hash } from '../core/model/ids.ts';
import { parseManifest, type Manifest } from '../core/model/manifest.ts';

export interface ManifestItem {
  type: 'manifest';
  line: number;
  cid: Cid;
  manifest: Manifest;
  /** Canonical, without `cid`. */
  bytes: Uint8Array;
}
export interface ArtifactItem {
  type: 'artifact';
  line: number;
  hash: Hash;
  /** Null where the file doesn't say. */
  mediaType: string | null;
  /** Reads nothing before it is read. */
  bytes: Blob;
}
/** Something that can be left out: what comes after it can be read all the same. */
export interface BadItem {
  type: 'bad';
  line: number;
  reason: string;
}
export type Item = ManifestItem | ArtifactItem | BadItem;

/** Lines of NDJSON and sections of a CAR file, both from 1. */
export interface Source {
  what: 'line' | 'section';
  /** Hashes that have to be in the file. */
  roots: readonly Hash[];
  /** From the beginning. Hashes of artifacts are checked where `verify` says so; those of manifests always are. */
  items(verify: boolean): AsyncGenerator<Item, void, void>;
}

/** Nothing after this can be read. */
export const broken = (what: string, line: number, at: number, reason: string): ThicketError =>
  new ThicketError('corrupt', `import: ${what} ${line} at byte ${at}: ${reason}`);

/** `expected` is checked against the manifest's bytes by `hash`. */
export function manifestItem(
  line: number,
  bytes: Uint8Array,
  expected: Cid,
  hash: Hash,
): ManifestItem | BadItem {
  if (hash !== hashOfCid(expected))
    return { type: 'bad', line, reason: `its hash is blake3:${hash}, not ${expected}` };
  const parsed = parseManifest(bytes);
  if (!parsed.ok) return { type: 'bad', line, reason: parsed.message };
  return { type: 'manifest', line, cid: expected, manifest: parsed.value, bytes };
}
