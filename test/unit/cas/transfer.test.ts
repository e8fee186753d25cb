// One blob's transfer, driven by hand: what it makes of events that come before its plan is made.
import { describe, expect, it } from 'vitest';
import { createCas } from '../../../worker/core/cas/machine.ts';
import { createContext } from '../../../worker/core/context.ts';
import type { Effect } from '../../../worker/core/io.ts';
import { toGroveId, toHash, type LinkId } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const link = 'L1' as LinkId;

describe('a transfer', () => {
  it('C3: is not taken for done when a link opens before the store said what of it is held', () => {
    const context = createContext(createSeededRandom(1));
    const cas = createCas({
      context,
      hooks: {
        hash: () => bytes(9),
        hasher: null,
        links: () => [link],
        claims: () => [{ size: 5, root: toHash(bytes(3)) }],
        groveFor: () => want.grove,
        rootsOf: () => [],
      },
      emit: () => undefined,
    });
    const want = { grove: toGroveId(bytes(1)), hash: toHash(bytes(2)) };
    const asked: string[] = [];
    const take = (): Effect[] =>
      context.takeEffects().filter((effect) => {
        const frame = effect.type === 'link-send' ? decodeFrame(effect.frame) : null;
        if (frame?.ok) asked.push(frame.value.type);
        return effect.type !== 'link-send';
      });

    cas.want(want);
    for (;;) {
      // The other says again and again that it holds all of it, at each step of the plan.
      cas.forgive(link);
      const reads = take();
      expect(reads.map(({ type }) => type)).not.toContain('hash-blob');
      expect(cas.info(want.hash)?.state).toBe('receiving');
      if (reads.length === 0) break;
      for (const read of reads) {
        if (read.type === 'read')
          context.resume({ type: 'read', token: read.token, values: read.keys.map(() => null) });
      }
    }
    expect(asked).toContain('want-list');
  });
});
