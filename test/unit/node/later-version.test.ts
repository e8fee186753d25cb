// A peer of a later version among peers of this one: what it says and writes beyond version 1 costs nobody anything.
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, signEntry } from '../../../worker/core/model/entry.ts';
import { toGroveId, toHash } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { asArray, decode, encode } from '../../../worker/core/wire/cbor.ts';
import { decodeFrame, type WireEntry } from '../../../worker/core/wire/frame.ts';
import { decodeRow, encodeRow, logKey, logPrefix } from '../../../worker/core/sync/row.ts';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { valueOf } from '../model/fixtures.ts';
import { headOf, keypairOf } from './attacker.ts';
import { createHub, createPeer, has, joined, until, work } from './mesh.ts';
import { hexToBytes } from '@noble/hashes/utils.js';

describe('a peer of a later version', () => {
  it('W2, G1: its unknown frames are ignored, its entries kept, forwarded and not folded; views stay equal', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const first = createPeer(hub, 'a', { store });
    const { id } = await first.api.createGrove({ name: 'Grove' });
    const { cid } = await first.api.contribute(id, work('Before'));
    const url = await first.api.invite(id);
    first.stop();
    await until(async () => Promise.resolve(hub.ends.size === 0), 'stopped');

    // What a later build of this device would have written meanwhile: another kind, and version 2 with more elements.
    const keypair = await keypairOf(store);
    const grove = toGroveId(hexToBytes(id));
    let last = await headOf(store, id, keypair.id);
    const later: WireEntry[] = [];
    for (const [version, kind] of [
      [1, 'seance'],
      [2, 'contribution'],
      [2, 'admit'],
    ] as const) {
      const body = new TextEncoder().encode(`of a later version ${later.length}`);
      const plain = encodeEntry({
        ...last,
        version,
        kind,
        grove: toHash(hexToBytes(id)),
        seq: last.seq + 1,
        prev: last.id,
        parents: [],
        lamport: last.lamport + 1,
        body: toHash(hash32(body)),
        size: body.length,
        blobs: null,
      });
      const positions =
        asArray(valueOf(decode(plain.header, { maxBytes: 2_048 })), Infinity)?.slice(0, 12) ?? [];
      const header = version === 1 ? plain.header : encode([...positions, { vis: 3 }, 'more']);
      const made = valueOf(decodeEntry(header));
      const row = {
        entry: made,
        signature: signEntry(nobleSignatures, keypair, made.id),
        table: null,
        index: 1_000 + later.length,
        receivedAt: 0,
        receivedFrom: null,
      };
      await store.write(
        [
          { op: 'put', table: 'log', key: logKey(grove, keypair.id, made.seq), value: encodeRow(row) },
          { op: 'put', table: 'bodies', key: made.body, value: body },
        ],
        'strict',
      );
      later.push({ header: made.header, signature: row.signature, body, table: null });
      last = made;
    }

    const a = createPeer(hub, 'a2', { store });
    const b = createPeer(hub, 'b');
    // Every frame of a's is followed by more: elements at the end of what is known, and frames of unknown types.
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from !== 'a2' || !decoded.ok) return frame;
      const elements = asArray(valueOf(decode(frame, { maxBytes: 262_144 })), Infinity) ?? [];
      if (decoded.value.type === 'ping') return encode([70, 'a query of the mesh', [1, 2]]);
      return encode([...elements, 'appended', null]);
    };
    await b.api.join(url);
    await joined(b, id);
    await has(b, id, cid);
    const mine = await a.api.contribute(id, work('After'));
    await has(b, id, mine.cid);
    a.stop();

    // C gets all of it from b alone, as it was signed.
    const c = createPeer(hub, 'c');
    await c.api.join(await b.api.invite(id));
    await has(c, id, mine.cid);
    const kinds = async (peer: typeof c) =>
      (await peer.api.changes(id)).items
        .filter(({ author }) => author === keypair.id)
        .map(({ kind }) => kind);
    const before = ['contract', 'contribution', 'invite'];
    expect(await kinds(c)).toEqual([...before, 'seance', 'contribution', 'admit', 'admit', 'contribution']);
    for (const peer of [b, c]) {
      expect((await peer.api.contributions(id)).items.map((item) => item.summary).sort()).toEqual([
        'After',
        'Before',
      ]);
      expect(await peer.api.members(id)).toHaveLength(3);
      const { counters } = await peer.api.stats();
      expect(counters['entries.refused'] ?? 0).toBe(0);
      expect(counters['entries.unknown']).toBe(3);
    }
    for (const entry of later) {
      const kept = (await c.store.scan('log', logPrefix(grove), null, 100)).map(({ value }) =>
        valueOf(decodeRow(value)),
      );
      expect(kept.some((row) => row.entry.header.join() === entry.header.join())).toBe(true);
    }
    b.stop();
    c.stop();
  });
});
