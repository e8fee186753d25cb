// Transfers and serving over a store of plain maps: blobs to fetch, links to fetch them from, and what is sent.
import type { Halt } from '../../../worker/core/cas/halts.ts';
import { createListBuilder } from '../../../worker/core/cas/list.ts';
import { blobKey, blockKey, heldKey, listKey } from '../../../worker/core/cas/keys.ts';
import { createCas, type CasFact } from '../../../worker/core/cas/machine.ts';
import { encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import type { BlobClaim } from '../../../worker/core/cas/claims.ts';
import { createContext } from '../../../worker/core/context.ts';
import { concat } from '../../../worker/core/model/bytes.ts';
import { toHash, type Hash, type LinkId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { Hasher, StoreFailure } from '../../../worker/core/ports.ts';
import { decodeFrame, type Frame } from '../../../worker/core/wire/frame.ts';
import { aGroveId, valueOf } from '../model/fixtures.ts';
import { answer, linkOf, Tables } from '../sync/bench.ts';

export const GROVE = aGroveId('grove');

export interface Blob {
  hash: Hash;
  claim: BlobClaim;
  blocks: Map<Hash, Uint8Array>;
  order: Hash[];
  lists: Map<Hash, Uint8Array>;
}

export const hashOf = (bytes: Uint8Array): Hash => toHash(hash32(bytes));

/** A blob of these blocks, in this order. */
export function blobOf(...blocks: Uint8Array[]): Blob {
  const builder = createListBuilder(hash32);
  const order = blocks.map(hashOf);
  blocks.forEach((block, index) => builder.add(order[index] ?? hashOf(block), block.length));
  const { root, lists, size } = builder.finish();
  return {
    hash: hashOf(concat(...blocks)),
    claim: { root, size },
    blocks: new Map(blocks.map((block, index) => [order[index] ?? hashOf(block), block])),
    order,
    lists: new Map(lists.map(({ hash, bytes }) => [hash, bytes])),
  };
}

export const block = (fill: number, size = 1_000): Uint8Array => new Uint8Array(size).fill(fill);

export function hold(tables: Tables, blob: Blob, only: Iterable<Hash> = blob.blocks.keys()): void {
  const held = [...only];
  for (const [hash, bytes] of blob.lists) tables.rows.set(`blobs:${listKey(hash)}`, bytes);
  for (const hash of held) {
    tables.rows.set(`blocks:${blockKey(hash)}`, blob.blocks.get(hash) ?? new Uint8Array());
    tables.rows.set(`blobs:${heldKey(hash)}`, new Uint8Array());
  }
  if (held.length === blob.blocks.size)
    tables.rows.set(`blobs:${blobKey(blob.hash)}`, encodeBlobRecord({ ...blob.claim, complete: true }));
}

export function createCasBench(
  options: {
    tables?: Tables;
    links?: string[];
    hasher?: () => Hasher;
    halts?: ReadonlyMap<Hash, Halt>;
  } = {},
) {
  const tables = options.tables ?? new Tables();
  const links = new Set<LinkId>((options.links ?? ['one']).map(linkOf));
  const claims = new Map<Hash, BlobClaim[]>();
  const facts: CasFact[] = [];
  const sent: { link: string; frame: Frame }[] = [];
  const log: { link: string; frame: Frame }[] = [];
  const context = createContext(createSeededRandom(4));
  let now = 1_000_000;
  context.setNow(now);
  const cas = createCas({
    context,
    emit: (fact) => void facts.push(fact),
    ...(options.halts === undefined ? {} : { halts: options.halts }),
    hooks: {
      hash: hash32,
      hasher: options.hasher ?? null,
      links: () => [...links],
      claims: (blob) => claims.get(blob) ?? [],
      groveFor: (link, blob, root) =>
        links.has(link) && (claims.get(blob) ?? []).some((claim) => claim.root === root) ? GROVE : null,
      rootsOf: (link, grove, blob) =>
        links.has(link) && grove === GROVE ? (claims.get(blob) ?? []).map(({ root }) => root) : [],
    },
  });

  const bench = {
    cas,
    context,
    tables,
    links,
    claims,
    facts,
    /** Not looked at yet. */
    sent,
    /** All that was ever sent. */
    log,
    failing: null as StoreFailure | null,
    /** Writes carried out so far; beyond `limit` nothing is carried out any more, as in a crash. */
    writes: 0,
    limit: Infinity,
    run(): void {
      for (let waiting = context.takeEffects(); waiting.length > 0; waiting = context.takeEffects()) {
        for (const effect of waiting) {
          if (effect.type === 'write' && (bench.writes += 1) > bench.limit) return;
          if (effect.type === 'link-send') {
            const told = { link: effect.link, frame: valueOf(decodeFrame(effect.frame)) };
            sent.push(told);
            log.push(told);
            if (effect.lane === 'bulk') context.drained(effect.link, effect.frame.length);
            cas.drained(effect.link);
          } else if (effect.type === 'hash-blob') {
            const parts = effect.blocks.map((at) => tables.get('blocks', at));
            const whole = parts.filter((part) => part !== null);
            const hash = whole.length === parts.length ? hashOf(concat(...whole)) : null;
            context.resume({ type: 'hashed', token: effect.token, hash });
          } else answer(effect, context, tables, bench.failing);
        }
      }
    },
    want(...blobs: Blob[]): void {
      for (const blob of blobs) {
        if (!claims.has(blob.hash)) claims.set(blob.hash, [blob.claim]);
        cas.want({ grove: GROVE, hash: blob.hash });
      }
      bench.run();
    },
    give(link: string, frame: Parameters<typeof cas.frame>[1]): void {
      cas.frame(linkOf(link), frame);
      bench.run();
    },
    pass(ms: number): void {
      now += ms;
      context.setNow(now);
      cas.tick(now);
      bench.run();
    },
    /** What was asked since the last time, by link. */
    asked(): { link: string; frame: Frame }[] {
      return sent.splice(0).filter(({ frame }) => frame.type === 'want-list' || frame.type === 'want-blocks');
    },
    /** Answers all that is asked, as this link would; returns how many blocks it gave. */
    serve(
      blobs: readonly Blob[],
      by: (link: string) => 'well' | 'badly' | 'nothing' | 'lack' = () => 'well',
    ): number {
      let given = 0;
      for (let asked = bench.asked(); asked.length > 0; asked = bench.asked()) {
        for (const { link, frame } of asked) {
          const how = by(link);
          if (how === 'nothing') continue;
          const names =
            frame.type === 'want-list' ? [frame.list] : frame.type === 'want-blocks' ? frame.blocks : [];
          const blob =
            frame.type === 'want-list' || frame.type === 'want-blocks' ? frame.blob : hashOf(block(0));
          for (const name of names) {
            const list = blobs.map(({ lists }) => lists.get(name)).find((bytes) => bytes !== undefined);
            const data = blobs.map(({ blocks }) => blocks.get(name)).find((bytes) => bytes !== undefined);
            const bytes = (list ?? data)?.map((byte) => (how === 'badly' ? byte ^ 1 : byte));
            if (bytes === undefined || how === 'lack')
              bench.give(link, { type: 'lack', blob, hashes: [name] });
            else if (list !== undefined) bench.give(link, { type: 'list', list: name, bytes });
            else {
              given += 1;
              bench.give(link, { type: 'block', block: name, bytes });
            }
          }
        }
      }
      return given;
    },
    states: (blob: Blob): string[] =>
      facts.flatMap((fact) =>
        fact.type === 'transfer' && fact.info.hash === blob.hash ? [fact.info.state] : [],
      ),
    isComplete: (blob: Blob): boolean => tables.get('blobs', blobKey(blob.hash)) !== null,
    counter: (name: string): number => context.counters.get(name) ?? 0,
  };
  return bench;
}
