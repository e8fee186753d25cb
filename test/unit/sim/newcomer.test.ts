// To whom a newcomer is linked when it has just been let in.
import { expect, it } from 'vitest';
import { createWorld } from '../../sim/world.ts';

const seeds = [1, 2];

it.each(seeds)(
  'K2, S5: let in by one, a newcomer keeps what others began: it has three links before it has its log, seed %i',
  async (seed) => {
    const world = createWorld({ seed });
    const { peers, grove } = await world.settleStored(14, { contributions: 1_500, settling: 2_000 });
    const [owner] = peers;
    if (owner === undefined) throw new Error('nobody is there');
    const url = await world.invite(owner, grove);
    await world.converge(10_000);
    await world.scheduler.run(3_000);
    const newcomer = await world.addPeer();
    const admitted: number[] = [];
    world.watch((_from, to, frame) => {
      if (to === newcomer && frame.type === 'admitted') admitted.push(world.scheduler.now());
    });
    world.join(newcomer, url);
    await world.scheduler.until(() => admitted.length > 0, 10_000, 20);
    await world.scheduler.run(600);
    expect(world.linksOf(newcomer).length).toBeGreaterThanOrEqual(3);
    expect(world.checks.violations).toEqual([]);
  },
  120_000,
);
