// A simulated world: devices on a network with an endpoint, everything drawn from one seed, watched by the checks. What
// happens in it is for scenarios to say.
import './hex.ts';
import { ThicketError } from '../../worker/core/model/errors.ts';
import type { MemoryData } from '../../worker/adapters/store-memory.ts';
import { groveOf } from '../../worker/core/model/entry.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import { decodeFrame, type Frame } from '../../worker/core/wire/frame.ts';
import type { EventName } from '../../worker/rpc/api.ts';
import { createChecks } from './check.ts';
import { createEndpoint } from './endpoint.ts';
import { createMeasure } from './measure.ts';
import { createNetwork } from './network.ts';
import { createPeer, type SimPeer, type Tamper } from './peer.ts';
import { createSimCrypto } from './ports/crypto.ts';
import { copyData } from './ports/store.ts';
import { createSimHash } from './ports/bytes.ts';
import { createSimSignatures } from './ports/signatures.ts';
import { createScheduler } from './scheduler.ts';
import { createStoredGrove } from './stored.ts';
import { createTranscript } from './transcript.ts';

/** A test-only fault from the start of measuring on: frames for which it says so never arrive. `nth`: of its type on its connection, from 1. */
export type Mute = (frame: Frame, nth: number) => boolean;

export interface WorldOptions {
  seed: number;
  mute?: Mute;
}

/** A grove as it is when a run begins. */
export interface Settling {
  /** So many lie in its log already. */
  contributions?: number;
  /** What the mesh gets to find its shape once all hang together, simulated ms. */
  settling?: number;
  /** How wrong the clock of the nth device is, ms. */
  skew?: (nth: number) => number;
}

/** Told of each frame that arrives. */
export type Watch = (from: SimPeer, to: SimPeer, frame: Frame, bytes: number) => void;

/** Told of each event that a device tells its tabs. */
export type Listener = (peer: SimPeer, name: EventName, payload: unknown) => void;

export type World = ReturnType<typeof createWorld>;

/** Frames that a channel may be taken to repeat: those of the handshake open it, once. */
const ONCE: ReadonlySet<string> = new Set(['hello', 'proof', 'bye']);
/** Longest that the making of a grove may take, simulated ms. */
const SETUP = 600_000;
/** Devices that come back within 100 simulated ms. */
const ARRIVALS = 25;
/** Where a scenario doesn't say it, simulated ms. */
const SETTLING = 30_000;

export function createWorld({ seed, mute }: WorldOptions) {
  const scheduler = createScheduler();
  const random = createSeededRandom(new TextEncoder().encode(`world ${seed}`));
  const transcript = createTranscript();
  const hash = createSimHash();
  const signatures = createSimSignatures();
  const decoded = new WeakMap<Uint8Array, Frame>();
  const sentOf = new Map<string, number>();
  const peers: SimPeer[] = [];
  const hosts = new Map<PeerId, number>();
  const departed = new Map<number, number>();
  const refusals = new Map<string, number>();
  const cids: string[] = [];
  const watches: Watch[] = [];
  const listeners: Listener[] = [];
  /** Host -> writes that its present process was asked for and has not answered. */
  const writing = new Map<number, number>();
  let serial = 0;
  let files = 0;

  const measure = createMeasure({ now: scheduler.now, hostOf: (peer) => hosts.get(peer) ?? null });
  const checks = createChecks({ now: scheduler.now, onEntry: measure.onEntry });

  const note = (what: string, hosts: readonly number[], bytes?: Uint8Array): void =>
    transcript.note(what, scheduler.now(), hosts, bytes);

  function frameOf(bytes: Uint8Array, from: number): Frame | null {
    const known = decoded.get(bytes);
    if (known !== undefined) return known;
    const result = decodeFrame(bytes);
    if (!result.ok) {
      if (!checks.isHostile(from)) checks.violate(`a frame was sent that doesn't decode: ${result.message}`);
      return null;
    }
    decoded.set(bytes, result.value);
    return result.value;
  }

  const network = createNetwork({
    scheduler,
    random: createSeededRandom(new TextEncoder().encode(`network ${seed}`)),
    hooks: {
      sent(from, bytes) {
        const frame = frameOf(bytes, from);
        if (frame === null) return;
        checks.onSent(from, frame);
        measure.onSent(frame, bytes.length);
      },
      arrives(from, to, bytes, connection) {
        const frame = frameOf(bytes, from);
        const [sender, receiver] = [peers[from], peers[to]];
        if (frame === null || sender === undefined || receiver === undefined) return true;
        // A world has to begin before anything in it is switched off.
        if (mute !== undefined && measure.began() !== null) {
          const key = `${connection}/${frame.type}`;
          const nth = (sentOf.get(key) ?? 0) + 1;
          sentOf.set(key, nth);
          if (mute(frame, nth)) return false;
        }
        note('frame', [from, to], bytes);
        checks.onArrival(from, receiver, frame);
        for (const watch of watches) watch(sender, receiver, frame, bytes.length);
        const ids: EntryId[] = [];
        if (frame.type === 'entries') {
          for (const { header } of frame.entries) {
            const entry = checks.decodeHeader(header);
            if (entry !== null) ids.push(entry.id);
          }
        }
        measure.onArrival(receiver, frame, checks.heldBy(receiver), ids);
        return true;
      },
      repeatable: (from, bytes) => !ONCE.has(frameOf(bytes, from)?.type ?? 'hello'),
      proves: (bytes) => decoded.get(bytes)?.type === 'proof',
      connected: measure.onConnected,
      linked: measure.onLinked,
    },
  });

  const endpoint = createEndpoint({
    scheduler,
    random: createSeededRandom(new TextEncoder().encode(`endpoint ${seed}`)),
    seen(payload) {
      note('endpoint', [], payload);
      checks.onSignaling(payload);
    },
  });

  function crash(peer: SimPeer, kind: 'kill' | 'power'): void {
    if (peer.since === null) return;
    note(`crash ${kind}`, [peer.host]);
    departed.set(peer.host, scheduler.now());
    writing.delete(peer.host);
    peer.crash(kind);
    checks.onCrash(peer);
  }

  /** The honest ones that are there. */
  const alive = (): SimPeer[] => peers.filter(({ since, tamper }) => since !== null && tamper === null);
  const membersOf = (grove: GroveId): SimPeer[] => {
    const members = checks.members(grove);
    return alive().filter(({ host }) => members.has(checks.keyOf(host) ?? ('' as PeerId)));
  };

  function isConverged(grove: GroveId): boolean {
    const members = membersOf(grove);
    const counts = new Set(members.map((peer) => checks.countOf(peer, grove)));
    if (counts.size > 1) return false;
    const [first, ...others] = members;
    if (first === undefined) return true;
    const ids = [...checks.heldBy(first).values()].filter(
      (entry) => groveOf(entry) === grove && !checks.isHostile(hosts.get(entry.author) ?? -1),
    );
    return others.every((peer) => {
      const held = checks.heldBy(peer);
      return ids.every(({ id }) => held.has(id));
    });
  }

  const world = {
    scheduler,
    random,
    network,
    endpoint,
    checks,
    measure,
    signatures,
    peers,
    refusals,
    groves: [] as GroveId[],
    alive,
    /** Honest ones that are there. */
    membersOf,
    /** Open connections of a device, by its names of them. */
    linksOf: (peer: SimPeer): { link: LinkId; peer: PeerId }[] =>
      network.connections().flatMap(({ host, link, other }) => {
        const key = host === peer.host && other !== null ? checks.keyOf(other.host) : null;
        return key === null ? [] : [{ link, peer: key }];
      }),
    watch: (watch: Watch): void => void watches.push(watch),
    listen: (listener: Listener): void => void listeners.push(listener),
    transcript: (): string => transcript.digest(),
    /** When a device was last lost, simulated ms; null where it is there. */
    departedAt: (host: number): number | null => departed.get(host) ?? null,

    /** A new device, not started yet. */
    newPeer(skew = 0): SimPeer {
      const peer = createPeer(peers.length, {
        scheduler,
        network,
        endpoint,
        crypto: () => createSimCrypto(scheduler, signatures, hash),
        signatures,
        seed: `peer ${seed}`,
        hooks: {
          committed(who, ops) {
            note('commit', [who.host, ops.length]);
            checks.onCommitted(who, ops);
          },
          event(who, name, payload) {
            checks.onEvent(who, name as EventName, payload);
            for (const listener of listeners) listener(who, name as EventName, payload);
            if (name === 'problem') refuse('problem');
          },
          died: (who) => crash(who, 'power'),
        },
      });
      peers.push(peer);
      peer.skew = skew;
      return peer;
    },

    hasHostile: (): boolean => peers.some(({ tamper }) => tamper !== null),
    /** Hands a member over to who means harm: nothing is expected of it from now on. */
    corrupt(peer: SimPeer, tamper: Tamper): void {
      peer.tamper = tamper;
      checks.setHostile(peer.host);
    },

    setKey(peer: SimPeer, key: PeerId): void {
      checks.setKey(peer.host, key);
      hosts.set(key, peer.host);
    },

    /** A new device, started, with a key of its own. */
    async addPeer(skew = 0): Promise<SimPeer> {
      const peer = world.newPeer(skew);
      peer.start();
      const { peerId } = await world.ask(peer, 'identity', []);
      world.setKey(peer, peerId as PeerId);
      return peer;
    },

    /** So many devices that are in one grove already, and come back one after the other. */
    async settleStored(
      count: number,
      { contributions = 0, settling = SETTLING, skew = () => 0 }: Settling = {},
    ): Promise<{ peers: SimPeer[]; grove: GroveId }> {
      const stored = createStoredGrove(`stored ${seed}`, count, signatures, contributions);
      world.groves.push(stored.id);
      const ids = stored.members.map(({ id }) => id);
      checks.addGrove(stored.id, ids, stored.entries);
      const all = stored.members.map((keypair, index) => {
        const peer = world.newPeer(skew(index));
        stored.fill(peer.disk, keypair);
        world.setKey(peer, keypair.id);
        checks.onStored(peer, stored.entries);
        return peer;
      });
      for (const [index, peer] of all.entries()) {
        peer.start();
        if (index % ARRIVALS === ARRIVALS - 1) await scheduler.run(100);
      }
      const meshed = (): boolean => network.isConnected(all.map(({ host }) => host));
      if ((await scheduler.until(meshed, SETUP, 1_000)) === null)
        throw new ThicketError('timeout', `${count} peers that came back did not find each other`);
      await scheduler.run(settling);
      return { peers: all, grove: stored.id };
    },

    /** The answer of a call, with time going on meanwhile. */
    ask: <M extends Parameters<SimPeer['call']>[0]>(peer: SimPeer, method: M, params: readonly unknown[]) =>
      scheduler.wait(peer.call(method, params), `${method} at peer ${peer.host}`, SETUP),

    async found(owner: SimPeer): Promise<GroveId> {
      const { id } = await world.ask(owner, 'createGrove', [
        { name: `Grove ${world.groves.length}`, metrics: [{ name: 'loss', direction: 'minimize' }] },
      ]);
      world.groves.push(id as GroveId);
      return id as GroveId;
    },

    invite: (from: SimPeer, grove: GroveId): Promise<string> =>
      world.ask(from, 'invite', [grove, { uses: 1_000, expiresIn: null }]),

    /** Opens the invite and leaves the rest to itself. */
    join(peer: SimPeer, url: string): void {
      peer.call('join', [url]).catch(refuse);
    },

    isMember: (peer: SimPeer, grove: GroveId): boolean =>
      checks.members(grove).has(checks.keyOf(peer.host) ?? ('' as PeerId)),

    /** A grove of the first of them, with all of them in it. */
    async settle(members: readonly SimPeer[]): Promise<GroveId> {
      const [owner, ...others] = members;
      if (owner === undefined) throw new ThicketError('invalid', 'a grove needs an owner');
      const grove = await world.found(owner);
      const url = await world.invite(owner, grove);
      for (const peer of others) world.join(peer, url);
      const joined = (): boolean => membersOf(grove).length === members.length && isConverged(grove);
      if ((await scheduler.until(joined, SETUP, 250)) === null)
        throw new ThicketError('timeout', `${membersOf(grove).length} of ${members.length} joined`);
      return grove;
    },

    /** Writes one contribution, without waiting for it. */
    write(peer: SimPeer, grove: GroveId, more: { description?: string } = {}): void {
      serial += 1;
      const target = cids.length > 0 && random.int(3) === 0 ? cids[random.int(cids.length)] : undefined;
      const types = ['derives_from', 'reviews', 'adopts', 'reproduces', 'responds_to'];
      const relations =
        target === undefined ? [] : [{ targetCid: target, relationType: types[random.int(types.length)] }];
      const input = {
        kind: 'work',
        summary: `Entry ${serial} of the run`,
        scores: { loss: { value: random.int(1_000) / 100, direction: 'minimize' } },
        tags: [`t${random.int(5)}`],
        relations,
        ...more,
      };
      const { since } = peer;
      const count = (by: number): void => {
        if (peer.since === since) writing.set(peer.host, (writing.get(peer.host) ?? 0) + by);
      };
      count(1);
      peer
        .call('contribute', [grove, input])
        .then(({ cid }) => {
          cids.push(cid);
          checks.acknowledge(peer, cid);
        }, refuse)
        .finally(() => count(-1));
    },

    /** Writes one contribution with an artifact of up to 200 KB: its CID. */
    async putFile(peer: SimPeer, grove: GroveId): Promise<string> {
      const { blobs } = peer;
      if (blobs === null) throw new ThicketError('closed', `peer ${peer.host} is off`);
      files += 1;
      const name = `File ${files} of the run`;
      const bytes = createSeededRandom(new TextEncoder().encode(`${seed} ${name}`)).bytes(
        1 + random.int(200_000),
      );
      const { hash, size, root, blocks } = await blobs.ingest(bytes);
      checks.addBlocks(grove, blocks);
      const artifacts = { file: { hash, size, root, mediaType: 'application/octet-stream' } };
      const { cid } = await peer.call('contribute', [grove, { kind: 'work', summary: name, artifacts }]);
      checks.acknowledge(peer, cid);
      return cid;
    },
    /** The same, without waiting for it. */
    writeFile(peer: SimPeer, grove: GroveId): void {
      world.putFile(peer, grove).catch(refuse);
    },
    filesWritten: (): number => files,

    /** Does so every `ms`, for `duration`, as time goes on. */
    every(ms: number, duration: number, run: () => void): void {
      if (duration < ms) return;
      scheduler.after(ms, () => {
        run();
        world.every(ms, duration - ms, run);
      });
    },

    pick<T>(from: readonly T[]): T {
      const picked = from[random.int(Math.max(1, from.length))];
      if (picked === undefined) throw new ThicketError('invalid', 'nothing to pick from');
      return picked;
    },

    crash,
    restart(peer: SimPeer): void {
      if (peer.since !== null) return;
      departed.delete(peer.host);
      peer.start();
    },
    stop(peer: SimPeer): void {
      if (peer.since === null) return;
      departed.set(peer.host, scheduler.now());
      writing.delete(peer.host);
      peer.stop();
      checks.onCrash(peer);
    },

    /** What a device's disk holds, to be laid back by `restore`. */
    backup: (peer: SimPeer): MemoryData => copyData(peer.disk.data),
    /** The device comes back with an older copy of its disk in place of its own; it must not run. */
    restore(peer: SimPeer, copy: MemoryData): void {
      peer.disk.data = copyData(copy);
      peer.disk.unflushed = [];
      measure.forget(checks.onRestored(peer));
      world.restart(peer);
    },

    /** All is written that was to be, and all hold the same. */
    isConverged: (): boolean =>
      [...writing.values()].every((count) => count === 0) && world.groves.every(isConverged),
    /** Simulated ms until all members hold the same; null where `limit` passed. */
    converge: (limit: number): Promise<number | null> => scheduler.until(world.isConverged, limit),
  };

  function refuse(error: unknown): void {
    const code = error instanceof ThicketError ? error.code : String(error);
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
  }

  return world;
}
