// An open channel: handshake, frames, pings, and the rule of one link per peer (K4-K6).
// Knows nothing of how the connection came about.
import { equalBytes } from '../model/bytes.ts';
import type { Deed } from '../context.ts';
import type { LinkEvent } from '../ports.ts';
import { MAX_FRAME, decodeFrame } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { createHandshake } from './handshake.ts';
import type { Authenticated } from './handshake.ts';
import { createLiveness } from './liveness.ts';
import { endLink, makePlace, sendFrame } from './pool.ts';
import { restartBackoff } from './rooms.ts';
import { parseFingerprint } from './sdp.ts';
import { count, sourceOf, upLink } from './state.ts';
import type { Link, State } from './state.ts';

export function onLinkOpen(state: State, link: Link, event: Extract<LinkEvent, { type: 'link-open' }>): void {
  if (link.state !== 'connecting') return;
  const localPrint = parseFingerprint(event.local);
  const remotePrint = parseFingerprint(event.remote);
  // The connection must be the one that was signed for, on both sides of it.
  const signedFor = agree(localPrint, link.localPrint) && agree(remotePrint, link.remotePrint);
  if (!signedFor || localPrint === null || remotePrint === null) {
    count(state, 'links.fingerprint');
    endLink(state, link, 'fingerprint: not the signed one', { failed: true });
    return;
  }
  link.state = 'authenticating';
  link.since = state.now;
  link.deadline = state.t + state.config.authTimeout;
  link.handshake = createHandshake({
    signatures: state.signatures,
    keypair: state.keypair,
    peer: link.peer,
    offerer: link.initiator,
    localPrint,
    remotePrint,
    nonce: state.random.bytes(32),
    version: state.config.version,
    features: state.features,
  });
  sendFrame(state, link, link.handshake.hello());
}

const agree = (given: Uint8Array | null, signed: Uint8Array | null): boolean =>
  given !== null && signed !== null && equalBytes(given, signed);

export function onLinkFrame(state: State, link: Link, bytes: Uint8Array): void {
  if (link.handshake === null) {
    endLink(state, link, 'a frame before the channel opened', { failed: true });
    return;
  }
  if (bytes.length > MAX_FRAME) {
    endLink(state, link, `frame: at most ${MAX_FRAME} bytes, given ${bytes.length}`, {
      bye: true,
      failed: true,
    });
    return;
  }
  if (link.state === 'up' && !isTaken(state, link, bytes)) return;
  const decoded = decodeFrame(bytes);
  if (!decoded.ok) {
    onGarbled(state, link);
    return;
  }
  const frame = decoded.value;
  if (frame.type === 'bye') {
    onBye(state, link, frame.reason);
    return;
  }
  if (link.state === 'up') onFrame(state, link, frame, bytes.length);
  else authenticate(state, link, frame);
}

/** K10: too many of a kind are dropped before they cost anything. */
function isTaken(state: State, link: Link, bytes: Uint8Array): boolean {
  const taken = link.inflow.take(bytes, state.t);
  if (taken === 'take') return true;
  count(state, 'frames.flooded');
  if (taken === 'flood') {
    blame(state, link, 'flood');
    // What it still sends would cost the page and the worker their time, whoever has to wait meanwhile.
    endLink(state, link, 'sent far too much', { bye: true, failed: true });
  }
  return false;
}

const blame = (state: State, { id, peer }: Link, deed: Deed): void => {
  state.out.push({ type: 'blame', link: id, peer, deed });
};

function onGarbled(state: State, link: Link): void {
  count(state, 'frames.garbled');
  link.garbled += 1;
  const tolerated = link.state === 'up' ? state.config.maxGarbled : 0;
  if (link.garbled <= tolerated) return;
  // Before its proof it may be anybody.
  if (link.state === 'up') blame(state, link, 'garbled');
  endLink(state, link, 'frames that do not decode', { bye: true, failed: true });
}

function onBye(state: State, link: Link, reason: string): void {
  const wasUp = link.state === 'up';
  endLink(state, link, `goodbye: ${reason}`, { failed: !wasUp, how: 'goodbye' });
  for (const room of state.rooms.values()) {
    if (wasUp && link.rooms.has(room.name)) restartBackoff(state, room);
  }
}

function authenticate(state: State, link: Link, frame: Frame): void {
  const step = link.handshake?.receive(frame);
  if (step === undefined) return;
  if (step.type === 'send') sendFrame(state, link, step.frame);
  else if (step.type === 'done') goUp(state, link, step.result);
  else {
    count(state, 'links.refused');
    endLink(state, link, step.reason, { bye: step.bye, failed: true });
  }
}

function goUp(state: State, link: Link, { transcript, version, features }: Authenticated): void {
  const { peer } = link;
  const former = upLink(state, peer);
  if (former !== undefined) {
    for (const room of former.rooms) link.rooms.add(room);
    if (former.purpose === 'neighbour') link.purpose = 'neighbour';
    endLink(state, former, 'replaced', { bye: true });
  }
  makePlace(state, link);
  link.state = 'up';
  state.stale = true;
  link.since = state.now;
  link.startedAt = state.t;
  link.deadline = Infinity;
  link.neededUntil = state.t + state.config.unneeded;
  link.transcript = transcript;
  link.liveness = createLiveness(state.config, state.t);
  state.failures.delete(peer);
  state.calls.delete(peer);
  state.out.push({
    type: 'up',
    link: link.id,
    peer,
    transcript,
    version,
    features,
    rooms: [...link.rooms],
    purpose: link.purpose,
    source: sourceOf(link.route),
  });
  runLiveness(state, link);
  for (const name of link.rooms) {
    const room = state.rooms.get(name);
    if (room === undefined) continue;
    room.vain = 0;
    restartBackoff(state, room);
  }
}

function onFrame(state: State, link: Link, frame: Frame, bytes: number): void {
  switch (frame.type) {
    case 'ping': {
      sendFrame(state, link, { type: 'pong', n: frame.n });
      return;
    }
    case 'pong':
      return link.liveness?.pong(frame.n, state.t);
    case 'hello':
    case 'proof': {
      endLink(state, link, `a second ${frame.type}`, { bye: true });
      return;
    }
    case 'unknown':
      count(state, 'frames.unknown');
      break;
    default:
      state.out.push({ type: 'frame', link: link.id, peer: link.peer, frame, bytes });
  }
}

/** Pings when it is time. Returns whether the link is silent and has to go. */
export function runLiveness(state: State, link: Link): boolean {
  const step = link.liveness?.tick(state.t) ?? null;
  if (step?.type === 'ping') sendFrame(state, link, { type: 'ping', n: step.n });
  return step?.type === 'dead';
}
