// Presence over whole peers, and one machine against rows that nobody honest would send.
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type WireSignedRow } from '../../../worker/core/wire/frame.ts';
import { createContext } from '../../../worker/core/context.ts';
import { createPresence } from '../../../worker/core/gossip/presence.ts';
import {
  decodePresenceRow,
  encodePresenceRow,
  presenceMessage,
  type PresenceRow,
} from '../../../worker/core/gossip/presence-row.ts';
import { toPeerId, type GroveId, type LinkId, type PeerId } from '../../../worker/core/model/ids.ts';
import { keypairFromSeed, nobleSignatures, type Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { createHub, createPeer, joined, pair, until, work } from './mesh.ts';

const grove = 'ab'.repeat(32) as GroveId;
const west = 'west' as LinkId;
const east = 'east' as LinkId;
const keyOf = (n: number): Keypair => keypairFromSeed(new Uint8Array(32).fill(n));

/** A machine whose verifications are answered at once; `sent` is what went out, by link. */
function bench(
  members: readonly Keypair[],
  self = keyOf(1),
  eager: LinkId[] = [west, east],
  trusted: PeerId[] = [],
) {
  const context = createContext(createSeededRandom(1));
  let now = 1_000_000;
  let changes = 0;
  const sent: { link: LinkId; rows: (PresenceRow | null)[]; ages: number[] }[] = [];
  const machine = createPresence({
    grove,
    self: self.id,
    context,
    isMember: (peer) => trusted.includes(peer) || members.some(({ id }) => id === peer),
    sign: (message) => nobleSignatures.sign(message, self.seed),
    eager: () => eager,
    changed: () => (changes += 1),
  });
  function settle(): void {
    context.runTimers();
    for (const effect of context.takeEffects()) {
      if (effect.type === 'verify') {
        const ok = effect.items.map(
          ({ key, message, signature }) =>
            trusted.includes(toPeerId(key)) || nobleSignatures.verify(key, message, signature),
        );
        context.resume({ type: 'verified', token: effect.token, ok });
      } else if (effect.type === 'link-send') {
        const frame = decodeFrame(effect.frame);
        if (frame.ok && frame.value.type === 'presence')
          sent.push({
            link: effect.link,
            rows: frame.value.rows.map(({ row }) => decodePresenceRow(row)),
            ages: frame.value.rows.map(({ age }) => age),
          });
      } else throw new Error(`nothing of presence is for ${effect.type}`);
    }
  }
  context.setNow(now);
  return {
    machine,
    context,
    sent,
    changes: () => changes,
    pass(ms: number): void {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 100);
        context.setNow(now);
        settle();
      }
    },
    receive(link: LinkId, ...rows: WireSignedRow[]): void {
      machine.receive(link, rows);
      settle();
    },
  };
}

function signed(key: Keypair, fields: Partial<PresenceRow> = {}, age = 0): WireSignedRow {
  const row = {
    peer: key.id,
    seq: 1,
    status: 'working' as const,
    cid: null,
    note: '',
    life: 60_000,
    ...fields,
  };
  const bytes = encodePresenceRow(row);
  return { row: bytes, signature: nobleSignatures.sign(presenceMessage(grove, bytes), key.seed), age };
}

const noted = (b: ReturnType<typeof bench>): string[] => b.machine.list().map(({ row }) => row.note);

describe('presence', () => {
  it('G26: a row is passed on once, not back to where it came from, and is over by its age', () => {
    const b = bench([keyOf(2)]);
    const row = signed(keyOf(2), { note: 'on it' }, 20_000);
    b.receive(west, row);
    b.receive(east, row);
    b.pass(1_000);
    expect(noted(b)).toEqual(['on it']);
    // East knows it as well by then.
    expect(b.sent).toEqual([]);
    b.receive(west, signed(keyOf(2), { seq: 2, note: 'still' }, 20_000));
    b.receive(west, signed(keyOf(2), { seq: 2, note: 'still' }, 0));
    b.pass(1_000);
    expect(b.sent.map(({ link }) => link)).toEqual([east]);
    expect(b.sent[0]?.ages[0]).toBeGreaterThanOrEqual(20_000);
    b.pass(38_000);
    expect(noted(b)).toEqual(['still']);
    b.pass(2_000);
    expect(noted(b)).toEqual([]);
  });

  it('G26: an old row stays over, whatever age it comes with', () => {
    const b = bench([keyOf(2)]);
    const old = signed(keyOf(2), { seq: 5 });
    b.receive(west, old);
    b.pass(61_000);
    b.receive(west, { ...old, age: 0 });
    b.receive(west, signed(keyOf(2), { seq: 4 }));
    expect(noted(b)).toEqual([]);
    b.receive(west, signed(keyOf(2), { seq: 6, note: 'new' }));
    expect(noted(b)).toEqual(['new']);
    b.receive(west, signed(keyOf(2), { seq: 7, status: 'none' }));
    expect(noted(b)).toEqual([]);
  });

  it('G26: rows of strangers, unsigned, over or too long are dropped and counted, and never passed on', () => {
    const b = bench([keyOf(2)]);
    const good = signed(keyOf(2));
    b.receive(
      west,
      signed(keyOf(3)),
      { ...good, signature: new Uint8Array(64) },
      { ...good, age: 60_000 },
      signed(keyOf(2), { life: 60_001 }),
      signed(keyOf(2), { note: 'x'.repeat(257) }),
      { ...good, row: Uint8Array.of(0xff) },
    );
    b.pass(1_000);
    expect(b.machine.list()).toEqual([]);
    expect(b.sent).toEqual([]);
    expect(Object.fromEntries(b.context.counters)).toMatchObject({
      'presence.notMember': 1,
      'presence.badSignature': 1,
      'presence.expired': 1,
      'presence.malformed': 3,
    });
  });

  it('G26: a signer that says too much is not heard, and neither is a crowd beyond what is kept', () => {
    const b = bench([keyOf(2)]);
    for (let seq = 1; seq <= 40; seq += 1) b.receive(west, signed(keyOf(2), { seq }));
    expect(b.context.counters.get('presence.taken')).toBe(16);
    expect(b.context.counters.get('presence.flood')).toBe(24);
    b.pass(60_000);
    b.receive(west, signed(keyOf(2), { seq: 99 }));
    expect(b.machine.list()).toHaveLength(1);

    // Signatures aside, which cost most.
    const crowd = Array.from({ length: 260 }, (_, i) => i.toString(16).padStart(64, '0') as PeerId);
    const c = bench([], keyOf(1), [], crowd);
    for (const [i, peer] of crowd.entries()) {
      const fields = { peer, seq: 1, status: 'idle' as const, cid: null, note: '', life: 60_000 };
      c.receive(west, {
        row: encodePresenceRow(fields),
        signature: new Uint8Array(64).fill(i),
        age: 260 - i,
      });
    }
    // Those that would be over first made place.
    expect(c.machine.list().map(({ row }) => row.peer)).toEqual(crowd.slice(4));
  });

  it('G26: what this device is at is said again every 30 s, changed at most every 5 s, and taken back', () => {
    const b = bench([keyOf(1)]);
    b.machine.set({ status: 'working', cid: null, note: 'a' });
    b.pass(1_000);
    for (const note of ['b', 'c', 'd']) b.machine.set({ status: 'working', cid: null, note });
    b.pass(10_000);
    const notes = (): (string | undefined)[] =>
      b.sent.filter(({ link }) => link === west).map(({ rows: [row] }) => row?.note);
    expect(notes()).toEqual(['a', 'd']);
    b.pass(120_000);
    expect(notes()).toHaveLength(6);
    expect(noted(b)).toEqual(['d']);
    b.machine.set(null);
    b.pass(1_000);
    expect(b.sent.at(-1)?.rows[0]?.status).toBe('none');
    expect(noted(b)).toEqual([]);
    const before = b.sent.length;
    b.pass(120_000);
    expect(b.sent).toHaveLength(before);
    expect(b.changes()).toBeGreaterThan(5);
  });

  it('G26: with no link that is open nothing goes out, and what is still said goes out once there is one', () => {
    const eager: LinkId[] = [];
    const b = bench([keyOf(1)], keyOf(1), eager);
    b.machine.set({ status: 'working', cid: null, note: 'alone' });
    b.pass(20_000);
    expect(b.sent).toEqual([]);
    expect(noted(b)).toEqual(['alone']);
    eager.push(west);
    b.pass(20_000);
    expect(b.sent.map(({ link }) => link)).toEqual([west]);
    // Left: one word, and then none.
    b.machine.end();
    b.pass(120_000);
    expect(b.sent.map(({ rows: [row] }) => row?.status)).toEqual(['working', 'none']);
  });

  it('G26: what an earlier run of this device said is taken back', () => {
    const b = bench([keyOf(1)]);
    b.receive(west, signed(keyOf(1), { seq: 9_000_000, note: 'before' }));
    b.pass(1_000);
    expect(b.sent[0]?.rows[0]).toMatchObject({ status: 'none', seq: 9_000_001 });
    expect(noted(b)).toEqual([]);
  });

  it('G26: a neighbour that becomes active is told all, once a minute at most', () => {
    const b = bench([keyOf(2), keyOf(3)]);
    b.receive(west, signed(keyOf(2)), signed(keyOf(3)));
    b.pass(1_000);
    const north = 'north' as LinkId;
    for (let i = 0; i < 3; i += 1) {
      b.machine.activated(north, keyOf(4).id);
      b.pass(1_000);
    }
    expect(b.sent.filter(({ link }) => link === north).map(({ rows }) => rows.length)).toEqual([2]);
  });

  it('G26: members hear of each other, through others and without storing a word', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    hub.apart = (x, y) => [x, y].includes('a') && [x, y].includes('c');
    const c = createPeer(hub, 'c');
    await c.api.join(await b.api.invite(id));
    await joined(c, id);
    const { cid } = await c.api.contribute(id, work('Run'));
    const heard: unknown[] = [];
    a.on('presence', (event) => heard.push(event));
    const stored = await c.store.scan('log', '', null, 1000);
    expect(await c.api.presence(id, { status: 'working', cid, note: 'training' })).toMatchObject([
      { status: 'working', cid, note: 'training', self: true },
    ]);
    const of = async (peer: typeof a): Promise<unknown> => (await peer.api.presence(id))[0];
    const seen = await until(() => of(a), 'presence at a');
    expect(seen).toMatchObject({ status: 'working', cid, note: 'training', self: false });
    expect(Math.abs((seen as { at: number }).at - Date.now())).toBeLessThan(30_000);
    await until(() => Promise.resolve(heard.length > 0), 'the event');
    expect(heard[0]).toEqual({ grove: id });
    expect(await c.store.scan('log', '', null, 1000)).toHaveLength(stored.length);
    await expect(a.api.presence(id, { note: 'x'.repeat(257) })).rejects.toThrow('argument 2.note');
    await expect(a.api.presence('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
    expect((await a.api.gossipLog({ type: 'presence' })).some(({ why }) => why === 'liveness')).toBe(true);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('G26: a frame holds 200 rows of the longest kind', () => {
    const row = signed(keyOf(2), { cid: null, note: '\u{ffff}'.repeat(256) });
    const rows = Array.from({ length: 200 }, () => row);
    expect(encodeFrame({ type: 'presence', grove, rows }).length).toBeLessThan(262_144);
  });
});
