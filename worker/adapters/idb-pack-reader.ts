// Reads what lies in packs (idb-packs.ts): places that lie side by side at once, and each pack whole. Writes nothing.
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
 * What the rows hold, in order; those side by side share a buffer. Null where there is no row, and where a pack can't be read: a file
 * that the disk lost is lost like a row. `packs`: those of the rows; they stay readable after their transaction.
 */
export async function contentsOf(
  rows: readonly unknown[],
  packs: ReadonlyMap<number, Blob>,
  reader: PackReader,
): Promise<(Uint8Array | null)[]> {
  const contents = rows.map((row) => (row instanceof Uint8Array ? row : null));
  const runs = [...packs].flatMap(([id, blob]) => {
    const places = rows.flatMap((row, index) => {
      const place = placeOf(row);
      return place?.pack === id ? [{ ...place, index }] : [];
    });
    return runsOf(places).map((run) => ({ ...run, id, blob }));
  });
  await Promise.all(
    runs.map(async ({ id, blob, start, end, places }) => {
      const bytes = within(await reader.read(id, blob), start, end);
      if (bytes === null) return;
      for (const { at, size, index } of places)
        contents[index] = bytes.subarray(at - start, at - start + size);
    }),
  );
  return contents;
}

/** The bytes of what is left, by key. Null where the file can't be read. */
export async function readRemains(
  { blob, places }: Remains,
  reader: PackReader,
): Promise<Map<IDBValidKey, Uint8Array> | null> {
  const keys = [...places.keys()];
  const contents = await contentsOf(
    [...places.values()],
    new Map([...places.values()].map(({ pack }) => [pack, blob])),
    reader,
  );
  const read = keys.flatMap((key, i) => {
    const value = contents[i] ?? null;
    return value === null ? [] : [[key, value] as const];
  });
  return read.length === keys.length ? new Map(read) : null;
}

interface Run<P> {
  start: number;
  end: number;
  places: P[];
}

/** Places that lie side by side are read at once. */
function runsOf<P extends Place>(places: readonly P[]): Run<P>[] {
  const runs: Run<P>[] = [];
  for (const place of places.toSorted((a, b) => a.at - b.at)) {
    const last = runs.at(-1);
    if (last === undefined || place.at > last.end)
      runs.push({ start: place.at, end: place.at + place.size, places: [place] });
    else {
      last.end = Math.max(last.end, place.at + place.size);
      last.places.push(place);
    }
  }
  return runs;
}

/** A copy: what is kept is nobody's to write to. Null where the file is shorter than its rows say. */
const within = (whole: Uint8Array | null, start: number, end: number): Uint8Array | null =>
  whole !== null && end <= whole.length ? whole.slice(start, end) : null;
