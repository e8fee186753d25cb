// What a peer refuses, and what it answers: hostile frames, spent invites, readers, full disks, repeated calls.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { ThicketError } from '../../../worker/core/model/errors.ts';
import { StoreError, type Store } from '../../../worker/core/ports.ts';
import { decodeFrame, encodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, joined, pair, until, work } from './mesh.ts';

/** A memory store whose writes fail while it is told to. */
function faulty(): { store: Store; fail: { as: 'quota' | 'closed' | null } } {
  const store = createMemoryStore();
  const fail: { as: 'quota' | 'closed' | null } = { as: null };
  return {
    fail,
    store: {
      ...store,
      write: (ops, durability) =>
        fail.as === null
          ? store.write(ops, durability)
          : Promise.reject(new StoreError(fail.as, `forced: ${fail.as}`)),
    },
  };
}

describe('a peer refuses', () => {
  it('C4: a block that does not match its hash, counts it, and fetches it elsewhere', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    const c = createPeer(hub, 'c');
    await c.api.join(url);
    await joined(c, id);
    await c.api.policy(id, { artifacts: 'on-demand' });
    const { cid } = await a.api.contribute(
      id,
      work('Blocks', { artifacts: { 'x.bin': new Uint8Array(400_000).fill(3) } }),
    );
    await until(async () => (await b.api.contribution(id, cid)).files[0]?.held, 'b holds it');
    await has(c, id, cid);
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from !== 'a' || !decoded.ok || decoded.value.type !== 'block') return frame;
      return encodeFrame({ ...decoded.value, bytes: decoded.value.bytes.map((byte) => byte ^ 1) });
    };
    const fetched = await c.api.fetch(id, cid);
    expect(fetched.files[0]?.held).toBe(true);
    const bytes = new Uint8Array(await (await c.api.artifact(id, cid, 'x.bin')).arrayBuffer());
    expect(bytes.every((byte) => byte === 3)).toBe(true);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('S4, S7: entries with a garbled signature or body, and takes them whole from someone else', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    let garbled = 0;
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from !== 'a' || !decoded.ok || decoded.value.type !== 'entries') return frame;
      garbled += 1;
      const entries = decoded.value.entries.map((entry) =>
        garbled % 2 === 0
          ? { ...entry, signature: entry.signature?.map((byte) => byte ^ 1) ?? null }
          : { ...entry, body: entry.body?.map((byte) => byte ^ 1) ?? null },
      );
      return encodeFrame({ ...decoded.value, entries });
    };
    const first = await a.api.contribute(id, work('One'));
    const second = await a.api.contribute(id, work('Two'));
    await until(async () => ((await b.api.stats()).counters['entries.refused'] ?? 0) > 0, 'refused at b');
    await expect(b.api.contribution(id, first.cid)).rejects.toMatchObject({ code: 'not-found' });
    hub.tamper = null;
    b.carrier(false);
    b.carrier(true);
    await has(b, id, first.cid);
    await has(b, id, second.cid);
    a.stop();
    b.stop();
  });

  it('A5: an invite that expired, was used up or is unknown, and says so', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const expired = await a.api.invite(id, { expiresIn: 1 });
    const once = await a.api.invite(id, { uses: 1 });
    const b = createPeer(hub, 'b');
    await b.api.join(once);
    await joined(b, id);
    const c = createPeer(hub, 'c');
    await c.api.join(once);
    const refused = await until(
      async () => (await c.api.groves()).find(({ state }) => state === 'refused'),
      'refused',
    );
    expect(refused.reason).toMatch(/as often as it allows/);
    const d = createPeer(hub, 'd');
    await d.api.join(expired);
    const late = await until(
      async () => (await d.api.groves()).find(({ state }) => state === 'refused'),
      'told',
    );
    expect(late.reason).toMatch(/expired/);
    await expect(d.api.contribute(id, work('No'))).rejects.toMatchObject({ code: 'not-member' });
    expect((await a.api.members(id)).length).toBe(2);
    for (const peer of [a, b, c, d]) peer.stop();
  });

  it('A7: contributions by a reader', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const b = createPeer(hub, 'b');
    await b.api.join(await a.api.invite(id, { role: 'reader' }));
    await joined(b, id);
    await expect(b.api.contribute(id, work('No'))).rejects.toMatchObject({ code: 'forbidden' });
    const { cid } = await a.api.contribute(id, work('Yes'));
    await has(b, id, cid);
    a.stop();
    b.stop();
  });

  it('D5: to acknowledge what the disk refused, and goes on once there is room', async () => {
    const hub = createHub();
    const { store, fail } = faulty();
    const a = createPeer(hub, 'a', { store });
    const { id } = await a.api.createGrove({ name: 'Grove' });
    fail.as = 'quota';
    await expect(a.api.contribute(id, work('Too much'))).rejects.toMatchObject({ code: 'quota' });
    fail.as = 'closed';
    await expect(a.api.createGrove({ name: 'No' })).rejects.toMatchObject({ code: 'closed' });
    fail.as = null;
    expect(await a.api.groves()).toHaveLength(1);
    const { cid } = await a.api.contribute(id, work('Fits'));
    a.stop();
    const again = createPeer(hub, 'a2', { store });
    expect((await again.api.contributions(id)).items.map((item) => item.cid)).toEqual([cid]);
    again.stop();
  });

  it('D5: entries of others that could not be stored come again', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { store, fail } = faulty();
    const b = createPeer(hub, 'b', { store });
    const { id } = await a.api.createGrove({ name: 'Grove' });
    await b.api.join(await a.api.invite(id));
    await joined(b, id);
    fail.as = 'quota';
    const { cid } = await a.api.contribute(id, work('Later'));
    await until(
      async () => Promise.resolve(b.events.some(({ name }) => name === 'problem')),
      'the problem is told',
    );
    fail.as = null;
    b.carrier(false);
    b.carrier(true);
    await has(b, id, cid);
    a.stop();
    b.stop();
  });

  it('S6: to call replicated what was sent and never arrived', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      return from === 'a' && decoded.ok && decoded.value.type === 'entries' ? null : frame;
    };
    const { cid } = await a.api.contribute(id, work('Lost on the way'));
    await expect(a.api.replicated(id, cid, 1, { timeout: 200 })).rejects.toMatchObject({ code: 'timeout' });
    expect((await a.api.contribution(id, cid)).holders).toBe(0);
    hub.tamper = null;
    a.carrier(false);
    a.carrier(true);
    expect(await a.api.replicated(id, cid, 1)).toEqual({ copies: 1 });
    expect((await b.api.contribution(id, cid)).summary).toBe('Lost on the way');
    for (const peer of [a, b]) peer.stop();
  });

  it('S2: to write twice what is asked twice under one request id, also after a restart', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    const { id } = (await a.call('createGrove', [{ name: 'Once' }], 'r1')) as { id: string };
    expect(await a.call('createGrove', [{ name: 'Once' }], 'r1')).toEqual({ id });
    const first = await a.call('contribute', [id, work('One')], 'r2');
    a.stop();
    const again = createPeer(hub, 'a2', { store });
    expect(await again.call('contribute', [id, work('One')], 'r2')).toEqual(first);
    expect(await again.api.groves()).toHaveLength(1);
    expect((await again.api.contributions(id)).items).toHaveLength(1);
    again.stop();
  });

  it('M2, M3: malformed contributions, naming field, limit and what was given, and stores nothing', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const bad = [
      work('x'.repeat(257)),
      work(''),
      work('name', { artifacts: { '../up': 'x' } }),
      work('score', { scores: { loss: { value: Infinity, direction: 'minimize' as const } } }),
      work('relation', { relations: [{ targetCid: 'nope', relationType: 'derives_from' as const }] }),
      work('tags', { tags: Array.from({ length: 101 }, (_, i) => `t${i}`) }),
    ];
    for (const input of bad) {
      const refusal = a.api.contribute(id, input).then(
        () => 'accepted',
        (error: unknown) => (error instanceof ThicketError ? error.code : 'thrown'),
      );
      expect(['invalid', 'too-large']).toContain(await refusal);
    }
    await expect(a.api.contribute(id, work('x'.repeat(257)))).rejects.toThrow(/summary.*256.*257/);
    expect((await a.api.contributions(id)).items).toEqual([]);
    a.stop();
  });

  it('A1: a stranger at the endpoint gets no link, and what the endpoint sees names nothing', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const names = [id, (await a.api.identity()).peerId, (await b.api.identity()).peerId];
    const seen = hub.seen.map((bytes) => Buffer.from(bytes));
    expect(seen.length).toBeGreaterThan(3);
    for (const name of names) {
      for (const needle of [
        Buffer.from(name),
        Buffer.from(name, 'hex'),
        Buffer.from('fingerprint'),
        Buffer.from('Grove'),
      ]) {
        expect(seen.some((bytes) => bytes.includes(needle))).toBe(false);
      }
    }
    a.stop();
    b.stop();
  });
});

describe('a peer asks again', () => {
  it('S7: for a body that a relay left out, of all who share the grove', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from !== 'a' || !decoded.ok || decoded.value.type !== 'entries') return frame;
      return encodeFrame({
        ...decoded.value,
        entries: decoded.value.entries.map((entry) => ({ ...entry, body: null })),
      });
    };
    const { cid } = await a.api.contribute(id, work('Bare', { artifacts: { 'x.txt': 'its file' } }));
    await until(async () => (await b.api.contribution(id, cid)).body, 'the body');
    expect(await (await b.api.artifact(id, cid, 'x.txt')).text()).toBe('its file');
    expect((await b.api.stats()).counters['received.body']).toBe(1);
    a.stop();
    b.stop();
  });
});
