// Takes files in: cuts them, hashes them, and stores blocks, lists and records, holding a few blocks at a time. Knows no grove.
import type { Hasher } from './adapters/hasher.ts';
import { createBlockWriter } from './block-writer.ts';
import { createCutter, MIN_BLOCK } from './core/cas/cut.ts';
import { blobKey } from './core/cas/keys.ts';
import { createListBuilder } from './core/cas/list.ts';
import { encodeBlobRecord } from './core/cas/record.ts';
import { CONFIG } from './core/config.ts';
import { ThicketError } from './core/model/errors.ts';
import { toHash } from './core/model/ids.ts';
import type { Hash } from './core/model/ids.ts';
import type { Store, WriteOp } from './core/ports.ts';
import { contentsOf, piecesOf, runsOf, sizeOf, type Source } from './pieces.ts';

export interface IngestDeps {
  store: Store;
  /** BLAKE3-256, 32 bytes. */
  hash(bytes: Uint8Array): Uint8Array;
  createHasher(): Promise<Hasher>;
  /** Lets other work of this thread run. */
  pause(): Promise<void>;
}
export interface Ingested {
  hash: Hash;
  size: number;
  /** Of its block lists. */
  root: Hash;
  /** How many it was cut into, equal ones counted each. */
  blocks: number;
}

/**
 * When it resolves, everything is on disk. When it rejects, there is no record of any (C20, C21); blocks without one may stay behind.
 * @throws StoreError; ThicketError `invalid` where a source cannot be read or lies about its size, `too-large`.
 */
export async function ingestAll(sources: readonly Source[], deps: IngestDeps): Promise<Ingested[]> {
  if (sources.length === 0) return [];
  const writer = createBlockWriter(deps.store);
  const cutter = createCutter();
  const taken: Ingested[] = [];
  // One after the other, so one hasher is enough; and none for what can't be cut, whose hash is that of its only block.
  const whole = sources.some((source) => sizeOf(source) > MIN_BLOCK) ? await deps.createHasher() : null;

  const begin = (size: number) => {
    const tree = createListBuilder((bytes) => deps.hash(bytes));
    const hasher = size > MIN_BLOCK ? whole : null;
    let blocks = 0;
    let first: Hash | null = null;
    const take = (finished: readonly Uint8Array[]): void => {
      blocks += finished.length;
      if (blocks > CONFIG.cas.maxBlocks) {
        throw new ThicketError('too-large', `file: at most ${CONFIG.cas.maxBlocks} blocks, given more`);
      }
      for (const block of finished) {
        const hash = toHash(deps.hash(block));
        first ??= hash;
        tree.add(hash, block.length);
        writer.block(hash, block);
      }
    };
    return {
      push(bytes: Uint8Array): void {
        hasher?.update(bytes);
        take(cutter.push(bytes));
      },
      end(): void {
        take(cutter.finish());
        const hash = hasher ? toHash(hasher.digest()) : (first ?? toHash(deps.hash(new Uint8Array())));
        const { root, lists } = tree.finish();
        for (const list of lists) writer.list(list.hash, list.bytes);
        taken.push({ hash, size, root, blocks });
      },
    };
  };

  try {
    for (const run of runsOf(sources)) {
      const [only] = run;
      if (run.length === 1 && only !== undefined) {
        const file = begin(sizeOf(only));
        for await (const bytes of piecesOf(only)) {
          file.push(bytes);
          await writer.flow();
          await deps.pause();
        }
        file.end();
      } else {
        for (const bytes of await contentsOf(run)) {
          const file = begin(bytes.length);
          file.push(bytes);
          file.end();
        }
        await deps.pause();
      }
      await writer.flow();
    }
    await writer.finish(taken.map(recordOf));
  } catch (error) {
    // Nothing goes on behind the back of whoever hears of the failure.
    await writer.settle();
    throw error;
  }
  return taken;
}

/** One source; as above. */
export async function ingest(source: Source, deps: IngestDeps): Promise<Ingested> {
  const [taken] = await ingestAll([source], deps);
  if (taken === undefined) throw new ThicketError('internal', 'file: taken in without a trace');
  return taken;
}

/** Of a source's bytes; stores nothing. Throws as above. */
export async function hashSource(
  source: Source,
  deps: Pick<IngestDeps, 'createHasher' | 'pause'>,
): Promise<Hash> {
  const hasher = await deps.createHasher();
  for await (const bytes of piecesOf(source)) {
    hasher.update(bytes);
    await deps.pause();
  }
  return toHash(hasher.digest());
}

const recordOf = ({ hash, size, root }: Ingested): WriteOp => ({
  op: 'put',
  table: 'blobs',
  key: blobKey(hash),
  value: encodeBlobRecord({ size, root, complete: true }),
});
