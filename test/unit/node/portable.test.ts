// Groves out of one peer and into another, over whole peers; and files that nobody honest would write.
import { describe, expect, it } from 'vitest';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { toHash, type Hash } from '../../../worker/core/model/ids.ts';
import {
  encodeCarHeader,
  encodeNote,
  encodeVarint,
  sectionHead,
  type Codec,
} from '../../../worker/core/wire/car.ts';
import type { ImportResult, Manifest } from '../../../worker/rpc/api.ts';
import { createHub, createPeer, work, type TestPeer } from './mesh.ts';

const MIB = 1024 * 1024;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const large = (): Uint8Array => Uint8Array.from({ length: MIB + 777 }, (_, i) => (i * 2654435761) >>> 13);

/** A peer with a grove, and in it a chain with a dangling end, artifacts small, large, empty and shared. */
async function sample() {
  const hub = createHub();
  const a = createPeer(hub, 'a');
  const b = createPeer(hub, 'b');
  const { id } = await a.api.createGrove({ name: 'From' });
  const { id: into } = await b.api.createGrove({ name: 'Into' });
  const first = await a.api.contribute(
    id,
    work('First', { artifacts: { 'big.bin': large(), 'a.txt': 'text', none: '' } }),
  );
  const second = await a.api.contribute(
    id,
    work('Second', {
      artifacts: { 'again.bin': large(), 'b.html': '<b>' },
      relations: [
        { targetCid: first.cid, relationType: 'derives_from' },
        { targetCid: `blake3:${'0'.repeat(64)}`, relationType: 'adopts' },
      ],
      createdAt: '2001-01-01T00:00:00Z',
    }),
  );
  const strange = await a.api.publish(id, {
    ...((await manifestOf(a, id, second.cid)) as Manifest),
    kind: 'sculpture',
    summary: 'Strange',
    fromElsewhere: { deep: [1, 2.5, null] },
    relations: [{ targetCid: second.cid, relationType: 'inspired_by' }],
    artifacts: {},
  } as unknown as Manifest);
  const alone = await a.api.contribute(id, work('Alone'));
  const stop = (): void => [a, b].forEach((peer) => peer.stop());
  return { hub, a, b, id, into, stop, cids: [first.cid, second.cid, strange.cid, alone.cid] as const };
}

async function linesOf(file: Blob): Promise<(Manifest & { cid: string })[]> {
  const text = await file.text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Manifest & { cid: string });
}

async function manifestOf(peer: TestPeer, grove: string, cid: string): Promise<object> {
  const [line] = await linesOf(await peer.api.export(grove, { cids: [cid], format: 'ndjson' }));
  const manifest: Partial<Manifest & { cid: string }> = { ...line };
  delete manifest.cid;
  return manifest;
}

/** Not by toEqual, which looks at a million numbers one by one. */
const same = async (
  ...[peer, grove, cid, name, bytes]: [TestPeer, string, string, string, Uint8Array]
): Promise<boolean> =>
  Buffer.from(await (await peer.api.artifact(grove, cid, name)).arrayBuffer()).equals(bytes);

const section = (codec: Codec, bytes: Uint8Array, hash: Hash = toHash(hash32(bytes))): Uint8Array[] => [
  sectionHead({ codec, hash }, bytes.length),
  bytes,
];
const car = (roots: Hash[], ...parts: Uint8Array[][]): Blob =>
  new Blob([encodeCarHeader(roots.map((hash) => ({ codec: 'json', hash }))), ...parts.flat()] as BlobPart[]);

describe('export and import', () => {
  it('G27: a grove exported as CAR gives the same CIDs and bytes in another grove of another peer', async () => {
    const { a, b, id, into, cids, stop } = await sample();
    const file = await a.api.export(id, { format: 'car' });
    expect(file.type).toBe('application/vnd.ipld.car');
    expect(await b.api.import(into, file)).toEqual({
      ...{ added: 4, known: 0, artifacts: 4, refused: [], refusedCount: 0 },
    });
    const [first, second, strange] = cids;
    for (const cid of cids) {
      const there = await b.api.contribution(into, cid);
      expect(there.author).toBe((await b.api.identity()).peerId);
      expect(there.files.every(({ held }) => held)).toBe(true);
    }
    expect(await same(b, into, first, 'big.bin', large())).toBe(true);
    expect(await same(b, into, second, 'again.bin', large())).toBe(true);
    expect(await same(b, into, first, 'none', new Uint8Array())).toBe(true);
    expect(
      (await b.api.contribution(into, second)).files.map(({ name, mediaType }) => [name, mediaType]),
    ).toEqual([
      ['again.bin', 'application/octet-stream'],
      ['b.html', 'text/plain'],
    ]);
    expect(await b.api.contribution(into, strange)).toMatchObject({
      kind: 'sculpture',
      fromElsewhere: { deep: [1, 2.5, null] },
    });
    // And again: nothing happens twice.
    expect(await b.api.import(into, file)).toMatchObject({ added: 0, known: 4 });
    expect((await b.api.groves())[0]?.entries).toBe(5);
    stop();
  });

  it('G27: lines are canonical, each after what it points at, and the same wherever the same is exported', async () => {
    const { a, b, id, into, cids, stop } = await sample();
    const file = await a.api.export(id, { format: 'ndjson' });
    const lines = await linesOf(file);
    const order = lines.map(({ cid }) => cid);
    expect([...order].sort()).toEqual([...cids].sort());
    expect(order.indexOf(cids[0])).toBeLessThan(order.indexOf(cids[1]));
    expect(order.indexOf(cids[1])).toBeLessThan(order.indexOf(cids[2]));
    expect(await b.api.import(into, await file.text())).toMatchObject({ added: 4, artifacts: 0 });
    expect(await (await b.api.export(into, { format: 'ndjson' })).text()).toBe(await file.text());
    stop();
  });

  it('G27: a lineage is one contribution and all that it leads to', async () => {
    const { a, id, cids, stop } = await sample();
    const named = async (options: object): Promise<string[]> =>
      (await linesOf(await a.api.export(id, { format: 'ndjson', ...options }))).map(({ cid }) => cid);
    expect(await named({ lineage: cids[2] })).toEqual([cids[0], cids[1], cids[2]]);
    expect(await named({ lineage: cids[0] })).toEqual([cids[0]]);
    expect(await named({ cids: [cids[3], cids[3]] })).toEqual([cids[3]]);
    const nowhere = `blake3:${'1'.repeat(64)}`;
    await expect(a.api.export(id, { format: 'car', cids: [nowhere] })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(a.api.export(id, { format: 'car', cids: [cids[0]], lineage: cids[1] })).rejects.toThrow(
      'cids or lineage',
    );
    await expect(a.api.export(id, { format: 'ndjson', artifacts: true })).rejects.toThrow('CAR file only');
    stop();
  });

  it('G27: what is not held here fails an export that may not leave it out, and what was withdrawn stays away', async () => {
    const { a, id, cids, stop } = await sample();
    const missing = `blake3:${'2'.repeat(64)}`;
    const { cid } = await a.api.publish(id, {
      ...((await manifestOf(a, id, cids[3])) as Manifest),
      summary: 'Without its file',
      artifacts: { gone: missing },
    });
    await a.api.retract(id, cids[3]);
    await expect(a.api.export(id, { format: 'car' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('0 manifests and 1 artifacts of 4') as string,
    });
    const lines = await linesOf(await a.api.export(id, { format: 'ndjson' }));
    expect(lines.map((line) => line.cid)).not.toContain(cids[3]);
    const file = await a.api.export(id, { format: 'car', partial: true });
    const { id: other } = await a.api.createGrove({ name: 'Other' });
    expect(await a.api.import(other, file)).toMatchObject({ added: 4, artifacts: 4 });
    expect((await a.api.contribution(other, cid)).files).toMatchObject([{ held: false }]);
    stop();
  });

  it('G27: of a wrong file nothing is imported, or where that is asked for, all but what is wrong', async () => {
    const { a, b, id, into, cids, stop } = await sample();
    const good = (await (await a.api.export(id, { format: 'ndjson' })).text()).trimEnd().split('\n');
    const [one = '', two = '', ...rest] = good;
    const wrong: [string, string][] = [
      [
        one
          .replace(/"cid":"blake3:./, '"cid":"blake3:g')
          .replace('blake3:g', one.includes('"cid":"blake3:0') ? 'blake3:1' : 'blake3:0'),
        'its hash is',
      ],
      [` ${one}`, 'no lines of JSON'],
      [one.replace('{', '{ '), 'not in canonical form'],
      [one.replace('"summary":"', '"summary":"!'), 'its hash is'],
      [one.replace(/"cid":"[^"]*",/, ''), 'with its cid'],
      [one.slice(0, -10), 'not JSON'],
      ['{"cid":"blake3:', 'not JSON'],
      [`{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 'levels'],
      ['{}', 'with its cid'],
    ];
    for (const [line, reason] of wrong) {
      await expect(b.api.import(into, `${line}\n`)).rejects.toThrow(reason);
      if (reason === 'no lines of JSON') continue;
      await expect(b.api.import(into, [two, line, ...rest].join('\n'))).rejects.toThrow(`line 2: `);
    }
    await expect(b.api.import(into, `${one}\n\n${two}\n`)).rejects.toThrow('line 2: ');
    await expect(b.api.import(into, '')).rejects.toThrow('empty');
    await expect(b.api.import(into, `{"a":"${'x'.repeat(2 * MIB)}"}`)).rejects.toThrow(
      'at most 1048676 bytes',
    );
    expect((await b.api.groves())[0]?.contributions).toBe(0);
    const partly: ImportResult = await b.api.import(into, [two, '{}', one].join('\n'), { partial: true });
    expect(partly).toMatchObject({ added: 2, refused: [{ line: 2 }], refusedCount: 1 });
    expect(cids).toContain((await b.api.contributions(into)).items[0]?.cid);
    stop();
  });

  it('G27: hostile CAR files are told from honest ones before anything is stored', async () => {
    const { a, b, id, into, cids, stop } = await sample();
    const file = new Uint8Array(await (await a.api.export(id, { format: 'car' })).arrayBuffer());
    const manifest = bytesOf(JSON.stringify(await manifestOf(a, id, cids[3])));
    const hash = toHash(hash32(manifest));
    const text = bytesOf('text');
    const refuse = async (blob: Blob, reason: string): Promise<void> => {
      await expect(b.api.import(into, blob), reason).rejects.toThrow(reason);
    };
    // Cut anywhere, also between two sections: the last manifest is a root.
    for (const cut of [1, 40, 300, file.length - 1, file.length - 400, MIB, MIB + 1200])
      await refuse(new Blob([file.slice(0, cut)]), 'import: ');
    await refuse(car([hash]), 'it may be cut off');
    await refuse(car([hash, hash], section('json', manifest)), 'twice');
    await refuse(car([], [encodeVarint(2 ** 50)]), 'at most');
    await refuse(car([], [encodeVarint(900_000), manifest]), 'the file ends before');
    await refuse(car([], [Uint8Array.of(0x80, 0x80, 0)]), 'no length');
    await refuse(car([], [encodeVarint(5), manifest]), 'CID');
    await refuse(car([], section('json', bytesOf('{"a":1}'))), 'manifest');
    await refuse(car([], section('json', manifest, toHash(new Uint8Array(32)))), 'its hash is');
    await refuse(car([], section('raw', text, toHash(new Uint8Array(32)))), 'its hash is');
    await refuse(car([], section('raw', text)), 'no manifest after it names');
    await refuse(car([], section('cbor', bytesOf('no note'))), 'at byte');
    const note = encodeNote({ hash: toHash(hash32(text)), size: 2 ** 50, mediaType: '' });
    await refuse(car([], section('cbor', note), section('raw', text)), 'belong here');
    await refuse(car([], section('cbor', note)), 'the file ends before the artifact');
    const lie = encodeNote({ hash, size: text.length, mediaType: '' });
    await refuse(car([], section('cbor', lie), section('raw', text)), 'the hash of the artifact');
    const flipped = file.slice();
    flipped[MIB / 2] = (flipped[MIB / 2] ?? 0) ^ 1;
    await refuse(new Blob([flipped]), 'its hash is');
    expect((await b.api.groves())[0]?.contributions).toBe(0);
    expect((await b.api.storage()).bytes).toBe(0);
    // What was flipped can be left out: the rest is whole.
    expect(await b.api.import(into, new Blob([flipped]), { partial: true })).toMatchObject({
      ...{ added: 4, artifacts: 3, refusedCount: 1 },
    });
    expect((await b.api.storage()).bytes).toBeLessThan(1_000);
    stop();
  });

  it('G27: tiny sections without end are refused', async () => {
    const { b, into, stop } = await sample();
    const parts: Uint8Array[] = [encodeCarHeader([])];
    const head = sectionHead({ codec: 'raw', hash: toHash(hash32(Uint8Array.of(0))) }, 1);
    const one = new Uint8Array([...head, 0]);
    const thousand = new Uint8Array(1000 * one.length);
    for (let i = 0; i < 1000; i += 1) thousand.set(one, i * one.length);
    for (let i = 0; i < 10; i += 1) parts.push(thousand);
    await expect(b.api.import(into, new Blob(parts as BlobPart[]))).rejects.toThrow('names');
    stop();
  });

  it('G27: whoever may not write imports nothing', async () => {
    const { a, b, id, stop } = await sample();
    await b.api.join(await a.api.invite(id, { role: 'reader' }));
    await expect(b.api.import(id, '{}')).rejects.toMatchObject({ code: 'not-member' });
    stop();
  });
});
