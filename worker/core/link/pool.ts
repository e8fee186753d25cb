// The set of links: begins and ends them, counts them against the limits, remembers whom to leave alone.
// Knows nothing of signaling messages or frames' meaning.
import type { LinkId, PeerId } from '../model/ids.ts';
import { encodeFrame } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { createInflow } from './inflow.ts';
import { fraction, isWaiting, linksOf, setBounded, upLink } from './state.ts';
import type { Link, Room, State } from './state.ts';
import type { LinkOutput, Purpose, Stage } from './types.ts';

const MAX_REASON = 200;
export const REFUSED = 'refused here for a while, for what it did';

export interface Ending {
  /** Tell the other side why, where there is a channel. */
  bye?: boolean;
  /** The connection is gone already: there is nothing to close. */
  gone?: boolean;
  /** Counts as a failed attempt of this peer. */
  failed?: boolean;
  /** Who ended it; by default this side. */
  how?: Extract<LinkOutput, { type: 'down' }>['how'];
}

/** A reason may quote what the other side said; a bye takes 256 characters of well-formed text. */
const clip = (reason: string): string => reason.slice(0, MAX_REASON).replace(/\p{Surrogate}/gu, '?');

export function sendFrame(state: State, link: Link, frame: Frame): void {
  state.out.push({ type: 'link-send', link: link.id, frame: encodeFrame(frame), lane: 'control' });
}

export type Start = Pick<
  Link,
  'peer' | 'initiator' | 'route' | 'purpose' | 'dialled' | 'session' | 'echo' | 'offerHash' | 'remotePrint'
>;

export function nextLinkId(state: State): LinkId {
  state.nextLink += 1;
  return `L${state.nextLink}` as LinkId;
}

/** Starts an attempt; `id` names a connection that is there already. */
export function beginLink(state: State, room: Room, start: Start, id?: LinkId): Link {
  const link: Link = {
    ...start,
    id: id ?? nextLinkId(state),
    room: room.name,
    rooms: new Set([room.name]),
    state: 'connecting',
    since: state.now,
    startedAt: state.t,
    deadline: state.t + state.config.connectTimeout,
    neededUntil: Infinity,
    spare: false,
    localPrint: null,
    candidates: { sent: 0, taken: 0, waiting: [] },
    gathering: null,
    vigil: null,
    restart: null,
    handshake: null,
    transcript: null,
    liveness: null,
    garbled: 0,
    inflow: createInflow(state.config.inflow),
  };
  state.links.set(link.id, link);
  state.stale = true;
  if (id === undefined) state.out.push({ type: 'link-open', link: link.id, initiator: link.initiator });
  return link;
}

/** Forgets a link and closes it. What the page still tells of it is ignored. */
export function endLink(state: State, link: Link, reason: string, ending: Ending = {}): void {
  if (!state.links.delete(link.id)) return;
  state.stale = true;
  if (ending.gone !== true) {
    if (ending.bye === true && link.state !== 'connecting')
      sendFrame(state, link, { type: 'bye', reason: clip(reason) });
    state.out.push({ type: 'link-close', link: link.id, reason });
  }
  if (link.gathering !== null) {
    const { request } = link.gathering;
    state.out.push({ type: 'hand-failed', request, code: 'aborted', message: reason });
  }
  if (link.state === 'up') {
    const { id, peer } = link;
    state.out.push({ type: 'down', link: id, peer, reason, how: ending.how ?? 'closed' });
  } else if (ending.failed === true) recordFailure(state, link.peer, reason, stageOf(link));
}

function stageOf(link: Link): Stage {
  if (link.state !== 'connecting') return 'handshake';
  return link.initiator && link.remotePrint === null ? 'answer' : 'path';
}

/** An attempt at a peer came to nothing; who asked for a link to it is told. */
export function recordFailure(state: State, peer: PeerId, reason: string, stage: Stage): void {
  const { retryMin, retryMax, maxFailures } = state.config;
  const attempts = (state.failures.get(peer)?.attempts ?? 0) + 1;
  const notBefore = state.t + Math.min(retryMax, retryMin * 2 ** Math.min(attempts - 1, 16));
  setBounded(state.failures, maxFailures, peer, { attempts, reason, stage, at: state.now, notBefore });
  state.out.push({ type: 'count', name: 'links.failed' });
  endCall(state, peer, reason);
}

export function endCall(state: State, peer: PeerId, reason: string): void {
  const call = state.calls.get(peer);
  if (call === undefined) return;
  state.calls.delete(peer);
  setBounded(state.callsEnded, state.config.maxCalls, peer, call);
  state.stale = true;
  state.out.push({ type: 'dial-failed', room: call.room, peer, reason });
}

export const isRefused = (state: State, peer: PeerId): boolean => (state.refused.get(peer) ?? 0) > state.t;

export const isHeldOff = (state: State, peer: PeerId): boolean =>
  (state.heldOff.get(peer) ?? 0) > state.t || isRefused(state, peer);

/** P11: whatever there is with this peer ends, and nothing is begun with it for so long; 0: it is let go on. */
export function refuse(state: State, peer: PeerId, left: number): void {
  if (left <= 0) {
    state.refused.delete(peer);
    return;
  }
  setBounded(state.refused, state.config.maxRefused, peer, state.t + left);
  endCall(state, peer, REFUSED);
  for (const link of [...state.links.values()])
    if (link.peer === peer) endLink(state, link, REFUSED, { bye: true });
}

export const mayTry = (state: State, peer: PeerId): boolean =>
  !isHeldOff(state, peer) && (state.failures.get(peer)?.notBefore ?? 0) <= state.t;

/** Up links that a room counts: temporary ones are not its own. */
export const upIn = (state: State, room: string): Link[] =>
  linksOf(state, room).filter((link) => link.state === 'up' && link.purpose === 'neighbour');

/** So few that those it has may be all that it can reach (K2, K8). */
export const hasFew = (state: State, room: Room): boolean =>
  upIn(state, room.name).length < state.config.fewLinks;

const isAt = (state: State, rooms: ReadonlySet<string>, home: string): boolean =>
  [...rooms].some((name) => (state.rooms.get(name)?.home ?? name) === home);

/** Whether it fills a place in the room. Where this device only listens, who was met elsewhere too has its place there. */
function counts(state: State, room: Room, rooms: ReadonlySet<string>): boolean {
  if (!rooms.has(room.name)) return false;
  return room.want > 0 || ![...rooms].some((name) => (state.rooms.get(name)?.want ?? 0) > 0);
}

/** Whether another attempt fits in, whoever makes it: the device's links, and this room's up to `limit`. `isThere`: it was just heard. */
export function hasRoomFor(
  state: State,
  room: Room,
  peer: PeerId,
  limit: number,
  purpose: Purpose = 'neighbour',
  isThere = false,
): boolean {
  const { config } = state;
  if (
    linksOf(state, room.name).filter((link) => link.state !== 'up' && !isWaiting(link)).length >=
    config.maxPending
  )
    return false;
  if (upLink(state, peer) !== undefined) return true;
  const all = new Set<PeerId>();
  const here = new Set<PeerId>();
  const atHome = new Set<PeerId>();
  let temporary = 0;
  const add = (other: PeerId, its: Purpose, rooms: ReadonlySet<string>): void => {
    if (other === peer) return;
    all.add(other);
    if (its === 'temporary') temporary += 1;
    else {
      if (counts(state, room, rooms)) here.add(other);
      if (isAt(state, rooms, room.home)) atHome.add(other);
    }
  };
  for (const link of state.links.values())
    if (!link.spare && !isWaiting(link) && !isIdle(state, link)) add(link.peer, link.purpose, link.rooms);
  // Whom this device calls may be gone: one that lacks links prefers whom it hears.
  if (!isThere || !hasFew(state, room))
    for (const call of state.calls.values()) add(call.peer, call.purpose, new Set([call.room]));
  if (all.size >= config.maxLinks) return false;
  if (purpose === 'temporary') return temporary < config.maxTemporaryTaken;
  // A newcomer may be one more than there are places: another makes place for it.
  return here.size < limit && atHome.size <= config.maxRoomLinks;
}

/** Let in, it may listen in the same room. */
export const isNewcomer = (room: Room): boolean => room.newcomer && room.want > 0;

/** An offer that found no answer in the time that one takes: most likely others were quicker. */
const isIdle = (state: State, link: Link): boolean =>
  link.state === 'connecting' &&
  link.initiator &&
  link.remotePrint === null &&
  state.t - link.startedAt > state.config.answerPatience;

/** The room's limit for whoever comes. */
export const limitOf = (state: State, room: Room): number =>
  room.want > 0 ? state.config.maxRoomLinks : state.config.maxListenLinks;

/** Before a link counts in a room, another makes place for it where there are as many as there may be. */
export function makePlace(state: State, link: Link): void {
  const { maxLinks, maxRoomLinks } = state.config;
  const up = [...state.links.values()].filter((other) => other.state === 'up' && other !== link);
  if (up.length >= maxLinks) dismiss(state, up, link);
  if (link.purpose === 'temporary') return;
  for (const name of link.rooms) {
    const home = state.rooms.get(name)?.home ?? name;
    const others = [...state.links.values()].filter(
      (other) =>
        other !== link &&
        other.state === 'up' &&
        other.purpose === 'neighbour' &&
        isAt(state, other.rooms, home),
    );
    if ((state.rooms.get(home)?.want ?? 0) > 0 && others.length >= maxRoomLinks) dismiss(state, others, link);
  }
}

/** Who came by hand has no other link yet, and needs a while to find some (R4). */
const isNewByHand = (state: State, { route, startedAt }: Link): boolean =>
  route.type === 'hand' && state.t - startedAt < state.config.handConnect;

/** Who was linked so lately is in the middle of what it came for: letting it go would cost it more than others. */
const isArriving = (state: State, { startedAt }: Link): boolean =>
  state.t - startedAt < state.config.arriving;

/** One that is of no use, else one that is not new, else one that is not new by hand, else anyone. */
function dismiss(state: State, from: readonly Link[], newest: Link): void {
  const others = from.filter((link) => link.peer !== newest.peer);
  const spare = others.filter((link) => link.spare);
  const older = others.filter((link) => !isNewByHand(state, link));
  const settled = older.filter((link) => !isArriving(state, link));
  // Where all have just come, who came first is the likeliest to have what it came for.
  const first = older.toSorted((a, b) => a.startedAt - b.startedAt).slice(0, 1);
  const choice = [spare, settled, first, others].find((each) => each.length > 0) ?? [];
  const chosen = choice[Math.floor(fraction(state.random) * choice.length)];
  if (chosen !== undefined) endLink(state, chosen, 'full', { bye: true });
}

/** K8: more are in it than any of them needs. */
export const isCrowded = (state: State, room: Room): boolean => room.members.size > state.config.crowd;

/** How many of those in a room get an announce: all, but in a crowd of members. */
export const askedIn = (state: State, room: Room): number =>
  isCrowded(state, room) && room.want > 0 && !room.newcomer ? state.config.crowdAsked : room.members.size;

/** How many links a room still wants. */
export function lacking(state: State, room: Room): number {
  return Math.max(0, room.want - upIn(state, room.name).length);
}

/** P9: a link that nobody needs is closed after a while, and makes place at once where place is lacking. */
export function keep(state: State, id: LinkId, kept: boolean): void {
  const link = state.links.get(id);
  if (link?.state !== 'up') return;
  if (kept) link.neededUntil = Infinity;
  else if (!link.spare) link.neededUntil = state.t + state.config.unneeded;
  link.spare = !kept;
}

export function share(state: State, id: LinkId, room: string): void {
  const link = state.links.get(id);
  if (link?.state !== 'up' || link.rooms.has(room) || !state.rooms.has(room)) return;
  link.rooms.add(room);
  makePlace(state, link);
}
