import { describe, expect, it } from 'vitest';
import { createTransfer } from '../../../worker/core/cas/transfer.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext } from '../../../worker/core/context.ts';
import { MAX_BLOCK, encodeList } from '../../../worker/core/model/blocklist.ts';
import { toGroveId, toHash } from '../../../worker/core/model/ids.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { seededRandom } from '../signal/seeded.ts';

const hashOf = (n: number) => toHash(new Uint8Array(32).fill(n));

/** A transfer of so many blocks of one size whose list is held, and what it asked of its only source. */
function setUp(count: number, size: number) {
  const context = createContext(seededRandom(1));
  const list = encodeList({
    level: 0,
    items: Array.from({ length: count }, (_, n) => ({ hash: hashOf(n + 1), size })),
  });
  const link = 'L1' as LinkId;
  const transfer = createTransfer(
    { grove: toGroveId(new Uint8Array(32)), hash: hashOf(0), size: count * size, root: hashOf(255) },
    context,
    {
      hash: (bytes) => new Uint8Array(32).fill(bytes[0] ?? 0),
      holders: () => [link],
      isUnderWay: () => false,
      stored: () => undefined,
      changed: () => undefined,
      storeFailed: () => undefined,
    },
  );
  /** Blocks asked for since the last time; the store has the list and nothing else. */
  const asked = (): string[] => {
    const blocks: string[] = [];
    for (let effects = context.takeEffects(); effects.length > 0; effects = context.takeEffects()) {
      for (const effect of effects) {
        if (effect.type === 'read') {
          const values = effect.keys.map((key) => (key.includes(hashOf(255)) ? list : null));
          context.resume({ type: 'read', token: effect.token, values });
        } else if (effect.type === 'write') context.resume({ type: 'written', token: effect.token });
        else if (effect.type === 'link-send') {
          const frame = decodeFrame(effect.frame);
          if (frame.ok && frame.value.type === 'want-blocks') blocks.push(...frame.value.blocks);
        }
      }
    }
    return blocks;
  };
  transfer.start();
  return { transfer, asked, link };
}

describe('a transfer', () => {
  it('C5: asks one source for so many small blocks at once', () => {
    const { asked } = setUp(40, 16 * 1024);
    expect(asked()).toHaveLength(CONFIG.cas.window);
  });

  it('K7: asks for no more bytes at once than its page takes while the worker is busy', () => {
    const { asked } = setUp(40, MAX_BLOCK);
    expect(asked()).toHaveLength(Math.floor(CONFIG.cas.windowBytes / MAX_BLOCK));
  });

  it('C5: asks for the next as blocks arrive', () => {
    const { transfer, asked, link } = setUp(40, MAX_BLOCK);
    const first = asked();
    expect(transfer.onBlock(link, hashOf(1), new Uint8Array(MAX_BLOCK).fill(1))).toBe(true);
    expect(asked()).toEqual([hashOf(first.length + 1)]);
  });
});
