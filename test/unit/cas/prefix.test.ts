// The whole's hash, made as its blocks come: in order, out of order, again, and where some were here before.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNobleHasher, createWasmHashers } from '../../../worker/adapters/hasher.ts';
import { createPrefix } from '../../../worker/core/cas/prefix.ts';
import { concat } from '../../../worker/core/model/bytes.ts';
import type { Hasher } from '../../../worker/core/ports.ts';
import { blobOf, block, createCasBench, hashOf, hold, type Blob } from './bench.ts';

const refs = (blob: Blob) => blob.order.map((hash) => ({ hash, size: blob.blocks.get(hash)?.length ?? 0 }));
/** Counts the bytes hashed. */
function counting(): { create: () => Hasher; hashed: () => number } {
  let bytes = 0;
  return {
    hashed: () => bytes,
    create() {
      const hasher = createNobleHasher();
      return {
        update(part) {
          bytes += part.length;
          hasher.update(part);
        },
        digest: () => hasher.digest(),
      };
    },
  };
}

describe('the hash of a whole', () => {
  it('C3: is that of all blocks, whatever the order within what is in memory, or nothing', () => {
    const content = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(content, fc.nat(), fc.nat({ max: 6 }), (fills, seed, memory) => {
        const blob = blobOf(...fills.map((fill) => block(fill, 100 + fill)));
        const prefix = createPrefix(refs(blob), createNobleHasher);
        const names = [...blob.blocks.keys()];
        const order = names.map((_, i) => names[(i + seed) % names.length] ?? hashOf(block(0)));
        const recent: string[] = [];
        let isMissed = false;
        for (const hash of order) {
          recent.push(hash);
          if (recent.length > memory + 1) {
            recent.shift();
            isMissed = true;
          }
          prefix.came(hash, (wanted) => (recent.includes(wanted) ? (blob.blocks.get(wanted) ?? null) : null));
        }
        const whole = prefix.whole();
        if (!isMissed) expect(whole).toBe(blob.hash);
        expect([blob.hash, null]).toContain(whole);
        expect(prefix.whole()).toBeNull();
      }),
    );
  });

  it('C3: what comes in order is not read again', () => {
    const { create, hashed } = counting();
    const bench = createCasBench({ hasher: create });
    const blob = blobOf(...Array.from({ length: 40 }, (_, i) => block(i, 1_000 + i)));
    let rehashed = 0;
    const take = bench.context.takeEffects;
    bench.context.takeEffects = () => {
      const effects = take();
      rehashed += effects.filter(({ type }) => type === 'hash-blob').length;
      return effects;
    };
    bench.want(blob);
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
    expect(rehashed).toBe(0);
    expect(hashed()).toBe(concat(...blob.blocks.values()).length);
  });

  it('C3: where a part was here before all of it is read', () => {
    const { create } = counting();
    const bench = createCasBench({ hasher: create });
    const blob = blobOf(...Array.from({ length: 10 }, (_, i) => block(i, 1_000 + i)));
    hold(bench.tables, blob, blob.order.slice(0, 3));
    bench.want(blob);
    expect(bench.serve([blob])).toBe(7);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('C3: a claim whose blocks are sound and whose whole is another is refused', () => {
    const { create } = counting();
    const bench = createCasBench({ hasher: create });
    const blob = blobOf(block(1), block(2), block(3));
    const lie = { ...blob, hash: hashOf(block(9)) };
    bench.want(lie);
    bench.serve([lie]);
    expect(bench.isComplete(lie)).toBe(false);
    expect(bench.counter('blobs.bad')).toBe(1);
  });
});

describe('hashers that share an instance', () => {
  it('give what each alone would, by turns and again', async () => {
    const create = await createWasmHashers();
    const step = fc.record({ who: fc.nat({ max: 2 }), size: fc.nat({ max: 5_000 }), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const ours = [create(), create(), create()];
        const theirs = ours.map(createNobleHasher);
        for (const [index, { who, size, ends }] of steps.entries()) {
          const part = block(index, size);
          for (const each of [ours[who], theirs[who]]) each?.update(part);
          if (ends) expect(ours[who]?.digest()).toEqual(theirs[who]?.digest());
        }
        expect(ours.map((each) => each.digest())).toEqual(theirs.map((each) => each.digest()));
      }),
    );
  });
});
