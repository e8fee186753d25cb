// Large values that are written together lie in one file: rows of IndexedDB name their place in it. Browsers keep each value of more
// than some 64 KiB as a file of its own, and moving it costs several turns of other processes. Knows nothing of what the bytes are.
import { abort, request, settled } from './idb-requests.ts';

/** Object store of packs, by an id of its own: a Blob each. */
export const PACKS = 'packs';
/** Index of rows by the pack that they lie in. Rows that hold their bytes themselves are not in it. */
export const BY_PACK = 'pack';

/** A smaller value is no dearer in its row; and so many bytes make a pack worth its file. */
const VALUE_LEAST = 4 * 1024;
const PACK_LEAST = 64 * 1024;

/** What a row holds of a value that lies in a pack. */
export interface Place {
  pack: number;
  at: number;
  size: number;
}

export function placeOf(row: unknown): Place | null {
  if (typeof row !== 'object' || row === null || row instanceof Uint8Array) return null;
  if (!('pack' in row && 'at' in row && 'size' in row)) return null;
  const { pack, at, size } = row;
  const isPlace = [pack, at, size].every((number) => Number.isSafeInteger(number));
  return isPlace ? { pack: Number(pack), at: Number(at), size: Number(size) } : null;
}

/** The id of the pack that a row lies in. */
export const packOf = (row: unknown): readonly number[] => {
  const place = placeOf(row);
  return place === null ? [] : [place.pack];
};

// ---- writing ------------------------------------------------------------------------------------------

/** Whether it goes into a pack where there is enough for one. */
export const isLarge = ({ length }: Uint8Array): boolean => length >= VALUE_LEAST;

/** Structured cloning copies the whole buffer behind a view. */
export const compact = (value: Uint8Array): Uint8Array<ArrayBuffer> =>
  value.byteLength === value.buffer.byteLength ? asPart(value) : value.slice();

/** As it may go into a Blob, which copies no more than the view. */
const asPart = (value: Uint8Array): Uint8Array<ArrayBuffer> => {
  const { buffer, byteOffset, byteLength } = value;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : value.slice();
};

/** Puts the values: the large ones into one pack where they make one, the others into their rows. */
export function putAll(
  transaction: IDBTransaction,
  table: string,
  puts: ReadonlyMap<string, Uint8Array>,
  mayPack: boolean,
): void {
  const rows = transaction.objectStore(table);
  const large = [...puts].filter(([, value]) => isLarge(value));
  const bytes = large.reduce((sum, [, { length }]) => sum + length, 0);
  const packed = new Map(mayPack && bytes >= PACK_LEAST ? large : []);
  for (const [key, value] of puts) if (!packed.has(key)) rows.put(compact(value), key);
  if (packed.size === 0) return;
  const pack = newId();
  let at = 0;
  for (const [key, { length: size }] of packed) {
    rows.put({ pack, at, size } satisfies Place, key);
    at += size;
  }
  transaction.objectStore(PACKS).add(new Blob([...packed.values()].map(asPart)), pack);
}

/** Of these packs, which some rows left: drops those that no row lies in any more. Gives those that are kept. */
export async function dropEmpty(
  transaction: IDBTransaction,
  table: string,
  packs: ReadonlySet<number>,
): Promise<number[]> {
  const byPack = transaction.objectStore(table).index(BY_PACK);
  const left = await Promise.all(
    [...packs].map(async (pack) => {
      if ((await request(byPack.count(pack))) > 0) return pack;
      transaction.objectStore(PACKS).delete(pack);
      return [];
    }),
  );
  return left.flat();
}

/** How many packs there are, and how many no row lies in; those go where it is to repair. */
export async function checkPacks(
  transaction: IDBTransaction,
  table: string,
  repair: boolean,
): Promise<{ files: number; loose: number }> {
  const done = settled(transaction);
  const packs = transaction.objectStore(PACKS);
  const byPack = transaction.objectStore(table).index(BY_PACK);
  try {
    const all = await request(packs.getAllKeys());
    const counts = await Promise.all(all.map((pack) => request(byPack.count(pack))));
    const loose = all.filter((_, at) => counts[at] === 0);
    if (repair) for (const pack of loose) packs.delete(pack);
    transaction.commit();
    await done;
    return { files: all.length, loose: loose.length };
  } catch (error) {
    abort(transaction);
    await done.catch(() => undefined);
    throw error;
  }
}

/** What is left in a pack of which others left most. */
export interface Remains {
  pack: number;
  blob: Blob;
  places: ReadonlyMap<IDBValidKey, Place>;
}

/** Those of these packs of which less than half is left: what others left there takes up the disk. */
export async function remainsOf(
  transaction: IDBTransaction,
  table: string,
  packs: readonly number[],
): Promise<Remains[]> {
  const found = await Promise.all(
    packs.map(async (pack) => {
      const [blob, places] = await Promise.all([
        request<unknown>(transaction.objectStore(PACKS).get(pack)),
        placesIn(transaction, table, pack),
      ]);
      const live = [...places.values()].reduce((sum, { size }) => sum + size, 0);
      return blob instanceof Blob && live > 0 && live * 2 < blob.size ? [{ pack, blob, places }] : [];
    }),
  );
  return found.flat();
}

/**
 * Writes into a pack of their own those that still lie in the old one, which goes. They are bytes, never pieces of the old one's
 * Blob, for the reason that `PackReader` tells.
 */
export async function moveRemains(
  transaction: IDBTransaction,
  table: string,
  old: number,
  values: ReadonlyMap<IDBValidKey, Uint8Array>,
): Promise<void> {
  const done = settled(transaction);
  try {
    const rows = transaction.objectStore(table);
    const left = await placesIn(transaction, table, old);
    const moved = [...values].filter(([key]) => left.has(key));
    // What it was read for is all that a pack ever held.
    if (moved.length < left.size) throw new Error('a pack holds what it did not hold before');
    const pack = newId();
    let at = 0;
    for (const [key, { length: size }] of moved) {
      rows.put({ pack, at, size } satisfies Place, key);
      at += size;
    }
    const packs = transaction.objectStore(PACKS);
    if (moved.length > 0) packs.add(new Blob(moved.map(([, value]) => asPart(value))), pack);
    packs.delete(old);
    transaction.commit();
  } catch (error) {
    abort(transaction);
    await done.catch(() => undefined);
    throw error;
  }
  await done;
}

async function placesIn(
  transaction: IDBTransaction,
  table: string,
  pack: number,
): Promise<Map<IDBValidKey, Place>> {
  const byPack = transaction.objectStore(table).index(BY_PACK);
  const [keys, rows] = await Promise.all([
    request(byPack.getAllKeys(pack)),
    request<unknown[]>(byPack.getAll(pack)),
  ]);
  return new Map(
    keys.flatMap((key, i) => {
      const place = placeOf(rows[i]);
      return place === null ? [] : [[key, place] as const];
    }),
  );
}

/** Whether this browser keeps Blobs in IndexedDB: Safari's private windows don't. Leaves nothing behind. */
export async function keepsBlobs(transaction: IDBTransaction): Promise<boolean> {
  const done = settled(transaction);
  try {
    const probe = -1;
    transaction.objectStore(PACKS).put(new Blob(['.']), probe);
    transaction.objectStore(PACKS).delete(probe);
    transaction.commit();
    await done;
    return true;
  } catch {
    abort(transaction);
    await done.catch(() => undefined);
    return false;
  }
}

/** By chance, so that nothing needs to be counted on; one that exists already fails the transaction. */
const newId = (): number => {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
};
