// What is told of the blocks that are here, and to whom.
import { describe, expect, it } from 'vitest';
import { bitsOf } from '../../../worker/core/cas/bits.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';
import { aGroveId, aHash } from '../model/fixtures.ts';
import { linkOf } from '../sync/bench.ts';
import { blobOf, block, createCasBench, GROVE, hold } from './bench.ts';

const blob = blobOf(...Array.from({ length: 30 }, (_, i) => block(i, 60_000)));
const { root } = blob.claim;
const ask = { type: 'want-have', grove: GROVE, blob: blob.hash, root } as const;
const NONE = new Uint8Array();

function setUp(links: string[] = ['one', 'two']) {
  const bench = createCasBench({ links });
  bench.claims.set(blob.hash, [blob.claim]);
  const haves = (link = 'one'): Extract<Frame, { type: 'have' }>[] =>
    bench.log.flatMap((each) => (each.link === link && each.frame.type === 'have' ? [each.frame] : []));
  return { bench, haves };
}

describe('haves', () => {
  it('C8: who holds all says so in a few bytes, once', () => {
    const { bench, haves } = setUp();
    hold(bench.tables, blob);
    bench.give('one', ask);
    expect(haves()).toEqual([{ type: 'have', blob: blob.hash, root, all: true, bits: NONE, places: [] }]);
  });

  it('C8: who was left with a part of it says which', () => {
    const { bench, haves } = setUp();
    hold(bench.tables, blob, blob.order.slice(3, 9));
    bench.give('one', ask);
    const bits = bitsOf([...blob.order.keys()], (place) => place >= 3 && place < 9);
    expect(haves()).toMatchObject([{ all: false, bits }]);
  });

  it('C7, C8: nothing is said of what the grove doesn’t name, nor where it isn’t open', () => {
    const { bench, haves } = setUp();
    hold(bench.tables, blob);
    bench.give('one', { ...ask, root: aHash('another') });
    bench.give('one', { ...ask, grove: aGroveId('other') });
    bench.give('one', { ...ask, blob: aHash('strange') });
    expect(haves().map(({ all, bits, places }) => ({ all, bits, places }))).toEqual(
      Array(3).fill({ all: false, bits: NONE, places: [] }),
    );
  });

  it('C8: who is fetching it tells what it has, then what it stores, gathered, then that it has all', () => {
    const { bench, haves } = setUp();
    hold(bench.tables, blob, blob.order.slice(0, 4));
    bench.want(blob);
    bench.give('one', ask);
    const held = bitsOf([...blob.order.keys()], (place) => place < 4);
    expect(haves()).toMatchObject([{ all: false, bits: held, places: [] }]);
    for (const place of [9, 7]) {
      const hash = blob.order[place] ?? root;
      bench.give('two', { type: 'block', block: hash, bytes: blob.blocks.get(hash) ?? NONE });
    }
    // They are stored together, and told of then.
    bench.pass(CONFIG.cas.write.within);
    expect(haves()).toHaveLength(1);
    bench.pass(CONFIG.cas.tellAfter);
    expect(haves().at(-1)).toMatchObject({ all: false, bits: NONE, places: [9, 7] });
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
    expect(haves().at(-1)).toMatchObject({ all: true });
    expect(haves('two')).toEqual([]);
  });

  it('C8: who cancels, or is gone, is told no more', () => {
    const { bench, haves } = setUp();
    hold(bench.tables, blob, blob.order.slice(0, 4));
    bench.want(blob);
    bench.give('one', ask);
    bench.give('two', ask);
    bench.give('one', { type: 'cancel', blob: blob.hash, blocks: [] });
    bench.links.delete(linkOf('two'));
    bench.cas.linkGone(linkOf('two'));
    const before = haves().length + haves('two').length;
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
    expect(haves().length + haves('two').length).toBe(before);
  });

  it('C8: a link has at most 64 blobs watched, the newest', () => {
    const { bench } = setUp();
    for (let i = 0; i < 70; i += 1) bench.give('one', { ...ask, blob: aHash(`blob ${i}`) });
    expect(bench.counter('haves.overflow')).toBe(6);
  });

  it('C8: a blob of more than 1 MiB is asked about once of each source, and what nobody asked is counted', () => {
    const { bench } = setUp();
    bench.want(blob);
    const wants = (): string[] =>
      bench.sent.flatMap(({ link, frame }) => (frame.type === 'want-have' ? [link] : []));
    expect(wants()).toEqual(['one', 'two']);
    bench.give('one', { type: 'have', blob: blob.hash, root, all: true, bits: NONE, places: [] });
    bench.give('one', {
      type: 'have',
      blob: blob.hash,
      root: aHash('other'),
      all: true,
      bits: NONE,
      places: [],
    });
    bench.give('one', { type: 'have', blob: aHash('x'), root, all: true, bits: NONE, places: [] });
    expect(bench.counter('haves.unasked')).toBe(2);
    bench.sent.splice(0);
    const small = blobOf(block(1), block(2));
    bench.want(small);
    expect(wants()).toEqual([]);
  });

  it('C8, C9: who has nothing yet is not asked for blocks, and is as soon as it tells of some', () => {
    const { bench } = setUp(['part']);
    bench.want(blob);
    bench.give('part', { type: 'have', blob: blob.hash, root, all: false, bits: NONE, places: [] });
    const list = blob.lists.get(root) ?? NONE;
    bench.sent.splice(0);
    bench.give('part', { type: 'list', list: root, bytes: list });
    expect(bench.asked()).toEqual([]);
    expect(bench.cas.info(blob.hash)).toMatchObject({ state: 'stalled', reason: 'waiting for a source' });
    bench.give('part', { type: 'have', blob: blob.hash, root, all: false, bits: NONE, places: [5] });
    expect(bench.asked()).toMatchObject([{ link: 'part', frame: { blocks: [blob.order[5]] } }]);
    expect(bench.cas.info(blob.hash)?.state).toBe('receiving');
  });
});
