// The endpoint is gone for good: who is linked goes on, and others arrive by texts that people carry between two devices.
import type { GroveId } from '../../worker/core/model/ids.ts';
import type { SimPeer } from './peer.ts';
import { start, usual, writeRandomly, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** 20 linked, 200 more arrive (issue 2). */
const THERE = 1 / 11;
const LEAST = 3;
/** Between two arrivals, simulated ms. */
const BETWEEN = 250;
/** As for any fault: within so long, simulated ms, those who lost most of the others are one part again. */
const FOUND = 90_000;
/** Who arrived is linked to so many, and holds what the others hold, after at most so long. */
const LINKS = 2;
const LIMIT = 30_000;

/** One offers, the other answers, the first accepts. Resolves to what went wrong, or null. */
export async function carry(grove: GroveId, one: SimPeer, other: SimPeer): Promise<string | null> {
  try {
    const offer = await one.call('offer', [grove]);
    const answer = await other.call('answer', [offer]);
    await one.call('accept', [answer]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Hosts that each device has an open connection to. */
export function linkedHosts(world: World): Map<number, Set<number>> {
  const linked = new Map<number, Set<number>>();
  for (const { host, other } of world.network.connections())
    if (other !== null) linked.set(host, (linked.get(host) ?? new Set()).add(other.host));
  return linked;
}

export const signalingDown: Scenario = {
  ...usual,
  name: 'signaling-down',
  place: 'last',
  about:
    'the endpoint dies with an eleventh of the peers linked; the others arrive, each with one link carried by hand',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const there = all.slice(0, Math.max(LEAST, Math.round(all.length * THERE)));
    const away = all.filter((peer) => !there.includes(peer));
    for (const peer of away) world.stop(peer);
    await world.scheduler.run(5_000);
    // Who stays is linked, one to the other, when it dies: without it parts have no way to each other.
    const hosts = there.map(({ host }) => host);
    const problems: string[] = [];
    if ((await world.scheduler.until(() => world.network.isConnected(hosts), FOUND, 250)) === null)
      problems.push('those who stayed did not find each other');
    world.endpoint.setUp(false);
    writeRandomly(world, grove, seconds);
    await world.scheduler.run(seconds * 500);

    const arrived = new Set<SimPeer>(there);
    const began = new Map<SimPeer, number>();
    const took: number[] = [];
    const look = (): boolean => {
      const linked = linkedHosts(world);
      const most = Math.max(...there.map((peer) => world.checks.countOf(peer, grove)));
      for (const [peer, since] of began) {
        if ((linked.get(peer.host)?.size ?? 0) < LINKS) continue;
        // What was written a moment ago is on its way.
        if (world.checks.countOf(peer, grove) < most - 3) continue;
        began.delete(peer);
        arrived.add(peer);
        took.push(world.scheduler.now() - since);
      }
      return began.size === 0;
    };
    // Nobody carries two texts to one device at once.
    const busy = new Set<SimPeer>();
    for (let next = 0; next < away.length;) {
      const free = [...arrived].filter((peer) => !busy.has(peer));
      const peer = away[next];
      if (free.length > 0 && peer !== undefined) {
        next += 1;
        const host = world.pick(free);
        world.restart(peer);
        busy.add(host);
        began.set(peer, world.scheduler.now());
        const [one, other] = world.random.int(2) === 0 ? [host, peer] : [peer, host];
        void carry(grove, one, other).then((problem) => {
          busy.delete(host);
          if (problem !== null) problems.push(`peer ${peer.host} by hand: ${problem}`);
        });
      }
      await world.scheduler.run(BETWEEN);
      look();
    }
    await world.scheduler.until(look, LIMIT);
    for (const peer of began.keys()) problems.push(`peer ${peer.host} did not arrive`);
    const late = took.filter((each) => each > LIMIT).length;
    if (late > 0) problems.push(`${late} took longer than ${LIMIT} ms to arrive`);
    const counts = new Map([['slowest arrival, ms', Math.round(Math.max(0, ...took))]]);
    return { since: world.scheduler.now(), shortfalls: problems, counts };
  },
};
