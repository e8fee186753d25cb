// The set of links: begins and ends them, counts them against the limits, remembers whom to leave alone.
// Knows nothing of signaling messages or frames' meaning.
import type { LinkId, PeerId } from '../model/ids.ts';
import { encodeFrame } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { countPeers, linksOf, setBounded, upLink } from './state.ts';
import type { Link, Room, State } from './state.ts';

const MAX_REASON = 200;

export interface Ending {
  /** Tell the other side why, where there is a channel. */
  bye?: boolean;
  /** The connection is gone already: there is nothing to close. */
  gone?: boolean;
  /** Counts as a failed attempt of this peer. */
  failed?: boolean;
}

/** A reason may quote what the other side said; a bye takes 256 characters of well-formed text. */
const clip = (reason: string): string => reason.slice(0, MAX_REASON).replace(/\p{Surrogate}/gu, '?');

export function sendFrame(state: State, link: Link, frame: Frame): void {
  state.out.push({ type: 'link-send', link: link.id, frame: encodeFrame(frame), lane: 'control' });
}

type Start = Pick<Link, 'peer' | 'initiator' | 'member' | 'session' | 'echo' | 'offerHash' | 'remotePrint'>;

export function beginLink(state: State, room: Room, start: Start): Link {
  state.nextLink += 1;
  const link: Link = {
    ...start,
    id: `L${state.nextLink}` as LinkId,
    room: room.name,
    rooms: new Set([room.name]),
    state: 'connecting',
    since: state.now,
    startedAt: state.t,
    deadline: state.t + state.config.connectTimeout,
    localPrint: null,
    candidates: { sent: 0, taken: 0, waiting: [] },
    handshake: null,
    transcript: null,
    liveness: null,
    garbled: 0,
  };
  state.links.set(link.id, link);
  state.out.push({ type: 'link-open', link: link.id, initiator: link.initiator });
  return link;
}

/** Forgets a link and closes it. What the page still tells of it is ignored. */
export function endLink(state: State, link: Link, reason: string, ending: Ending = {}): void {
  if (!state.links.delete(link.id)) return;
  if (ending.gone !== true) {
    if (ending.bye === true && link.state !== 'connecting')
      sendFrame(state, link, { type: 'bye', reason: clip(reason) });
    state.out.push({ type: 'link-close', link: link.id, reason });
  }
  if (link.state === 'up') state.out.push({ type: 'down', link: link.id, peer: link.peer, reason });
  else if (ending.failed === true) recordFailure(state, link.peer, reason);
}

function recordFailure(state: State, peer: PeerId, reason: string): void {
  const { retryMin, retryMax, maxFailures } = state.config;
  const attempts = (state.failures.get(peer)?.attempts ?? 0) + 1;
  const notBefore = state.t + Math.min(retryMax, retryMin * 2 ** Math.min(attempts - 1, 16));
  setBounded(state.failures, maxFailures, peer, { attempts, reason, notBefore });
  state.out.push({ type: 'count', name: 'links.failed' });
}

export const isHeldOff = (state: State, peer: PeerId): boolean => (state.heldOff.get(peer) ?? 0) > state.t;

/** Whether another attempt fits in, whoever makes it: the device's links, and this room's up to `limit`. */
export function hasRoomFor(state: State, room: Room, peer: PeerId, limit: number): boolean {
  const inRoom = linksOf(state, room.name);
  if (inRoom.filter((link) => link.state !== 'up').length >= state.config.maxPending) return false;
  if (upLink(state, peer) !== undefined) return true;
  return countPeers(inRoom) < limit && countPeers(state.links.values()) < state.config.maxLinks;
}

/** How many links a room still wants. */
export function lacking(state: State, room: Room): number {
  return Math.max(0, room.want - linksOf(state, room.name).filter((link) => link.state === 'up').length);
}
