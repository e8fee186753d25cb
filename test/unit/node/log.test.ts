// The signed log as it is shown, entry by entry, and what a policy's choices would bring; over whole peers.
import { afterEach, describe, expect, it } from 'vitest';
import { hexToBytes } from '@noble/hashes/utils.js';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { decodeEntry } from '../../../worker/core/model/entry.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { createHub, createPeer, has, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});
async function two(): Promise<Awaited<ReturnType<typeof pair>>> {
  const met = await pair(createHub());
  peers.push(met.a, met.b);
  return met;
}

describe('the signed log', () => {
  it('G30: its pages hold every entry once, the newest first, and totals by author and kind', async () => {
    const { a, id } = await two();
    for (let n = 0; n < 7; n += 1) await a.api.contribute(id, work(`Result ${n}`));
    const whole = await a.api.log(id, { limit: 500 });
    expect(whole.before).toBeUndefined();
    expect(whole.items.length).toBe(whole.totals?.entries);
    expect(whole.items.map(({ place }) => place)).toEqual(
      whole.items.map(({ place }) => place).sort((x, y) => y - x),
    );
    expect(whole.totals?.kinds.find(({ kind }) => kind === 'contribution')).toEqual({
      kind: 'contribution',
      entries: 7,
    });
    expect(whole.totals?.authors.reduce((sum, { entries }) => sum + entries, 0)).toBe(whole.items.length);

    const ids: string[] = [];
    let before: number | undefined;
    do {
      const page = await a.api.log(id, { limit: 3, ...(before === undefined ? {} : { before }) });
      expect(page.items.length).toBeLessThanOrEqual(3);
      expect(page.totals === undefined).toBe(before !== undefined);
      ids.push(...page.items.map((item) => item.id));
      before = page.before;
    } while (before !== undefined);
    expect(ids).toEqual(whole.items.map((item) => item.id));
  });

  it('G30: it is told by author, in whose order nothing is missing, and by kind', async () => {
    const { a, b, id } = await two();
    const mine = (await a.api.identity()).peerId;
    const { cid } = await b.api.contribute(id, work('By b'));
    await a.api.contribute(id, work('By a'));
    await has(a, id, cid);
    const { items } = await a.api.log(id, { author: mine });
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, at) => items.length - at));
    expect(new Set(items.map(({ author }) => author))).toEqual(new Set([mine]));
    expect(items.every(({ receivedFrom }) => receivedFrom === null)).toBe(true);
    const works = await a.api.log(id, { kind: 'contribution' });
    expect(works.items.map(({ kind }) => kind)).toEqual(['contribution', 'contribution']);
    expect(works.items.find(({ author }) => author !== mine)?.receivedFrom).toBe(
      (await b.api.identity()).peerId,
    );
    await expect(a.api.log(id, { limit: 501 })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('G30: one entry comes with the bytes that its id is the hash of, what they say, and its signature verified', async () => {
    const { a, b, id } = await two();
    const { cid } = await a.api.contribute(id, work('Shown'));
    await has(b, id, cid);
    const [item] = (await b.api.log(id, { kind: 'contribution' })).items;
    const shown = await b.api.logEntry(id, item?.id ?? '');
    const header = hexToBytes(shown.header);
    expect(bytesToHex(hash32(header))).toBe(shown.id);
    const decoded = decodeEntry(header);
    expect(decoded.ok && decoded.value.seq).toBe(shown.seq);
    expect(shown).toMatchObject({ verified: true, body: cid.slice(7), size: shown.size });
    expect((shown.bodyBytes ?? '').length).toBe(2 * shown.size);
    expect(shown.fields).toMatchObject({ summary: 'Shown' });
    expect(shown.signedAt).toEqual({ id: shown.id, seq: shown.seq });
    expect(shown.parents.length + (shown.prev === null ? 0 : 1)).toBeGreaterThan(0);

    const [contract] = (await b.api.log(id, { kind: 'contract' })).items;
    const founded = await b.api.logEntry(id, contract?.id ?? '');
    expect(founded).toMatchObject({ id, seq: 1, prev: null, parents: [], verified: true });
    expect(founded.fields).toMatchObject({ name: expect.any(String) as string });
    await expect(b.api.logEntry(id, 'f'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('G30: a signature that does not hold on the disk is said not to, and a row that is gone is a failure', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    peers.push(a);
    const { id } = await a.api.createGrove({ name: 'Damaged' });
    await a.api.contribute(id, work('Damaged'));
    const [item] = (await a.api.log(id, { kind: 'contribution' })).items;
    const { signatureBytes } = await a.api.logEntry(id, item?.id ?? '');
    const signature = hexToBytes(signatureBytes ?? '');
    const rows = await store.scan('log', `${id}/`, null, 100);
    const row = rows.find(({ value }) => bytesToHex(value).includes(bytesToHex(signature)));
    if (row === undefined) throw new Error('its row is there');
    const at = bytesToHex(row.value).indexOf(bytesToHex(signature)) / 2;
    const damaged = row.value.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await store.write([{ op: 'put', table: 'log', key: row.key, value: damaged }], 'strict');
    expect(await a.api.logEntry(id, item?.id ?? '')).toMatchObject({ verified: false });
    await store.write([{ op: 'delete', table: 'log', key: row.key }], 'strict');
    await expect(a.api.logEntry(id, item?.id ?? '')).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('what a policy costs', () => {
  it('Y5: each choice is told in bytes, and how many of them are here', async () => {
    const { a, b, id } = await two();
    await b.api.policy(id, { bodies: 'on-demand', artifacts: 'on-demand' });
    const made: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      const artifacts = { 'a.bin': new Uint8Array(1_000).fill(n) };
      const scores = { loss: { value: n, direction: 'minimize' as const } };
      made.push((await a.api.contribute(id, work(`Of ${n}`, { artifacts, scores }))).cid);
    }
    for (const cid of made) await has(b, id, cid);
    const of = (count: number, here: number) => ({ count, bytes: 1_000 * count, here: 1_000 * here });
    expect((await a.api.policyCosts(id)).artifacts.all).toEqual(of(8, 8));
    await b.api.fetch(id, made[7] ?? '');
    const { artifacts, bodies } = await b.api.policyCosts(id);
    expect(artifacts.all).toEqual(of(8, 1));
    expect(artifacts['on-demand']).toEqual(of(0, 0));
    expect(bodies.all).toMatchObject({ count: 8 });
    expect(bodies.all.here).toBeGreaterThan(0);
    expect(bodies.all.here).toBeLessThan(bodies.all.bytes);

    await b.api.pin(id, made[0] ?? '');
    await until(async () => (await b.api.policyCosts(id)).artifacts.pinned.here === 1_000, 'the pinned one');
    expect((await b.api.policyCosts(id)).artifacts['on-demand']).toEqual(of(1, 1));
    await a.api.retract(id, made[3] ?? '');
    await until(async () => (await b.api.policyCosts(id)).artifacts.all.count === 7, 'what is withdrawn');
  });

  it('Y5: the frontier is what is among the first five of a ranking', async () => {
    const { a, id } = await two();
    for (let n = 0; n < 12; n += 1) {
      const artifacts = { 'a.bin': new Uint8Array(1_000).fill(n) };
      const scores = { loss: { value: n, direction: 'minimize' as const } };
      await a.api.contribute(id, work(`Of ${n}`, { artifacts, scores }));
    }
    const { artifacts } = await a.api.policyCosts(id);
    // The five best, and the five newest.
    expect(artifacts.frontier.count).toBe(10);
    expect(artifacts.all.count).toBe(12);
    await a.api.policy(id, { thresholds: { loss: 1 } });
    expect((await a.api.policyCosts(id)).artifacts.frontier.count).toBe(7);
  });
});
