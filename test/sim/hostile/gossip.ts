// Harm to the mesh: descriptors of nobody, digests of nothing, floods, replays, silence, and taking neighbours away.
import { encodeDigestRow, digestMessage } from '../../../worker/core/gossip/digest-row.ts';
import { descriptorMessage } from '../../../worker/core/gossip/descriptor.ts';
import { toEntryId, toHash, type PeerId } from '../../../worker/core/model/ids.ts';
import { keypairFromSeed } from '../../../worker/core/model/keys.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import {
  BUCKETS,
  encodeFrame,
  MAX_HASHES,
  MAX_IDS,
  MAX_VECTOR_ROWS,
  type Frame,
  type WireDescriptor,
} from '../../../worker/core/wire/frame.ts';
import { nobodys } from './logs.ts';
import type { Behaviour, HostileDevice, Victim } from './device.ts';

/** Share of what it tells of others that is not true (issue 2). */
const FAKE = 0.8;

/** A descriptor that should get nobody linked: of no member, not signed by whom it names, or of one long gone. */
function fake(device: HostileDevice, seen: readonly WireDescriptor[]): WireDescriptor {
  const { random, grove, signatures } = device;
  const fields = { seq: device.world.scheduler.now() + 2 ** 41 + random.int(1_000), frozen: false };
  const old = device.pick(seen);
  const way = random.int(3);
  if (way === 0 && old !== undefined) return { ...old, age: 0, hops: 2 };
  if (way === 1) {
    const peer = device.pick(device.known()) ?? device.keypair.id;
    const seq = Math.floor(fields.seq);
    return { peer, frozen: false, seq, signature: random.bytes(64), age: 0, hops: 2 };
  }
  const stranger = keypairFromSeed(random.bytes(32));
  const said = { peer: stranger.id, seq: Math.floor(fields.seq), frozen: false };
  const signature = signatures.sign(descriptorMessage(grove, said), stranger.seed);
  return { ...said, signature, age: 0, hops: 2 };
}

export const faker: Behaviour = {
  name: 'faker',
  begin(device) {
    const { grove } = device;
    const seen: WireDescriptor[] = [];
    device.hears((frame) => {
      if (frame.type === 'shuffle' || frame.type === 'shuffle-reply') seen.push(...frame.sample);
      seen.splice(0, seen.length - 100);
      return true;
    });
    const sample = (true_: readonly WireDescriptor[]): WireDescriptor[] =>
      true_.map((each) => (device.chance(FAKE) ? fake(device, seen) : each));
    const full = (): WireDescriptor[] => Array.from({ length: 7 }, () => fake(device, seen));
    device.instead('shuffle', (frame) => [{ ...frame, sample: sample([...frame.sample]) }]);
    device.instead('shuffle-reply', (frame) => [{ ...frame, sample: sample([...frame.sample, ...full()]) }]);
    device.instead('forward-join', (frame) =>
      device.chance(FAKE) ? [{ ...frame, newcomer: fake(device, seen) }] : undefined,
    );
    let n = 0;
    device.every(2_000, () => {
      const victim = device.pick(device.victims());
      const own = device.pick(seen);
      if (victim === undefined || own === undefined) return;
      n += 1;
      const origin = device.chance(0.5) ? own : fake(device, seen);
      device.send(victim.link, { type: 'shuffle', grove, n, ttl: 6, origin, sample: full() });
      device.send(victim.link, { type: 'forward-join', grove, ttl: 6, newcomer: fake(device, seen) });
    });
  },
};

/** Signed rows for what nobody holds, the best of all, and rows in others' names. */
export const boaster: Behaviour = {
  name: 'boaster',
  begin(device) {
    const { random, grove, keypair, signatures } = device;
    let seq = 2 ** 41;
    const row = (holder: PeerId, life: number) => {
      seq += 1;
      const contribution = device.pick(device.entries().filter(({ entry }) => entry.kind === 'contribution'));
      const cid =
        contribution === undefined || device.chance(0.7)
          ? nobodys(device)
          : (`blake3:${contribution.entry.body}` as ReturnType<typeof nobodys>);
      const bytes = encodeDigestRow({
        ...{ holder, seq, life, cid, kind: 'work', mode: 'evaluation', summary: 'the best', tags: [] },
        places: [
          { ranking: 'metric/loss', value: -1e9 * random.float(), direction: 'minimize' },
          { ranking: 'adoption', value: 1e9, direction: 'maximize' },
        ],
      });
      return bytes ?? new Uint8Array();
    };
    device.every(1_000, () => {
      const victim = device.pick(device.victims());
      if (victim === undefined) return;
      const mine = Array.from({ length: 20 }, () => row(keypair.id, 600_000)).map((each) => ({
        row: each,
        signature: signatures.sign(digestMessage(grove, each), keypair.seed),
        age: 0,
      }));
      const others = device
        .known()
        .slice(0, 20)
        .map((peer) => row(peer, 600_000))
        .map((each) => ({
          row: each,
          signature: device.chance(0.5)
            ? random.bytes(64)
            : signatures.sign(digestMessage(grove, each), keypair.seed),
          age: 0,
        }));
      device.send(victim.link, { type: 'digest', grove, rows: [...mine, ...others] });
    });
    // What it says it holds, it never gives.
    for (const type of ['list', 'block', 'body'] as const) device.instead(type, () => []);
  },
};

/** Frames of each kind, the largest that are allowed, many a second. Made once: to make them anew would cost more here than there. */
export const flooder: Behaviour = {
  name: 'flooder',
  begin(device) {
    const { random, grove, keypair } = device;
    const ids = (count: number) => Array.from({ length: count }, () => toEntryId(random.bytes(32)));
    const hashes = (count: number) => Array.from({ length: count }, () => toHash(random.bytes(32)));
    const peers = (count: number) => hashes(count).map((each) => each as string as PeerId);
    const own: WireDescriptor = (() => {
      const said = { peer: keypair.id, seq: 2 ** 41, frozen: false };
      const signature = device.signatures.sign(descriptorMessage(grove, said), keypair.seed);
      return { ...said, signature, age: 0, hops: 2 };
    })();
    const rows = (count: number) =>
      peers(count).map((author) => ({ author, seq: 1 + random.int(1_000), id: toEntryId(random.bytes(32)) }));
    const known = device.known();
    const target = device.pick(known) ?? keypair.id;
    const frames: Frame[] = [
      { type: 'vector', grove, reply: true, rows: rows(MAX_VECTOR_ROWS) },
      { type: 'vector', grove, reply: true, rows: [] },
      {
        type: 'want-entries',
        grove,
        runs: known.slice(0, MAX_VECTOR_ROWS).map((author) => ({ author, from: 1, to: 2 ** 40 })),
      },
      { type: 'want-ids', grove, ids: ids(MAX_IDS) },
      { type: 'want-body', grove, hashes: hashes(MAX_HASHES) },
      {
        type: 'want-list',
        grove,
        blob: hashes(1)[0] ?? toHash(random.bytes(32)),
        list: toHash(random.bytes(32)),
      },
      { type: 'want-blocks', grove, blob: toHash(random.bytes(32)), blocks: hashes(MAX_HASHES) },
      { type: 'lack', blob: toHash(random.bytes(32)), hashes: hashes(100) },
      { type: 'want-held', grove, entry: toEntryId(random.bytes(32)) },
      { type: 'held', grove, entry: toEntryId(random.bytes(32)), complete: true },
      { type: 'ihave', grove, rows: ids(MAX_IDS).map((id) => ({ id, hops: 0, waited: 65_535 })) },
      { type: 'graft', grove, ids: ids(MAX_IDS) },
      { type: 'graft', grove, ids: [] },
      { type: 'prune', grove },
      { type: 'neighbour', grove, ask: 'join', descriptor: own },
      { type: 'neighbour', grove, ask: 'high', descriptor: own },
      { type: 'forward-join', grove, ttl: 16, newcomer: own },
      { type: 'shuffle', grove, n: 1, ttl: 16, origin: own, sample: [] },
      { type: 'shuffle-reply', grove, n: 1, to: target, ttl: 16, sample: [own] },
      { type: 'relay', grove, to: target, from: keypair.id, ttl: 16, payload: random.bytes(2_000) },
      { type: 'probe', grove, n: 1, target },
      { type: 'probed', grove, n: 1, alive: false, descriptor: null },
      { type: 'suspect', grove, peer: target, seq: Number.MAX_SAFE_INTEGER },
      { type: 'want-links', grove },
      { type: 'links', grove, rows: [{ peer: target, push: 'eager' }] },
      { type: 'want-fetch', grove, cid: toHash(random.bytes(32)), ttl: 16 },
      { type: 'fingerprint', grove, reply: true, count: 1, hash: random.bytes(32), views: null },
      {
        type: 'buckets',
        grove,
        reply: true,
        hashes: Array.from({ length: BUCKETS }, () => random.bytes(32)),
      },
      { type: 'frozen', frozen: true },
      { type: 'frozen', frozen: false },
      { type: 'tags', tags: Array.from({ length: 64 }, () => random.bytes(32)) },
      { type: 'ping', n: 1 },
      { type: 'pong', n: 77 },
      {
        type: 'join',
        tag: random.bytes(32),
        name: 'x',
        box: random.bytes(32),
        proof: random.bytes(32),
        signature: random.bytes(64),
      },
    ];
    const made = [...frames.map(encodeFrame), encode([77, 1, 2, 3]), random.bytes(200), new Uint8Array()];
    let next = 0;
    device.every(500, () => {
      // Many a second of each kind, and in bytes a fifth of what a link carries.
      for (const { link } of device.victims()) {
        for (let i = 0, bytes = 0; i < 12 && bytes < 100_000; i += 1) {
          const frame = made[(next += 1) % made.length] ?? new Uint8Array();
          bytes += frame.length;
          device.sendBytes(link, frame);
        }
      }
    });
  },
};

/** What others said once, said again: to others and to the same, on links and through the endpoint. */
export const replayer: Behaviour = {
  name: 'replayer',
  begin(device) {
    const heard: { bytes: Uint8Array; from: Victim }[] = [];
    const signals: { room: string; payload: Uint8Array }[] = [];
    device.hears((frame, bytes, from) => {
      if (frame.type !== 'ping' && frame.type !== 'pong') heard.push({ bytes, from });
      heard.splice(0, heard.length - 300);
      return true;
    });
    device.signaled((event) => {
      if (event.type === 'signal-message') signals.push({ room: event.room, payload: event.payload });
      signals.splice(0, signals.length - 100);
    });
    device.every(150, () => {
      const victim = device.pick(device.victims());
      const again = device.pick(heard);
      if (victim !== undefined && again !== undefined) device.sendBytes(victim.link, again.bytes);
    });
    device.every(1_000, () => {
      const again = device.pick(signals);
      if (again !== undefined) device.peer.shout(again.room, null, again.payload);
    });
  },
};

/** Takes everything, acknowledges it, answers to its name, and passes nothing on. */
export const blackHole: Behaviour = {
  name: 'black-hole',
  begin(device) {
    const silent = ['relay', 'ihave', 'digest', 'shuffle', 'shuffle-reply', 'forward-join'] as const;
    for (const type of silent) device.instead(type, () => []);
    for (const type of ['body', 'list', 'block'] as const) device.instead(type, () => []);
    device.instead('entries', (frame) => {
      const own = frame.entries.filter(
        ({ header }) => device.world.checks.decodeHeader(header)?.author === device.keypair.id,
      );
      return own.length === frame.entries.length ? undefined : [];
    });
    // Says that it has what it was just told of, so that nobody waits for another.
    device.hears((frame, _, { link }) => {
      if (frame.type === 'ihave') device.send(link, { type: 'prune', grove: device.grove });
      return true;
    });
  },
};

/** Wants to be everybody's only neighbour, and everybody to have no other. */
export const usurper: Behaviour = {
  name: 'usurper',
  begin(device) {
    const { grove, keypair } = device;
    const descriptor = (): WireDescriptor => {
      const said = {
        peer: keypair.id,
        seq: 2 ** 41 + Math.floor(device.world.scheduler.now()),
        frozen: false,
      };
      const signature = device.signatures.sign(descriptorMessage(grove, said), keypair.seed);
      return { ...said, signature, age: 0, hops: 2 };
    };
    device.instead('disconnect', () => []);
    device.instead('neighbour-reply', (frame) => [{ ...frame, accepted: true }]);
    device.every(1_000, () => {
      for (const { link, peer } of device.victims()) {
        const ask = device.pick(['join', 'high', 'low'] as const) ?? 'join';
        device.send(link, { type: 'neighbour', grove, ask, descriptor: descriptor() });
        const other = device.pick(device.known().filter((each) => each !== peer));
        if (other === undefined) continue;
        // The others are all dead, I am told.
        device.send(link, { type: 'suspect', grove, peer: other, seq: Number.MAX_SAFE_INTEGER });
        device.send(link, {
          type: 'probed',
          grove,
          n: device.random.int(64),
          alive: false,
          descriptor: null,
        });
        device.send(link, { type: 'forward-join', grove, ttl: 6, newcomer: descriptor() });
      }
    });
    device.every(5_000, () => {
      for (const { link } of device.victims()) {
        device.send(link, device.chance(0.5) ? { type: 'prune', grove } : { type: 'graft', grove, ids: [] });
      }
    });
  },
};
