// A tiny world for link machines: an endpoint that a test may make hostile, and connections that open once offer
// and answer were exchanged. Runs in virtual time.
import { hash32, keypairFromSeed } from '../../../worker/core/model/keys.ts';
import type { Keypair } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import type { LinkId, PeerId } from '../../../worker/core/model/ids.ts';
import type { Signatures } from '../../../worker/core/ports.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createLinkMachine } from '../../../worker/core/link/machine.ts';
import type { LinkConfig, LinkInput, LinkMachine, LinkOutput } from '../../../worker/core/link/machine.ts';

export const ROOM = 'ab'.repeat(32);
export const ROOM_KEY = hash32(utf8('room key'));
export const START = 1_700_000_000_000;

export interface Posted {
  room: string;
  from: string;
  to: string | null;
  payload: Uint8Array;
}

export interface Peer {
  name: string;
  /** Tells a restarted peer from the one before it. */
  incarnation: number;
  keypair: Keypair;
  machine: LinkMachine;
  /** Every output so far. */
  outputs: LinkOutput[];
  /** Inputs are handed to the machine at once; outputs are carried out by `settle`. */
  give(input: LinkInput): LinkOutput[];
  ups(): Extract<LinkOutput, { type: 'up' }>[];
  downs(): Extract<LinkOutput, { type: 'down' }>[];
  counted(name: string): number;
  live(): LinkId[];
}

interface Connection {
  peer: Peer;
  link: LinkId;
  initiator: boolean;
  print: string;
  /** The other side's address and fingerprint, as its description says. */
  remote: { address: string; print: string } | null;
  open: boolean;
  handed: string[];
}

export interface Hub {
  now: number;
  /** What the endpoint saw, in order. */
  posted: Posted[];
  connections: Map<string, Connection>;
  peer(
    name: string,
    options?: { config?: Partial<LinkConfig>; features?: string[]; keypair?: Keypair },
  ): Peer;
  /** Has a page, and is in the room. */
  enter(peer: Peer, options?: { room?: string; key?: Uint8Array; want?: number; newcomer?: boolean }): void;
  /** What the endpoint does with a message: what it delivers instead. Default: the message itself. */
  onPosted: (message: Posted) => Posted[];
  /** Which fingerprint a side reports of the other at `link-open`. Default: the true one. */
  onPrint: (of: Connection, other: Connection) => string;
  /** Which frames arrive instead of this one. Default: itself. */
  onFrame: (from: Connection, frame: Uint8Array) => Uint8Array[];
  post(message: Posted): void;
  /** Whether a peer needs its link to another. Default: always. */
  keeps: (peer: Peer, other: PeerId) => boolean;
  /** What the mesh does with a relayed message: to whom it brings it. Default: to whom it is for. */
  onRelayed: (from: Peer, to: PeerId, payload: Uint8Array) => PeerId[];
  /** Carries out everything that is under way, without time passing. */
  settle(): void;
  /** Lets time pass, waking machines when they asked to be. */
  advance(ms: number): void;
  /** Cuts a connection on both sides. */
  cut(peer: Peer, link: LinkId): void;
}

const hexPairs = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

export const printOf = (name: string): string => `sha-256 ${hexPairs(hash32(utf8(name)))}`;
export const sdpOf = (address: string, print: string): string =>
  `v=0\r\ns=${address}\r\na=fingerprint:${print}\r\na=setup:actpass\r\n`;

export const keypairOf = (name: string): Keypair => keypairFromSeed(hash32(utf8(`device ${name}`)));

/** The named peers in the order of their keys, lower first. */
export const byKey = (a: string, b: string): [string, string] =>
  keypairOf(a).id < keypairOf(b).id ? [a, b] : [b, a];

/** Noble's signatures where none are given. */
export function createHub(signatures?: Signatures): Hub {
  const peers = new Map<string, Peer>();
  const rooms = new Map<string, Set<string>>();
  const connections = new Map<string, Connection>();
  const queue: (() => void)[] = [];
  let born = 0;
  const addressOf = (peer: Peer, link: LinkId): string => `${peer.name}${peer.incarnation}/${link}`;

  function carryOut(peer: Peer, output: LinkOutput): void {
    switch (output.type) {
      case 'signal-join': {
        const members = rooms.get(output.room) ?? new Set();
        rooms.set(output.room, members);
        peer.give({ type: 'signal-joined', room: output.room, members: [...members] });
        members.add(peer.name);
        return;
      }
      case 'signal-leave': {
        rooms.get(output.room)?.delete(peer.name);
        return;
      }
      case 'signal-send': {
        const { room, to, payload } = output;
        const message = { room, from: peer.name, to, payload };
        hub.posted.push(message);
        for (const delivered of hub.onPosted(message)) hub.post(delivered);
        return;
      }
      case 'relay': {
        for (const id of hub.onRelayed(peer, output.to, output.payload)) {
          const receiver = [...peers.values()].findLast(({ keypair }) => keypair.id === id);
          const from = peer.keypair.id;
          if (receiver === undefined) continue;
          const { room, payload } = output;
          queue.push(() => receiver.give({ type: 'relayed', room, from, payload }));
        }
        return;
      }
      case 'link-open': {
        open(peer, output.link, output.initiator);
        return;
      }
      case 'link-signal': {
        signal(peer, output.link, output.data);
        return;
      }
      case 'link-send': {
        sendFrame(peer, output.link, output.frame);
        return;
      }
      case 'link-close': {
        close(peer, output.link, output.reason);
        return;
      }
      default:
        return;
    }
  }

  function open(peer: Peer, link: LinkId, initiator: boolean): void {
    const address = addressOf(peer, link);
    const connection: Connection = {
      peer,
      link,
      initiator,
      print: printOf(address),
      remote: null,
      open: false,
      handed: [],
    };
    connections.set(address, connection);
    if (initiator) describe(connection, 'offer');
  }

  function describe(connection: Connection, type: 'offer' | 'answer'): void {
    const { peer, link } = connection;
    const sdp = sdpOf(addressOf(peer, link), connection.print);
    const candidate = { candidate: `candidate:1 ${addressOf(peer, link)}`, sdpMid: '0', sdpMLineIndex: 0 };
    queue.push(
      () => peer.give({ type: 'link-signal', link, data: JSON.stringify({ type, sdp }) }),
      () => peer.give({ type: 'link-signal', link, data: JSON.stringify({ type: 'candidate', candidate }) }),
    );
  }

  function signal(peer: Peer, link: LinkId, data: string): void {
    const connection = connections.get(addressOf(peer, link));
    if (connection === undefined) return;
    connection.handed.push(data);
    const { type, sdp } = JSON.parse(data) as { type: string; sdp?: string };
    if (sdp === undefined) return;
    const address = /^s=(.*)$/m.exec(sdp)?.[1]?.trim() ?? '';
    const print = /^a=fingerprint:(.*)$/m.exec(sdp)?.[1]?.trim() ?? '';
    connection.remote = { address, print };
    if (type === 'offer') {
      describe(connection, 'answer');
      return;
    }
    const other = connections.get(address);
    if (other === undefined || other.remote?.address !== addressOf(peer, link)) return;
    for (const [mine, theirs] of [
      [connection, other],
      [other, connection],
    ] as const) {
      mine.open = true;
      queue.push(() => {
        mine.peer.give({
          type: 'link-open',
          link: mine.link,
          local: mine.print,
          remote: hub.onPrint(mine, theirs),
        });
      });
    }
  }

  const otherEnd = (connection: Connection): Connection | undefined => {
    const other = connections.get(connection.remote?.address ?? '');
    return connection.open && other?.open === true ? other : undefined;
  };

  function sendFrame(peer: Peer, link: LinkId, frame: Uint8Array): void {
    const connection = connections.get(addressOf(peer, link));
    const other = connection && otherEnd(connection);
    if (!connection || !other) return;
    for (const arriving of hub.onFrame(connection, frame)) {
      queue.push(() => other.peer.give({ type: 'link-frame', link: other.link, frame: arriving }));
    }
  }

  function close(peer: Peer, link: LinkId, reason: string): void {
    const connection = connections.get(addressOf(peer, link));
    if (connection === undefined) return;
    const other = otherEnd(connection);
    for (const end of other ? [connection, other] : [connection]) {
      connections.delete(addressOf(end.peer, end.link));
      queue.push(() => end.peer.give({ type: 'link-closed', link: end.link, reason }));
    }
  }

  const hub: Hub = {
    now: START,
    posted: [],
    connections,
    onPosted: (message) => [message],
    keeps: () => true,
    onRelayed: (_from, to) => [to],
    onPrint: (_of, other) => other.print,
    onFrame: (_from, frame) => [frame],
    peer(name, options = {}) {
      const keypair = options.keypair ?? keypairOf(name);
      const outputs: LinkOutput[] = [];
      const machine = createLinkMachine({
        keypair,
        random: createSeededRandom(utf8(`random of ${name}`)),
        features: options.features ?? [],
        ...(options.config && { config: options.config }),
        ...(signatures && { signatures }),
      });
      born += 1;
      const peer: Peer = {
        name,
        incarnation: born,
        keypair,
        machine,
        outputs,
        give(input) {
          const given = machine.handle(input, hub.now);
          outputs.push(...given);
          for (const output of given) queue.push(() => carryOut(peer, output));
          for (const output of given)
            if (output.type === 'up' && hub.keeps(peer, output.peer))
              peer.give({ type: 'keep', link: output.link, kept: true });
          return given;
        },
        ups: () => outputs.filter((output) => output.type === 'up'),
        downs: () => outputs.filter((output) => output.type === 'down'),
        counted: (counter) =>
          outputs.filter((output) => output.type === 'count' && output.name === counter).length,
        live: () =>
          machine
            .links()
            .filter(({ state }) => state === 'up')
            .map(({ link }) => link),
      };
      peers.set(name, peer);
      return peer;
    },
    enter(peer, { room = ROOM, key = ROOM_KEY, want = 5, newcomer = false } = {}) {
      peer.give({ type: 'carrier', present: true });
      peer.give({ type: 'room-open', room, key, want, newcomer });
      hub.settle();
    },
    post({ room, from, to, payload }) {
      for (const name of to === null ? (rooms.get(room) ?? []) : [to]) {
        const receiver = peers.get(name);
        if (name === from || receiver === undefined) continue;
        queue.push(() => receiver.give({ type: 'signal-message', room, from, payload: payload.slice() }));
      }
    },
    settle() {
      for (let step = queue.shift(); step !== undefined; step = queue.shift()) step();
    },
    advance(ms) {
      const end = hub.now + ms;
      for (;;) {
        hub.settle();
        const due = [...peers.values()].map((peer) => peer.machine.nextWake() ?? Infinity);
        const next = Math.min(...due);
        if (next > end) break;
        hub.now = Math.max(hub.now, next);
        for (const peer of peers.values()) {
          if ((peer.machine.nextWake() ?? Infinity) <= hub.now) peer.give({ type: 'tick' });
        }
      }
      hub.now = end;
    },
    cut(peer, link) {
      close(peer, link, 'connection lost');
    },
  };
  return hub;
}

/** The link-layer frames among a peer's outputs, in words. */
export function sentFrames(peer: Peer): string[] {
  return peer.outputs.flatMap((output) => {
    if (output.type !== 'link-send') return [];
    const decoded = decodeFrame(output.frame);
    return [decoded.ok ? decoded.value.type : 'garbled'];
  });
}

export const idOf = (peer: Peer): PeerId => peer.keypair.id;
