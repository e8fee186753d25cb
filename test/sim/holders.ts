// One device holds what many ask for by CID, most of them no neighbours of it.
import type { GroveId } from '../../worker/core/model/ids.ts';
import type { SimPeer } from './peer.ts';
import { some, start, usual, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Who asks, of all. */
const ASK = 0.05;
const LEAST = 3;
/** Within which all who ask have it (issue 2). */
const LIMIT = 30_000;

/** A device writes one with an artifact; others, who know of it, ask for it all at once. Says who didn't get it. */
async function round(world: World, grove: GroveId, all: readonly SimPeer[], what: string): Promise<string[]> {
  const holder = world.pick(all);
  const cid = await world.scheduler.wait(world.putFile(holder, grove), 'the artifact', 10_000);
  await world.converge(10_000);
  const others = all.filter((peer) => peer !== holder);
  const share = Math.max(ASK, LEAST / others.length);
  const waiting = new Map<SimPeer, string>();
  for (const peer of some(world, others, share)) {
    waiting.set(peer, 'no answer');
    peer.call('fetch', [grove, cid]).then(
      ({ files }) => {
        if (files.every(({ held }) => held)) waiting.delete(peer);
        else waiting.set(peer, 'answered before it was there');
      },
      (error: unknown) => void waiting.set(peer, error instanceof Error ? error.message : String(error)),
    );
  }
  await world.scheduler.until(() => waiting.size === 0, LIMIT);
  return [...waiting].map(([peer, why]) => `${what}: peer ${peer.host} did not get it: ${why}`);
}

export const oneHolder: Scenario = {
  ...usual,
  name: 'one-holder',
  place: 'last',
  about:
    'artifacts on demand: what one device holds is asked for by many, with the endpoint up and then down',
  peers: 20,
  seconds: 30,
  async run({ world, peers }) {
    const { peers: all, grove } = await start(world, peers);
    const set = all.map((peer) => peer.call('policy', [grove, { artifacts: 'on-demand' }]));
    await world.scheduler.wait(Promise.all(set), 'policies', 60_000);
    const up = await round(world, grove, all, 'endpoint up');
    world.endpoint.setUp(false);
    // Time for what was opened for the first to be closed again.
    await world.scheduler.run(15_000);
    const down = await round(world, grove, all, 'endpoint down');
    return { since: world.scheduler.now(), onDemand: true, shortfalls: [...up, ...down] };
  },
};
