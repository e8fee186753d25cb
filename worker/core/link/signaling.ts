// What offers, answers and candidates do, whatever way they come: attempts come about (K2, K3).
// Knows neither why an offer is made nor what is said on the channel once it is open.
import { equalBytes } from '../model/bytes.ts';
import { compareIds } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import { NONCE_BYTES } from './envelope.ts';
import type { Message, Outgoing } from './envelope.ts';
import { beginLink, endLink, hasRoomFor, isHeldOff, isNewcomer } from './pool.ts';
import { admitOffer, keepEarly, relay, send, takeEarly } from './rooms.ts';
import { formatSignalData, parseSignalData, sdpFingerprint } from './sdp.ts';
import type { Candidate } from './sdp.ts';
import { count, pendingLink } from './state.ts';
import type { Link, Room, Route, State } from './state.ts';

export type Of<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;
type Directed = Exclude<Outgoing, { kind: 'announce' }>;

/** To the other end of an attempt, by its way. What goes by hand is gathered elsewhere. */
function sendTo(state: State, room: Room, route: Route, message: Directed): Uint8Array | null {
  if (route.type === 'hand') return null;
  return route.type === 'relay' ? relay(state, room, message) : send(state, room, route.member, message);
}

/** Makes an offer to a peer that announced itself or called. */
export function offerTo(
  state: State,
  room: Room,
  route: Route,
  to: { peer: PeerId; echo: Uint8Array; purpose: Link['purpose'] },
): void {
  const pending = pendingLink(state, to.peer);
  if (pending !== undefined) endLink(state, pending, 'begun anew');
  beginLink(state, room, {
    peer: to.peer,
    initiator: true,
    route,
    purpose: to.purpose,
    dialled: false,
    session: state.random.bytes(NONCE_BYTES),
    echo: to.echo,
    offerHash: null,
    remotePrint: null,
  });
}

export function onOffer(
  state: State,
  room: Room,
  route: Route,
  message: Of<'offer'>,
  hash: Uint8Array,
): void {
  const remotePrint = sdpFingerprint(message.sdp);
  if (remotePrint === null || message.sdp.length > state.config.maxSdp) {
    count(state, 'signal.refused');
    return;
  }
  const call = state.calls.get(message.from);
  // Refused, an offer that answers an ended call would be insisted on: its maker may have the lower key.
  const ended = state.callsEnded.get(message.from);
  const calls = [call, ended].filter((each) => each?.room === room.name);
  const isAnswer = calls.some((each) => each !== undefined && admitOffer(state, each, message.echo, hash));
  if (!isAnswer && !admitOffer(state, room, message.echo, hash)) {
    count(state, 'signal.replayed');
    return;
  }
  const purpose = (call ?? (isAnswer ? ended : undefined))?.purpose ?? 'neighbour';
  if (!mayAnswer(state, room, message.from, purpose)) {
    count(state, 'signal.unwanted');
    return;
  }
  const pending = pendingLink(state, message.from);
  if (pending !== undefined) endLink(state, pending, pending.initiator ? 'glare' : 'offered anew');
  const link = beginLink(state, room, {
    peer: message.from,
    initiator: false,
    route,
    purpose,
    dialled: call !== undefined,
    session: message.nonce,
    echo: message.echo,
    offerHash: hash,
    remotePrint,
  });
  state.out.push(describe(link, { type: 'offer', sdp: message.sdp }));
  for (const candidate of takeEarly(room, message.from, message.nonce)) takeCandidate(state, link, candidate);
}

function mayAnswer(state: State, room: Room, peer: PeerId, purpose: Link['purpose']): boolean {
  if (isHeldOff(state, peer)) return false;
  const pending = pendingLink(state, peer);
  // Glare: both offered. The lower key's offer stands.
  if (pending?.initiator === true && compareIds(state.keypair.id, peer) < 0) return false;
  // A newcomer leaves the places of those who listen to other newcomers.
  const limit = isNewcomer(room) ? state.config.maxNewcomerLinks : state.config.maxRoomLinks;
  return pending !== undefined || hasRoomFor(state, room, peer, limit, purpose, true);
}

export function onAnswer(state: State, route: Route, message: Of<'answer'>): void {
  const link = attempt(state, message.from, message.session);
  if (link?.initiator !== true || link.remotePrint !== null || link.offerHash === null) {
    count(state, 'signal.unwanted');
    return;
  }
  const remotePrint = sdpFingerprint(message.sdp);
  const fits = equalBytes(message.offerHash, link.offerHash) && message.sdp.length <= state.config.maxSdp;
  if (remotePrint === null || !fits) {
    count(state, 'signal.refused');
    return;
  }
  link.remotePrint = remotePrint;
  link.route = route;
  state.out.push(describe(link, { type: 'answer', sdp: message.sdp }));
  for (const candidate of link.candidates.waiting.splice(0)) hand(state, link, candidate);
}

export function onCandidate(state: State, room: Room, message: Of<'candidate'>): void {
  const link = attempt(state, message.from, message.session);
  if (link === undefined) keepEarly(state, room, message.from, message.session, message.candidate);
  else takeCandidate(state, link, message.candidate);
}

const attempt = (state: State, peer: PeerId, session: Uint8Array): Link | undefined =>
  [...state.links.values()].find((link) => link.peer === peer && equalBytes(link.session, session));

export function takeCandidate(state: State, link: Link, candidate: Candidate): void {
  if (link.candidates.taken >= state.config.maxCandidates) {
    count(state, 'signal.dropped');
    return;
  }
  link.candidates.taken += 1;
  if (link.remotePrint === null) link.candidates.waiting.push(candidate);
  else hand(state, link, candidate);
}

function hand(state: State, link: Link, candidate: Candidate): void {
  const data = formatSignalData({ type: 'candidate', candidate });
  state.out.push({ type: 'link-signal', link: link.id, data });
}

export const describe = (link: Link, description: { type: 'offer' | 'answer'; sdp: string }) =>
  ({ type: 'link-signal', link: link.id, data: formatSignalData(description) }) as const;

/** What this side's connection has to tell the other: travels sealed and signed. */
export function onLinkSignal(state: State, link: Link, text: string): void {
  const room = state.rooms.get(link.room);
  const data = parseSignalData(text, state.config.maxSdp);
  if (room === undefined || data === null) {
    count(state, 'signal.unneeded');
    return;
  }
  if (data.type === 'candidate') {
    sendCandidate(state, room, link, data.candidate);
    return;
  }
  const expected = link.initiator ? 'offer' : 'answer';
  if (data.type !== expected || link.localPrint !== null) {
    count(state, 'signal.unneeded');
    return;
  }
  link.localPrint = sdpFingerprint(data.sdp);
  if (link.localPrint === null) {
    endLink(state, link, 'no fingerprint in our description', { failed: true });
    return;
  }
  if (link.gathering !== null) {
    link.gathering.sdp = data.sdp;
    link.gathering.textAt = state.t + state.config.handQuiet;
  } else if (link.initiator) link.offerHash = sendOffer(state, room, link, data.sdp);
  else sendAnswer(state, room, link, data.sdp);
}

const sendOffer = (state: State, room: Room, link: Link, sdp: string): Uint8Array | null =>
  sendTo(state, room, link.route, {
    kind: 'offer',
    to: link.peer,
    nonce: link.session,
    echo: link.echo,
    sdp,
  });

function sendAnswer(state: State, room: Room, link: Link, sdp: string): void {
  if (link.offerHash === null) return;
  sendTo(state, room, link.route, {
    kind: 'answer',
    to: link.peer,
    session: link.session,
    nonce: state.random.bytes(NONCE_BYTES),
    offerHash: link.offerHash,
    sdp,
  });
}

function sendCandidate(state: State, room: Room, link: Link, candidate: Candidate): void {
  if (link.candidates.sent >= state.config.maxCandidates) {
    count(state, 'signal.dropped');
    return;
  }
  link.candidates.sent += 1;
  if (link.gathering !== null) {
    link.gathering.candidates.push(candidate);
    link.gathering.textAt = state.t + state.config.handQuiet;
  } else
    sendTo(state, room, link.route, { kind: 'candidate', to: link.peer, session: link.session, candidate });
}
