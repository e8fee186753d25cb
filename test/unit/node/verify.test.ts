// The check of a whole store: what it finds of each kind of damage, what it repairs, and what it says of the rest.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Grove } from '../../../worker/core/grove.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { Row, Table, WriteOp } from '../../../worker/core/ports.ts';
import { decodeSegment, encodeSegment } from '../../../worker/core/sync/segment.ts';
import { decodeRow, encodeRow } from '../../../worker/core/sync/row.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const bytes = (seed: number, size: number): Uint8Array => createSeededRandom(seed).bytes(size);
const bad = new Uint8Array([1, 2, 3]);

const rows = (peer: TestPeer, table: Table, prefix = ''): Promise<Row[]> =>
  peer.store.scan(table, prefix, null, 10_000);
const put = (peer: TestPeer, table: Table, key: string, value: Uint8Array): Promise<void> =>
  peer.store.write([{ op: 'put', table, key, value }], 'strict');
const drop = (peer: TestPeer, table: Table, key: string): Promise<void> =>
  peer.store.write([{ op: 'delete', table, key }], 'strict');

const flipped = (value: Uint8Array): Uint8Array => {
  const copy = value.slice();
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
};

async function firstRow(peer: TestPeer, table: Table, prefix = ''): Promise<Row> {
  const [row] = await rows(peer, table, prefix);
  if (row === undefined) throw new Error(`nothing in ${table} under ${prefix}`);
  return row;
}

/** With an artifact of several blocks, all counted. */
async function withFile(size = 300_000): Promise<{ peer: TestPeer; id: string; cid: string }> {
  const peer = createPeer(createHub(), 'a');
  const { id } = await peer.api.createGrove({ name: 'Alone' });
  const { cid } = await peer.api.contribute(id, work('File', { artifacts: { 'x.bin': bytes(7, size) } }));
  await until(async () => (await peer.api.storage()).bytes === size, 'counted');
  return { peer, id, cid };
}

/** b has a dozen contributions of a's in one segment. */
async function withSegment() {
  const hub = createHub();
  const a = createPeer(hub, 'a');
  const { id } = await a.api.createGrove({ name: 'Grove' });
  let last = '';
  for (let i = 0; i < 12; i += 1) last = (await a.api.contribute(id, work(`Number ${i}`))).cid;
  const b = createPeer(hub, 'b');
  await b.api.join(await a.api.invite(id));
  await joined(b, id);
  await has(b, id, last);
  return { a, b, id, segment: await firstRow(b, 'log', `${id}.segments/`) };
}

const running: TestPeer[] = [];
const stopping = (...peers: TestPeer[]): void => void running.push(...peers);
afterEach(() => {
  vi.restoreAllMocks();
  for (const peer of running.splice(0)) peer.stop();
});

describe('a check of the store', () => {
  it('S18: looks at every row, finds nothing wrong in a whole store, and changes none of it', async () => {
    const { a, b, id, segment } = await withSegment();
    stopping(a, b);
    expect(segment.value.length).toBeGreaterThan(0);
    await a.api.contribute(id, work('File', { artifacts: { 'x.bin': bytes(1, 200_000) } }));
    await until(async () => (await b.api.storage()).bytes === 200_000, 'b has it');
    const before = await Promise.all((['log', 'bodies', 'blobs', 'blocks'] as const).map((t) => rows(b, t)));
    const result = await b.api.verify({ repair: true });
    expect(result).toMatchObject({ sound: true, found: 0, findings: [], skipped: [] });
    const { entries } = (await b.api.groves()).find((grove) => grove.id === id) ?? { entries: 0 };
    expect(result.checked).toMatchObject({ entries, artifacts: 1, bytes: 200_000, views: 1 });
    expect(result.checked.signatures).toBeGreaterThan(0);
    expect(result.checked.bodies).toBe(entries);
    expect(await Promise.all((['log', 'bodies', 'blobs', 'blocks'] as const).map((t) => rows(b, t)))).toEqual(
      before,
    );
  });

  it('S18: tells of damage and touches nothing, where it is not to repair', async () => {
    const { peer, id } = await withFile();
    stopping(peer);
    const block = await firstRow(peer, 'blocks');
    await put(peer, 'blocks', block.key, flipped(block.value));
    const result = await peer.api.verify();
    expect(result).toMatchObject({ sound: false, found: 2, repaired: 0, asked: 0, lost: 0 });
    expect(result.findings.map(({ kind, state, grove }) => [kind, state, grove])).toEqual([
      ['block', 'found', null],
      ['artifact', 'found', id],
    ]);
    expect((await firstRow(peer, 'blocks')).value).toEqual(flipped(block.value));
  });

  it('S18: can be ended, and who waits for it hears that', async () => {
    const { peer } = await withFile();
    stopping(peer);
    const check = peer.api.verify();
    const refused = expect(check).rejects.toMatchObject({ code: 'aborted' });
    await peer.api.cancelVerify();
    await refused;
    expect(await peer.api.verify()).toMatchObject({ sound: true });
  });

  it('S18: says how far it is, and calls are answered meanwhile', async () => {
    const { peer, id } = await withFile();
    stopping(peer);
    let done = false;
    const check = peer.api.verify().then((result) => {
      done = true;
      return result;
    });
    expect((await peer.api.contributions(id)).items).toHaveLength(1);
    expect(done).toBe(false);
    await check;
    expect(peer.events.some(({ name }) => name === 'verify')).toBe(true);
  });
});

describe('a log with damage', () => {
  it('S18: rows and bodies of others are asked for again and lie as before', async () => {
    const { a, b, id } = await pair(createHub());
    stopping(a, b);
    const { cid } = await a.api.contribute(id, work('Kept'));
    await has(b, id, cid);
    const self = (await b.api.identity()).peerId;
    const others = (await rows(b, 'log', `${id}/`)).filter(({ key }) => !key.includes(`/${self}/`));
    const [first, second] = others;
    const body = cid.replace('blake3:', '');
    const whole = await rows(b, 'log', `${id}/`);
    await put(b, 'log', first?.key ?? '', bad);
    await drop(b, 'log', second?.key ?? '');
    await put(b, 'bodies', body, bad);
    const found = await b.api.verify();
    expect(found.findings.map(({ kind }) => kind).sort()).toEqual(['body', 'entry', 'entry']);
    const result = await b.api.verify({ repair: true });
    expect(result).toMatchObject({ sound: true, found: 3, repaired: 3 });
    expect(await rows(b, 'log', `${id}/`)).toEqual(whole);
    expect(await b.api.verify()).toMatchObject({ sound: true, found: 0 });
  });

  it('S18: entries in a segment that can’t be read, or with one body damaged, come again', async () => {
    const { a, b, id, segment } = await withSegment();
    stopping(a, b);
    const decoded = decodeSegment(segment.value);
    if (!decoded.ok) throw new Error('a segment');
    const one = decoded.value.map((packed, at) =>
      at === 3 ? { ...packed, body: flipped(packed.body ?? bad) } : packed,
    );
    await put(b, 'log', segment.key, encodeSegment(one));
    expect(await b.api.verify({ repair: true })).toMatchObject({ sound: true, found: 1, repaired: 1 });
    expect((await firstRow(b, 'log', `${id}.segments/`)).value).toEqual(segment.value);

    await put(b, 'log', segment.key, bad);
    expect(await b.api.verify({ repair: true })).toMatchObject({
      sound: true,
      repaired: decoded.value.length,
    });
    const after = await b.api.verify();
    expect(after.findings.filter(({ state }) => state !== 'asked')).toEqual([]);
    b.stop();
    const again = createPeer(createHub(), 'b', { store: b.store });
    stopping(again);
    await until(
      async () => (await again.api.contributions(id, { limit: 50 })).items.length === 12,
      'all read back',
    );
  });

  it('S18: a signature of our own is made again; one of another is asked for', async () => {
    const { a, b, id } = await pair(createHub());
    stopping(a, b);
    const { cid } = await b.api.contribute(id, work('Mine'));
    await has(a, id, cid);
    const self = (await b.api.identity()).peerId;
    const all = await rows(b, 'log', `${id}/`);
    const own = all.filter(({ key }) => key.includes(`/${self}/`)).at(-1);
    const other = all.find(({ key }) => !key.includes(`/${self}/`));
    for (const row of [own, other]) {
      const decoded = decodeRow(row?.value ?? bad);
      if (!decoded.ok || row === undefined) throw new Error('a row');
      await put(b, 'log', row.key, encodeRow({ ...decoded.value, signature: new Uint8Array(64).fill(9) }));
    }
    const result = await b.api.verify({ repair: true });
    expect(result).toMatchObject({ sound: true, found: 2, repaired: 2 });
    expect(result.findings.map(({ kind }) => kind)).toEqual(['signature', 'signature']);
    expect(await rows(b, 'log', `${id}/`)).toEqual(all);
  });

  it('S18: an entry of this device’s own that nobody has is said to be lost, and the row stays as it lies', async () => {
    const { peer, id, cid } = await withFile(1_000);
    stopping(peer);
    const last = (await rows(peer, 'log', `${id}/`)).at(-1);
    await put(peer, 'log', last?.key ?? '', bad);
    const result = await peer.api.verify({ repair: true });
    expect(result).toMatchObject({ sound: false, found: 1, lost: 1, skipped: [{ grove: id }] });
    expect(result.findings[0]?.detail).toContain('no other member is known to have it');
    // What is in memory can still be carried away.
    const text = await (await peer.api.export(id, { format: 'ndjson' })).text();
    expect(text).toContain(cid);
    expect((await rows(peer, 'log', `${id}/`)).at(-1)?.value).toEqual(bad);
  });
});

describe('files with damage', () => {
  it('S18, C27: a damaged block is forgotten and fetched anew from another holder', async () => {
    const { a, b, id } = await pair(createHub());
    stopping(a, b);
    const { cid } = await a.api.contribute(id, work('File', { artifacts: { 'x.bin': bytes(3, 500_000) } }));
    await until(async () => (await b.api.contribution(id, cid)).files[0]?.held, 'b has it');
    await until(async () => (await b.api.storage()).bytes === 500_000, 'counted');
    const [first, second] = await rows(b, 'blocks');
    await put(b, 'blocks', first?.key ?? '', flipped(first?.value ?? bad));
    await drop(b, 'blocks', second?.key ?? '');
    const result = await b.api.verify({ repair: true });
    expect(result.findings.map(({ kind, state }) => [kind, state])).toEqual([
      ['block', 'repaired'],
      ['block', 'repaired'],
      ['artifact', 'asked'],
    ]);
    await until(async () => (await b.api.contribution(id, cid)).files[0]?.held, 'it came again');
    expect(await b.api.verify()).toMatchObject({ sound: true, found: 0 });
    expect(await rows(b, 'blocks')).toEqual(await rows(a, 'blocks'));
  });

  it('C27: lists, records and notes that are damaged or missing are found, each by its kind', async () => {
    const { a, b, id } = await pair(createHub());
    stopping(a, b);
    const { cid } = await a.api.contribute(id, work('File', { artifacts: { 'x.bin': bytes(4, 200_000) } }));
    const isHere = async () => (await b.api.contribution(id, cid)).files[0]?.held;
    const damages: [prefix: string, kinds: string[], damage: (row: Row) => Promise<void>][] = [
      ['list/', ['list', 'artifact'], ({ key, value }) => put(b, 'blobs', key, flipped(value))],
      ['blob/', ['artifact'], ({ key }) => put(b, 'blobs', key, bad)],
      ['held/', ['note'], ({ key }) => drop(b, 'blobs', key)],
    ];
    for (const [prefix, kinds, damage] of damages) {
      await until(isHere, `${prefix} is here`);
      await until(async () => (await b.api.storage()).bytes === 200_000, 'counted');
      await damage(await firstRow(b, 'blobs', prefix));
      const result = await b.api.verify({ repair: true });
      expect(result.findings.map(({ kind }) => kind)).toEqual(kinds);
      await until(async () => (await b.api.verify()).sound, `${prefix} is whole again`);
    }
    expect(await isHere()).toBe(true);
  });

  it('C27: what nothing leads to is found, and goes; bodies that no entry names too', async () => {
    const { peer } = await withFile();
    stopping(peer);
    const key = 'ab'.repeat(32);
    const stray: WriteOp[] = [
      { op: 'put', table: 'blobs', key: `list/${key}`, value: bad },
      { op: 'put', table: 'bodies', key, value: bad },
    ];
    await peer.store.write(stray, 'strict');
    expect((await peer.api.verify()).findings.filter(({ kind }) => kind === 'orphan')).toHaveLength(2);
    const result = await peer.api.verify({ repair: true });
    expect(result.findings.filter(({ kind }) => kind === 'orphan')).toMatchObject([
      { state: 'repaired' },
      { state: 'repaired' },
    ]);
    expect(await peer.store.read('bodies', [key])).toEqual([null]);
    expect(await peer.api.verify()).toMatchObject({ sound: true, found: 0 });
  });
});

describe('what is derived, and small notes', () => {
  it('S18: views that are not what the log says are derived anew', async () => {
    const { peer, id } = await withFile(1_000);
    stopping(peer);
    const original = Object.getOwnPropertyDescriptor(Grove.prototype, 'viewHash')?.value as () => Uint8Array;
    const hashOf = (grove: Grove): Uint8Array => Reflect.apply(original, grove, []);
    const asked: Grove[] = [];
    vi.spyOn(Grove.prototype, 'viewHash').mockImplementation(function (this: Grove) {
      asked.push(this);
      return this === asked[0] ? new Uint8Array(32) : hashOf(this);
    });
    const reset = vi.spyOn(Grove.prototype, 'reset');
    const result = await peer.api.verify({ repair: true });
    expect(result.findings).toMatchObject([{ kind: 'view', grove: id, state: 'repaired' }]);
    expect(reset).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    expect(await peer.api.verify()).toMatchObject({ sound: true, found: 0 });
    expect((await peer.api.contributions(id)).items).toHaveLength(1);
  });

  it('S18: notes that can’t be read are forgotten; a grove’s record never is, and its log stays', async () => {
    const { peer, id } = await withFile(1_000);
    stopping(peer);
    await put(peer, 'blobs', `used/${'cd'.repeat(32)}`, bad);
    await put(peer, 'requests', 'damaged', bad);
    await put(peer, 'meta', `grove/${'ef'.repeat(32)}`, bad);
    const log = await rows(peer, 'log', id);
    const result = await peer.api.verify({ repair: true });
    expect(result.findings.map(({ kind, state }) => [kind, state]).sort()).toEqual([
      ['note', 'repaired'],
      ['note', 'repaired'],
      ['record', 'lost'],
    ]);
    expect(await rows(peer, 'log', id)).toEqual(log);
    expect((await peer.store.read('meta', [`grove/${'ef'.repeat(32)}`]))[0]).toEqual(bad);
  });
});
