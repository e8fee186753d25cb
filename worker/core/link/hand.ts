// Links whose signaling people carry as text (R4): offers wait for their answers, answers for being accepted.
// Knows nothing of the format, nor of how the text travels.
import { bytesToHex } from '@noble/hashes/utils.js';
import { equalBytes } from '../model/bytes.ts';
import type { ErrorCode } from '../model/errors.ts';
import { NONCE_BYTES } from './envelope.ts';
import { chooseCandidates, readText, writeText } from './hand-text.ts';
import type { HandAnswerText, HandMessage, Read } from './hand-text.ts';
import { beginLink, endLink, isRefused, nextLinkId } from './pool.ts';
import { parseSignalData, sdpFingerprint } from './sdp.ts';
import { describe, takeCandidate } from './signaling.ts';
import { count, isWaiting, pendingLink, setBounded } from './state.ts';
import type { HandOffer, Link, Room, State } from './state.ts';
import { beginVigil, runVigil } from './vigil.ts';

const REFUSED: Record<Extract<Read<Room>, { ok: false }>['why'] | 'refused', readonly [ErrorCode, string]> = {
  form: ['invalid', 'text: not what Thicket writes, or a part of it is missing'],
  kind: ['invalid', 'text: an offer is answered, an answer is accepted; this is the other of the two'],
  room: ['not-found', 'text: of no grove that this device is in'],
  content: ['corrupt', 'text: what it holds is not signed, or not complete'],
  refused: [
    'forbidden',
    'text: links with its device are refused here for a while, for what it did; forgive it first',
  ],
};
const ABSENT = 'no page carries links';

function fail(state: State, request: string, code: ErrorCode, message: string): void {
  state.out.push({ type: 'hand-failed', request, code, message });
}

// ---- offering -----------------------------------------------------------------------------------------

export function offerByHand(state: State, request: string, name: string): void {
  if (!state.rooms.has(name)) return fail(state, request, 'not-found', 'grove: not open here');
  if (!state.carrier) return fail(state, request, 'offline', ABSENT);
  const [oldest] = state.hands.values();
  if (oldest !== undefined && state.hands.size >= state.config.maxHands)
    endHand(state, oldest, 'newer offers took its place');
  const link = nextLinkId(state);
  state.hands.set(link, {
    link,
    room: name,
    request,
    session: state.random.bytes(NONCE_BYTES),
    deadline: state.t + state.config.handLife,
    sdp: null,
    candidates: [],
    textAt: state.t + state.config.connectTimeout,
    offerHash: null,
  });
  state.out.push({ type: 'link-open', link, initiator: true });
}

/** What the offering connection says is kept for the text. */
export function onHandSignal(state: State, hand: HandOffer, text: string): void {
  const data = parseSignalData(text, state.config.maxSdp);
  const late = hand.offerHash !== null || data === null;
  if (late || (data.type === 'candidate') === (hand.sdp === null)) {
    count(state, 'signal.unneeded');
    return;
  }
  if (data.type === 'candidate') hand.candidates.push(data.candidate);
  else hand.sdp = data.sdp;
  hand.textAt = state.t + state.config.handQuiet;
}

/** The connection of an offer that nobody accepted the answer to is of no use any more. */
export function endHand(state: State, hand: HandOffer, reason: string, gone = false): void {
  if (!state.hands.delete(hand.link)) return;
  if (!gone) state.out.push({ type: 'link-close', link: hand.link, reason });
  if (hand.request !== null) fail(state, hand.request, 'aborted', reason);
}

export function endHands(state: State, reason: string, room: string | null, gone = false): void {
  for (const hand of [...state.hands.values()])
    if (room === null || hand.room === room) endHand(state, hand, reason, gone);
}

function writeOffer(state: State, hand: HandOffer, request: string): void {
  const room = state.rooms.get(hand.room);
  if (room === undefined || hand.sdp === null)
    return endHand(state, hand, 'the browser made no offer in time');
  const { text, hash } = writeText(state.signatures, state.keypair, room, state.random, {
    kind: 'offer',
    session: hand.session,
    expires: state.now + state.config.handLife,
    sdp: hand.sdp,
    candidates: chooseCandidates(hand.candidates),
  });
  hand.request = null;
  hand.textAt = Infinity;
  hand.offerHash = hash;
  state.out.push({ type: 'hand-text', request, room: room.name, text, peer: null });
}

// ---- answering ----------------------------------------------------------------------------------------

export function answerByHand(state: State, request: string, text: string): void {
  const read = readText(state.signatures, state.rooms.values(), 'offer', text);
  if (!read.ok) return fail(state, request, ...REFUSED[read.why]);
  const { room, message, hash } = read;
  const remotePrint = sdpFingerprint(message.sdp);
  const hindrance = message.kind === 'offer' ? whyNot(state, message, hash) : null;
  if (hindrance !== null) return fail(state, request, ...hindrance);
  if (remotePrint === null) return fail(state, request, ...REFUSED.content);
  setBounded(state.handsSeen, state.config.maxCallsSeen, bytesToHex(hash), true);
  makeWay(state);
  const pending = pendingLink(state, message.from);
  if (pending !== undefined) endLink(state, pending, 'begun anew by hand');
  const link = beginLink(state, room, {
    peer: message.from,
    initiator: false,
    route: { type: 'hand' },
    purpose: 'neighbour',
    dialled: true,
    session: message.session,
    echo: message.session,
    offerHash: hash,
    remotePrint,
  });
  link.deadline = state.t + state.config.handLife;
  link.gathering = { request, sdp: null, candidates: [], textAt: state.t + state.config.connectTimeout };
  state.out.push(describe(link, { type: 'offer', sdp: message.sdp }));
  for (const candidate of message.candidates) takeCandidate(state, link, candidate);
  beginVigil(state, link, message.candidates);
}

function whyNot(
  state: State,
  offer: Extract<HandMessage, { kind: 'offer' }>,
  hash: Uint8Array,
): readonly [ErrorCode, string] | null {
  const { handLife, handSkew } = state.config;
  if (offer.from === state.keypair.id) return ['invalid', "text: this device's own offer"];
  if (state.now > offer.expires + handSkew) return ['expired', 'text: an offer is good for a day'];
  if (offer.expires > state.now + handLife + handSkew)
    return ['invalid', 'text: from the future; one of the two clocks is wrong'];
  if (isRefused(state, offer.from)) return REFUSED.refused;
  if (state.handsSeen.has(bytesToHex(hash))) return ['used-up', 'text: answered already'];
  return state.carrier ? null : ['offline', ABSENT];
}

/** Answers that wait to be accepted each hold a connection: the oldest makes place. */
function makeWay(state: State): void {
  const waiting = [...state.links.values()].filter(isWaiting);
  const [oldest] = waiting;
  if (oldest !== undefined && waiting.length >= state.config.maxHands)
    endLink(state, oldest, 'newer answers took its place');
}

function writeAnswer(state: State, link: Link, gathering: NonNullable<Link['gathering']>): void {
  const room = state.rooms.get(link.room);
  const { request, sdp, candidates } = gathering;
  if (room === undefined || sdp === null || link.offerHash === null)
    return endLink(state, link, 'the browser made no answer in time');
  const { text } = writeText(state.signatures, state.keypair, room, state.random, {
    kind: 'answer',
    to: link.peer,
    session: link.session,
    offerHash: link.offerHash,
    sdp,
    candidates: chooseCandidates(candidates),
  });
  link.gathering = null;
  state.out.push({ type: 'hand-text', request, room: room.name, text, peer: link.peer });
}

// ---- accepting ----------------------------------------------------------------------------------------

export function acceptByHand(state: State, request: string, text: string): void {
  const read = readText(state.signatures, state.rooms.values(), 'answer', text);
  if (!read.ok) return fail(state, request, ...REFUSED[read.why]);
  const { room, message } = read;
  if (message.kind !== 'answer') return;
  const hand = [...state.hands.values()].find(({ session }) => equalBytes(session, message.session));
  if (hand === undefined) {
    const spent = state.handsSeen.has(bytesToHex(message.session));
    if (spent) return fail(state, request, 'used-up', 'text: this offer has its answer already');
    return fail(state, request, 'not-found', 'text: answers no offer that waits here; make a new one');
  }
  const remotePrint = sdpFingerprint(message.sdp);
  if (!isFor(state, hand, room, message) || hand.sdp === null || remotePrint === null)
    return fail(state, request, ...REFUSED.content);
  if (isRefused(state, message.from)) return fail(state, request, ...REFUSED.refused);
  connect(state, hand, { ...message, remotePrint, offer: hand.sdp });
  state.out.push({ type: 'hand-accepted', request, room: room.name, peer: message.from });
}

const isFor = (state: State, hand: HandOffer, room: Room, { to, from, offerHash }: HandAnswerText): boolean =>
  to === state.keypair.id &&
  from !== to &&
  hand.room === room.name &&
  hand.offerHash !== null &&
  equalBytes(hand.offerHash, offerHash);

/** The connection that made the offer becomes the attempt that it always was; now it is known at whom. */
function connect(
  state: State,
  hand: HandOffer,
  answer: HandAnswerText & { remotePrint: Uint8Array; offer: string },
): void {
  const room = state.rooms.get(hand.room);
  if (room === undefined) return;
  state.hands.delete(hand.link);
  setBounded(state.handsSeen, state.config.maxCallsSeen, bytesToHex(hand.session), true);
  const pending = pendingLink(state, answer.from);
  if (pending !== undefined) endLink(state, pending, 'begun anew by hand');
  const start = {
    peer: answer.from,
    initiator: true,
    route: { type: 'hand' },
    purpose: 'neighbour',
    dialled: true,
    session: hand.session,
    echo: hand.session,
    offerHash: hand.offerHash,
    remotePrint: answer.remotePrint,
  } as const;
  const link = beginLink(state, room, start, hand.link);
  link.deadline = state.t + state.config.handConnect;
  link.localPrint = sdpFingerprint(answer.offer);
  state.out.push(describe(link, { type: 'answer', sdp: answer.sdp }));
  for (const candidate of answer.candidates) takeCandidate(state, link, candidate);
}

// ---- time ---------------------------------------------------------------------------------------------

/** Writes what has gathered long enough, and gives up what waited too long. */
export function runHands(state: State): void {
  for (const hand of [...state.hands.values()]) {
    if (state.t >= hand.deadline) endHand(state, hand, 'nobody answered in time');
    else if (hand.request !== null && state.t >= hand.textAt) writeOffer(state, hand, hand.request);
  }
  for (const link of [...state.links.values()]) {
    if (link.gathering !== null && state.t >= link.gathering.textAt) writeAnswer(state, link, link.gathering);
    runVigil(state, link);
  }
}
