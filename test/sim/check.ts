// What must hold all along, checked at the ports: at each committed row, each frame that arrives, each applied entry.
// A breach is noted with its time and never stops the run. Knows no scenario.
import { decodeBody } from '../../worker/core/model/body.ts';
import { groveOf, type Entry } from '../../worker/core/model/entry.ts';
import { toHash, type EntryId, type GroveId, type PeerId } from '../../worker/core/model/ids.ts';
import type { WriteOp } from '../../worker/core/ports.ts';
import { segmentOf } from '../../worker/core/sync/segment.ts';
import { createSimHash } from './ports/bytes.ts';
import type { Frame } from '../../worker/core/wire/frame.ts';
import type { EventName, Events } from '../../worker/rpc/api.ts';
import type { SimPeer } from './peer.ts';
import { createRowReader, packedAt, type Row } from './rows.ts';

/** What a device's disk holds of the logs. */
export type Held = Map<EntryId, Entry>;

export interface CommittedEntry {
  peer: SimPeer;
  row: Row;
}

export type Checks = ReturnType<typeof createChecks>;

export function createChecks(options: { now(): number; onEntry(committed: CommittedEntry): void }) {
  const violations: string[] = [];
  const hash = createSimHash();
  const held = new Map<number, Held>();
  /** Applied by the present process. */
  const applied = new Map<number, Set<EntryId>>();
  /** Named by what the present process applied, and not told as applied before: it may lie in the log since it began. */
  const relied = new Map<number, Set<EntryId>>();
  const hostile = new Set<number>();
  /** What each device wrote itself. */
  const authored = new Map<PeerId, Set<EntryId>>();
  const hosts = new Map<PeerId, number>();
  /** Host and grove -> since when it says and hears nothing of it. */
  const isolated = new Map<string, number>();
  const acknowledged = new Map<number, Set<string>>();
  /** What an author wrote at a place of a log. */
  const places = new Map<string, EntryId>();
  const members = new Map<GroveId, Set<PeerId>>();
  const keys = new Map<number, PeerId>();
  /** Block -> groves whose members may have it. */
  const blocks = new Map<string, Set<GroveId>>();
  const { decodeHeader, readRow } = createRowReader();
  /** Host -> key of a segment -> what was written there. */
  const segments = new Map<number, Map<string, Set<EntryId>>>();
  /** Host and grove -> how many entries are held. */
  const counts = new Map<string, number>();

  const violate = (what: string): void => void violations.push(`${options.now().toFixed(0)} ms: ${what}`);
  const heldBy = (peer: SimPeer): Held => {
    const known = held.get(peer.host) ?? new Map<EntryId, Entry>();
    held.set(peer.host, known);
    return known;
  };

  /** Of hostile authors each may hold other entries. */
  function count(host: number, entry: Entry, by: number): void {
    if (hostile.has(hosts.get(entry.author) ?? -1)) return;
    const key = `${host}/${groveOf(entry)}`;
    counts.set(key, (counts.get(key) ?? 0) + by);
  }

  function isHonest(key: PeerId): boolean {
    const host = hosts.get(key);
    return host !== undefined && !hostile.has(host);
  }

  /** Nobody but its device may have written it, wherever it is stored. */
  function checkAuthor(peer: SimPeer, { entry, receivedFrom }: Row): void {
    const { author, id, seq } = entry;
    const host = hosts.get(author);
    if (host === undefined || hostile.has(host)) return;
    const wrote = authored.get(author) ?? new Set<EntryId>();
    authored.set(author, wrote);
    if (host === peer.host && receivedFrom === null) wrote.add(id);
    else if (!wrote.has(id)) violate(`peer ${peer.host} stored ${id} as ${author}'s, who never wrote it`);
    const place = `${groveOf(entry)}/${author}/${seq}`;
    const there = places.get(place);
    if (there !== undefined && there !== id)
      violate(`fork: ${author} wrote ${there} and ${id} at seq ${seq}`);
    places.set(place, id);
  }

  function onLog(peer: SimPeer, key: string, value: Uint8Array, batch: readonly WriteOp[]): void {
    const packed = packedAt(key, value);
    if (packed.length === 0) violate(`peer ${peer.host} stored a segment that can't be read back`);
    const written = segments.get(peer.host) ?? new Map<string, Set<EntryId>>();
    segments.set(peer.host, written);
    for (const { row, body } of packed) {
      const entry = readRow(row)?.entry;
      if (body !== null && toHash(hash(body)) !== entry?.body)
        violate(`peer ${peer.host} stored a body that isn't the entry's`);
      // A segment is written anew where a body is cut out of it.
      const again = entry !== undefined && written.get(key)?.has(entry.id) === true;
      if (!again) onRow(peer, row, batch);
      if (entry !== undefined && segmentOf(key) !== null) {
        written.set(key, (written.get(key) ?? new Set<EntryId>()).add(entry.id));
      }
    }
  }

  function onRow(peer: SimPeer, value: Uint8Array, batch: readonly WriteOp[]): void {
    const row = readRow(value);
    if (row === null) return violate(`peer ${peer.host} stored a row that can't be read back`);
    const { entry } = row;
    const grove = groveOf(entry);
    const own = heldBy(peer);
    if (own.has(entry.id)) violate(`peer ${peer.host} stored entry ${entry.id} twice`);
    for (const named of [entry.prev, ...entry.parents]) {
      if (named !== null && !own.has(named)) violate(`peer ${peer.host} stored ${entry.id} before ${named}`);
    }
    own.set(entry.id, entry);
    count(peer.host, entry, 1);
    checkAuthor(peer, row);
    if (row.receivedFrom !== null && isolated.has(`${peer.host}/${grove}`))
      violate(`peer ${peer.host}, isolated, stored ${entry.id} of another`);
    admit(grove, entry, batch);
    options.onEntry({ peer, row });
  }

  function admit(grove: GroveId, entry: Entry, batch: readonly WriteOp[]): void {
    const known = members.get(grove) ?? new Set<PeerId>();
    members.set(grove, known);
    if (entry.kind === 'contract') known.add(entry.author);
    if (entry.kind !== 'admit') return;
    const body = batch.find((op) => op.op === 'put' && op.table === 'bodies' && op.key === entry.body);
    const decoded = body?.op === 'put' ? decodeBody('admit', body.value) : null;
    if (decoded?.ok && decoded.value.kind === 'admit') known.add(decoded.value.key);
  }

  function onCommitted(peer: SimPeer, ops: readonly WriteOp[]): void {
    if (hostile.has(peer.host)) return;
    for (const op of ops) {
      if (op.op !== 'put') continue;
      if (op.table === 'log') onLog(peer, op.key, op.value, ops);
      const named = op.table === 'blobs' && op.key.startsWith('list/') ? op.key.slice(5) : op.key;
      const hashed = op.table === 'bodies' || op.table === 'blocks' || named !== op.key;
      if (hashed && toHash(hash(op.value)) !== named)
        violate(`peer ${peer.host} stored bytes in ${op.table} under a hash they don't have`);
    }
  }

  /** What a peer told its user to be written is on its disk. */
  function checkAcknowledged(peer: SimPeer): void {
    const bodies = new Set([...heldBy(peer).values()].map(({ body }) => `blake3:${body}`));
    for (const cid of acknowledged.get(peer.host) ?? [])
      if (!bodies.has(cid)) violate(`peer ${peer.host} lost ${cid}, which it had acknowledged`);
  }

  /** What its disk holds is what is left. */
  function readBack(peer: SimPeer): void {
    applied.delete(peer.host);
    relied.delete(peer.host);
    const left: Held = new Map();
    segments.delete(peer.host);
    for (const [key, value] of peer.disk.data.log.values) {
      for (const { row } of packedAt(key, value)) {
        const entry = readRow(row)?.entry;
        if (entry !== undefined) left.set(entry.id, entry);
      }
    }
    for (const entry of heldBy(peer).values()) count(peer.host, entry, -1);
    held.set(peer.host, left);
    for (const entry of left.values()) count(peer.host, entry, 1);
  }

  function onApplied(peer: SimPeer, id: EntryId): void {
    const known = applied.get(peer.host) ?? new Set<EntryId>();
    applied.set(peer.host, known);
    if (known.has(id)) violate(`peer ${peer.host} applied ${id} twice`);
    known.add(id);
    const entry = heldBy(peer).get(id);
    if (entry === undefined) return violate(`peer ${peer.host} applied ${id}, which is not stored`);
    const earlier = relied.get(peer.host) ?? new Set<EntryId>();
    relied.set(peer.host, earlier);
    if (earlier.has(id)) violate(`peer ${peer.host} applied ${id} after what names it`);
    for (const named of [entry.prev, ...entry.parents])
      if (named !== null && !known.has(named)) earlier.add(named);
  }

  return {
    violations,
    violate,
    isHostile: (host: number): boolean => hostile.has(host),
    /** From now on nothing is expected of this device, and nothing of it is believed. */
    setHostile(host: number): void {
      const key = keys.get(host);
      for (const [holder, entries] of held)
        for (const entry of entries.values()) if (entry.author === key) count(holder, entry, -1);
      hostile.add(host);
    },
    /** It neither says nor takes anything of this grove. */
    setIsolated(host: number, grove: GroveId, on: boolean): void {
      if (on) isolated.set(`${host}/${grove}`, options.now());
      else isolated.delete(`${host}/${grove}`);
    },
    isHonest,
    /** Whether a device has all that it ever wrote, as far as anybody has it. */
    hasOwn(peer: SimPeer): boolean {
      const key = keys.get(peer.host);
      const own = heldBy(peer);
      return key === undefined || [...(authored.get(key) ?? [])].every((id) => own.has(id));
    },
    heldBy,
    countOf: (peer: SimPeer, grove: GroveId): number => counts.get(`${peer.host}/${grove}`) ?? 0,
    decodeHeader,
    onCommitted,
    members: (grove: GroveId): ReadonlySet<PeerId> => members.get(grove) ?? new Set(),
    keyOf: (host: number): PeerId | null => keys.get(host) ?? null,
    setKey(host: number, key: PeerId): void {
      keys.set(host, key);
      hosts.set(key, host);
    },

    /** Entries that lie on a disk from before the run, and who is in their grove. */
    onStored(peer: SimPeer, entries: readonly Entry[]): void {
      const own = heldBy(peer);
      for (const entry of entries) {
        own.set(entry.id, entry);
        count(peer.host, entry, 1);
      }
    },
    addGrove(grove: GroveId, ids: readonly PeerId[], entries: readonly Entry[]): void {
      members.set(grove, new Set(ids));
      for (const { author, id } of entries) authored.set(author, (authored.get(author) ?? new Set()).add(id));
    },

    /** The blocks of an artifact, and the grove it was put into. */
    addBlocks(grove: GroveId, hashes: readonly string[]): void {
      for (const hash of hashes) blocks.set(hash, (blocks.get(hash) ?? new Set()).add(grove));
    },

    /** What a device tells whoever listens. */
    onEvent(peer: SimPeer, name: EventName, payload: unknown): void {
      if (hostile.has(peer.host)) return;
      if (name === 'entry') return onApplied(peer, (payload as Events['entry']).id as EntryId);
      if (name === 'fork') {
        const { author } = payload as Events['fork'];
        if (isHonest(author as PeerId)) violate(`peer ${peer.host} called ${author}, honest, an equivocator`);
      }
      if (name !== 'views-differ') return;
      const other = (payload as Events['views-differ']).peer as PeerId;
      if (isHonest(other)) violate(`peer ${peer.host} saw its views differ from those of ${other}`);
    },

    acknowledge(peer: SimPeer, cid: string): void {
      acknowledged.set(peer.host, (acknowledged.get(peer.host) ?? new Set()).add(cid));
    },

    /** The process ended. */
    onCrash(peer: SimPeer): void {
      readBack(peer);
      if (!hostile.has(peer.host)) checkAcknowledged(peer);
    },

    /**
     * Its disk is an older copy: what was acknowledged since is for the others to bring back, where they have it. What
     * nobody else has might never have been written: it is forgotten, and given back.
     */
    onRestored(peer: SimPeer): readonly EntryId[] {
      readBack(peer);
      const forgotten: EntryId[] = [];
      const key = keys.get(peer.host);
      const wrote = (key === undefined ? undefined : authored.get(key)) ?? new Set<EntryId>();
      for (const [place, id] of places) {
        if (!wrote.has(id) || [...held.values()].some((entries) => entries.has(id))) continue;
        places.delete(place);
        wrote.delete(id);
        forgotten.push(id);
      }
      const bodies = new Set([...heldBy(peer).values()].map(({ body }) => `blake3:${body}`));
      const left = [...(acknowledged.get(peer.host) ?? [])].filter((cid) => bodies.has(cid));
      acknowledged.set(peer.host, new Set(left));
      return forgotten;
    },

    checkAcknowledged,

    /** Nothing of a grove leaves who is isolated from it. */
    onSent(from: number, frame: Frame): void {
      if (isolated.size > 0 && 'grove' in frame && isolated.has(`${from}/${frame.grove}`))
        violate(`peer ${from}, isolated from ${frame.grove}, sent ${frame.type}`);
    },

    /** Nothing of a grove reaches who is no member of it. */
    onArrival(from: number, to: SimPeer, frame: Frame): void {
      const key = keys.get(to.host);
      if (key === undefined || hostile.has(from)) return;
      const isMember = (grove: GroveId): boolean => members.get(grove)?.has(key) === true;
      if ('grove' in frame && frame.type !== 'refused' && !isMember(frame.grove))
        violate(`peer ${to.host}, no member of ${frame.grove}, was sent ${frame.type}`);
      if (frame.type === 'entries' || frame.type === 'admitted') {
        for (const { header } of frame.entries) {
          const entry = decodeHeader(header);
          if (entry === null) violate(`peer ${to.host} was sent an entry that can't be decoded`);
          else if (!isMember(groveOf(entry)))
            violate(`peer ${to.host} was sent entry ${entry.id} of a grove it is no member of`);
        }
      }
      const named = frame.type === 'block' ? blocks.get(frame.block) : undefined;
      if (named !== undefined && ![...named].some(isMember))
        violate(`peer ${to.host} was sent a block of a grove it is no member of`);
    },

    /** Signaling carries no grove's id in the clear (SPEC A9). */
    onSignaling(payload: Uint8Array): void {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      for (const grove of members.keys())
        if (bytes.includes(Buffer.from(grove, 'hex'))) violate(`the endpoint was shown the id of ${grove}`);
    },
  };
}
