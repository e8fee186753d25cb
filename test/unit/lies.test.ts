// What counts as a lie about what one holds (SPEC P11): the word that follows a broken one.
import { expect, it } from 'vitest';
import type { Core, PeerLink } from '../../worker/core/core.ts';
import { createLies } from '../../worker/core/lies.ts';
import type { Cid, Hash, LinkId } from '../../worker/core/model/ids.ts';
import { peerOf } from './gossip/overlay.ts';

const BLOB = 'b'.repeat(64) as Hash;
const CIDS = ['one', 'two'] as unknown as Cid[];
const link = { link: 'L1' as LinkId, peer: peerOf(1) } as unknown as PeerLink;

/** What `lies.ts` needs of a core: one grove that names the blob, and rows by when they were signed. */
function world(lists = 1) {
  const blamed: string[] = [];
  const words = new Map<Cid, number>();
  const core = {
    context: { blame: (_: LinkId, deed: string) => void blamed.push(deed) },
    groves: new Map([
      ['grove', { id: 'grove', blobs: new Map([[BLOB, { rows: Array(lists), cids: CIDS }]]) }],
    ]),
    digests: { wordOf: (_grove: unknown, _peer: unknown, cid: Cid) => words.get(cid) ?? null },
    links: new Map([[link.link, link]]),
    sync: { pipeline: () => ({ exchange: { opening: () => 'full' } }) },
  };
  return { blamed, words, lies: createLies(core as unknown as Core) };
}
const [ONE, TWO] = CIDS as [Cid, Cid];

it('P11: to lack once what one signed to hold is no lie, to sign it anew and lack it again is one', () => {
  const { blamed, words, lies } = world();
  words.set(ONE, 100);
  lies.onLack(link, BLOB);
  lies.onLack(link, BLOB);
  expect(blamed).toEqual([]);
  words.set(ONE, 200);
  lies.onLack(link, BLOB);
  expect(blamed).toEqual(['lie']);
  // The same word is broken once.
  lies.onLack(link, BLOB);
  expect(blamed).toEqual(['lie']);
});

it('P11: each word stands for itself, and who never said that it holds something told no lie', () => {
  const { blamed, words, lies } = world();
  lies.onLack(link, BLOB);
  words.set(ONE, 100);
  lies.onLack(link, BLOB);
  words.set(TWO, 300);
  lies.onLack(link, BLOB);
  expect(blamed).toEqual([]);
});

it('P11: where tables contradict each other, it may hold another list: nothing is held against it', () => {
  const { blamed, words, lies } = world(2);
  for (const at of [100, 200, 300]) {
    words.set(ONE, at);
    lies.onLack(link, BLOB);
  }
  expect(blamed).toEqual([]);
});
