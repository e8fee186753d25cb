// Scenarios without faults: who writes how much, who comes and who goes.
import type { PeerId } from '../../worker/core/model/ids.ts';
import type { SimPeer } from './peer.ts';
import { SETTLE, some, start, usual, writeRandomly, type Scenario } from './scenario.ts';

export const steady: Scenario = {
  ...usual,
  name: 'steady',
  about: 'one author, an entry a second',
  wants: { latency: 6, hops: 9, redundancy: 0.3, links: 8 },
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const author = world.pick(all);
    world.every(1_000, seconds * 1_000, () => world.write(author, grove));
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};

export const steadyRandom: Scenario = {
  ...usual,
  name: 'steady-random',
  about: 'random authors, an entry a second in all',
  wants: { latency: 11, hops: 16 },
  async run({ world, peers, seconds }) {
    const { grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};

/** In letters: more than is pushed (SPEC B1). */
const LARGE = 6_000;

export const large: Scenario = {
  ...usual,
  name: 'large',
  about:
    'random authors, an entry a second that is told of and asked for, since it is too large to be pushed',
  wants: { latency: 20 },
  async run({ world, peers, seconds }) {
    const { grove } = await start(world, peers);
    const description = 'x'.repeat(LARGE);
    world.every(1_000, seconds * 1_000, () =>
      world.write(world.pick(world.membersOf(grove)), grove, { description }),
    );
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};

/** Longer than a descriptor that nobody renews is believed (SPEC P8: 150 s), simulated ms. */
const QUIET = 170_000;
/** Of so many, or of all where they are fewer, each knows nearly all still: they fill a passive view (SPEC P2). */
const STANDING = { known: 30, share: 0.9 };

export const quiet: Scenario = {
  ...usual,
  name: 'quiet',
  place: 'last',
  about:
    'no endpoint, and nobody writes for three minutes: who is there is not given up by those who are no neighbours',
  async run({ world, peers }) {
    const { peers: all, grove } = await start(world, peers);
    // It would renew what each knows of the others.
    world.endpoint.setUp(false);
    await world.scheduler.run(QUIET);
    const keys = new Set(all.map(({ host }) => world.checks.keyOf(host)));
    let known = 0;
    let failed = 0;
    for (const peer of all)
      for (const { peerId, liveness } of await world.ask(peer, 'peers', [grove])) {
        if (!keys.has(peerId as PeerId) || liveness === null) continue;
        known += 1;
        if (liveness === 'failed') failed += 1;
      }
    const standing = (known - failed) / all.length;
    const wanted = STANDING.share * Math.min(STANDING.known, all.length - 1);
    const shortfalls =
      standing < wanted
        ? [`each knows ${standing} who are there and not given up; ${wanted} are wanted`]
        : [];
    return { since: null, shortfalls, counts: new Map(Object.entries({ known, failed })) };
  },
};

export const burst: Scenario = {
  ...usual,
  name: 'burst',
  about: 'a third of the peers write 20 entries each at once',
  async run({ world, peers }) {
    const { peers: all, grove } = await start(world, peers);
    for (const author of some(world, all, 1 / 3)) for (let i = 0; i < 20; i += 1) world.write(author, grove);
    const since = world.scheduler.now();
    // Long enough for the first to be written.
    await world.scheduler.run(100);
    return { since };
  },
};

export const crowd: Scenario = {
  ...usual,
  name: 'crowd',
  place: 'first',
  about: 'all open one invite at once, and are in before the time is over',
  async run({ world, peers, seconds }) {
    const owner = await world.addPeer();
    const grove = await world.found(owner);
    const url = await world.invite(owner, grove);
    const guests: SimPeer[] = [];
    for (let i = 1; i < peers; i += 1) guests.push(await world.addPeer());
    world.measure.start();
    const since = world.scheduler.now();
    for (const guest of guests) world.join(guest, url);
    const isIn = (): boolean => guests.every((guest) => world.isMember(guest, grove));
    if ((await world.scheduler.until(isIn, seconds * 1_000)) === null)
      world.checks.violate(`${world.membersOf(grove).length} of ${peers} got in within ${seconds} s`);
    return { since };
  },
};

export const churn: Scenario = {
  ...usual,
  name: 'churn',
  about: '10 % of the peers a minute leave for good, others come',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const [owner] = all;
    if (owner === undefined) return { since: null };
    const url = await world.invite(owner, grove);
    writeRandomly(world, grove, seconds);
    const comers: SimPeer[] = [];
    const every = 60_000 / Math.max(1, peers / 10);
    for (let left = seconds * 1_000; left > 0; left -= every) {
      await world.scheduler.run(Math.min(left, every));
      const [leaver] = some(world, world.membersOf(grove), 0, 1);
      if (leaver !== undefined) world.stop(leaver);
      const comer = await world.addPeer();
      comers.push(comer);
      world.join(comer, url);
    }
    const since = world.scheduler.now();
    const isIn = (): boolean => comers.every((peer) => peer.since === null || world.isMember(peer, grove));
    await world.scheduler.until(isIn, SETTLE);
    return { since };
  },
};

export const multiGrove: Scenario = {
  ...usual,
  name: 'multi-grove',
  place: 'first',
  about: 'three groves with members in common; nothing of one reaches who is only in another',
  async run({ world, peers, seconds }) {
    const all = [];
    for (let i = 0; i < peers; i += 1) all.push(await world.addPeer());
    for (let grove = 0; grove < 3; grove += 1)
      await world.settle(all.filter((_, i) => i % 3 === grove || (i % 2 === 0 && i % 3 === (grove + 1) % 3)));
    world.measure.start();
    for (const grove of world.groves) {
      writeRandomly(world, grove, seconds, 2_000);
      world.every(20_000, seconds * 1_000, () => world.writeFile(world.pick(world.membersOf(grove)), grove));
    }
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};
