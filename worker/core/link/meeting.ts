// Who is offered a link: peers that announce themselves in a room, and peers that call (K2, R3). Opens what comes sealed.
// Knows nothing of what offers and answers do.
import { bytesToHex } from '@noble/hashes/utils.js';
import { equalBytes } from '../model/bytes.ts';
import type { PeerId } from '../model/ids.ts';
import { linkTag, openMessage } from './envelope.ts';
import { askedIn, hasRoomFor, isNewcomer, limitOf, mayTry } from './pool.ts';
import { onRestart } from './restart.ts';
import { announceTo, noteMember } from './rooms.ts';
import { offerTo, onAnswer, onCandidate, onOffer } from './signaling.ts';
import type { Of } from './signaling.ts';
import { count, fraction, pendingLink, setBounded, upLink } from './state.ts';
import type { Link, Room, Route, State } from './state.ts';

/** A payload that came to us, from whom the way says. Whatever is wrong with it is counted, and nothing else happens. */
export function onMessage(
  state: State,
  name: string,
  route: Route,
  payload: Uint8Array,
  from: PeerId | null,
): void {
  const room = state.rooms.get(name);
  if (room === undefined) {
    count(state, 'signal.unwanted');
    return;
  }
  const { signatures, keypair, config } = state;
  const opened = openMessage(signatures, keypair.id, room, payload, config.maxPayload, keypair.boxSecret);
  if (!opened.ok) {
    count(state, `signal.${opened.why}`);
    return;
  }
  const { message } = opened;
  // A relayed message leaves a trace for the way back: it must be its signer's.
  if (from !== null && message.from !== from) {
    count(state, 'signal.refused');
    return;
  }
  // The room of an earlier epoch: others may hold its key who are members no more (A16).
  if (room.only?.has(message.from) === false) {
    count(state, 'signal.stranger');
    return;
  }
  if (opened.box !== null) setBounded(room.boxes, config.maxMembers, message.from, opened.box);
  if (route.type === 'endpoint') noteMember(state, room, route.member, message.from);
  if (message.kind === 'announce') state.out.push({ type: 'met', room: name, peer: message.from });
  // What an announce leads to is a link that begins, which says so itself.
  if (message.kind !== 'announce') state.stale = true;
  if (!state.carrier) return;
  switch (message.kind) {
    case 'announce':
      if (route.type === 'endpoint') onAnnounce(state, room, route.member, message);
      break;
    case 'call':
      onCall(state, room, route, message);
      break;
    case 'offer':
      onOffer(state, room, route, message, opened.hash);
      break;
    case 'answer':
      onAnswer(state, route, message);
      break;
    case 'candidate':
      onCandidate(state, room, message);
      break;
    case 'restart':
      onRestart(state, room, message);
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
  offerTo(
    state,
    room,
    { type: 'endpoint', member },
    { peer: message.from, echo: message.nonce, purpose: 'neighbour' },
  );
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
    const { route } = pending;
    const underWay = pending.room !== room.name || route.type !== 'endpoint' || route.member === member;
    if (!answered && underWay && state.t - pending.startedAt < config.answerPatience) return false;
  }
  if (!mayTry(state, peer)) return false;
  if (link !== undefined || pending !== undefined) return true;
  if (isNewcomer(room) && announce.want > 0) return false;
  const asked = askedIn(state, room);
  // Who was away has missed what the others hold, whomever else it is linked to that missed it too.
  if (room.only !== null)
    return (
      hasRoomFor(state, room, peer, limitOf(state, room) + 1) &&
      fraction(state.random) * asked < config.newcomersTaken
    );
  // In a crowd so many of all who got it make an offer, whether they look for links or only take newcomers in: that is enough.
  if (hasRoomFor(state, room, peer, room.want, 'neighbour', true))
    return fraction(state.random) * asked < 2 * config.maxRoomLinks;
  // Members that have enough take in whoever has no link at all. Who is linked to whom else is membership's to say.
  const limit = limitOf(state, room) + (room.want > 0 ? 1 : 0);
  // Where this device only listens: newcomers that were let in, too, until they have as many as share a log.
  const enough = room.want > 0 ? 1 : Math.min(Math.max(1, announce.want), config.maxNewcomerLinks);
  if (announce.links >= enough || !hasRoomFor(state, room, peer, limit)) return false;
  const takers = room.want > 0 ? config.newcomersTaken : config.newcomersLetIn;
  return fraction(state.random) * asked < takers;
}

/** R3: somebody looks for us in particular. Who calls has no link to us, whatever we believe to have. */
function onCall(state: State, room: Room, route: Route, message: Of<'call'>): void {
  const { config } = state;
  const peer = message.from;
  const nonce = bytesToHex(message.nonce);
  if (state.callsSeen.has(nonce)) {
    count(state, 'signal.replayed');
    return;
  }
  setBounded(state.callsSeen, config.maxCallsSeen, nonce, true);
  // The call may have been under way while a link came up, or an attempt began.
  const link = upLink(state, peer) ?? pendingLink(state, peer);
  if (link !== undefined && state.t - link.startedAt < config.settle) return;
  const purpose = message.temporary ? 'temporary' : 'neighbour';
  if (!mayTry(state, peer) || !hasRoomFor(state, room, peer, limitOf(state, room), purpose)) {
    count(state, 'signal.unwanted');
    return;
  }
  offerTo(state, room, route, { peer, echo: message.nonce, purpose });
}
