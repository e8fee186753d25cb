// Rooms: who is announced to, when, and with which nonces; candidates that came too early.
// Knows nothing of offers and answers, nor of connections.
import { bytesToHex } from '@noble/hashes/utils.js';
import { equalBytes } from '../model/bytes.ts';
import { ThicketError } from '../model/errors.ts';
import { isHex32 } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import { MAX_TAGS, NONCE_BYTES, linkTag, sealMessage } from './envelope.ts';
import type { Outgoing, Sealed } from './envelope.ts';
import { askedIn, lacking, upIn } from './pool.ts';
import type { Candidate } from './sdp.ts';
import { count, fraction } from './state.ts';
import type { Announced, Room, State } from './state.ts';
import type { LinkInput } from './types.ts';

/** @throws ThicketError where our own node names a room or key that cannot be. */
export function openRoom(
  state: State,
  {
    room: name,
    key,
    want,
    newcomer = false,
    home = null,
    only = null,
  }: Omit<Extract<LinkInput, { type: 'room-open' }>, 'type'>,
): void {
  if (!isHex32(name)) throw new ThicketError('invalid', `room: 64 hex digits, given ${JSON.stringify(name)}`);
  if (key.length !== 32) throw new ThicketError('invalid', `room key: 32 bytes, given ${key.length}`);
  const known = state.rooms.get(name);
  if (known !== undefined) {
    // Offers that answer what was announced there before are on their way: its nonces hold on.
    known.only = only;
    if (home !== null) known.home = home;
    setWant(state, known, want);
    return;
  }
  if (state.rooms.size >= state.config.maxRooms) {
    throw new ThicketError('busy', `rooms: at most ${state.config.maxRooms}`);
  }
  state.rooms.set(name, {
    name,
    key,
    want,
    newcomer,
    home: home ?? name,
    only,
    boxes: new Map(),
    joined: false,
    inside: true,
    askedAt: state.t,
    reviewAt: Infinity,
    vain: 0,
    members: new Map(),
    announced: [],
    announceAt: Infinity,
    backoff: state.config.retryMin,
    early: new Map(),
  });
  state.heldOff.clear();
  state.out.push({ type: 'signal-join', room: name });
}

export function setWant(state: State, room: Room, want: number): void {
  const more = want > room.want;
  room.want = want;
  if (more) announceSoon(state, room);
}

export function noteMember(state: State, room: Room, member: string, peer: PeerId | null = null): void {
  if (room.members.size >= state.config.maxMembers && !room.members.has(member)) return;
  room.members.set(member, peer ?? room.members.get(member) ?? null);
}

/** The endpoint's name for a peer, where it was heard in this room. */
export const memberOf = (room: Room, peer: PeerId): string | null =>
  [...room.members].find(([, known]) => known === peer)?.[0] ?? null;

/** The connection to the endpoint is gone, and with it the names of members. */
export function leaveEndpoint(room: Room): void {
  room.joined = false;
  room.members.clear();
  room.announceAt = Infinity;
}

/**
 * At once, and the doubling starts over. Many links lost one after the other are one change: each announce makes an earlier
 * one's nonce invalid, and an offer that answers it is on its way.
 */
export function announceSoon(state: State, room: Room): void {
  room.backoff = state.config.retryMin;
  if (!room.joined || !state.carrier) return;
  const last = room.announced.at(-1)?.at ?? -Infinity;
  room.announceAt = Math.max(state.t, last + state.config.announceAgain);
}

/** After the shortest wait: something changed, but nothing is lost. */
export function restartBackoff(state: State, room: Room): void {
  room.backoff = state.config.retryMin;
  if (!room.joined || !state.carrier) return;
  const soon = state.t + (lacking(state, room) > 0 ? room.backoff : state.config.retryMax);
  room.announceAt = Math.min(room.announceAt, soon);
}

/** Sends the announce that is due and plans the next (K6). */
export function runRoom(state: State, room: Room): void {
  if (state.t < room.announceAt) return;
  if (room.only !== null) {
    room.announceAt = Infinity;
    return;
  }
  if (room.members.size > 0) {
    const announced = freshNonce(state, room);
    announce(state, room, heardBy(state, room), announced);
  }
  const needy = lacking(state, room) > 0;
  const retryMax = needy && room.newcomer ? state.config.retryNewcomer : state.config.retryMax;
  const wait = needy ? room.backoff : retryMax;
  room.backoff = Math.min(retryMax, room.backoff * 2);
  // Peers that lost each other at one moment shall not announce at one moment for ever.
  room.announceAt = state.t + Math.round(wait * (0.9 + 0.2 * fraction(state.random)));
}

/** Everyone, or in a crowd of members so many by chance: the others would open it for nothing. */
function heardBy(state: State, room: Room): readonly (string | null)[] {
  const members = [...room.members.keys()];
  const asked = askedIn(state, room);
  if (asked === members.length) return [null];
  return Array.from({ length: asked }, () => {
    const [member] = members.splice(Math.floor(fraction(state.random) * members.length), 1);
    return member ?? null;
  });
}

/** To one member: that a link they announced serves this room as well. */
export function announceTo(state: State, room: Room, member: string): void {
  if (room.only !== null) return;
  const newest = room.announced.at(-1);
  announce(state, room, [member], newest && isValid(state, newest) ? newest : freshNonce(state, room));
}

/** `to`: members of the room; null is everyone. */
function announce(state: State, room: Room, to: readonly (string | null)[], { nonce }: Announced): void {
  const tags = Array.from(state.links.values(), (link) => linkTag(link, nonce, state.keypair.id)).slice(
    0,
    MAX_TAGS,
  );
  const links = upIn(state, room.name).length;
  const message = { kind: 'announce', nonce, links, tags, want: room.want } as const;
  const { payload } = sealMessage(state.signatures, state.keypair, room, state.random, message);
  for (const each of to) state.out.push({ type: 'signal-send', room: room.name, to: each, payload });
}

/** Where the room's key is known to others than members, to its receiver alone. */
function sealFor(state: State, room: Room, message: Outgoing): Sealed {
  const box =
    message.kind === 'announce' ? undefined : (room.only?.get(message.to) ?? room.boxes.get(message.to));
  return sealMessage(state.signatures, state.keypair, room, state.random, message, box);
}

/** Seals and sends through the endpoint. Returns the hash of what was signed. */
export function send(state: State, room: Room, to: string | null, message: Outgoing): Uint8Array {
  const { payload, hash } = sealFor(state, room, message);
  state.out.push({ type: 'signal-send', room: room.name, to, payload });
  return hash;
}

/** Seals and sends through the mesh. */
export function relay(
  state: State,
  room: Room,
  message: Exclude<Outgoing, { kind: 'announce' }>,
  retry = false,
): Uint8Array {
  const { payload, hash } = sealFor(state, room, message);
  state.out.push({ type: 'relay', room: room.name, to: message.to, payload, retry });
  return hash;
}

export function freshNonce(state: State, of: Pick<Room, 'announced'>): Announced {
  const announced = { nonce: state.random.bytes(NONCE_BYTES), at: state.t, offers: new Set<string>() };
  of.announced = [...of.announced, announced].slice(-state.config.maxNonces);
  return announced;
}

const isValid = (state: State, announced: Announced): boolean =>
  state.t - announced.at <= state.config.nonceLifetime;

/** Whether an offer echoes a nonce announced lately and wasn't seen before (K2); from now on it was. */
export function admitOffer(
  state: State,
  to: Pick<Room, 'announced'>,
  echo: Uint8Array,
  offerHash: Uint8Array,
): boolean {
  const announced = to.announced.find(({ nonce }) => equalBytes(nonce, echo));
  const id = bytesToHex(offerHash);
  if (announced === undefined || !isValid(state, announced) || announced.offers.has(id)) return false;
  if (announced.offers.size >= state.config.maxOffersPerNonce) return false;
  announced.offers.add(id);
  return true;
}

const earlyKey = (peer: PeerId, session: Uint8Array): string => peer + bytesToHex(session);

/** Keeps a candidate that overtook its offer, within bounds. */
export function keepEarly(
  state: State,
  room: Room,
  peer: PeerId,
  session: Uint8Array,
  candidate: Candidate,
): void {
  dropEarly(state, room);
  const key = earlyKey(peer, session);
  const kept = room.early.get(key);
  if (kept === undefined && room.early.size >= state.config.maxPending) {
    count(state, 'signal.dropped');
    return;
  }
  if (kept === undefined) room.early.set(key, { at: state.t, candidates: [candidate] });
  else if (kept.candidates.length < state.config.maxCandidates) kept.candidates.push(candidate);
  else count(state, 'signal.dropped');
}

export function takeEarly(room: Room, peer: PeerId, session: Uint8Array): Candidate[] {
  const key = earlyKey(peer, session);
  const candidates = room.early.get(key)?.candidates ?? [];
  room.early.delete(key);
  return candidates;
}

/** Those whose offer never came; the oldest are first. */
function dropEarly(state: State, room: Room): void {
  for (const [key, { at }] of room.early) {
    if (state.t - at < state.config.connectTimeout) return;
    room.early.delete(key);
  }
}
