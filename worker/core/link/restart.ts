// A connection whose path is gone looks for another one: its ends make new descriptions, which travel sealed and signed by a
// way that doesn't need the link (K6). The connection, its keys and its proof stay; another fingerprint is refused.
import { equalBytes } from '../model/bytes.ts';
import { memberOf, relay, send } from './rooms.ts';
import { formatSignalData, parseSignalData, sdpFingerprint } from './sdp.ts';
import type { Candidate } from './sdp.ts';
import type { Of } from './signaling.ts';
import { count, upLink } from './state.ts';
import type { Link, Room, State } from './state.ts';

const samePrint = (sdp: string, print: Uint8Array | null): boolean => {
  const given = sdpFingerprint(sdp);
  return given !== null && print !== null && equalBytes(given, print);
};

/** What an up link's connection says of a new path. False where it is something else. */
export function gatherRestart(state: State, link: Link, text: string): boolean {
  const data = parseSignalData(text, state.config.maxSdp);
  if (data === null) return false;
  const { restart } = link;
  if (data.type === 'candidate') {
    if (restart === null) return false;
    const { gathering } = restart;
    // A candidate that comes before its description ends a connection in simple-peer: none goes out alone.
    if (gathering === null) {
      count(state, 'signal.unneeded');
      return true;
    }
    if (gathering.candidates.length < state.config.maxRestartCandidates)
      gathering.candidates.push(data.candidate);
    gathering.sendAt = state.t + state.config.restartQuiet;
    return true;
  }
  // Only the offerer begins; the other side's new description answers.
  const fits = (data.type === 'offer') === link.initiator && samePrint(data.sdp, link.localPrint);
  const asked = link.initiator || (restart !== null && !restart.answered);
  if (!fits || !asked) return false;
  link.restart = {
    n: link.initiator ? (restart?.n ?? 0) + 1 : (restart?.n ?? 0),
    answered: !link.initiator,
    gathering: { sdp: data.sdp, candidates: [], sendAt: state.t + state.config.restartQuiet },
  };
  return true;
}

export function runRestarts(state: State): void {
  for (const link of state.links.values()) {
    const { restart } = link;
    if (restart?.gathering && state.t >= restart.gathering.sendAt) {
      const { sdp, candidates } = restart.gathering;
      restart.gathering = null;
      sendRestart(state, link, restart.n, sdp, candidates);
    }
  }
}

/** By the endpoint where the other is known there, else around the link through the mesh. */
function sendRestart(state: State, link: Link, n: number, sdp: string, candidates: Candidate[]): void {
  const room = [link.room, ...link.rooms]
    .map((name) => state.rooms.get(name))
    .find((each) => each !== undefined);
  if (room === undefined) {
    count(state, 'signal.unneeded');
    return;
  }
  const { peer: to, session } = link;
  const message = { kind: 'restart', to, session, n, answer: !link.initiator, sdp, candidates } as const;
  const member = room.joined ? memberOf(room, to) : null;
  if (member !== null) send(state, room, member, message);
  else relay(state, room, message, true);
}

/** The other end's new description: an offer with a number not seen, or the answer to our newest. */
export function onRestart(state: State, room: Room, message: Of<'restart'>): void {
  const link = upLink(state, message.from);
  const ours = link !== undefined && equalBytes(link.session, message.session) && link.rooms.has(room.name);
  const seen = link?.restart?.n ?? 0;
  const awaited = message.answer
    ? link?.initiator === true && message.n === seen && link.restart?.answered === false
    : link?.initiator === false && message.n > seen;
  if (
    !ours ||
    !awaited ||
    !samePrint(message.sdp, link.remotePrint) ||
    message.sdp.length > state.config.maxSdp
  ) {
    count(state, 'signal.unwanted');
    return;
  }
  if (message.answer && link.restart !== null) link.restart.answered = true;
  else link.restart = { n: message.n, answered: false, gathering: null };
  const tell = (data: Parameters<typeof formatSignalData>[0]): void =>
    void state.out.push({ type: 'link-signal', link: link.id, data: formatSignalData(data) });
  tell({ type: message.answer ? 'answer' : 'offer', sdp: message.sdp });
  for (const candidate of message.candidates) tell({ type: 'candidate', candidate });
}
