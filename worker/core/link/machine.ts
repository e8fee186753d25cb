// The link machine: opens, authenticates and watches the links of one peer. Routes each input, keeps the clock, and
// looks at what is due. Knows no groves, only rooms it was told to be in; knows nothing of what frames carry.
import type { PeerId } from '../model/ids.ts';
import { nobleSignatures, type Keypair } from '../model/keys.ts';
import type { LinkEvent, Random, SignalEvent, Signatures } from '../ports.ts';
import { dial, endCalls } from './calls.ts';
import { onLinkFrame, onLinkOpen } from './channel.ts';
import { LINK_CONFIG, LINK_FORMS } from './config.ts';
import type { LinkConfig } from './config.ts';
import { lose, nextDue, runDue } from './due.ts';
import { acceptByHand, answerByHand, endHand, endHands, offerByHand, onHandSignal } from './hand.ts';
import { onMessage } from './meeting.ts';
import { endLink, keep, refuse, share } from './pool.ts';
import { announceSoon, leaveEndpoint, noteMember, openRoom, setWant } from './rooms.ts';
import { gatherRestart } from './restart.ts';
import { onLinkSignal } from './signaling.ts';
import { setBounded, sourceOf } from './state.ts';
import type { Link, Room, State } from './state.ts';
import type { LinkFailure, LinkInfo, LinkInput, LinkOutput, RoomInfo } from './types.ts';

export type { LinkConfig } from './config.ts';
export type { LinkEffect, LinkFailure, LinkInfo, LinkInput, LinkOutput } from './types.ts';

export interface LinkMachine {
  /** `now`: ms since the epoch. Never throws on what came from outside. */
  handle(input: LinkInput, now: number): LinkOutput[];
  /** When it wants a `tick`, ms since the epoch, or null. */
  nextWake(): number | null;
  /** Attempts and links, in the order of their beginning. */
  links(): readonly LinkInfo[];
  /** Peers at which attempts failed since the last success. */
  failures(): readonly LinkFailure[];
  rooms(): readonly RoomInfo[];
  /** Links this device may have. */
  mostLinks(): number;
}

export interface LinkMachineOptions {
  keypair: Keypair;
  random: Random;
  /** Noble's where none is given. */
  signatures?: Signatures;
  config?: Partial<LinkConfig>;
  /** Told in hello. */
  features: readonly string[];
}

export function createLinkMachine(options: LinkMachineOptions): LinkMachine {
  const state: State = {
    keypair: options.keypair,
    random: options.random,
    signatures: options.signatures ?? nobleSignatures,
    config: { ...LINK_CONFIG, ...options.config },
    features: options.features,
    links: new Map(),
    rooms: new Map(),
    calls: new Map(),
    callsEnded: new Map(),
    callsSeen: new Map(),
    hands: new Map(),
    handsSeen: new Map(),
    failures: new Map(),
    heldOff: new Map<PeerId, number>(),
    refused: new Map<PeerId, number>(),
    carrier: false,
    endpoint: false,
    dueAt: Infinity,
    stale: false,
    nextLink: 0,
    t: 0,
    now: 0,
    out: [],
  };
  let started = false;
  let stopped = false;

  /** Moves the machine's clock by what the wall clock advanced; a wall clock set back moves nothing. */
  function advance(now: number): void {
    const passed = started ? Math.max(0, now - state.now) : 0;
    started = true;
    state.now = now;
    state.t += passed;
    if (passed > state.config.clockJump) wakeUp(state);
  }

  return {
    handle(input, now) {
      if (stopped) return [];
      state.out = [];
      advance(now);
      if (input.type === 'stop') {
        stop(state);
        stopped = true;
      } else {
        route(state, input);
        if (movesDeadlines(input)) state.stale = true;
        if (mayBeDue(input)) runDue(state);
      }
      return state.out;
    },
    nextWake() {
      const due = stopped ? Infinity : nextDue(state);
      return due === Infinity ? null : state.now + Math.max(0, due - state.t);
    },
    links: () => Array.from(state.links.values(), inform),
    failures: () =>
      Array.from(state.failures, ([peer, { notBefore: _, ...failure }]) => ({ peer, ...failure })),
    rooms: () => Array.from(state.rooms.values(), describeRoom),
    mostLinks: () => state.config.maxLinks,
  };
}

/** Frames are many and need nothing at once, but for those that end a link or bring it up; nor does who comes to a room and goes. */
const mayBeDue = ({ type }: LinkInput): boolean =>
  type !== 'link-frame' && type !== 'link-drained' && type !== 'signal-entered' && type !== 'signal-left';

/** Time that passes moves none, and of what comes in a room only what is no announce: whoever hears it says so. */
const movesDeadlines = (input: LinkInput): boolean =>
  mayBeDue(input) && input.type !== 'tick' && input.type !== 'signal-message';

const inform = (link: Link): LinkInfo => ({
  link: link.id,
  peer: link.peer,
  state: link.state,
  since: link.since,
  rttMs: link.liveness?.rttMs() ?? null,
  initiator: link.initiator,
  rooms: [...link.rooms],
  purpose: link.purpose,
  source: sourceOf(link.route),
});

const describeRoom = ({ name, inside, joined, members }: Room): RoomInfo => ({
  ...{ room: name, inside, joined, others: members.size },
  heard: [...members.values()].filter((peer) => peer !== null).length,
});

function route(state: State, input: Exclude<LinkInput, { type: 'stop' }>): void {
  switch (input.type) {
    case 'tick':
      return;
    case 'form':
      state.config = { ...state.config, ...LINK_FORMS[input.form] };
      return;
    case 'room-open':
      openRoom(state, input);
      break;
    case 'room-close':
      closeRoom(state, input.room);
      break;
    case 'room-want': {
      const room = state.rooms.get(input.room);
      if (room === undefined) return;
      room.home = input.home ?? room.home;
      setWant(state, room, input.want);
      return;
    }
    case 'close':
      closeLink(state, input.link, input.reason);
      break;
    case 'dial':
      dial(state, input);
      break;
    case 'forgive':
      state.failures.delete(input.peer);
      state.heldOff.delete(input.peer);
      break;
    case 'refuse':
      refuse(state, input.peer, input.left);
      break;
    case 'relayed':
      onMessage(state, input.room, { type: 'relay' }, input.payload, input.from);
      break;
    case 'keep':
      keep(state, input.link, input.kept);
      break;
    case 'shared':
      share(state, input.link, input.room);
      break;
    case 'hand-offer':
      offerByHand(state, input.request, input.room);
      break;
    case 'hand-answer':
      answerByHand(state, input.request, input.text);
      break;
    case 'hand-accept':
      acceptByHand(state, input.request, input.text);
      break;
    case 'signal-state':
    case 'signal-joined':
    case 'signal-entered':
    case 'signal-left':
    case 'signal-message':
      onSignal(state, input);
      break;
    case 'carrier':
      onCarrier(state, input.present);
      break;
    default:
      onLink(state, input);
      break;
  }
}

function onLink(state: State, event: Exclude<LinkEvent, { type: 'carrier' }>): void {
  const hand = state.hands.get(event.link);
  if (hand !== undefined) {
    if (event.type === 'link-signal') onHandSignal(state, hand, event.data);
    else if (event.type === 'link-closed') endHand(state, hand, event.reason, true);
    return;
  }
  const link = state.links.get(event.link);
  if (link === undefined) return;
  switch (event.type) {
    case 'link-signal':
      if (link.state !== 'up' || !gatherRestart(state, link, event.data))
        onLinkSignal(state, link, event.data);
      break;
    case 'link-open':
      onLinkOpen(state, link, event);
      break;
    case 'link-frame':
      onLinkFrame(state, link, event.frame);
      break;
    case 'link-closed': {
      lose(state, link, event.reason, { gone: true, how: 'lost' });
      return;
    }
    case 'link-drained':
      return;
  }
}

function onSignal(state: State, event: SignalEvent): void {
  if (event.type === 'signal-state') {
    if (event.up && !state.endpoint) for (const room of state.rooms.values()) room.askedAt = state.t;
    state.endpoint = event.up;
    if (event.up) forgive(state);
    for (const room of state.rooms.values()) {
      if (event.up) announceSoon(state, room);
      else leaveEndpoint(room);
    }
    return;
  }
  const room = state.rooms.get(event.room);
  if (event.type === 'signal-message') {
    onMessage(state, event.room, { type: 'endpoint', member: event.from }, event.payload, null);
    return;
  }
  if (room === undefined) return;
  if (event.type === 'signal-entered') {
    noteMember(state, room, event.member);
    return;
  }
  if (event.type === 'signal-left') {
    room.members.delete(event.member);
    return;
  }
  // An answer to what was asked before this peer left again.
  if (!room.inside) return;
  room.joined = true;
  room.reviewAt = Infinity;
  room.members.clear();
  for (const member of event.members) noteMember(state, room, member);
  announceSoon(state, room);
}

function onCarrier(state: State, present: boolean): void {
  if (present === state.carrier) return;
  state.carrier = present;
  if (present) {
    forgive(state);
    for (const room of state.rooms.values()) announceSoon(state, room);
    return;
  }
  for (const link of [...state.links.values()]) endLink(state, link, 'no page carries links', { gone: true });
  endCalls(state, 'no page carries links');
  endHands(state, 'no page carries links', null, true);
}

/** What failed may have failed for want of what is back now: every peer may be tried again at once. */
function forgive(state: State): void {
  for (const failure of state.failures.values()) failure.notBefore = state.t;
}

function closeRoom(state: State, name: string): void {
  const room = state.rooms.get(name);
  if (room === undefined) return;
  state.rooms.delete(name);
  endCalls(state, 'the room was left', name);
  endHands(state, 'the room was left', name);
  for (const link of [...state.links.values()]) {
    link.rooms.delete(name);
    if (link.state === 'connecting' && link.room === name) endLink(state, link, 'the room was left');
  }
  if (room.inside) state.out.push({ type: 'signal-leave', room: name });
}

function closeLink(state: State, id: Link['id'], reason: string): void {
  const link = state.links.get(id);
  if (link === undefined) return;
  setBounded(state.heldOff, state.config.maxFailures, link.peer, state.t + state.config.holdOff);
  endLink(state, link, reason, { bye: true });
}

function stop(state: State): void {
  for (const link of [...state.links.values()]) endLink(state, link, 'leaving', { bye: true });
  for (const name of [...state.rooms.keys()]) closeRoom(state, name);
}

/** This device slept: it asks its links again before it believes that they are gone, and lets attempts go on. */
function wakeUp(state: State): void {
  for (const link of state.links.values()) {
    if (link.liveness) link.liveness.doubt(state.t);
    else link.deadline = Math.max(link.deadline, state.t + state.config.doubt);
  }
}
