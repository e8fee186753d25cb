// The scenarios that a healthy network and ordinary faults make. Each says what happens; what must hold is in finish.ts.
import { GOOD } from './network.ts';
import { mixed } from './mixed.ts';
import type { SimPeer } from './peer.ts';
import { some, start, writeRandomly, type Scenario } from './scenario.ts';

const YEAR = 365 * 24 * 3_600_000;
/** DESIGN and issue 2: identical views within 90 s of the end of a fault. */
const SETTLE = 90_000;
/** Six times the mean delay of a link, and what crypto and disk take on the way. */
const QUICK = 450;

const usual = { peers: 12, seconds: 60, settleMs: SETTLE, latencyP95: null };

const steady: Scenario = {
  ...usual,
  name: 'steady',
  about: 'one author, an entry a second',
  latencyP95: QUICK,
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const author = world.pick(all);
    world.every(1_000, seconds * 1_000, () => world.write(author, grove));
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};

const steadyRandom: Scenario = {
  ...usual,
  name: 'steady-random',
  about: 'random authors, an entry a second in all',
  latencyP95: QUICK,
  async run({ world, peers, seconds }) {
    const { grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 1_000);
    return { since: null };
  },
};

const burst: Scenario = {
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

const lateJoin: Scenario = {
  ...usual,
  name: 'late-join',
  about: 'ten entries a second are held, then a third of the peers join',
  async run({ world, peers, seconds }) {
    const newcomers = Math.max(1, Math.round(peers / 3));
    const { peers: all, grove } = await start(world, peers - newcomers);
    writeRandomly(world, grove, seconds, 100);
    await world.scheduler.run(seconds * 1_000);
    const url = await world.invite(world.pick(all), grove);
    const since = world.scheduler.now();
    const fresh: SimPeer[] = [];
    for (let i = 0; i < newcomers; i += 1) fresh.push(await world.addPeer());
    for (const peer of fresh) world.join(peer, url);
    await world.scheduler.until(() => fresh.every((peer) => world.isMember(peer, grove)), SETTLE);
    return { since };
  },
};

const churn: Scenario = {
  ...usual,
  name: 'churn',
  about: '10 % of the peers a minute leave for good, others come',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const [owner] = all;
    if (owner === undefined) return { since: null };
    const url = await world.invite(owner, grove);
    writeRandomly(world, grove, seconds);
    const every = 60_000 / Math.max(1, peers / 10);
    for (let left = seconds * 1_000; left > 0; left -= every) {
      await world.scheduler.run(Math.min(left, every));
      const [leaver] = some(world, world.membersOf(grove), 0, 1);
      if (leaver !== undefined) world.stop(leaver);
      world.join(await world.addPeer(), url);
    }
    return { since: world.scheduler.now() };
  },
};

const crashHalf: Scenario = {
  ...usual,
  name: 'crash-half',
  about: 'half of the peers die at once; the others go on, and in the end the dead come back',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run((seconds * 1_000) / 2);
    const dead = some(world, all, 0.5);
    for (const peer of dead) world.crash(peer, world.pick(['kill', 'power']));
    await world.scheduler.run((seconds * 1_000) / 2);
    if ((await world.converge(30_000)) === null)
      world.checks.violate('the survivors did not come together within 30 s');
    for (const peer of dead) world.restart(peer);
    return { since: world.scheduler.now() };
  },
};

const partitionHeal: Scenario = {
  ...usual,
  name: 'partition-heal',
  about: 'three parts, writes in each; the endpoint is in one of them',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    const parts = new Map(all.map(({ host }) => [host, world.random.int(3)]));
    world.network.partition(parts);
    world.endpoint.setAway([...parts].flatMap(([host, part]) => (part === 0 ? [] : [host])));
    await world.scheduler.run(seconds * 1_000);
    world.network.partition(null);
    world.endpoint.setAway([]);
    return { since: world.scheduler.now() };
  },
};

const lossy: Scenario = {
  ...usual,
  name: 'lossy',
  about: 'links break and lose 30 % of frames, 10 % are repeated, some are late by up to 5 s',
  async run({ world, peers, seconds }) {
    const { grove } = await start(world, peers);
    const bad = { late: { share: 0.02, delay: 5_000 }, duplicated: 0.1 };
    world.network.setConditions(bad);
    world.endpoint.setFaults({ duplicated: 0.1, delay: 1_000 });
    writeRandomly(world, grove, seconds);
    // A link carries for 28 s and then nothing for the 12 s on average until it is noticed: 30 % are lost.
    world.every(1_000, seconds * 1_000, () => {
      for (const end of world.network.connections())
        if (world.random.float() < 1 / 56) world.network.silence(end);
    });
    await world.scheduler.run(seconds * 1_000);
    world.network.setConditions(GOOD);
    world.endpoint.setFaults({ duplicated: 0, delay: 0 });
    return { since: world.scheduler.now() };
  },
};

const skew: Scenario = {
  ...usual,
  name: 'skew',
  about: 'clocks are up to 10 years off, and some jump',
  async run({ world, peers, seconds }) {
    const offset = (): number => Math.floor((2 * world.random.float() - 1) * 10 * YEAR);
    const all = [await world.addPeer()];
    for (let i = 1; i < peers; i += 1) all.push(await world.addPeer(offset()));
    const grove = await world.settle(all);
    world.measure.start();
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 500);
    for (const peer of some(world, all, 0.3)) peer.setClock(offset());
    await world.scheduler.run(seconds * 500);
    return { since: world.scheduler.now(), skewed: true };
  },
};

const flapping: Scenario = {
  ...usual,
  name: 'flapping',
  about: 'a third of the peers lose the page that carries their links every 5 to 15 s',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    const end = world.scheduler.now() + seconds * 1_000;
    const flap = (index: number, present: boolean): void => {
      const peer = all[index];
      const over = world.scheduler.now() >= end;
      peer?.setCarrier(present || over);
      if (!over) world.scheduler.after(5_000 + 10_000 * world.random.float(), () => flap(index, !present));
    };
    for (const peer of some(world, all, 1 / 3)) flap(peer.host, false);
    await world.scheduler.run(seconds * 1_000 + 15_000);
    return { since: end };
  },
};

const signalingDown: Scenario = {
  ...usual,
  name: 'signaling-down',
  about: 'the endpoint dies; linked peers go on; some restart and come back with it',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    world.endpoint.setUp(false);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 1_000);
    if ((await world.converge(5_000)) === null)
      world.checks.violate('without the endpoint, linked peers did not go on');
    const away = some(world, all, 0.25);
    for (const peer of away) world.stop(peer);
    for (const peer of away) world.restart(peer);
    writeRandomly(world, grove, 10);
    await world.scheduler.run(11_000);
    world.endpoint.setUp(true);
    return { since: world.scheduler.now() };
  },
};

const storageFault: Scenario = {
  ...usual,
  name: 'storage-fault',
  about: 'writes fail now and then; peers lose power between any two writes, and come back',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds, 500);
    for (let second = 0; second < seconds; second += 1) {
      await world.scheduler.run(1_000);
      for (const peer of all) {
        if (peer.since === null && world.random.int(3) === 0) world.restart(peer);
        if (peer.store === null) continue;
        peer.store.faults.rate = 0.02;
        peer.store.faults.failures = ['quota', 'internal'];
        if (world.random.int(20) === 0) peer.store.faults.crashIn = 1 + world.random.int(6);
      }
    }
    for (const peer of all) {
      world.restart(peer);
      if (peer.store !== null) peer.store.faults = { rate: 0, failures: [], crashIn: null };
    }
    return { since: world.scheduler.now() };
  },
};

const multiGrove: Scenario = {
  ...usual,
  name: 'multi-grove',
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

export const SCENARIOS: readonly Scenario[] = [
  steady,
  steadyRandom,
  burst,
  lateJoin,
  churn,
  crashHalf,
  partitionHeal,
  lossy,
  skew,
  flapping,
  multiGrove,
  storageFault,
  signalingDown,
  mixed,
];
