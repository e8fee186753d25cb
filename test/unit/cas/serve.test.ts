// What is served, to whom, and how much at a time.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { blockKey } from '../../../worker/core/cas/keys.ts';
import { aGroveId } from '../model/fixtures.ts';
import { linkOf } from '../sync/bench.ts';
import { blobOf, block, createCasBench, GROVE, hold } from './bench.ts';

const blob = blobOf(block(1), block(2), block(3));
const secret = blobOf(block(7), block(8));
const ask = { type: 'want-blocks', grove: GROVE, blob: blob.hash, blocks: blob.order } as const;

function setUp() {
  const bench = createCasBench();
  hold(bench.tables, blob);
  hold(bench.tables, secret);
  bench.claims.set(blob.hash, [blob.claim]);
  const answers = () => bench.sent.splice(0).map(({ frame }) => frame);
  return { bench, answers };
}

describe('serving', () => {
  it('C7: gives the lists and blocks of a blob that the open grove names', () => {
    const { bench, answers } = setUp();
    bench.give('one', { type: 'want-list', grove: GROVE, blob: blob.hash, list: blob.claim.root });
    expect(answers()).toMatchObject([{ type: 'list', list: blob.claim.root }]);
    bench.give('one', ask);
    expect(answers()).toEqual(
      blob.order.map((hash) => ({ type: 'block', block: hash, bytes: blob.blocks.get(hash) })),
    );
  });

  it('C7: gives nothing of a blob that the grove doesn’t name, nor where it isn’t open, nor what another blob holds', () => {
    const { bench, answers } = setUp();
    const refused = (frame: Parameters<typeof bench.give>[1], link = 'one') => {
      bench.give(link, frame);
      const frames = answers();
      expect(frames.map(({ type }) => type)).toEqual(['lack']);
      return frames.flatMap((each) => (each.type === 'lack' ? each.hashes : []));
    };
    expect(refused({ ...ask, blob: secret.hash, blocks: secret.order })).toEqual(secret.order);
    expect(refused({ ...ask, blocks: secret.order })).toEqual(secret.order);
    expect(refused({ ...ask, grove: aGroveId('other') })).toEqual(blob.order);
    expect(refused(ask, 'stranger')).toEqual(blob.order);
    refused({ type: 'want-list', grove: GROVE, blob: blob.hash, list: secret.claim.root });
    refused({ type: 'want-list', grove: GROVE, blob: secret.hash, list: secret.claim.root });
  });

  it('C3: serves under the root that is asked for where publishers contradict each other', () => {
    const { bench, answers } = setUp();
    bench.claims.set(blob.hash, [{ root: secret.hash, size: 1 }, blob.claim]);
    bench.give('one', { type: 'want-list', grove: GROVE, blob: blob.hash, list: blob.claim.root });
    expect(answers()).toMatchObject([{ type: 'list' }]);
    bench.give('one', ask);
    expect(answers()).toHaveLength(3);
  });

  it('C4: does not send what was damaged on this disk', () => {
    const { bench, answers } = setUp();
    const [first] = blob.order;
    if (first === undefined) return;
    bench.tables.rows.set(`blocks:${blockKey(first)}`, block(9));
    bench.give('one', ask);
    expect(answers().map(({ type }) => type)).toEqual(['lack', 'block', 'block']);
    expect(bench.counter('store.corrupt')).toBe(1);
  });

  it('keeps a bounded line per link, and answers each of its requests', () => {
    const { bench, answers } = setUp();
    for (let i = 0; i < 400; i += 1)
      bench.cas.frame(linkOf('one'), {
        type: 'want-list',
        grove: GROVE,
        blob: blob.hash,
        list: blob.claim.root,
      });
    bench.run();
    const types = answers().map(({ type }) => type);
    expect(types.filter((type) => type === 'list')).toHaveLength(257);
    expect(types.filter((type) => type === 'lack')).toHaveLength(143);
  });

  it('sends nothing any more of what was cancelled, nor on a link that is gone', () => {
    const { bench, answers } = setUp();
    const many = blobOf(...Array.from({ length: 20 }, (_, i) => block(i, 2_000)));
    hold(bench.tables, many);
    bench.claims.set(many.hash, [many.claim]);
    const all = { ...ask, blob: many.hash, blocks: many.order };
    bench.cas.frame(linkOf('one'), all);
    bench.cas.frame(linkOf('one'), { type: 'cancel', blob: many.hash, blocks: many.order });
    bench.run();
    // Those that were being read.
    expect(answers()).toHaveLength(CONFIG.cas.serveRead);
    bench.cas.frame(linkOf('one'), all);
    bench.cas.linkGone(linkOf('one'));
    bench.run();
    expect(answers()).toEqual([]);
  });
});
