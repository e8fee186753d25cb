// The checks of the simulator see what they are there to see: each is shown a breach, made by hand.
import { describe, expect, it } from 'vitest';
import type { WriteOp } from '../../../worker/core/ports.ts';
import { createWorld, type World } from '../../sim/world.ts';
import type { SimPeer } from '../../sim/peer.ts';

async function build(): Promise<{ world: World; owner: SimPeer; outsider: SimPeer; rows: WriteOp[] }> {
  const world = createWorld({ seed: 1 });
  const owner = await world.addPeer();
  const outsider = await world.addPeer();
  const grove = await world.found(owner);
  for (let i = 0; i < 3; i += 1) world.write(owner, grove);
  await world.scheduler.run(1_000);
  expect(world.checks.violations).toEqual([]);
  const rows = [...owner.disk.data.log.values].map(([key, value]): WriteOp => ({
    op: 'put',
    table: 'log',
    key,
    value,
  }));
  expect(rows).toHaveLength(4);
  return { world, owner, outsider, rows };
}

describe('the checks', () => {
  it('S3: see an entry stored before what it names, and one stored twice', async () => {
    const { world, owner, outsider, rows } = await build();
    world.checks.onCommitted(outsider, rows.slice(2, 3));
    expect(world.checks.violations.join()).toContain('before');
    world.checks.onCommitted(owner, rows.slice(0, 1));
    expect(world.checks.violations.join()).toContain('twice');
  });

  it('C3: see bytes stored under a hash that is not theirs', async () => {
    const { world, owner } = await build();
    const value = Uint8Array.of(1, 2, 3);
    world.checks.onCommitted(owner, [{ op: 'put', table: 'bodies', key: '0'.repeat(64), value }]);
    expect(world.checks.violations.join()).toContain('a hash they don');
  });

  it('A2: see what reaches one who is no member', async () => {
    const { world, owner, outsider } = await build();
    const [grove] = world.groves;
    if (grove === undefined) throw new Error('no grove');
    world.checks.onArrival(owner.host, outsider, { type: 'vector', grove, reply: false, rows: [] });
    expect(world.checks.violations.join()).toContain('no member');
  });

  it('A9: see the id of a grove in what the endpoint is sent', async () => {
    const { world } = await build();
    const [grove] = world.groves;
    world.checks.onSignaling(Buffer.from(`00${grove ?? ''}00`, 'hex'));
    expect(world.checks.violations.join()).toContain('the endpoint was shown');
  });

  it('S10: see that what was acknowledged is gone from a disk after a crash', async () => {
    const { world, owner, rows } = await build();
    const last = rows.at(-1);
    if (last?.op !== 'put') throw new Error('no row');
    owner.disk.data.log.values.delete(last.key);
    world.crash(owner, 'kill');
    expect(world.checks.violations.join()).toContain('which it had acknowledged');
  });

  it('S10: see an entry that is told as applied twice', async () => {
    const { world, owner } = await build();
    const [id] = [...world.checks.heldBy(owner).keys()].slice(-1);
    if (id === undefined) throw new Error('no entry');
    world.checks.onEvent(owner, 'entry', { id });
    expect(world.checks.violations.join()).toContain('applied');
  });
});
