// Scenarios of one kind of fault each.
import { GOOD } from './network.ts';
import type { SimPeer } from './peer.ts';
import { some, start, usual, writeRandomly, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

const YEAR = 365 * 24 * 3_600_000;

/** A way to say what share of writes fails on the disks of a third of the peers. */
function fillDisks(world: World, peers: readonly SimPeer[]): (rate: number) => void {
  const full = some(world, peers, 1 / 3);
  return (rate) => {
    for (const { store } of full)
      if (store !== null) store.faults = { rate, failures: ['quota'], crashIn: null };
  };
}

/** After half of the peers died, the links of the others join them all again within so long (issue 2). */
const RECONNECT = 30_000;

export const crashHalf: Scenario = {
  ...usual,
  name: 'crash-half',
  about: 'half of the peers die at once; the others go on, and in the end the dead come back',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run((seconds * 1_000) / 2);
    const dead = some(world, all, 0.5);
    for (const peer of dead) world.crash(peer, world.pick(['kill', 'power']));
    const left = world.alive().map(({ host }) => host);
    const joined = (): boolean => world.network.isConnected(left);
    const shortfalls: string[] = [];
    if ((await world.scheduler.until(joined, RECONNECT, 500)) === null)
      shortfalls.push('the survivors are not connected within 30 s');
    await world.scheduler.run((seconds * 1_000) / 2);
    if ((await world.converge(30_000)) === null)
      shortfalls.push('the survivors did not come together within 30 s');
    for (const peer of dead) world.restart(peer);
    return { since: world.scheduler.now(), shortfalls };
  },
};

export const partitionHeal: Scenario = {
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

/** One in so many is cut off, with two that it is linked to. */
const ISLANDS = 8;

export const islands: Scenario = {
  ...usual,
  name: 'islands',
  about: 'some peers, each with two of its neighbours, have no path but to each other for a while',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    const parts = new Map<number, number>();
    for (const { host } of some(world, all, 1 / ISLANDS)) {
      const links = world.network.connections().filter((end) => end.host === host);
      const near = links.flatMap(({ other }) => other?.host ?? []).filter((each) => !parts.has(each));
      if (!parts.has(host)) for (const each of [host, ...near.slice(0, 2)]) parts.set(each, host);
    }
    world.network.partition(parts);
    await world.scheduler.run(seconds * 1_000);
    world.network.partition(null);
    return { since: world.scheduler.now() };
  },
};

export const lossy: Scenario = {
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

export const skew: Scenario = {
  ...usual,
  name: 'skew',
  place: 'first',
  about: 'clocks are up to 10 years off, and some jump',
  async run({ world, peers, seconds }) {
    const offset = (): number => Math.floor((2 * world.random.float() - 1) * 10 * YEAR);
    const { peers: all, grove } = await start(world, peers, { skew: (nth) => (nth === 0 ? 0 : offset()) });
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 500);
    for (const peer of some(world, all, 0.3)) peer.setClock(offset());
    await world.scheduler.run(seconds * 500);
    return { since: world.scheduler.now(), skewed: true };
  },
};

export const clockBack: Scenario = {
  ...usual,
  name: 'clock-back',
  about:
    'all clocks are set back by an hour, then the disks of a third of the peers take nothing for a while',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    for (const peer of all) peer.setClock(-3_600_000);
    const setRate = fillDisks(world, all);
    setRate(1);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 1_000 + 500);
    setRate(0);
    return { since: world.scheduler.now() };
  },
};

export const flapping: Scenario = {
  ...usual,
  name: 'flapping',
  about: 'a third of the peers lose the page that carries their links every 5 to 15 s',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    writeRandomly(world, grove, seconds);
    const flappers = some(world, all, 1 / 3);
    let over = false;
    const flap = (peer: SimPeer, present: boolean): void => {
      if (over) return;
      peer.setCarrier(present);
      world.scheduler.after(5_000 + 10_000 * world.random.float(), () => flap(peer, !present));
    };
    for (const peer of flappers) flap(peer, false);
    await world.scheduler.run(seconds * 1_000);
    over = true;
    for (const peer of flappers) peer.setCarrier(true);
    return { since: world.scheduler.now() };
  },
};

export const outage: Scenario = {
  ...usual,
  name: 'outage',
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

export const storageFault: Scenario = {
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

export const diskFull: Scenario = {
  ...usual,
  name: 'disk-full',
  about: 'the disks of a third of the peers take nothing for a while; no link breaks, nobody restarts',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const setRate = fillDisks(world, all);
    setRate(1);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 1_000 + 500);
    setRate(0);
    return { since: world.scheduler.now() };
  },
};
