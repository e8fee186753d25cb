// Everything at once: every second or so something goes wrong somewhere, until all is well again.
import type { GroveId } from '../../worker/core/model/ids.ts';
import { behaviours } from './byzantine.ts';
import { corrupt } from './hostile/device.ts';
import { GOOD } from './network.ts';
import type { SimPeer } from './peer.ts';
import { some, start, startStored, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
/** Seconds from which faults last as long as they do; in shorter runs all is shorter. */
const UNHURRIED = 15;

/** What was sent before is there by then, however late: see the conditions below. */
const IN_FLIGHT = 8_000;
/** One run in so many has hostile members. */
const HOSTILE = 4;

/** One run in so many begins with an invite. */
const JOINING = 5;
/** For a mesh of 20 to 50, which all know each other, simulated ms. */
const SETTLING = 2_000;

/** `pace`: by how much all that lasts is shorter than it would be. */
type Fault = (world: World, peers: readonly SimPeer[], pace: number) => void;

const FAULTS: readonly Fault[] = [
  (world, peers, pace) => {
    const peer = world.pick(peers);
    world.crash(peer, world.pick(['kill', 'power']));
    world.scheduler.after(pace * 10_000 * world.random.float(), () => world.restart(peer));
  },
  (world, peers, pace) => {
    const peer = world.pick(peers);
    if (peer.store !== null) peer.store.faults.crashIn = 1 + world.random.int(5);
    world.scheduler.after(pace * 12_000, () => world.restart(peer));
  },
  (world, peers, pace) => {
    const peer = world.pick(peers);
    world.stop(peer);
    world.scheduler.after(pace * 20_000 * world.random.float(), () => world.restart(peer));
  },
  (world, peers, pace) => {
    const peer = world.pick(peers);
    peer.setCarrier(false);
    world.scheduler.after(pace * 8_000 * world.random.float(), () => peer.setCarrier(true));
  },
  (world, peers, pace) => {
    world.network.partition(new Map(peers.map(({ host }) => [host, world.random.int(2)])));
    world.scheduler.after(pace * 25_000 * world.random.float(), () => world.network.partition(null));
  },
  (world) => {
    for (const end of some(world, world.network.connections(), 0.1)) world.network.silence(end);
  },
  (world, peers, pace) => {
    const peer = world.pick(peers);
    if (peer.store === null) return;
    peer.store.faults.rate = 0.2;
    peer.store.faults.failures = ['quota', 'internal'];
    const { faults } = peer.store;
    world.scheduler.after(pace * 5_000, () => {
      faults.rate = 0;
    });
  },
  (world, _peers, pace) => {
    world.endpoint.setUp(false);
    world.scheduler.after(pace * 15_000 * world.random.float(), () => world.endpoint.setUp(true));
  },
  (world, peers) => {
    world.pick(peers).setClock(Math.floor((2 * world.random.float() - 1) * HOUR));
  },
  // Back from a backup: it must not write before it has what it wrote since.
  (world, peers, pace) => {
    const peer = world.pick(peers);
    const copy = world.backup(peer);
    world.scheduler.after(pace * 10_000 * world.random.float(), () => {
      world.stop(peer);
      world.scheduler.after(IN_FLIGHT, () => {
        if (peer.since === null) world.restore(peer, copy);
      });
    });
  },
  (world, _peers, pace) => {
    world.network.setConditions({ late: { share: 0.05, delay: 5_000 }, duplicated: 0.1 });
    world.scheduler.after(pace * 10_000, () => world.network.setConditions(GOOD));
  },
];

/** A fifth of them turn hostile, each in one way. */
function infiltrate(
  world: World,
  peers: readonly SimPeer[],
  grove: GroveId,
  counts: Map<string, number>,
): void {
  for (const peer of some(world, peers, 0.2, 1))
    corrupt(world, peer, grove, [world.pick(behaviours(new Set()))], (way) =>
      counts.set(way, (counts.get(way) ?? 0) + 1),
    );
}

export const mixed: Scenario = {
  name: 'mixed',
  about: 'all of the faults, at random',
  peers: 8,
  seconds: 40,
  settleMs: 150_000,
  wants: {},
  async run({ world, peers, seconds }) {
    // Where all come by an invite, that is half of the work: one run in so many begins there, the others with full disks.
    const joins = world.random.int(JOINING) === 0;
    const { peers: all, grove } = joins
      ? await start(world, peers)
      : await startStored(world, peers, { settling: SETTLING });
    const pace = Math.min(1, seconds / UNHURRIED);
    const counts = new Map<string, number>();
    if (world.random.int(HOSTILE) === 0) infiltrate(world, all, grove, counts);
    for (let second = 0; second < seconds; second += 1) {
      const there = world.membersOf(grove).filter((peer) => world.checks.hasOwn(peer));
      if (there.length > 0) {
        world.write(world.pick(there), grove);
        if (world.random.int(4) === 0) for (let i = 0; i < 10; i += 1) world.write(world.pick(there), grove);
        if (world.random.int(12) === 0) world.writeFile(world.pick(there), grove);
      }
      if (world.random.int(2) === 0) world.pick(FAULTS)(world, all, pace);
      await world.scheduler.run(1_000);
    }
    // The last of the timed repairs come within 25 s.
    await world.scheduler.run(pace * 26_000);
    world.network.partition(null);
    world.endpoint.setUp(true);
    for (const peer of all) {
      if (peer.store !== null) peer.store.faults = { rate: 0, failures: [], crashIn: null };
      world.restart(peer);
      peer.setCarrier(true);
    }
    return { since: world.scheduler.now(), skewed: true, counts };
  },
};
