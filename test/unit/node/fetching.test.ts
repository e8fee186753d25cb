// Fetching by CID in virtual time, over a fake of the rest of the node: whom it tries, in what order, and when it ends.
import { describe, expect, it } from 'vitest';
import type { TransferInfo } from '../../../worker/core/cas/types.ts';
import { createContext } from '../../../worker/core/context.ts';
import type { PeerLink } from '../../../worker/core/core.ts';
import { createFetching, type FetchCore, type FetchGrove } from '../../../worker/core/fetching.ts';
import type { ContributionItem } from '../../../worker/core/graph/types.ts';
import type { ThicketError } from '../../../worker/core/model/errors.ts';
import { cidOf, toPeerId, type Hash, type LinkId, type PeerId } from '../../../worker/core/model/ids.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { decodeFrame, type Frame } from '../../../worker/core/wire/frame.ts';
import { aGroveId, aHash, anEntryId, digest, manifestOf, valueOf } from '../model/fixtures.ts';

const peer = (name: string): PeerId => toPeerId(digest(name));
const linkTo = (name: string): LinkId => `to ${name}` as LinkId;
const BODY = aHash('body');
const CID = cidOf(BODY);

function bench(
  options: {
    linked?: string[];
    holders?: string[];
    /** Of whom bad deeds were seen. */
    doubtful?: string[];
    publishers?: string[];
    transfer?: TransferInfo;
  } = {},
) {
  const context = createContext(createSeededRandom(1));
  const links = new Map<LinkId, PeerLink>();
  const reached: { name: string; then: (link: LinkId | null) => void }[] = [];
  const names = new Map(['a', 'b', 'c', 'd', 'e', 'self'].map((name) => [peer(name), name]));
  const missing = new Set<Hash>([BODY]);
  let manifest: Manifest | null = null;
  let watched = 0;

  const connect = (name: string): LinkId => {
    const link = linkTo(name);
    links.set(link, {
      link,
      peer: peer(name),
      transcript: new Uint8Array(32),
      source: 'gossip',
      since: 0,
      tags: [],
      proved: new Set(),
      asked: new Map(),
      watches: new Map(),
      received: 0,
      usedAt: 0,
      frozen: false,
    });
    return link;
  };
  for (const name of options.linked ?? []) connect(name);

  const item = (): ContributionItem => ({
    cid: CID,
    manifest,
    publishers: (options.publishers ?? []).map((name) => ({
      author: peer(name),
      entry: anEntryId(name),
      lamport: 1,
      at: 0,
    })),
    withdrawn: false,
    lifecycle: 'published',
    createdAt: '',
  });
  const grove: FetchGrove = {
    id: aGroveId('grove'),
    loaded: true,
    views: { has: () => true, manifest: () => manifest, item },
    blobs: new Map(),
    missing,
    members: { isMember: () => true },
    artifactHashes: () => [],
    publications: () => [anEntryId('entry')],
    isComplete: () => manifest !== null,
  };
  const core: FetchCore = {
    context,
    identity: { keypair: { id: peer('self') } },
    groves: new Map([[grove.id, grove]]),
    links,
    cas: { info: () => options.transfer ?? null, forgive: () => undefined },
    digests: {
      holdersOf: () => (options.holders ?? []).map(peer),
      waysTo: () => [],
    },
    peering: {
      openLinks: () => [...links.keys()],
      openPeers: () => [...links.values()].map((link) => link.peer),
    },
    holdings: {
      want: () => undefined,
      failureOf: () => null,
      holdersOf: () => new Set(),
      askHolders: () => undefined,
      onWantHeld: () => void (watched += 1),
    },
    standing: { isDoubtful: (who) => (options.doubtful ?? []).map(peer).includes(who) },
    reach: (_grove, to, then) => void reached.push({ name: names.get(to) ?? '', then }),
    timer: (what) => `${what}/${context.random.bytes(4).join('.')}`,
  };
  const fetching = createFetching(core);
  const ends: (ThicketError | null)[] = [];

  const bench = {
    context,
    fetching,
    grove,
    reached,
    links,
    ends,
    connect,
    watched: () => watched,
    fetch: () => fetching.fetch(grove, CID, true, (error) => void ends.push(error)),
    /** The body came. */
    arrive(): void {
      manifest = manifestOf();
      missing.clear();
      fetching.settle();
    },
    pass(seconds: number): void {
      for (let n = 0; n < seconds * 10; n += 1) {
        context.setNow(context.now() + 100);
        context.runTimers();
      }
    },
    sent: (): { link: LinkId; frame: Frame }[] =>
      context
        .takeEffects()
        .flatMap((effect) =>
          effect.type === 'link-send'
            ? [{ link: effect.link, frame: valueOf(decodeFrame(effect.frame)) }]
            : [],
        ),
    tried: () => reached.map(({ name }) => name),
  };
  context.setNow(1_000);
  return bench;
}

describe('fetching', () => {
  it('H5: asks those linked first, and nobody else where they bring it', () => {
    const { fetch, pass, sent, arrive, ends, tried } = bench({ linked: ['a', 'b'], holders: ['c'] });
    fetch();
    expect(sent().map(({ link, frame }) => [link, frame.type])).toEqual([
      [linkTo('a'), 'want-body'],
      [linkTo('b'), 'want-body'],
    ]);
    pass(0.5);
    arrive();
    expect(ends).toEqual([null]);
    pass(60);
    expect(tried()).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it('P12: of holders those first of whom nothing bad was seen', () => {
    const holders = ['c', 'd', 'e'];
    const { fetch, pass, reached, tried } = bench({ holders, doubtful: ['c', 'd'] });
    fetch();
    pass(2);
    expect(tried()).toEqual(['e']);
    reached[0]?.then(null);
    pass(2);
    expect(holders).toContain(tried()[1]);
  });

  it('H5: then holders by their own word, then publishers, falling through to the next; each gets 10 s', () => {
    const { fetch, pass, reached, connect, links, tried } = bench({ holders: ['c'], publishers: ['d', 'e'] });
    fetch();
    pass(2);
    expect(tried()).toEqual(['c']);
    // Can't be reached: the next at once.
    reached[0]?.then(null);
    expect(tried()).toEqual(['c', 'd']);
    reached[1]?.then(connect('d'));
    pass(9);
    expect(tried()).toEqual(['c', 'd']);
    links.delete(linkTo('d'));
    pass(3);
    expect(tried()).toEqual(['c', 'd', 'e']);
  });

  it('H5: a holder that is reached is asked for the body, and what it brings ends the fetch', () => {
    const { fetch, pass, reached, connect, sent, arrive, ends } = bench({ holders: ['c'] });
    fetch();
    pass(2);
    sent();
    reached[0]?.then(connect('c'));
    expect(sent().map(({ link, frame }) => [link, frame.type])).toEqual([[linkTo('c'), 'want-body']]);
    arrive();
    expect(ends).toEqual([null]);
  });

  it('H5: requests for one CID are joined: all are answered, once', () => {
    const { fetch, pass, arrive, ends, tried } = bench({ holders: ['c'] });
    fetch();
    fetch();
    fetch();
    pass(5);
    expect(tried()).toEqual(['c']);
    arrive();
    arrive();
    expect(ends).toEqual([null, null, null]);
  });

  it('C11: whoever waits for what a person paused hears that it is', () => {
    const transfer: TransferInfo = {
      ...{ grove: aGroveId('grove'), hash: BODY, size: 100, received: 5 },
      ...{ rate: 0, timeLeft: null, sources: 0, state: 'paused' },
    };
    const { fetch, pass, ends } = bench({ transfer });
    fetch();
    pass(60);
    expect(ends).toMatchObject([{ code: 'aborted' }]);
    expect(ends[0]?.message).toContain('paused');
  });

  it('H5: what failed is left alone for 60 s, then tried again', () => {
    const { fetch, pass, reached, ends, tried } = bench({ holders: ['c'] });
    fetch();
    pass(2);
    reached[0]?.then(null);
    pass(25);
    expect(ends).toMatchObject([{ code: 'not-found' }]);
    fetch();
    pass(25);
    expect(tried()).toEqual(['c']);
    expect(ends).toHaveLength(2);
    pass(20);
    fetch();
    pass(2);
    expect(tried()).toEqual(['c', 'c']);
  });

  it('H5: a neighbour is asked to fetch it, one at a time, and an error says who was tried', () => {
    const { fetch, pass, sent, ends } = bench({ linked: ['a', 'b', 'c', 'd'] });
    fetch();
    const asked: string[] = [];
    for (let second = 0; second < 60; second += 1) {
      pass(1);
      for (const { link, frame } of sent())
        if (frame.type === 'want-fetch') asked.push(`${second} ${link} ${frame.ttl}`);
    }
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map((each) => each.split(' ')[2])).size).toBe(3);
    expect(ends).toHaveLength(1);
    expect(ends[0]?.message).toMatch(/nobody else is known to hold it, 3 neighbours were asked/);
  });

  it('H5: who asks for it is not asked back; each link takes one off what is left, and at none it goes no further', () => {
    const { fetching, grove, links, pass, sent, watched } = bench({ linked: ['a', 'b'] });
    const a = links.get(linkTo('a'));
    if (a === undefined) throw new Error('no link');
    fetching.onWantFetch(a, grove, CID, 2);
    expect(watched()).toBe(1);
    pass(30);
    const asked = sent().filter(({ frame }) => frame.type === 'want-fetch');
    expect(asked).toMatchObject([{ link: linkTo('b'), frame: { ttl: 1 } }]);

    const other = bench({ linked: ['a', 'b'] });
    other.fetching.onWantFetch(a, other.grove, CID, 1);
    other.pass(30);
    expect(other.sent().filter(({ frame }) => frame.type === 'want-fetch')).toEqual([]);
  });

  it('P9: at most two temporary links at once; others wait for their turn', () => {
    const all = bench({ holders: ['c'] });
    const groves = ['x', 'y', 'z'].map((name) => cidOf(aHash(name)));
    for (const cid of groves) all.fetching.fetch(all.grove, cid, true, () => undefined);
    all.pass(5);
    expect(all.reached).toHaveLength(2);
    all.reached[0]?.then(null);
    all.pass(2);
    expect(all.reached).toHaveLength(3);
  });
});
