// Dialling: a call goes out by the mesh or the endpoint, and again where no offer comes (R3).
// Knows nothing of what becomes of the offer.
import type { PeerId } from '../model/ids.ts';
import { endCall, hasRoomFor, isRefused, mayTry, recordFailure, REFUSED } from './pool.ts';
import { calledInVain } from './presence.ts';
import { freshNonce, memberOf, relay, send } from './rooms.ts';
import { isUnderWay, upLink } from './state.ts';
import type { Call, Room, State } from './state.ts';
import type { LinkInput, Purpose } from './types.ts';

type Dial = Extract<LinkInput, { type: 'dial' }>;

export function dial(state: State, { room: name, peer, purpose, relay: byMesh }: Dial): void {
  const room = state.rooms.get(name);
  const link = upLink(state, peer);
  if (room !== undefined && link !== undefined) {
    link.rooms.add(name);
    if (purpose === 'neighbour') link.purpose = purpose;
    return;
  }
  const known = state.calls.get(peer);
  if (known !== undefined) {
    if (purpose === 'neighbour') known.purpose = purpose;
    return;
  }
  // The node's own wish counts for more than that it closed a link to this peer a moment ago.
  state.heldOff.delete(peer);
  const hindrance = room === undefined ? 'unknown room' : whyNot(state, room, peer, purpose, byMesh);
  if (room === undefined || hindrance !== null) {
    state.out.push({ type: 'dial-failed', room: name, peer, reason: hindrance ?? '' });
    return;
  }
  const call: Call = {
    room: name,
    peer,
    purpose,
    relay: byMesh,
    announced: [],
    againAt: Infinity,
    deadline: state.t + state.config.connectTimeout,
  };
  state.calls.set(peer, call);
  // An attempt under way is waited for.
  if (!isUnderWay(state, peer)) sendCall(state, room, call);
}

function whyNot(state: State, room: Room, peer: PeerId, purpose: Purpose, byMesh: boolean): string | null {
  const { config } = state;
  if (peer === state.keypair.id) return 'this device itself';
  if (!state.carrier) return 'no page carries links';
  if (isRefused(state, peer)) return REFUSED;
  if (!mayTry(state, peer)) return 'failed a moment ago';
  if (!byMesh && !room.joined) return 'neither the mesh nor the endpoint can carry a call';
  if (state.calls.size >= config.maxCalls) return 'too many calls at once';
  if (purpose === 'temporary' && temporaryDialled(state) >= config.maxTemporary)
    return 'too many temporary links';
  return hasRoomFor(state, room, peer, config.maxRoomLinks, purpose) ? null : 'as many links as there may be';
}

const temporaryDialled = (state: State): number =>
  [...state.links.values()].filter((link) => link.dialled && link.purpose === 'temporary').length +
  [...state.calls.values()].filter((call) => call.purpose === 'temporary' && !isUnderWay(state, call.peer))
    .length;

/** By the mesh first, then by the endpoint; where one of them can't carry it, again by the other. */
function sendCall(state: State, room: Room, call: Call): void {
  const sent = call.announced.length;
  const { nonce } = freshNonce(state, call);
  const message = { kind: 'call', to: call.peer, nonce, temporary: call.purpose === 'temporary' } as const;
  if (call.relay && (sent !== 1 || !room.joined)) relay(state, room, message, sent > 0);
  else if (room.joined) send(state, room, memberOf(room, call.peer), message);
  const again = state.t + state.config.callAgain;
  call.againAt = again < call.deadline ? again : Infinity;
}

/** Sends calls again that brought no offer, and gives up those whose time is over. */
export function runCalls(state: State): void {
  for (const call of [...state.calls.values()]) {
    if (state.t < Math.min(call.againAt, call.deadline)) continue;
    const room = state.rooms.get(call.room);
    // What becomes of an attempt is told when it ends.
    if (isUnderWay(state, call.peer)) {
      call.againAt = Infinity;
      call.deadline = Infinity;
    } else if (room === undefined || state.t >= call.deadline) {
      if (room !== undefined && call.purpose === 'neighbour') calledInVain(state, room);
      recordFailure(state, call.peer, 'no answer to our call', 'call');
    } else sendCall(state, room, call);
  }
}

export function endCalls(state: State, reason: string, room?: string): void {
  for (const call of [...state.calls.values()])
    if (room === undefined || call.room === room) endCall(state, call.peer, reason);
}
