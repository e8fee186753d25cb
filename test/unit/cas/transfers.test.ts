// Blobs on their way here: from several at once, past liars and the silent, through crashes.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { blobKey, blockKey, heldKey } from '../../../worker/core/cas/keys.ts';
import { encodeList } from '../../../worker/core/model/blocklist.ts';
import { aHash } from '../model/fixtures.ts';
import { linkOf } from '../sync/bench.ts';
import { blobOf, block, createCasBench, GROVE, hashOf, hold, type Blob } from './bench.ts';

const blocks = (count: number, from = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => block(from + i, 1_000 + from + i));

describe('a transfer', () => {
  it('C3, C5: lists, then blocks, each with its note in one transaction, then the whole', () => {
    const bench = createCasBench();
    const blob = blobOf(...blocks(3));
    bench.want(blob);
    expect(bench.asked().map(({ frame }) => frame)).toMatchObject([
      { type: 'want-list', list: blob.claim.root },
    ]);
    const [list] = blob.lists.values();
    bench.give('one', { type: 'list', list: blob.claim.root, bytes: list ?? new Uint8Array() });
    expect(bench.asked().map(({ frame }) => frame)).toMatchObject([
      { type: 'want-blocks', blocks: blob.order },
    ]);
    const [first] = blob.order;
    if (first === undefined) return;
    bench.cas.frame(linkOf('one'), {
      type: 'block',
      block: first,
      bytes: blob.blocks.get(first) ?? block(0),
    });
    // Others are on their way: it waits a moment for them.
    expect(bench.context.takeEffects()).toEqual([]);
    bench.cas.tick(0);
    expect(bench.context.takeEffects()).toEqual([]);
    expect(bench.cas.nextWake()).toBe(bench.context.elapsed() + CONFIG.cas.write.within);
    bench.context.setNow(bench.context.now() + CONFIG.cas.write.within);
    bench.cas.tick(0);
    expect(bench.context.takeEffects().filter(({ type }) => type === 'write')).toMatchObject([
      {
        type: 'write',
        ops: [
          { table: 'blocks', key: blockKey(first) },
          { table: 'blobs', key: heldKey(first) },
        ],
      },
    ]);
    expect(bench.isComplete(blob)).toBe(false);
  });

  it('C3: is told complete once the whole matched its hash', () => {
    const bench = createCasBench();
    const blob = blobOf(...blocks(40));
    bench.want(blob);
    expect(bench.serve([blob])).toBe(40);
    expect(bench.isComplete(blob)).toBe(true);
    expect(bench.facts.at(-1)).toMatchObject({ type: 'blob-complete', want: { hash: blob.hash } });
    expect(bench.cas.info(blob.hash)).toBeNull();
    expect(bench.cas.nextWake()).toBeNull();
  });

  it('C3: an empty blob has a list and no blocks', () => {
    const bench = createCasBench();
    const blob = blobOf();
    bench.want(blob);
    expect(bench.serve([blob])).toBe(0);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('C3: a block that stands several times in a blob is fetched once', () => {
    const bench = createCasBench();
    const blob = blobOf(block(1), block(2), block(1), block(1));
    bench.want(blob);
    expect(bench.serve([blob])).toBe(2);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('C9, C10: asks all holders at once, each for its share of other blocks', () => {
    const bench = createCasBench({ links: ['one', 'two', 'three'] });
    const blob = blobOf(...blocks(60));
    bench.want(blob);
    const [root] = bench.asked();
    expect(root?.link).toBe('one');
    bench.give('one', {
      type: 'list',
      list: blob.claim.root,
      bytes: blob.lists.get(blob.claim.root) ?? block(0),
    });
    const asked = bench.asked().flatMap(({ frame }) => (frame.type === 'want-blocks' ? [frame.blocks] : []));
    expect(asked.map(({ length }) => length)).toEqual([20, 20, 20]);
    expect(new Set(asked.flat()).size).toBe(60);
  });

  it('C4: who sends a bad block is asked no more, not even after it says that it holds all; the rest comes from others', () => {
    const bench = createCasBench({ links: ['bad', 'good'] });
    const blob = blobOf(...blocks(40));
    bench.want(blob);
    bench.give('bad', {
      type: 'list',
      list: blob.claim.root,
      bytes: blob.lists.get(blob.claim.root) ?? block(0),
    });
    bench.serve([blob], (link) => (link === 'bad' ? 'badly' : 'nothing'));
    expect(bench.counter('blocks.bad')).toBe(1);
    bench.cas.forgive(linkOf('bad'));
    bench.cas.forgive(linkOf('good'));
    bench.pass(40_000);
    bench.sent.splice(0);
    bench.cas.forgive(linkOf('bad'));
    bench.cas.forgive(linkOf('good'));
    bench.run();
    const asked = bench.asked();
    expect(new Set(asked.map(({ link }) => link))).toEqual(new Set(['good']));
    bench.sent.push(...asked);
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
    expect(bench.counter('blocks.bad')).toBe(1);
  });

  it('a source that lacked something is asked again after a while, and at once when it says that it holds more', () => {
    const bench = createCasBench();
    const blob = blobOf(...blocks(2));
    bench.want(blob);
    bench.serve([blob], () => 'lack');
    expect(bench.cas.info(blob.hash)).toMatchObject({ state: 'stalled', reason: 'nobody here has it now' });
    expect(bench.cas.nextWake()).toBe(1_005_000);
    bench.pass(4_999);
    expect(bench.asked()).toEqual([]);
    bench.pass(1);
    bench.serve([blob], () => 'lack');
    // It doubles.
    expect(bench.cas.nextWake()).toBe(1_015_000);
    bench.cas.forgive(linkOf('one'));
    bench.run();
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('a source that is late is left for others, and what it sends late is taken', () => {
    const bench = createCasBench({ links: ['slow', 'other'] });
    const blob = blobOf(block(1));
    bench.want(blob);
    const list = {
      type: 'list',
      list: blob.claim.root,
      bytes: blob.lists.get(blob.claim.root) ?? block(0),
    } as const;
    bench.pass(30_000);
    expect(bench.counter('blocks.timeout')).toBe(1);
    expect(bench.sent.filter(({ frame }) => frame.type === 'cancel')).toMatchObject([{ link: 'slow' }]);
    expect(bench.asked().at(-1)?.link).toBe('other');
    bench.give('slow', list);
    const asked = bench.asked();
    // The other as well: from one that took 30 s for a list, the last block may take as long.
    expect(asked.map(({ link }) => link)).toEqual(['slow', 'other']);
    bench.sent.push(...asked);
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('what a link that went away owed is asked of the next', () => {
    const bench = createCasBench({ links: ['one', 'two'] });
    const blob = blobOf(...blocks(30));
    bench.want(blob);
    bench.serve([blob], (link) => (link === 'one' ? 'nothing' : 'well'));
    bench.links.delete(linkOf('one'));
    bench.cas.linkGone(linkOf('one'));
    bench.run();
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
  });

  it('waits where nobody is linked, and begins by itself', () => {
    const bench = createCasBench({ links: [] });
    const many = Array.from({ length: 50 }, (_, i) => blobOf(...blocks(5, i * 5)));
    bench.want(...many);
    expect(bench.sent).toEqual([]);
    bench.links.add(linkOf('one'));
    bench.cas.resume();
    bench.run();
    // Some at a time, so that the other’s line is not flooded.
    expect(bench.cas.transfers().filter(({ state }) => state === 'receiving')).toHaveLength(32);
    bench.serve(many);
    expect(many.filter((blob) => !bench.isComplete(blob))).toEqual([]);
  });

  it('C5: after a crash behind any number of writes it goes on from what is held', () => {
    const blob = blobOf(...blocks(40));
    for (let limit = 0; ; limit += 1) {
      const before = createCasBench();
      before.limit = limit;
      before.want(blob);
      before.serve([blob]);
      const done = before.isComplete(blob);
      const held = [...blob.blocks.keys()].filter(
        (hash) => before.tables.get('blobs', heldKey(hash)) !== null,
      );
      expect(held.every((hash) => before.tables.get('blocks', blockKey(hash)) !== null)).toBe(true);
      const after = createCasBench({ tables: before.tables.copy() });
      after.want(blob);
      expect(after.serve([blob])).toBe(done ? 0 : 40 - held.length);
      expect(after.isComplete(blob)).toBe(true);
      if (done) break;
    }
  });

  it('C6: blocks that two blobs share are fetched once, also where the first to ask gives up', () => {
    const shared = blocks(10);
    const left = blobOf(...shared, block(200));
    const right = blobOf(block(201), ...shared);
    const bench = createCasBench();
    bench.want(left, right);
    expect(bench.serve([left, right])).toBe(12);
    expect([left, right].every(bench.isComplete)).toBe(true);

    const again = createCasBench();
    again.want(left, right);
    for (const { link, frame } of again.asked())
      if (frame.type === 'want-list')
        again.give(link, {
          type: 'list',
          list: frame.list,
          bytes: left.lists.get(frame.list) ?? right.lists.get(frame.list) ?? block(0),
        });
    again.claims.set(left.hash, []);
    again.cas.drop(GROVE);
    again.run();
    again.serve([left, right]);
    expect(again.isComplete(right)).toBe(true);
  });

  it('a store that fails is told with its code, and the blob may be wanted again', () => {
    const bench = createCasBench();
    const blob = blobOf(...blocks(2));
    bench.want(blob);
    bench.failing = 'closed';
    bench.serve([blob]);
    expect(bench.states(blob).at(-1)).toBe('failed');
    expect(bench.facts).toContainEqual({ type: 'problem', code: 'closed', message: 'forced' });
    bench.failing = null;
    bench.want(blob);
    bench.serve([blob]);
    expect(bench.isComplete(blob)).toBe(true);
  });
});

describe('a table row that lies', () => {
  const honest = blobOf(...blocks(20));
  const other = blobOf(...blocks(3, 100));
  const list = (level: number, items: { hash: Blob['hash']; size: number }[]): Blob => {
    const bytes = encodeList({ level, items });
    const lists = new Map([[hashOf(bytes), bytes]]);
    const size = items.reduce((sum, item) => sum + item.size, 0);
    return { ...honest, claim: { root: hashOf(bytes), size }, lists };
  };
  const [first] = honest.order;
  const deep = list(1, [{ hash: honest.claim.root, size: honest.claim.size + 1 }]);
  const wide = list(2, [{ hash: honest.claim.root, size: honest.claim.size }]);
  const lies: [string, Blob][] = [
    ['a wrong size', { ...honest, claim: { ...honest.claim, size: honest.claim.size + 1 } }],
    ['the blocks of another blob', { ...other, hash: honest.hash }],
    [
      'a root that nobody has',
      { ...honest, claim: { root: aHash('nothing'), size: honest.claim.size }, lists: new Map() },
    ],
    ['a list whose sizes are not those of its blocks', list(0, [{ hash: first ?? honest.hash, size: 5 }])],
    ['a list that names one of another size', { ...deep, lists: new Map([...deep.lists, ...honest.lists]) }],
    ['a list that names one of another level', { ...wide, lists: new Map([...wide.lists, ...honest.lists]) }],
  ];

  it.each(lies)('C3: by %s does not keep a blob from being fetched by the honest one', (_, lie) => {
    const bench = createCasBench();
    bench.claims.set(honest.hash, [lie.claim, honest.claim]);
    bench.want(honest);
    bench.serve([lie, honest]);
    expect(bench.isComplete(honest)).toBe(true);
    // Whoever sent what was asked for is not blamed for what another signed.
    expect(bench.counter('blocks.bad')).toBe(0);
  });

  it.each(lies.filter(([name]) => name !== 'a root that nobody has'))(
    'C3: by %s alone fails the transfer, and nothing is called complete',
    (_, lie) => {
      const bench = createCasBench();
      bench.claims.set(honest.hash, [lie.claim]);
      bench.want(honest);
      bench.serve([lie]);
      expect(bench.states(honest).at(-1)).toBe('failed');
      expect(bench.isComplete(honest)).toBe(false);
      expect(bench.cas.info(honest.hash)).toBeNull();
    },
  );

  it('C3: a block of another size than its list says ends the transfer before it is stored', () => {
    const lie = list(0, [{ hash: first ?? honest.hash, size: 5 }]);
    const bench = createCasBench();
    bench.claims.set(honest.hash, [lie.claim]);
    bench.want(honest);
    bench.serve([lie]);
    const last = bench.facts.at(-1);
    expect(last?.type === 'transfer' && last.info.reason).toMatch(/1000 bytes stands in its list with 5/);
    expect(bench.tables.get('blocks', blockKey(first ?? honest.hash))).toBeNull();
  });

  it('C2: a list that repeats itself by the million is refused, not walked', () => {
    const leaf = encodeList({
      level: 0,
      items: Array.from({ length: 4_096 }, () => ({ hash: first ?? honest.hash, size: 1 })),
    });
    const below = hashOf(leaf);
    const middle = encodeList({
      level: 1,
      items: Array.from({ length: 4_096 }, () => ({ hash: below, size: 4_096 })),
    });
    const size = 4_096 ** 2;
    const bomb: Blob = {
      ...honest,
      claim: { root: hashOf(middle), size },
      lists: new Map([leaf, middle].map((bytes) => [hashOf(bytes), bytes])),
    };
    const bench = createCasBench();
    bench.claims.set(honest.hash, [bomb.claim]);
    bench.want(honest);
    bench.serve([bomb]);
    expect(bench.states(honest).at(-1)).toBe('failed');
  });
});

describe('a disk that lost or damaged a block', () => {
  it('C3, C5: is found out at the end, and only that block is fetched again', () => {
    const blob = blobOf(...blocks(5));
    const [first, second] = blob.order;
    if (first === undefined || second === undefined) return;
    const bench = createCasBench();
    hold(bench.tables, blob);
    bench.tables.rows.delete(`blobs:${blobKey(blob.hash)}`);
    bench.tables.rows.delete(`blocks:${blockKey(first)}`);
    bench.tables.rows.set(`blocks:${blockKey(second)}`, block(99));
    bench.want(blob);
    expect(bench.serve([blob])).toBe(2);
    expect(bench.isComplete(blob)).toBe(true);
    expect(bench.counter('store.corrupt')).toBe(2);
    expect(bench.counter('blobs.bad')).toBe(0);
  });
});
