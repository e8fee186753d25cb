// Harm to the log: entries in others' names, entries that break the rules, forks, and lies about what is held.
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { encodeEntry, signEntry, type Entry, type EntryFields } from '../../../worker/core/model/entry.ts';
import { cidOf, toEntryId, toHash, type Cid } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed } from '../../../worker/core/model/keys.ts';
import { canonicalManifest, checkManifest } from '../../../worker/core/model/manifest.ts';
import type { VectorRow, WireEntry } from '../../../worker/core/wire/frame.ts';
import type { Behaviour, HostileDevice } from './device.ts';

/** CIDs of what is forged or stands on a branch of a fork: in no view of any honest member. */
export type Planted = Set<Cid>;

interface Content {
  bytes: Uint8Array;
  fields: Pick<EntryFields, 'kind' | 'body' | 'size' | 'blobs'>;
}

/** A contribution that would lead the ranking. */
function contribution(device: HostileDevice, planted: Planted): Content {
  const checked = checkManifest({
    manifestVersion: 1,
    kind: 'work',
    mode: 'evaluation',
    summary: `Planted by peer ${device.peer.host}, ${device.random.int(2 ** 30)}`,
    artifacts: {},
    relations: [],
    scores: { loss: { value: -1, direction: 'minimize' } },
    tags: [],
    agent: { agentId: device.keypair.id },
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  const made = checked.ok ? canonicalManifest(checked.value) : checked;
  if (!made.ok) throw new Error(made.message);
  planted.add(made.value.cid);
  const { bytes, hash } = made.value;
  return { bytes, fields: { kind: 'contribution', body: hash, size: bytes.length, blobs: null } };
}

function after(device: HostileDevice, before: Entry, content: Content, change: Partial<EntryFields>): Entry {
  return encodeEntry({
    version: 1,
    grove: device.grove,
    author: before.author,
    seq: before.seq + 1,
    prev: before.id,
    parents: [],
    lamport: before.lamport + 1,
    at: 0,
    ...content.fields,
    ...change,
  });
}

const wire = (entry: Entry, signature: Uint8Array | null, body: Uint8Array | null): WireEntry => ({
  header: entry.header,
  signature,
  body,
  table: null,
});

/** One forged or broken entry after another, each in a way of its own. */
export const forger = (planted: Planted): Behaviour => ({
  name: 'forger',
  begin(device) {
    const { random, keypair, grove, signatures } = device;
    const ways: ((of: Entry, from: WireEntry) => WireEntry[])[] = [
      // In another's name, with a signature of nobody, of ours, or one that the other made of something else.
      (of) => {
        const content = contribution(device, planted);
        return [wire(after(device, of, content, {}), random.bytes(64), content.bytes)];
      },
      (of) => {
        const content = contribution(device, planted);
        const entry = after(device, of, content, {});
        return [wire(entry, device.signed(entry), content.bytes)];
      },
      (of, from) => {
        const content = contribution(device, planted);
        return [wire(after(device, of, content, {}), from.signature, content.bytes)];
      },
      // A run in another's name, signed at its end only.
      (of) => {
        const content = contribution(device, planted);
        const first = after(device, of, content, {});
        const second = after(device, first, contribution(device, planted), {});
        return [wire(first, null, content.bytes), wire(second, device.signed(second), null)];
      },
      // A bit turned over in header, signature or body.
      (_, from) => [{ ...from, header: turned(device, from.header) }],
      (_, from) => [{ ...from, signature: turned(device, from.signature ?? random.bytes(64)) }],
      (_, from) => [{ ...from, body: turned(device, from.body ?? random.bytes(64)) }],
      // By somebody who is no member.
      () => {
        const stranger = keypairFromSeed(random.bytes(32));
        const content = contribution(device, planted);
        const fields = {
          version: 1,
          grove,
          author: stranger.id,
          seq: 1,
          prev: null,
          parents: [],
          lamport: 1,
        };
        const entry = encodeEntry({ ...fields, at: 0, ...content.fields });
        return [wire(entry, signEntry(signatures, stranger, entry.id), content.bytes)];
      },
      // Its own, really signed, with a lamport that can't be, or after what nobody ever wrote.
      () => {
        const head = device.head();
        if (head === null) return [];
        const content = contribution(device, planted);
        const entry = after(device, head, content, { lamport: head.lamport + 1_000 });
        return [wire(entry, device.signed(entry), content.bytes)];
      },
      () => {
        const content = contribution(device, planted);
        const fields = { version: 1, grove, author: keypair.id, seq: 2 ** 20, lamport: 2 ** 21, at: 0 };
        const parents = Array.from({ length: 8 }, () => toEntryId(random.bytes(32)));
        const entry = encodeEntry({
          ...fields,
          prev: toEntryId(random.bytes(32)),
          parents,
          ...content.fields,
        });
        return [wire(entry, device.signed(entry), content.bytes)];
      },
    ];
    let turn = random.int(ways.length);
    device.every(400, () => {
      const from = device.pick(device.entries());
      const victim = device.pick(device.victims());
      if (from === undefined || victim === undefined) return;
      turn += 1;
      const entries = ways[turn % ways.length]?.(from.entry, from.wire) ?? [];
      const why = device.pick(['push', 'sync', 'want', 'graft'] as const) ?? 'push';
      if (entries.length > 0) device.send(victim.link, { type: 'entries', grove, why, hops: 0, entries });
    });
  },
});

function turned({ random }: HostileDevice, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) copy[random.int(copy.length)] = random.int(256);
  return copy;
}

/** Two logs from one seq on, each told to half of its neighbours, really signed. */
export const forker = (planted: Planted): Behaviour => ({
  name: 'forker',
  begin(device) {
    const { grove } = device;
    const tips: (Entry | null)[] = [null, null];
    device.every(3_000, () => {
      for (const [branch, tip] of tips.entries()) {
        const before = tip ?? device.head();
        const content = contribution(device, planted);
        const newest = device.entries().at(-1)?.entry;
        const entry =
          before !== null
            ? after(device, before, content, {})
            : newest === undefined
              ? null
              : encodeEntry({
                  ...{ version: 1, grove, author: device.keypair.id, seq: 1, prev: null, at: 0 },
                  ...{ parents: [newest.id], lamport: newest.lamport + 1 },
                  ...content.fields,
                });
        if (entry === null) continue;
        tips[branch] = entry;
        const entries = [wire(entry, device.signed(entry), content.bytes)];
        device.victims().forEach(({ link }, index) => {
          if (index % 2 === branch)
            device.send(link, { type: 'entries', grove, why: 'push', hops: 0, entries });
        });
      }
    });
  },
});

/** Vectors and fingerprints of logs that nobody wrote, or that hide what somebody did. */
export const liar: Behaviour = {
  name: 'liar',
  begin(device) {
    const { random, grove } = device;
    const lie = (row: VectorRow): VectorRow[] => {
      const way = random.int(4);
      if (way === 0) return [];
      if (way === 1)
        return [{ ...row, seq: row.seq + 1 + random.int(1_000), id: toEntryId(random.bytes(32)) }];
      if (way === 2) return [{ ...row, id: toEntryId(random.bytes(32)) }];
      return [row, { author: keypairFromSeed(random.bytes(32)).id, seq: 3, id: toEntryId(random.bytes(32)) }];
    };
    device.instead('vector', (frame) => [{ ...frame, rows: frame.rows.flatMap(lie) }]);
    device.instead('bucket-rows', (frame) => [{ ...frame, rows: frame.rows.flatMap(lie) }]);
    device.instead('buckets', (frame) => [
      { ...frame, hashes: frame.hashes.map((hash) => (device.chance(0.5) ? hash : random.bytes(32))) },
    ]);
    // Now what nobody has, now what the other said itself: all is well, nothing to be had.
    const said = new Map<string, Uint8Array>();
    device.hears((frame, _, { peer }) => {
      if (frame.type === 'fingerprint') said.set(peer, frame.hash);
      return true;
    });
    device.instead('fingerprint', (frame, { peer }) => {
      const theirs = device.chance(0.5) ? said.get(peer) : undefined;
      return [{ ...frame, hash: theirs ?? random.bytes(32), views: random.bytes(32) }];
    });
    device.every(2_000, () => {
      const victim = device.pick(device.victims());
      const author = device.pick(device.known());
      const at = device.pick(device.entries());
      if (victim === undefined || author === undefined || at === undefined) return;
      const rows = lie({ author, seq: at.entry.seq, id: at.entry.id });
      device.send(victim.link, { type: 'vector', grove, reply: device.chance(0.5), rows });
      device.send(victim.link, { type: 'held', grove, entry: toEntryId(random.bytes(32)), complete: true });
      device.send(victim.link, { type: 'held', grove, entry: at.entry.id, complete: true });
    });
  },
};

/** Whatever the body's hash is asked for, other bytes come. */
export const poisoner: Behaviour = {
  name: 'poisoner',
  begin(device) {
    const spoilt = (bytes: Uint8Array): Uint8Array => turned(device, bytes);
    device.instead('body', (frame) => [{ ...frame, body: spoilt(frame.body) }]);
    device.instead('list', (frame) => [{ ...frame, bytes: spoilt(frame.bytes) }]);
    device.instead('block', (frame) => [{ ...frame, bytes: spoilt(frame.bytes) }]);
    device.instead('entries', (frame) => [
      {
        ...frame,
        entries: frame.entries.map((each) =>
          each.body === null ? each : { ...each, body: device.chance(0.5) ? spoilt(each.body) : each.body },
        ),
      },
    ]);
    device.hears((frame, _, { link }) => {
      if (frame.type !== 'want-body') return true;
      for (const hash of frame.hashes)
        device.send(link, { type: 'body', grove: device.grove, hash, body: utf8('{}'), table: null });
      return false;
    });
  },
};

/** Nobody's content: a CID that no bytes have. */
export const nobodys = ({ random }: HostileDevice): Cid => cidOf(toHash(hash32(random.bytes(32))));
