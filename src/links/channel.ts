/// <reference types="./simple-peer-lite.d.ts" />
// One WebRTC data channel with two lanes and flow control: the only importer of simple-peer. Frames are
// opaque here; it must not know who is at the other end.
import Peer from 'simple-peer/lite.js';
import {
  CLOSING_LIMIT,
  DISCONNECTED_LIMIT,
  MAX_FRAME,
  MAX_SIGNAL,
  MAX_UNACKNOWLEDGED,
  RESTART_AFTER,
  RESTART_AGAIN,
} from './config.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createLanes, type Lane } from './lanes.ts';
import { selectedPair } from './pair-stats.ts';
import type { PairStats } from './pair-stats.ts';
import { createJoiner } from './parts.ts';

export type { Lane };

export interface ChannelOptions {
  initiator: boolean;
  iceServers: RTCIceServer[];
  /** No candidate but those of TURN servers is gathered, told or tried. */
  relayOnly: boolean;
  /** Offer, answer or candidate for the other side, as JSON text. */
  onSignal(data: string): void;
  /** Both sides may send now. Fingerprints are `sha-256 AA:BB:…`. */
  onOpen(local: string, remote: string): void;
  onFrame(frame: ArrayBuffer): void;
  /** So many bulk bytes were handed to the channel. */
  onDrained(bytes: number): void;
  /** Once, last of all. */
  onClosed(reason: string): void;
}

export interface Channel {
  /** What the other side's `onSignal` gave. */
  signal(data: string): void;
  send(frame: ArrayBuffer, lane: Lane): void;
  /** Null while no candidate pair is selected. */
  inspect(): Promise<PairStats | null>;
  /** Lets what was sent leave, then closes. */
  close(reason: string): void;
  /** Closes at once: the page is going. */
  destroy(reason: string): void;
}

export function createChannel(options: ChannelOptions): Channel {
  const lanes = createLanes({ now: () => performance.now(), onDrained: options.onDrained });
  const joiner = createJoiner();
  const early: ArrayBuffer[] = [];
  let earlyBytes = 0;
  let state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let restarting: ReturnType<typeof setTimeout> | undefined;
  /** Whether a new description of this standing connection is awaited from the other side, or from simple-peer. */
  let awaitsAnswer = false;
  let answers = false;
  let closeReason = 'the other side closed it';

  const peer = new Peer({
    initiator: options.initiator,
    config: {
      iceServers: options.iceServers,
      iceTransportPolicy: options.relayOnly ? 'relay' : 'all',
    },
    channelConfig: { ordered: true },
    objectMode: true,
  });

  const finish = (reason: string): void => {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(deadline);
    clearTimeout(restarting);
    lanes.clear();
    early.length = 0;
    // simple-peer closes in a later task, which a page that is going never runs.
    const connection = peer._pc;
    peer.destroy();
    connection?.close();
    options.onClosed(reason);
  };

  const pump = (): void => {
    const channel = peer._channel;
    if ((state !== 'open' && state !== 'closing') || channel?.readyState !== 'open') return;
    try {
      lanes.pump(channel);
    } catch (error) {
      finish(`send failed: ${describe(error)}`);
      return;
    }
    if (state === 'closing' && !lanes.controlWaits()) channel.close();
  };

  const receive = (data: unknown): void => {
    // Whoever is let go is listened to no more.
    if (state === 'closed' || state === 'closing') return;
    const taken = joiner.take(data);
    if (taken === null) return;
    if ('fault' in taken) finish(`the other side is at fault: ${taken.fault}`);
    else if (state === 'connecting') {
      // The other side may be open first; its frames wait until this side has told its fingerprints.
      earlyBytes += taken.frame.byteLength;
      if (earlyBytes > MAX_UNACKNOWLEDGED) finish('too much was sent before the channel was open');
      else early.push(taken.frame);
    } else options.onFrame(taken.frame);
  };

  const open = (): void => {
    const channel = peer._channel;
    const local = fingerprintOf(peer._pc?.localDescription?.sdp ?? '');
    const remote = fingerprintOf(peer._pc?.remoteDescription?.sdp ?? '');
    if (state !== 'connecting' || channel === null) return;
    if (local === null || remote === null) {
      finish('a session description has no single sha-256 fingerprint');
      return;
    }
    channel.addEventListener('bufferedamountlow', pump);
    channel.addEventListener('close', () => finish(closeReason));
    state = 'open';
    options.onOpen(local, remote);
    for (const frame of early.splice(0)) options.onFrame(frame);
    pump();
  };

  const watchPath = (ice: RTCIceConnectionState): void => {
    if (state === 'closing' || state === 'closed') return;
    // Told again while candidates are gathered, and `checking` while a new path is tried: the clock goes on.
    const lost = ice === 'disconnected' || ice === 'checking';
    if (lost && (deadline !== undefined || ice === 'checking')) return;
    clearTimeout(deadline);
    clearTimeout(restarting);
    deadline = undefined;
    if (!lost) return;
    deadline = setTimeout(() => finish(`no path for ${DISCONNECTED_LIMIT / 1000} s`), DISCONNECTED_LIMIT);
    if (options.initiator) restarting = setTimeout(restart, RESTART_AFTER);
  };

  /** Asks for another path between the same two ends. What fails here is ended by the deadline. */
  const restart = (): void => {
    const connection = peer._pc;
    if (state !== 'open' || connection === null) return;
    restarting = setTimeout(restart, RESTART_AGAIN);
    connection.restartIce();
    connection
      .createOffer()
      .then((offer) => connection.setLocalDescription(offer))
      .then(
        () => {
          const description = connection.localDescription;
          if (state !== 'open' || description === null) return;
          awaitsAnswer = true;
          options.onSignal(JSON.stringify({ type: description.type, sdp: description.sdp }));
        },
        () => undefined, // closed meanwhile
      );
  };

  /** Whether a description may be handed to a connection that is open: its other end must stay the same. */
  const takesRestart = (data: { type: string; sdp?: unknown }): boolean => {
    const wanted = options.initiator ? data.type === 'answer' && awaitsAnswer : data.type === 'offer';
    const now = fingerprintOf(peer._pc?.remoteDescription?.sdp ?? '');
    if (!wanted || typeof data.sdp !== 'string' || now === null || fingerprintOf(data.sdp) !== now)
      return false;
    awaitsAnswer = false;
    answers = !options.initiator;
    return true;
  };

  peer.on('signal', (data) => {
    // Once open, a new description is a renegotiation: only the answer to a restart is asked for.
    const wanted = state === 'connecting' || isCandidate(data) || answers;
    if (wanted) options.onSignal(JSON.stringify(data));
    if (!isCandidate(data)) answers = false;
  });
  peer.on('connect', open);
  peer.on('data', receive);
  peer.on('iceStateChange', watchPath);
  peer.on('error', (error) => finish(error.message));
  peer.on('disconnect', () => finish(closeReason));
  peer.on('close', () => finish(closeReason));

  return {
    signal(text) {
      if (state === 'closing' || state === 'closed') return;
      const data = parseSignal(text);
      if (data === null) return;
      if (state === 'connecting' || data.type === 'candidate' || takesRestart(data)) peer.signal(data);
    },
    send(frame, lane) {
      if (state === 'closing' || state === 'closed') return;
      if (frame.byteLength > MAX_FRAME) {
        throw new RangeError(`frame: at most ${MAX_FRAME} bytes, given ${frame.byteLength}`);
      }
      if (lanes.push(frame, lane)) pump();
      else finish('the other side takes nothing');
    },
    async inspect() {
      const report = await peer._pc?.getStats();
      return report ? selectedPair(report) : null;
    },
    close(reason) {
      if (state === 'closing' || state === 'closed') return;
      if (state === 'connecting') {
        finish(reason);
        return;
      }
      state = 'closing';
      closeReason = reason;
      lanes.dropBulk();
      clearTimeout(deadline);
      deadline = setTimeout(() => finish(reason), CLOSING_LIMIT);
      pump();
    },
    destroy: finish,
  };
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isCandidate = (data: unknown): boolean =>
  data !== null && typeof data === 'object' && 'type' in data && data.type === 'candidate';

/** Only what a data channel needs: descriptions and candidates. */
function parseSignal(text: string): { type: string; sdp?: string; candidate?: object } | null {
  if (text.length > MAX_SIGNAL) return null;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (data === null || typeof data !== 'object' || !('type' in data)) return null;
  if (data.type === 'candidate' && 'candidate' in data && data.candidate !== null) {
    return typeof data.candidate === 'object' ? { type: 'candidate', candidate: data.candidate } : null;
  }
  if (data.type !== 'offer' && data.type !== 'answer') return null;
  if (!('sdp' in data) || typeof data.sdp !== 'string') return null;
  return { type: data.type, sdp: data.sdp };
}
