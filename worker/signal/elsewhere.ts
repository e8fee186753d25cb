// What of the rooms lies at other endpoints, where several form one (SPEC E9): who is there, and what is said to and fro.
// A pure machine: it must not know what carries its messages, nor connections, clocks or what a room means.
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { CLUSTER, MEMBERS_PER_ROOM } from './config.ts';
import type { FromEndpoint } from './protocol.ts';
import { encodeFromEndpoint, isRoom, MEMBER_BYTES, parseFromEndpoint } from './protocol.ts';

/** What is told in a room: to one of its members or, null, to all. */
export type RoomNews = Extract<FromEndpoint, { type: 'entered' | 'left' | 'message' }>;
export interface Told {
  to: string | null;
  message: RoomNews;
}

/** What the room machine asks of it. */
export interface Elsewhere {
  /** Those in a room at other endpoints. */
  members(room: string): readonly string[];
  /** What was told here is told there. `to: null` is everyone. */
  tell(told: Told): void;
}

/** An endpoint on its own. */
export const NOWHERE: Elsewhere = { members: () => [], tell: () => undefined };

/** A channel is a room, or `NODES`. */
export type PlaneEffect =
  | { type: 'publish'; channel: string; data: Uint8Array }
  | { type: 'subscribe'; channel: string }
  | { type: 'unsubscribe'; channel: string };

export interface Cluster extends Elsewhere {
  /** The channel is heard from now on: who is there is asked for. */
  subscribed(channel: string): void;
  /** Never throws, whatever arrives. Returns what is to be told here. */
  receive(channel: string, data: Uint8Array, now: number): Told[];
  /** Every `beatMs`. Returns that those of silent endpoints left. */
  beat(now: number): Told[];
  /** The carrier was away: everything may have been missed. */
  resync(): void;
  /** Nobody is here any more. */
  close(): void;
  /** What is to be carried out since the last time. */
  take(): PlaneEffect[];
  counts(): { nodes: number; members: number; malformed: number };
}

/** Where endpoints say that they are alive. */
export const NODES = 'nodes';
export const NODE_BYTES = 8;
const VERSION = 1;
const BEAT = 0;
const BYE = 1;
const TOLD_ALL = 2;
const TOLD_ONE = 3;
const LIST = 4;
const LIST_AND_ASK = 5;
const HEAD = 2 + NODE_BYTES;

/** `node`: 8 random bytes in hex, fresh per process. */
export function createCluster(node: string): Cluster {
  const self = hexToBytes(node);
  /** Room -> those here. A room is known here while somebody is in it. */
  const here = new Map<string, Set<string>>();
  /** Room -> member -> its endpoint. */
  const there = new Map<string, Map<string, string>>();
  const heardAt = new Map<string, number>();
  let effects: PlaneEffect[] = [{ type: 'subscribe', channel: NODES }];
  let beatAt: number | null = null;
  let malformed = 0;

  return { members, tell, subscribed, receive, beat, resync, close, take, counts };

  function members(room: string): readonly string[] {
    return [...(there.get(room)?.keys() ?? [])];
  }

  function tell({ to, message }: Told): void {
    const { room } = message;
    if (message.type === 'entered') enter(room, message.member);
    const to16 = to === null ? new Uint8Array() : hexToBytes(to);
    if (to === null || there.get(room)?.has(to) === true)
      publish(room, to === null ? TOLD_ALL : TOLD_ONE, to16, encodeFromEndpoint(message));
    if (message.type === 'left') leave(room, message.member);
  }

  function enter(room: string, member: string): void {
    const own = here.get(room);
    if (own) own.add(member);
    else {
      here.set(room, new Set([member]));
      effects.push({ type: 'subscribe', channel: room });
    }
  }

  function leave(room: string, member: string): void {
    const own = here.get(room);
    own?.delete(member);
    if (own?.size !== 0) return;
    here.delete(room);
    there.delete(room);
    effects.push({ type: 'unsubscribe', channel: room });
  }

  function subscribed(channel: string): void {
    if (here.has(channel)) list(channel, LIST_AND_ASK);
  }

  function resync(): void {
    for (const room of here.keys()) list(room, LIST_AND_ASK);
  }

  function list(room: string, kind: number): void {
    publish(room, kind, ...[...(here.get(room) ?? [])].map((member) => hexToBytes(member)));
  }

  function receive(channel: string, data: Uint8Array, now: number): Told[] {
    const kind = data[1];
    if (data[0] !== VERSION || data.length < HEAD || kind === undefined) return bad();
    const from = bytesToHex(data.subarray(2, HEAD));
    if (from === node) return [];
    if (!heardAt.has(from) && heardAt.size >= CLUSTER.nodes) return bad();
    const rest = data.subarray(HEAD);
    if (channel === NODES) {
      if (kind === BYE) return gone(from);
      heardAt.set(from, now);
      return kind === BEAT ? [] : bad();
    }
    heardAt.set(from, now);
    if (!isRoom(channel) || !here.has(channel)) return [];
    switch (kind) {
      case TOLD_ALL:
        return told(channel, from, null, rest);
      case TOLD_ONE:
        return told(channel, from, bytesToHex(rest.subarray(0, MEMBER_BYTES)), rest.subarray(MEMBER_BYTES));
      case LIST:
        return compare(channel, from, rest);
      case LIST_AND_ASK:
        list(channel, LIST);
        return compare(channel, from, rest);
      default:
        return bad();
    }
  }

  function told(room: string, from: string, to: string | null, bytes: Uint8Array): Told[] {
    const message = parseFromEndpoint(bytes);
    if (message?.type !== 'entered' && message?.type !== 'left' && message?.type !== 'message') return bad();
    if (message.room !== room) return bad();
    if (message.type === 'entered') return to === null ? arrive(room, from, message.member) : bad();
    if (message.type === 'left') return to === null ? depart(room, from, message.member) : bad();
    if (to !== null && here.get(room)?.has(to) !== true) return [];
    // Who speaks is here from now on, should its entry have been missed.
    return [...arrive(room, from, message.from), { to, message }];
  }

  function arrive(room: string, from: string, member: string): Told[] {
    const known = there.get(room) ?? new Map<string, string>();
    if (known.has(member) || here.get(room)?.has(member) === true) return [];
    if (known.size >= MEMBERS_PER_ROOM) return bad();
    there.set(room, known.set(member, from));
    return [{ to: null, message: { type: 'entered', room, member } }];
  }

  function depart(room: string, from: string, member: string): Told[] {
    const known = there.get(room);
    if (known?.get(member) !== from) return [];
    known.delete(member);
    if (known.size === 0) there.delete(room);
    return [{ to: null, message: { type: 'left', room, member } }];
  }

  /** All whom another endpoint has in a room: those that are new entered, those that are missing left. */
  function compare(room: string, from: string, bytes: Uint8Array): Told[] {
    if (bytes.length % MEMBER_BYTES !== 0) return bad();
    const listed = new Set<string>();
    for (let at = 0; at < bytes.length; at += MEMBER_BYTES)
      listed.add(bytesToHex(bytes.subarray(at, at + MEMBER_BYTES)));
    const known = [...(there.get(room) ?? [])].filter(([, at]) => at === from).map(([member]) => member);
    return [
      ...known.filter((member) => !listed.has(member)).flatMap((member) => depart(room, from, member)),
      ...[...listed].flatMap((member) => arrive(room, from, member)),
    ];
  }

  function beat(now: number): Told[] {
    // Who slept was taken for gone by the others, and may have missed what they said.
    if (beatAt !== null && now - beatAt > CLUSTER.silentMs) resync();
    beatAt = now;
    publish(NODES, BEAT);
    const silent = [...heardAt].filter(([, at]) => now - at > CLUSTER.silentMs).map(([from]) => from);
    return silent.flatMap(gone);
  }

  function gone(from: string): Told[] {
    heardAt.delete(from);
    return [...there].flatMap(([room, known]) =>
      [...known].flatMap(([member, at]) => (at === from ? depart(room, from, member) : [])),
    );
  }

  function close(): void {
    publish(NODES, BYE);
    here.clear();
    there.clear();
  }

  function publish(channel: string, kind: number, ...parts: Uint8Array[]): void {
    effects.push({
      type: 'publish',
      channel,
      data: concatBytes(Uint8Array.of(VERSION, kind), self, ...parts),
    });
  }

  function take(): PlaneEffect[] {
    const taken = effects;
    effects = [];
    return taken;
  }

  function bad(): Told[] {
    malformed += 1;
    return [];
  }

  function counts(): { nodes: number; members: number; malformed: number } {
    let members = 0;
    for (const known of there.values()) members += known.size;
    return { nodes: heardAt.size, members, malformed };
  }
}
