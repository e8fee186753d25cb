// Which whole blobs are on disk, and how many bytes their blocks come to, in all and by grove (SPEC C13). Reads records and
// lists, never a block; knows what groves name only by asking.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { isHex32, toHash, type GroveId, type Hash } from '../model/ids.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { readAllContents, readContents } from './contents.ts';
import { blobKey } from './keys.ts';
import type { Leases } from './leases.ts';
import { decodeBlobRecord, type BlobRecord } from './record.ts';
import { Tally, type Contents } from './tally.ts';

export interface StoredBlob {
  size: number;
  root: Hash;
  /** Groves that name it, as far as they were told of it. */
  groves: Set<GroveId>;
  /** Blocks and lists that were counted for it. */
  weight: number;
}

export type Usage = ReturnType<typeof createUsage>;

const PREFIX = blobKey('' as Hash);

const weightOf = ({ blocks, lists }: Contents): number => blocks.size + lists.size;

export function createUsage(options: {
  context: Context;
  leases: Leases;
  /** Groves of this device that name a blob. */
  namedBy: (hash: Hash) => readonly GroveId[];
}) {
  const { context, leases, namedBy } = options;
  const blobs = new Map<Hash, StoredBlob>();
  const all = new Tally();
  const groves = new Map<GroveId, Tally>();
  /** Whose contents are being read, how many times over. */
  const counting = new Map<Hash, number>();
  /** Not all was read: what is named isn't fully known, so nothing may be taken for unnamed. */
  let doubtful = true;
  /** Reads that failed. */
  let failures = 0;

  function doubt(): void {
    failures += 1;
    doubtful = true;
  }

  function groveTally(id: GroveId): Tally {
    const tally = groves.get(id) ?? new Tally();
    groves.set(id, tally);
    return tally;
  }

  /** Counts a blob, whose contents were just read, wherever it isn't counted yet. */
  function take(hash: Hash, { size, root }: BlobRecord, contents: Contents): void {
    const stored: StoredBlob = blobs.get(hash) ?? {
      size,
      root,
      groves: new Set(),
      weight: weightOf(contents),
    };
    if (!blobs.has(hash)) {
      blobs.set(hash, stored);
      all.add(contents);
    }
    for (const id of namedBy(hash)) {
      if (stored.groves.has(id)) continue;
      stored.groves.add(id);
      groveTally(id).add(contents);
    }
  }

  function count(records: readonly [Hash, BlobRecord][], then: () => void): void {
    if (records.length === 0) return then();
    const blobsOf = records.map(([, record]) => record);
    readAllContents(blobsOf, context, (found) => {
      for (const [hash, record] of records) {
        const contents = found.get(record.root) ?? null;
        if (contents === null) doubt();
        else take(hash, record, contents);
      }
      then();
    });
  }

  const needsCount = (hash: Hash): boolean => {
    const stored = blobs.get(hash);
    return stored === undefined || namedBy(hash).some((id) => !stored.groves.has(id));
  };

  /** Counts every record on disk that isn't counted yet. False where the store could not be read. */
  function scan(then: (read: boolean) => void): void {
    if (doubtful) {
      blobs.clear();
      groves.clear();
      all.clear();
    }
    const before = failures;
    const end = (): void => {
      doubtful = failures > before;
      then(!doubtful);
    };
    const step = (after: string | null): void =>
      context.scan('blobs', PREFIX, after, CONFIG.storage.rows, (rows) => {
        if (isFailure(rows)) {
          doubt();
          return end();
        }
        const found = rows.flatMap(({ key, value }): [Hash, BlobRecord][] => {
          const hex = key.slice(PREFIX.length);
          const record = isHex32(hex) ? decodeBlobRecord(value) : null;
          if (record?.ok !== true) context.count('store.corrupt');
          return record?.ok === true && record.value.complete
            ? [[toHash(hexToBytes(hex)), record.value]]
            : [];
        });
        const fresh = found.filter(([hash]) => needsCount(hash));
        count(fresh, () => {
          const last = rows.at(-1);
          if (rows.length === CONFIG.storage.rows && last !== undefined) step(last.key);
          else end();
        });
      });
    step(null);
  }

  // ---- what comes -------------------------------------------------------------------------------------

  interface Noted {
    hash: Hash;
    then: (here: boolean) => void;
  }
  let noted: Noted[] = [];
  let noting = false;

  /** Those that came meanwhile together: each takes its lease before the one before ends, so that no deletion comes between. */
  function countNoted(): void {
    if (noting || noted.length === 0) return;
    noting = true;
    leases.share((release) => {
      const batch = noted.slice(0, CONFIG.storage.rows);
      noted = noted.slice(batch.length);
      readRecords(batch, (here) => {
        noting = false;
        countNoted();
        release();
        for (const { hash, then } of batch) then(here(hash));
      });
    });
  }

  function readRecords(batch: readonly Noted[], then: (here: (hash: Hash) => boolean) => void): void {
    const hashes = [...new Set(batch.map(({ hash }) => hash))];
    context.read('blobs', hashes.map(blobKey), (values) => {
      if (isFailure(values)) {
        doubt();
        return then(() => true);
      }
      const records = hashes.flatMap((hash, index): [Hash, BlobRecord][] => {
        const bytes = values[index] ?? null;
        const record = bytes && decodeBlobRecord(bytes);
        return record?.ok === true && record.value.complete ? [[hash, record.value]] : [];
      });
      const here = new Set(records.map(([hash]) => hash));
      count(records, () => then((hash) => here.has(hash)));
    });
  }

  return {
    all,
    blobs: blobs as ReadonlyMap<Hash, StoredBlob>,
    isDoubtful: (): boolean => doubtful,
    isCounting: (hash: Hash): boolean => counting.has(hash),
    bytesOf: (id: GroveId): number => groves.get(id)?.bytes ?? 0,
    scan,

    /** A blob is here, and perhaps named by another grove than before. Calls back with whether its record is there. */
    note(hash: Hash, then: (here: boolean) => void): void {
      if (!needsCount(hash)) return then(true);
      counting.set(hash, (counting.get(hash) ?? 0) + 1);
      noted.push({
        hash,
        then(here) {
          const left = (counting.get(hash) ?? 0) - 1;
          if (left > 0) counting.set(hash, left);
          else counting.delete(hash);
          then(here);
        },
      });
      countNoted();
    },

    /** What hangs below a stored blob. Null where it is not stored, or the store could not be read. */
    contents(hash: Hash, then: (contents: Contents | null) => void): void {
      const stored = blobs.get(hash);
      if (stored === undefined) then(null);
      else readContents(stored.root, context, then);
    },

    /**
     * Its record goes in this very step. `contents` are what was read of it before. False, and nothing is dropped, where they
     * are not what was counted: to take off more than was put there would make another's block look unnamed.
     */
    drop(hash: Hash, contents: Contents): boolean {
      const stored = blobs.get(hash);
      if (stored === undefined) return false;
      if (stored.weight !== weightOf(contents)) {
        doubt();
        return false;
      }
      blobs.delete(hash);
      all.remove(contents);
      for (const id of stored.groves) groves.get(id)?.remove(contents);
      return true;
    },

    forgetGrove(id: GroveId): void {
      groves.delete(id);
      for (const stored of blobs.values()) stored.groves.delete(id);
    },
  };
}
