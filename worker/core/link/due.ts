// What time brings about: pings, attempts that took too long, links that nobody needs, calls and announces.
// Knows no input; the machine asks it after each.
import { runCalls } from './calls.ts';
import { runLiveness } from './channel.ts';
import { endLink } from './pool.ts';
import type { Ending } from './pool.ts';
import { runHands } from './hand.ts';
import { runPresence } from './presence.ts';
import { runRestarts } from './restart.ts';
import { announceSoon, runRoom } from './rooms.ts';
import type { Link, State } from './state.ts';

/** A link that nobody decided to end: look for another at once. */
export function lose(state: State, link: Link, reason: string, ending: Ending): void {
  endLink(state, link, reason, { ...ending, failed: true });
  if (link.state !== 'up') return;
  for (const room of state.rooms.values()) if (link.rooms.has(room.name)) announceSoon(state, room);
}

export function runDue(state: State): void {
  for (const room of state.rooms.values()) {
    const before = room.reviewAt;
    runPresence(state, room);
    if (room.reviewAt !== before) state.stale = true;
  }
  if (nextDue(state) > state.t) return;
  state.stale = true;
  for (const link of [...state.links.values()]) {
    if (runLiveness(state, link)) lose(state, link, 'silent: pings unanswered', { bye: true, how: 'lost' });
    else if (state.t >= link.deadline) lose(state, link, `timeout while ${link.state}`, {});
    else if (state.t >= link.neededUntil) endLink(state, link, 'not needed', { bye: true });
  }
  runCalls(state);
  runHands(state);
  runRestarts(state);
  if (state.carrier) for (const room of state.rooms.values()) runRoom(state, room);
}

/** When something is due, by the machine's clock. Found anew only after what may have moved it. */
export function nextDue(state: State): number {
  if (!state.stale) return state.dueAt;
  let due = Infinity;
  for (const link of state.links.values()) {
    due = Math.min(due, link.deadline, link.neededUntil, link.liveness?.nextAt() ?? Infinity);
    due = Math.min(due, link.gathering?.textAt ?? Infinity, link.vigil?.nextAt ?? Infinity);
    due = Math.min(due, link.restart?.gathering?.sendAt ?? Infinity);
  }
  for (const hand of state.hands.values()) due = Math.min(due, hand.deadline, hand.textAt);
  for (const call of state.calls.values()) due = Math.min(due, call.againAt, call.deadline);
  for (const room of state.rooms.values()) {
    due = Math.min(due, room.reviewAt, state.carrier ? room.announceAt : Infinity);
  }
  state.dueAt = due;
  state.stale = false;
  return due;
}
