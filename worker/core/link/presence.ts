// K8: in a room of many, most leave the endpoint's room and look in now and then; who lacks links is always inside, who calls in vain looks in sooner.
// Knows nothing of announces and links but how many are lacking.
import { hasFew, isCrowded, lacking } from './pool.ts';
import { leaveEndpoint } from './rooms.ts';
import { fraction } from './state.ts';
import type { Room, State } from './state.ts';

/** Thinks over whether to be in the room. */
export function runPresence(state: State, room: Room): void {
  const needy = lacking(state, room) > 0;
  if (!room.inside) {
    if (needy || state.t >= room.reviewAt) enter(state, room);
  } else if (needy || !state.endpoint) room.reviewAt = Infinity;
  else if (room.reviewAt === Infinity) plan(state, room);
  else if (state.t >= room.reviewAt) review(state, room);
}

/** A call for a neighbour brought no answer. */
export function calledInVain(state: State, room: Room): void {
  room.vain += 1;
  if (!room.inside && room.vain >= state.config.callsInVain && hasFew(state, room)) enter(state, room);
}

function plan(state: State, room: Room): void {
  const { leaveAfter, lookInFor } = state.config;
  const soon = leaveAfter.min + (leaveAfter.max - leaveAfter.min) * fraction(state.random);
  if (!room.joined) room.reviewAt = room.askedAt + lookInFor;
  else if (isCrowded(state, room)) room.reviewAt = state.t + Math.round(soon);
}

/** Who was not let in for so long found the room full; of those inside so many go that a few stay. */
function review(state: State, room: Room): void {
  room.reviewAt = Infinity;
  const goes = fraction(state.random) * room.members.size >= state.config.crowdKept;
  if (!room.joined || (isCrowded(state, room) && goes)) leave(state, room);
}

function enter(state: State, room: Room): void {
  room.inside = true;
  room.askedAt = state.t;
  room.vain = 0;
  room.reviewAt = Infinity;
  state.out.push({ type: 'signal-join', room: room.name });
}

function leave(state: State, room: Room): void {
  const { lookInEvery } = state.config;
  room.inside = false;
  leaveEndpoint(room);
  room.reviewAt = state.t + Math.round(lookInEvery * (0.8 + 0.4 * fraction(state.random)));
  state.out.push({ type: 'signal-leave', room: room.name });
}
