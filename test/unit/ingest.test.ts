import { bytesToHex } from '@noble/hashes/utils.js';
import { blake3 } from '@noble/hashes/blake3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHasher, createNobleHasher, createWasmHasher } from '../../worker/adapters/hasher.ts';
import type { Hasher } from '../../worker/adapters/hasher.ts';
import { createMemoryStore } from '../../worker/adapters/store-memory.ts';
import { blobKey, blockKey, heldKey, listKey } from '../../worker/core/cas/keys.ts';
import { decodeBlobRecord, encodeBlobRecord } from '../../worker/core/cas/record.ts';
import { MAX_BLOCK, decodeList, encodeList } from '../../worker/core/model/blocklist.ts';
import { concat, equalBytes, utf8 } from '../../worker/core/model/bytes.ts';
import { unwrap } from '../../worker/core/model/errors.ts';
import { toHash } from '../../worker/core/model/ids.ts';
import type { Hash } from '../../worker/core/model/ids.ts';
import { hash32 } from '../../worker/core/model/keys.ts';
import type { Store, WriteOp } from '../../worker/core/ports.ts';
import { hashSource, ingest, ingestAll } from '../../worker/ingest.ts';
import type { Ingested } from '../../worker/ingest.ts';
import { PIECE } from '../../worker/pieces.ts';
import { createReader, type Range } from '../../worker/read.ts';

const wasm: Hasher = await createHasher();
const hash = (bytes: Uint8Array): Uint8Array => {
  wasm.update(bytes);
  return wasm.digest();
};
const noise = (label: string, length: number): Uint8Array => blake3(utf8(label), { dkLen: length });
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const deps = (store: Store) => ({ store, hash, createHasher, pause });
const into = (store: Store, source: Blob | Uint8Array): Promise<Ingested> => ingest(source, deps(store));
const readBack = (store: Store, artifact: Hash, mediaType = '', range?: Range): Promise<Blob> =>
  createReader({ store, hash }).read(artifact, mediaType, range);
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
const put = (table: 'blobs' | 'blocks', key: string, value: Uint8Array): WriteOp => ({
  op: 'put',
  table,
  key,
  value,
});

const KIB = 1024;

/** Counts what passes through. */
function watched(store: Store): { store: Store; writes: { ops: readonly WriteOp[]; durability: string }[] } {
  const writes: { ops: readonly WriteOp[]; durability: string }[] = [];
  return {
    writes,
    store: {
      ...store,
      write(ops, durability) {
        // The writer lets go of its blocks once they are written.
        const kept = ops.map((op) => (op.op === 'put' ? { ...op, value: op.value.slice() } : op));
        writes.push({ ops: kept, durability });
        return store.write(ops, durability);
      },
    },
  };
}

describe('Hashing in bulk', () => {
  it('WASM and noble agree on any bytes in any slices', async () => {
    const [fast, plain] = [await createWasmHasher(), createNobleHasher()];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 8 }),
        fc.string(),
        (slices, label) => {
          const parts = slices.map((size, i) => noise(`${label} ${i}`, size));
          for (const part of parts) {
            fast.update(part);
            plain.update(part);
          }
          const digest = bytesToHex(fast.digest());
          expect(digest).toBe(bytesToHex(plain.digest()));
          expect(digest).toBe(bytesToHex(blake3(concat(...parts))));
        },
      ),
      { seed: 4, numRuns: 40 },
    );
  });

  const edges = [1, 64, 1024, 2048, 16 * KIB, 64 * KIB, 240 * KIB, PIECE];
  it.each(edges)(
    'WASM and noble agree on random sizes around %i bytes, whole and as one of several',
    (edge) => {
      const bytes = noise(`edge ${edge}`, edge + 1100);
      fc.assert(
        fc.property(
          fc.oneof(
            fc.integer({ min: -3, max: 3 }),
            fc.constantFrom(-1025, -1024, -1023, 1023, 1024, 1025),
            fc.integer({ min: -1000, max: 1000 }),
          ),
          (off) => {
            const part = bytes.subarray(0, Math.max(0, edge + off));
            // The same instance every time: nothing of one call may reach the next.
            expect(bytesToHex(hash(part))).toBe(bytesToHex(blake3(part)));
          },
        ),
        { seed: edge, numRuns: edge > 200 * KIB ? 12 : 40 },
      );
    },
  );
});

describe('Taking files in and reading them back', () => {
  it.each([
    0,
    1,
    16 * KIB - 1,
    16 * KIB,
    16 * KIB + 1,
    240 * KIB - 1,
    240 * KIB,
    240 * KIB + 1,
    KIB * KIB - 1,
    KIB * KIB,
    KIB * KIB + 1,
  ])('C3: %i bytes come back as they were, from a Blob as from bytes', async (length) => {
    for (const bytes of [noise(`size ${length}`, length), new Uint8Array(length)]) {
      const store = createMemoryStore();
      const taken = await into(store, bytes);
      expect(taken).toMatchObject({ hash: toHash(hash(bytes)), size: length });
      expect(await into(createMemoryStore(), new Blob([bytes.slice()]))).toEqual(taken);
      const blob = await readBack(store, taken.hash, 'text/plain');
      expect(blob.type).toBe('text/plain');
      expect(equalBytes(await bytesOf(blob), bytes)).toBe(true);
    }
  });

  it('C3: many megabytes come back as they were', async () => {
    const part = noise('part', 1_000_003);
    const parts = Array.from({ length: 7 }, (_, i) => concat(part.subarray(i * 1000), utf8(`end ${i}`)));
    const bytes = concat(...parts);
    const store = createMemoryStore();
    const taken = await into(store, bytes.subarray(1));
    expect(taken.hash).toBe(toHash(hash(bytes.subarray(1))));
    const back = await bytesOf(await readBack(store, taken.hash));
    expect(toHash(hash(back))).toBe(taken.hash);
  });

  it('C6: equal blocks are stored once, within a file and across files', async () => {
    const store = createMemoryStore();
    const first = await into(store, new Uint8Array(20 * MAX_BLOCK));
    expect(first.blocks).toBe(20);
    expect(await store.scan('blocks', '', null, 100)).toHaveLength(1);
    const base = noise('base', 600_000);
    const before = await into(store, base);
    const held = (await store.scan('blocks', '', null, 100)).length;
    const child = watched(store);
    const after = await into(child.store, concat(base, utf8('a line more')));
    expect(after.blocks).toBe(before.blocks);
    expect(await store.scan('blocks', '', null, 100)).toHaveLength(held + 1);
    expect(child.writes.flatMap((write) => write.ops).filter((op) => op.table === 'blocks')).toHaveLength(1);
  });

  it('C5, C20: blocks are written in transactions of about 1 MiB, each with the note that it is held; the last, strict one has the list and the record', async () => {
    const { store, writes } = watched(createMemoryStore());
    const taken = await into(store, noise('order', 5_000_000));
    expect(writes.length).toBeGreaterThan(3);
    expect(writes.map(({ durability }) => durability)).toEqual([
      ...writes.slice(1).map(() => 'relaxed'),
      'strict',
    ]);
    const others: string[] = [];
    for (const { ops } of writes) {
      const puts = ops.flatMap((op) => (op.op === 'put' ? [op] : []));
      const blocks = puts.filter(({ table }) => table === 'blocks');
      expect(blocks.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(
        PIECE + 2 * MAX_BLOCK + PIECE,
      );
      const notes = puts.filter(({ key }) => key.startsWith('held/')).map(({ key }) => key);
      expect(notes).toEqual(blocks.map(({ key }) => heldKey(key as Hash)));
      others.push(
        ...puts.filter((op) => op.table === 'blobs' && !op.key.startsWith('held/')).map(({ key }) => key),
      );
    }
    expect(others).toEqual([listKey(taken.root), blobKey(taken.hash)]);
    expect(writes.at(-1)?.ops.map((op) => op.op === 'put' && op.key)).toContain(blobKey(taken.hash));
  });

  it('C20: many small artifacts share transactions, and their records come last, all in one', async () => {
    const { store, writes } = watched(createMemoryStore());
    const sources = Array.from({ length: 1000 }, (_, i) => noise(`small ${i}`, 1024));
    const taken = await ingestAll(
      sources.map((bytes, i) => (i % 2 === 0 ? bytes : new Blob([bytes.slice()]))),
      deps(store),
    );
    expect(taken.map((each) => each.hash)).toEqual(sources.map((bytes) => toHash(hash32(bytes))));
    expect(writes.length).toBeLessThan(10);
    const withRecords = writes.filter(({ ops }) =>
      ops.some((op) => op.op === 'put' && op.key.startsWith('blob/')),
    );
    expect(withRecords).toEqual([writes.at(-1)]);
    for (const i of [0, 1, 999]) {
      const back = await bytesOf(await readBack(store, taken[i]?.hash ?? toHash(new Uint8Array(32))));
      expect(equalBytes(back, sources[i] ?? new Uint8Array())).toBe(true);
    }
  });

  it('C20: small and large ones, mixed in any order, each come to what they come to alone', async () => {
    const sizes = [0, 10, 2_500_000, 1, 0, 16_384, 16_385, 300_000, 900_000, 5, 1_048_576, 1_048_577, 0];
    const sources = sizes.map((size, i) => noise(`mixed ${i}`, size));
    const together = await ingestAll(sources, deps(createMemoryStore()));
    const alone = await Promise.all(sources.map((bytes) => into(createMemoryStore(), bytes)));
    expect(together).toEqual(alone);
    expect(together.map((each) => each.hash)).toEqual(sources.map((bytes) => toHash(hash32(bytes))));
  });

  it('C20: other work gets its turn after every mebibyte', async () => {
    let turns = 0;
    let waiting = true;
    const other = (): void => {
      turns += 1;
      if (waiting) setImmediate(other);
    };
    setImmediate(other);
    await into(createMemoryStore(), noise('turns', 8 * KIB * KIB));
    waiting = false;
    expect(turns).toBeGreaterThanOrEqual(8);
    let pauses = 0;
    const counted = {
      ...deps(createMemoryStore()),
      pause: () => {
        pauses += 1;
        return Promise.resolve();
      },
    };
    await ingestAll(
      Array.from({ length: 2_560 }, () => new Uint8Array(4)),
      counted,
    );
    expect(pauses).toBeGreaterThanOrEqual(10);
  });

  it('a hash alone is that of an artifact of these bytes, and nothing is stored', async () => {
    for (const size of [0, 1, 70_000, 3_000_000]) {
      const bytes = noise('hash', size);
      expect(await hashSource(new Blob([bytes.slice()]), { createHasher, pause })).toBe(
        toHash(hash32(bytes)),
      );
    }
  });

  it('D5: where the disk is full it rejects with `quota`, and no record of the blob is left', async () => {
    const store = createMemoryStore({ quota: 2_000_000 });
    const bytes = noise('too much', 3_000_000);
    await expect(into(store, bytes)).rejects.toMatchObject({ failure: 'quota' });
    expect(await store.scan('blobs', 'blob/', null, 10)).toEqual([]);
    await expect(readBack(store, toHash(hash(bytes)))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('C21: a file that can no longer be read is an `invalid` argument, and leaves no record of any taken in with it', async () => {
    const store = createMemoryStore();
    const file = new Blob([noise('moved', 100).slice()]);
    file.slice = () => {
      throw new DOMException('the file changed', 'NotReadableError');
    };
    await expect(ingestAll([noise('sound', 2_000_000), file], deps(store))).rejects.toMatchObject({
      name: 'ThicketError',
      code: 'invalid',
      message: expect.stringContaining('the file changed') as string,
    });
    expect(await store.scan('blobs', 'blob/', null, 10)).toEqual([]);
  });

  it.each([100, 3_000_000])(
    'C21: a file that gives fewer bytes than the %i it says is refused, and leaves no record',
    async (size) => {
      const store = createMemoryStore();
      const bytes = noise('short', size);
      const file = new Blob([bytes.slice()]);
      file.slice = (start = 0, end = size) => new Blob([bytes.slice(start, Math.min(end, size - 7))]);
      await expect(into(store, file)).rejects.toMatchObject({
        code: 'invalid',
        message: `file: ${size} bytes were said, but ${size - 7} given`,
      });
      expect(await store.scan('blobs', 'blob/', null, 10)).toEqual([]);
    },
  );

  it('C21: nothing is written any more once the failure is told', async () => {
    const { store, writes } = watched(createMemoryStore());
    const bytes = noise('late', 3_000_000);
    const file = new Blob([bytes.slice()]);
    const slice = file.slice.bind(file);
    file.slice = (start = 0, end) => {
      if (start >= 2 * PIECE) throw new DOMException('gone', 'NotReadableError');
      return slice(start, end);
    };
    await expect(into(store, file)).rejects.toMatchObject({ code: 'invalid' });
    const written = writes.length;
    await pause();
    expect(writes).toHaveLength(written);
  });

  it('C23: any range comes back as that part of the bytes', async () => {
    const bytes = noise('ranges', 700_000);
    const store = createMemoryStore();
    const { hash: artifact } = await into(store, bytes);
    const reader = createReader({ store, hash });
    const spot = fc.oneof(
      fc.integer({ min: 0, max: 700_100 }),
      fc.constantFrom(0, 699_999, 700_000, 2 ** 52),
    );
    await fc.assert(
      fc.asyncProperty(spot, spot, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const back = await bytesOf(await reader.read(artifact, '', { start, end }));
        expect(equalBytes(back, bytes.subarray(start, end))).toBe(true);
      }),
      { seed: 23, numRuns: 60 },
    );
    expect((await reader.read(artifact, '', { start: 10 })).size).toBe(699_990);
    expect((await reader.read(artifact, '', { end: 10 })).size).toBe(10);
  });

  it('C23: a range reads the blocks that overlap it and no others, and its lists only once', async () => {
    const data = createMemoryStore();
    const bytes = noise('few', 3_000_000);
    const { hash: artifact, blocks } = await into(data, bytes);
    expect(blocks).toBeGreaterThan(20);
    const asked = { blocks: 0, lists: 0 };
    const store: Store = {
      ...data,
      read(table, keys) {
        if (table === 'blocks') asked.blocks += keys.length;
        asked.lists += keys.filter((key) => key.startsWith('list/')).length;
        return data.read(table, keys);
      },
    };
    const reader = createReader({ store, hash });
    for (let at = 0; at < bytes.length; at += 500_000)
      await reader.read(artifact, '', { start: at, end: at + 1 });
    expect(asked).toEqual({ blocks: 6, lists: 1 });
    await reader.read(artifact, '', { start: 100, end: 100 });
    expect(asked.blocks).toBe(6);
  });

  it('C3: a damaged block is told from a good one where the reader hashes', async () => {
    const store = createMemoryStore();
    const taken = await into(store, noise('bit rot', 50_000));
    const [row] = await store.scan('blocks', '', null, 1);
    await store.write([put('blocks', row?.key ?? '', new Uint8Array(row?.value.length ?? 0))], 'strict');
    await expect(readBack(store, taken.hash)).rejects.toMatchObject({ code: 'corrupt' });
  });

  describe('reading what is not as it should be', () => {
    const bytes = noise('damage', 500_000);
    const damaged = async (
      damage: (taken: Ingested, store: Store) => Promise<readonly WriteOp[]>,
    ): Promise<string> => {
      const store = createMemoryStore();
      const taken = await into(store, bytes);
      await store.write(await damage(taken, store), 'strict');
      return readBack(store, taken.hash).then(
        () => 'read',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'threw'),
      );
    };
    const listOf = (level: number, items: { hash: Hash; size: number }[]): { hash: Hash; op: WriteOp } => {
      const list = encodeList({ level, items });
      const name = toHash(hash32(list));
      return { hash: name, op: put('blobs', listKey(name), list) };
    };
    const record = (taken: Ingested, root: Hash, size = taken.size): WriteOp =>
      put('blobs', blobKey(taken.hash), encodeBlobRecord({ size, root, complete: true }));

    it('C3: what is absent or incomplete is not found', async () => {
      expect(
        await damaged(({ hash }) => Promise.resolve([{ op: 'delete', table: 'blobs', key: blobKey(hash) }])),
      ).toBe('not-found');
      const incomplete = ({ hash, size, root }: Ingested): Promise<WriteOp[]> =>
        Promise.resolve([put('blobs', blobKey(hash), encodeBlobRecord({ size, root, complete: false }))]);
      expect(await damaged(incomplete)).toBe('not-found');
    });

    it('C3: a record, list or block that is missing or damaged is corrupt', async () => {
      const list = async ({ root }: Ingested, store: Store): Promise<Uint8Array> =>
        (await store.read('blobs', [listKey(root)]))[0] ?? expect.unreachable('no list');
      const damages: ((taken: Ingested, store: Store) => Promise<readonly WriteOp[]>)[] = [
        (taken) => Promise.resolve([put('blobs', blobKey(taken.hash), utf8('?'))]),
        (taken) => Promise.resolve([record(taken, taken.root, taken.size + 1)]),
        (taken) => Promise.resolve([record(taken, toHash(new Uint8Array(32)))]),
        (taken) => Promise.resolve([{ op: 'delete', table: 'blobs', key: listKey(taken.root) }]),
        async (taken, store) => {
          const changed = (await list(taken, store)).slice();
          changed.set([changed[40] === 0 ? 1 : 0], 40);
          return [put('blobs', listKey(taken.root), changed)];
        },
        async (taken, store) => {
          const [first] = unwrap(decodeList(await list(taken, store))).items;
          return [{ op: 'delete', table: 'blocks', key: blockKey(first?.hash ?? taken.hash) }];
        },
        async (taken, store) => {
          const [first] = unwrap(decodeList(await list(taken, store))).items;
          return [put('blocks', blockKey(first?.hash ?? taken.hash), new Uint8Array(3))];
        },
      ];
      for (const [i, damage] of damages.entries())
        expect(await damaged(damage), `damage ${i}`).toBe('corrupt');
    });

    it('C2: a list under one of the wrong level, or of another size than said, is corrupt', async () => {
      const under =
        (level: number, size: number) =>
        (taken: Ingested): Promise<WriteOp[]> => {
          const top = listOf(level, [{ hash: taken.root, size }]);
          return Promise.resolve([top.op, record(taken, top.hash, size)]);
        };
      expect(await damaged(under(1, bytes.length))).toBe('read');
      expect(await damaged(under(2, bytes.length))).toBe('corrupt');
      expect(await damaged(under(1, bytes.length + 1))).toBe('corrupt');
    });
  });

  it('C2: a blob of more than 4,096 blocks comes back through two levels of lists', async () => {
    const store = createMemoryStore();
    const block = utf8('0123456789');
    const name = toHash(hash32(block));
    const leaf = encodeList({
      level: 0,
      items: Array.from({ length: 4096 }, () => ({ hash: name, size: 10 })),
    });
    const short = encodeList({ level: 0, items: [{ hash: name, size: 10 }] });
    const [leafName, shortName] = [toHash(hash32(leaf)), toHash(hash32(short))];
    const top = encodeList({
      level: 1,
      items: [
        { hash: leafName, size: 40_960 },
        { hash: shortName, size: 10 },
      ],
    });
    const artifact = toHash(hash32(utf8('0123456789'.repeat(4097))));
    const root = toHash(hash32(top));
    await store.write(
      [
        put('blocks', blockKey(name), block),
        put('blobs', listKey(leafName), leaf),
        put('blobs', listKey(shortName), short),
        put('blobs', listKey(root), top),
        put('blobs', blobKey(artifact), encodeBlobRecord({ size: 40_970, root, complete: true })),
      ],
      'strict',
    );
    const blob = await readBack(store, artifact);
    expect(toHash(hash32(await bytesOf(blob)))).toBe(artifact);
  });

  it('C3: writes the record that the transfer machine reads', async () => {
    const store = createMemoryStore();
    const taken = await into(store, utf8('hello'));
    const [row] = await store.read('blobs', [blobKey(taken.hash)]);
    expect(unwrap(decodeBlobRecord(row ?? new Uint8Array(0)))).toEqual({
      size: 5,
      root: taken.root,
      complete: true,
    });
  });
});
