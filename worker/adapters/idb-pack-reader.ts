// Reads what lies in packs (idb-packs.ts), each of them whole. Writes nothing.
import { PACKS, packOf, placeOf, type Place, type Remains } from './idb-packs.ts';
import { request } from './idb-requests.ts';

/** The packs that these rows lie in, by id. Whatever is no Blob is left out. */
export async function packsOf(
  transaction: IDBTransaction,
  rows: readonly unknown[],
): Promise<ReadonlyMap<number, Blob>> {
  const ids = [...new Set(rows.flatMap(packOf))];
  if (ids.length === 0) return new Map();
  const packs = transaction.objectStore(PACKS);
  const found = await Promise.all(ids.map((id) => request<unknown>(packs.get(id))));
  return new Map(
    ids.flatMap((id, i) => {
      const blob = found[i];
      return blob instanceof Blob ? [[id, blob] as const] : [];
    }),
  );
}

/** Bytes of packs that are kept for the next read: blocks of one pack are asked for a few at a time. */
const KEPT_MOST = 8 * 1024 * 1024;

/** Bytes of packs that were read lately. A pack never changes under its id. */
export class PackReader {
  readonly #kept = new Map<number, Uint8Array>();
  readonly #reading = new Map<number, Promise<Uint8Array | null>>();
  #bytes = 0;

  /**
   * Null where it can't be read. Read whole, and never cut or wrapped: Chromium may forget a stored Blob that a page still holds, and
   * ends the renderer where another is made of it ("Bad blob references", crbug.com/392376370).
   */
  read(id: number, blob: Blob): Promise<Uint8Array | null> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#kept.delete(id);
      this.#kept.set(id, kept);
      return Promise.resolve(kept);
    }
    const under = this.#reading.get(id);
    if (under !== undefined) return under;
    const reading = bytesOf(blob).then((bytes) => {
      this.#reading.delete(id);
      if (bytes !== null) this.#keep(id, bytes);
      return bytes;
    });
    this.#reading.set(id, reading);
    return reading;
  }

  #keep(id: number, bytes: Uint8Array): void {
    this.#kept.set(id, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= KEPT_MOST) return;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array | null> {
  try {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return bytes.length === blob.size ? bytes : null;
  } catch {
    return null;
  }
}

/**
 * What the rows hold, in order, each in memory of its own. Null where there is no row, and where a pack can't be read: a file that the
 * disk lost is lost like a row. `packs`: those of the rows; they stay readable after their transaction.
 */
export async function contentsOf(
  rows: readonly unknown[],
  packs: ReadonlyMap<number, Blob>,
  reader: PackReader,
): Promise<(Uint8Array | null)[]> {
  const read = new Map<number, Uint8Array | null>();
  await Promise.all([...packs].map(async ([id, blob]) => read.set(id, await reader.read(id, blob))));
  return rows.map((row) => {
    if (row instanceof Uint8Array) return row;
    const place = placeOf(row);
    return place === null ? null : copyOf(read.get(place.pack) ?? null, place);
  });
}

/** The bytes of what is left, by key. Null where the file can't be read. */
export async function readRemains(
  { pack, blob, places }: Remains,
  reader: PackReader,
): Promise<Map<IDBValidKey, Uint8Array> | null> {
  const whole = await reader.read(pack, blob);
  const values = new Map<IDBValidKey, Uint8Array>();
  for (const [key, place] of places) {
    const value = copyOf(whole, place);
    if (value === null) return null;
    values.set(key, value);
  }
  return values;
}

/** What is kept is nobody's to write to. Null where the file is shorter than its rows say. */
const copyOf = (whole: Uint8Array | null, { at, size }: Place): Uint8Array | null =>
  whole !== null && at + size <= whole.length ? whole.slice(at, at + size) : null;
