// Claims among devices that can't always reach each other: the production node and driver in simulated time.
import { describe, expect, it, vi } from 'vitest';
import type { GroveId } from '../../../worker/core/model/ids.ts';
import type { Claims } from '../../../worker/rpc/api.ts';
import type { SimPeer } from '../../sim/peer.ts';
import { createWorld, type World } from '../../sim/world.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const LEASE = 5 * MINUTE;

interface Scene {
  world: World;
  grove: GroveId;
  cid: string;
  a: SimPeer;
  b: SimPeer;
  c: SimPeer;
  /** `claim-lost` as each was told of it. */
  lost: { host: number; claim: string; winner: string }[];
  claims(peer: SimPeer): Promise<Claims>;
  /** Until all of them give the same answer of a kind. */
  agree(peers: readonly SimPeer[]): Promise<Claims>;
}

async function build(seed: number): Promise<Scene> {
  const world = createWorld({ seed });
  const lost: Scene['lost'] = [];
  world.listen((peer, name, payload) => {
    if (name !== 'claim-lost') return;
    const { claim, winner } = payload as { claim: string; winner: string };
    lost.push({ host: peer.host, claim, winner });
  });
  const [a, b, c] = [await world.addPeer(), await world.addPeer(), await world.addPeer()];
  const grove = await world.settle([a, b, c]);
  const plan = { kind: 'plan', summary: 'Sweep the learning rate' };
  const { cid } = await world.ask(a, 'contribute', [grove, plan]);
  const claims = (peer: SimPeer): Promise<Claims> => world.ask(peer, 'claims', [grove, cid]);
  for (const peer of [a, b, c]) {
    let open = false;
    for (let tries = 0; !open && tries < 100; tries += 1) {
      await world.scheduler.run(100);
      const { items } = await world.ask(peer, 'tasks', [grove, { status: ['open'] }]);
      open = items.length === 1;
    }
    expect(open).toBe(true);
  }

  async function agree(peers: readonly SimPeer[]): Promise<Claims> {
    for (let tries = 0; tries < 600; tries += 1) {
      const [first, ...others] = await Promise.all(peers.map(claims));
      const same = others.every((each) => JSON.stringify(each) === JSON.stringify(first));
      if (first !== undefined && same && first.total > 1) return first;
      await world.scheduler.run(500);
    }
    throw new Error('they never agreed');
  }
  return { world, grove, cid, a, b, c, lost, claims, agree };
}

function part(world: World, away: readonly SimPeer[], all: readonly SimPeer[]): void {
  world.network.partition(new Map(all.map((peer) => [peer.host, away.includes(peer) ? 1 : 0])));
  world.endpoint.setAway(away.map(({ host }) => host));
}
function heal(world: World): void {
  world.network.partition(null);
  world.endpoint.setAway([]);
}

describe('claims across a partition', () => {
  for (const seed of [1, 2, 3]) {
    it(`G13: two claim one task in two parts; healed, all agree on one and the other is told once (seed ${seed})`, async () => {
      const { world, grove, cid, a, b, c, lost, claims, agree } = await build(seed);
      part(world, [b, c], [a, b, c]);
      await world.scheduler.run(1_000);
      const byA = await world.ask(a, 'claim', [grove, cid]);
      const byB = await world.ask(b, 'claim', [grove, cid]);
      // Longer than a lease: each part has seen its own renewed.
      await world.scheduler.run(2 * LEASE);
      expect((await claims(a)).current).toMatchObject({ claim: byA.claim, status: 'active' });
      expect((await claims(c)).current).toMatchObject({ claim: byB.claim, status: 'active' });
      await expect(world.ask(c, 'claim', [grove, cid])).rejects.toMatchObject({ code: 'busy' });
      expect(lost).toEqual([]);

      heal(world);
      const { current, history } = await agree([a, b, c]);
      const [winner, loser] = current?.claim === byA.claim ? [byA, byB] : [byB, byA];
      expect(current).toMatchObject({ claim: winner.claim, status: 'active' });
      expect(history.find(({ claim }) => claim === loser.claim)).toMatchObject({
        status: 'lost',
        by: winner.claim,
      });
      await world.scheduler.run(2 * LEASE);
      const told = { host: loser === byA ? a.host : b.host, claim: loser.claim, winner: winner.claim };
      expect(lost).toEqual([told]);
      // The loser's device lets go; the winner's goes on.
      const later = await agree([a, b, c]);
      expect(later.current).toMatchObject({ claim: winner.claim, status: 'active' });
      const until = later.history.find(({ claim }) => claim === loser.claim)?.until ?? 0;
      expect(until).toBeLessThan((later.current?.until ?? 0) - LEASE);
      expect(world.checks.violations).toEqual([]);
    });
  }

  it('G14: a claim is renewed at a third of its lease, on after a restart, and no more once it is released', async () => {
    const { world, grove, cid, a, b, claims } = await build(4);
    const first = await world.ask(a, 'claim', [grove, cid]);
    expect(first.until - first.at).toBe(LEASE);
    await world.scheduler.run(LEASE / 3 - 2_000);
    expect((await claims(a)).current?.until).toBe(first.until);
    await world.scheduler.run(4_000);
    const renewed = (await claims(a)).current?.until ?? 0;
    expect(renewed - first.until).toBeGreaterThan(LEASE / 3 - 1_000);
    expect(renewed - first.until).toBeLessThan(LEASE / 3 + 4_000);

    a.crash('kill');
    await world.scheduler.run(LEASE / 2);
    world.restart(a);
    await world.scheduler.run(LEASE);
    expect((await claims(b)).current).toMatchObject({ claim: first.claim, status: 'active' });

    await world.ask(a, 'release', [grove, cid, 'out of ideas']);
    const ended = (await claims(a)).current;
    expect(ended).toMatchObject({ status: 'released', note: 'out of ideas' });
    await world.scheduler.run(LEASE);
    expect((await claims(b)).current).toMatchObject({ status: 'released', until: ended?.until });
  });

  it('G13, G14: who stays away past its lease loses the task to who claims it then, and is told on return', async () => {
    const { world, grove, cid, a, c, lost, claims, agree } = await build(5);
    const first = await world.ask(a, 'claim', [grove, cid]);
    await world.scheduler.run(2_000);
    part(world, [a], [a, c]);
    a.crash('kill');
    await world.scheduler.run(LEASE + MINUTE);
    expect((await claims(c)).current).toMatchObject({ claim: first.claim, status: 'expired' });
    const second = await world.ask(c, 'claim', [grove, cid, { note: 'mine now' }]);
    heal(world);
    world.restart(a);
    const { current, history } = await agree([a, c]);
    expect(current).toMatchObject({ claim: second.claim, note: 'mine now', status: 'active' });
    expect(history.find(({ claim }) => claim === first.claim)).toMatchObject({
      status: 'ended',
      by: second.claim,
    });
    expect(lost).toEqual([{ host: a.host, claim: first.claim, winner: second.claim }]);
    // It doesn't take it back.
    await world.scheduler.run(LEASE);
    expect((await claims(a)).current?.claim).toBe(second.claim);
  });

  it('G13: a renewal that who took over had not seen beats it: the one who took over is told', async () => {
    const { world, grove, cid, a, b, c, lost, agree } = await build(6);
    const first = await world.ask(a, 'claim', [grove, cid]);
    await world.scheduler.run(2_000);
    part(world, [a], [a, b, c]);
    // a renews all the while, and nobody hears of it.
    await world.scheduler.run(LEASE + MINUTE);
    const second = await world.ask(b, 'claim', [grove, cid]);
    await world.scheduler.run(1_000);
    heal(world);
    const { current } = await agree([a, b, c]);
    expect(current).toMatchObject({ claim: first.claim, status: 'active' });
    expect(lost).toEqual([{ host: b.host, claim: second.claim, winner: first.claim }]);
  });
});
