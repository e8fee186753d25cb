// What signaling messages do: announces are answered by offers, offers by answers, and attempts come about (K2, K3).
// Knows nothing of what is said on the channel once it is open.
import { equalBytes } from '../model/bytes.ts';
import { compareIds } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import type { SignalEvent } from '../ports.ts';
import { NONCE_BYTES, linkTag, openMessage } from './envelope.ts';
import type { Message } from './envelope.ts';
import { beginLink, endLink, hasRoomFor, isHeldOff } from './pool.ts';
import { admitOffer, announceTo, keepEarly, noteMember, send, takeEarly } from './rooms.ts';
import { formatSignalData, parseSignalData, sdpFingerprint } from './sdp.ts';
import type { Candidate } from './sdp.ts';
import { count, fraction, pendingLink, upLink } from './state.ts';
import type { Link, Room, State } from './state.ts';

type Of<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;

/** A payload that came through the endpoint. Whatever is wrong with it is counted, and nothing else happens. */
export function onSignalMessage(state: State, event: Extract<SignalEvent, { type: 'signal-message' }>): void {
  const room = state.rooms.get(event.room);
  if (room === undefined) {
    count(state, 'signal.unwanted');
    return;
  }
  const opened = openMessage(
    state.signatures,
    state.keypair.id,
    room,
    event.payload,
    state.config.maxPayload,
  );
  if (!opened.ok) {
    count(state, `signal.${opened.why}`);
    return;
  }
  noteMember(state, room, event.from);
  if (!state.carrier) return;
  const { message } = opened;
  switch (message.kind) {
    case 'announce':
      onAnnounce(state, room, event.from, message);
      break;
    case 'offer':
      onOffer(state, room, event.from, message, opened.hash);
      break;
    case 'answer':
      onAnswer(state, event.from, message);
      break;
    case 'candidate':
      onCandidate(state, room, message);
      break;
  }
}

function onAnnounce(state: State, room: Room, member: string, message: Of<'announce'>): void {
  const link = upLink(state, message.from);
  if (link !== undefined) {
    if (holdsLink(link, message)) {
      meetAgain(state, room, member, link);
      return;
    }
    // The announce may have been under way while the link came up.
    if (state.t - link.startedAt < state.config.settle) return;
  }
  if (!wantsToOffer(state, room, member, link, message)) return;
  const pending = pendingLink(state, message.from);
  if (pending !== undefined) endLink(state, pending, 'announced anew', { failed: true });
  beginLink(state, room, {
    peer: message.from,
    initiator: true,
    member,
    session: state.random.bytes(NONCE_BYTES),
    echo: message.nonce,
    offerHash: null,
    remotePrint: null,
  });
}

function holdsLink(link: Link, { tags, nonce, from }: Of<'announce'>): boolean {
  const tag = linkTag(link, nonce, from);
  return tags.some((given) => equalBytes(given, tag));
}

/** A peer with which a link is shared turns up in this room too: the link serves it, and they shall know. */
function meetAgain(state: State, room: Room, member: string, link: Link): void {
  if (link.rooms.has(room.name)) return;
  link.rooms.add(room.name);
  announceTo(state, room, member);
}

function wantsToOffer(
  state: State,
  room: Room,
  member: string,
  link: Link | undefined,
  announce: Of<'announce'>,
): boolean {
  const { config } = state;
  const peer = announce.from;
  const pending = pendingLink(state, peer);
  if (pending !== undefined) {
    // Unlisted, an attempt that the other side took part in is lost to it; an unanswered offer may be on its way.
    const answered = !pending.initiator || pending.remotePrint !== null;
    if (holdsLink(pending, announce) || equalBytes(pending.echo, announce.nonce)) return false;
    // One that went to a former connection of the peer's is lost: the endpoint knows it by another name now.
    const underWay = pending.room !== room.name || pending.member === member;
    if (!answered && underWay && state.t - pending.startedAt < config.answerPatience) return false;
  }
  if (isHeldOff(state, peer) || (state.failures.get(peer)?.notBefore ?? 0) > state.t) return false;
  if (link !== undefined || pending !== undefined || hasRoomFor(state, room, peer, room.want)) return true;
  if (announce.links >= config.maxRoomLinks || !hasRoomFor(state, room, peer, config.maxRoomLinks + 1))
    return false;
  // Members that have enough take in whoever has no link at all, and now and then others, so that no two parts of a
  // room stay apart: so many of all of them. The excess is trimmed once the link is proven.
  const takers = announce.links === 0 ? config.maxRoomLinks : config.strangersTaken;
  return fraction(state.random) * room.members.size < takers;
}

function onOffer(state: State, room: Room, member: string, message: Of<'offer'>, hash: Uint8Array): void {
  const remotePrint = sdpFingerprint(message.sdp);
  if (remotePrint === null || message.sdp.length > state.config.maxSdp) {
    count(state, 'signal.refused');
    return;
  }
  if (!admitOffer(state, room, message.echo, hash)) {
    count(state, 'signal.replayed');
    return;
  }
  if (!mayAnswer(state, room, message.from)) {
    count(state, 'signal.unwanted');
    return;
  }
  const pending = pendingLink(state, message.from);
  if (pending !== undefined) endLink(state, pending, pending.initiator ? 'glare' : 'offered anew');
  const link = beginLink(state, room, {
    peer: message.from,
    initiator: false,
    member,
    session: message.nonce,
    echo: message.echo,
    offerHash: hash,
    remotePrint,
  });
  state.out.push(describe(link, { type: 'offer', sdp: message.sdp }));
  for (const candidate of takeEarly(room, message.from, message.nonce)) takeCandidate(state, link, candidate);
}

function mayAnswer(state: State, room: Room, peer: PeerId): boolean {
  if (isHeldOff(state, peer)) return false;
  const pending = pendingLink(state, peer);
  // Glare: both offered. The lower key's offer stands.
  if (pending?.initiator === true && compareIds(state.keypair.id, peer) < 0) return false;
  return pending !== undefined || hasRoomFor(state, room, peer, state.config.maxRoomLinks);
}

function onAnswer(state: State, member: string, message: Of<'answer'>): void {
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
  link.member = member;
  state.out.push(describe(link, { type: 'answer', sdp: message.sdp }));
  for (const candidate of link.candidates.waiting.splice(0)) hand(state, link, candidate);
}

function onCandidate(state: State, room: Room, message: Of<'candidate'>): void {
  const link = attempt(state, message.from, message.session);
  if (link === undefined) keepEarly(state, room, message.from, message.session, message.candidate);
  else takeCandidate(state, link, message.candidate);
}

const attempt = (state: State, peer: PeerId, session: Uint8Array): Link | undefined =>
  [...state.links.values()].find((link) => link.peer === peer && equalBytes(link.session, session));

function takeCandidate(state: State, link: Link, candidate: Candidate): void {
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

const describe = (link: Link, description: { type: 'offer' | 'answer'; sdp: string }) =>
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
  if (link.initiator) link.offerHash = sendOffer(state, room, link, data.sdp);
  else sendAnswer(state, room, link, data.sdp);
}

const sendOffer = (state: State, room: Room, link: Link, sdp: string): Uint8Array =>
  send(state, room, link.member, { kind: 'offer', to: link.peer, nonce: link.session, echo: link.echo, sdp });

function sendAnswer(state: State, room: Room, link: Link, sdp: string): void {
  if (link.offerHash === null) return;
  send(state, room, link.member, {
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
  send(state, room, link.member, { kind: 'candidate', to: link.peer, session: link.session, candidate });
}
