// The checks of the simulator see what they are there to see: each is shown a breach, made by hand.
import { describe, expect, it } from 'vitest';
import { encodeEntry, type EntryFields } from '../../../worker/core/model/entry.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';
import { decodeRow, encodeRow, logKey, type LogRow } from '../../../worker/core/sync/row.ts';
import { runScenario } from '../../sim/finish.ts';
import { start, usual } from '../../sim/scenario.ts';
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

  it('M7: see an entry in the name of an honest author that it never wrote', async () => {
    const { world, outsider, rows } = await build();
    const [, second] = rows;
    world.checks.onCommitted(outsider, rows.slice(0, 2));
    expect(world.checks.violations).toEqual([]);
    world.checks.onCommitted(outsider, [
      forged(second, { seq: 3, lamport: 3, prev: rowOf(second).entry.id }),
    ]);
    expect(world.checks.violations.join()).toContain('who never wrote it');
  });

  it('S8: see an honest author fork its log, and do not ask as much of a hostile one', async () => {
    const { world, owner, outsider, rows } = await build();
    const rival = forged(rows[2], { at: 5 });
    world.checks.onCommitted(owner, [rival]);
    expect(world.checks.violations.join()).toContain('fork: ');
    const before = world.checks.violations.length;
    world.checks.setHostile(owner.host);
    world.checks.onCommitted(outsider, [...rows.slice(0, 3), forged(rows[2], { at: 6 })]);
    expect(world.checks.violations).toHaveLength(before);
  });

  it('S8: see an honest author called an equivocator, and nothing wrong in a hostile one called so', async () => {
    const { world, owner, outsider } = await build();
    const [grove, author] = [world.groves[0], world.checks.keyOf(owner.host)];
    world.checks.onEvent(outsider, 'fork', { grove, author, seq: 2 });
    expect(world.checks.violations.join()).toContain('an equivocator');
    world.checks.setHostile(owner.host);
    world.checks.onEvent(outsider, 'fork', { grove, author, seq: 2 });
    expect(world.checks.violations).toHaveLength(1);
  });

  it('S9: see a device whose views differ from another’s, by its own word and by asking all', async () => {
    const { world, owner, outsider } = await build();
    world.checks.onEvent(outsider, 'views-differ', {
      grove: world.groves[0],
      peer: world.checks.keyOf(owner.host),
    });
    expect(world.checks.violations.join()).toContain('its views differ');

    const report = await runScenario(
      {
        ...usual,
        name: 'differing',
        about: 'one of them says something else of its members than the others',
        async run({ world: other, peers }) {
          const { peers: all } = await start(other, peers);
          const [peer] = all;
          if (peer === undefined) throw new Error('no peer');
          const { call } = peer;
          // What is asked for last is answered as if there was nobody.
          peer.call = (method, params) =>
            call(method, params).then((answer) => (method === 'members' ? ([] as never) : answer));
          return { since: null };
        },
      },
      { seed: 1, peers: 3 },
    );
    expect(report.violations.join()).toContain('views differ');
  });

  it('S3: see an entry applied after what names it', async () => {
    const { world, owner, outsider, rows } = await build();
    world.checks.onCommitted(outsider, rows);
    const [first, second] = rows.map((row) => rowOf(row).entry.id);
    world.checks.onEvent(outsider, 'entry', { id: second });
    expect(world.checks.violations).toEqual([]);
    world.checks.onEvent(outsider, 'entry', { id: first });
    expect(world.checks.violations.join()).toContain('after what names it');
    expect(owner.host).not.toBe(outsider.host);
  });

  it('Y3: see what leaves an isolated device, and what it takes', async () => {
    const { world, outsider, rows } = await build();
    const [grove] = world.groves;
    if (grove === undefined) throw new Error('no grove');
    world.checks.setIsolated(outsider.host, grove, true);
    world.checks.onSent(outsider.host, { type: 'prune', grove });
    expect(world.checks.violations.join()).toContain('isolated from');
    world.checks.onCommitted(outsider, rows.slice(0, 1));
    expect(world.checks.violations).toHaveLength(1);
    world.checks.onCommitted(outsider, [received(rows[1])]);
    expect(world.checks.violations.join()).toContain('of another');
  });

  it('S10: let a device come back from a backup without what it acknowledged since, and no other', async () => {
    const { world, owner } = await build();
    const [grove] = world.groves;
    if (grove === undefined) throw new Error('no grove');
    const copy = world.backup(owner);
    world.write(owner, grove);
    await world.scheduler.run(1_000);
    world.stop(owner);
    world.restore(owner, copy);
    world.checks.checkAcknowledged(owner);
    expect(world.checks.violations).toEqual([]);
    expect(world.checks.countOf(owner, grove)).toBe(4);
  });
});

function rowOf(op: WriteOp | undefined): LogRow {
  const row = op?.op === 'put' ? decodeRow(op.value) : null;
  if (!row?.ok) throw new Error('no row');
  return row.value;
}

function put(row: LogRow): WriteOp {
  const { grove, author, seq } = row.entry;
  return { op: 'put', table: 'log', key: logKey(grove as never, author, seq), value: encodeRow(row) };
}

/** The row of an entry, but for these fields. */
function forged(op: WriteOp | undefined, change: Partial<EntryFields>): WriteOp {
  const row = rowOf(op);
  return put({ ...row, entry: encodeEntry({ ...row.entry, ...change }) });
}

/** As if another device had sent it. */
function received(op: WriteOp | undefined): WriteOp {
  const row = rowOf(op);
  return put({ ...row, receivedFrom: row.entry.author });
}
