// Signaling through the mesh (SPEC R1, R2): from link to link towards a peer, by what was last heard of it, else at random.
// Must not know what is carried, nor who made it: payloads are sealed, and names on them are the relays' word.
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Context } from '../context.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';
import { pick, sample } from './draw.ts';
import { RELAY_CONFIG } from './relay-config.ts';
import type { RelayConfig } from './relay-config.ts';

export type RelayFrame = Extract<Frame, { type: 'relay' }>;

export type RelayFact =
  | { type: 'send'; to: PeerId; frame: RelayFrame }
  /** For us. Who it says it is from, the payload has to confirm. */
  | { type: 'deliver'; from: PeerId; payload: Uint8Array };

export interface Relay {
  /** News of a peer came by the link to `via`. */
  heard(peer: PeerId, via: PeerId): void;
  /** The link to `via` is gone, or the grove is no longer open on it. */
  gone(via: PeerId): void;
  /** `retry`: the same was sent in vain; what is believed of the way is not trusted, and several ways are tried. */
  send(to: PeerId, payload: Uint8Array, retry?: boolean): void;
  /** A frame of this grove from a neighbour on whose link it is open. */
  frame(neighbour: PeerId, frame: RelayFrame): void;
}

export interface RelayOptions {
  grove: GroveId;
  self: PeerId;
  context: Pick<Context, 'elapsed' | 'random' | 'count'>;
  /** Whether there is a link to this peer with the grove open. */
  linked(peer: PeerId): boolean;
  active(): readonly PeerId[];
  emit(fact: RelayFact): void;
  config?: Partial<RelayConfig>;
}

interface Bucket {
  messages: number;
  bytes: number;
  at: number;
}

/** Of a sealed message its random nonce stands for it. */
const NAME_BYTES = 16;
const nameOf = (payload: Uint8Array): string => bytesToHex(payload.subarray(0, NAME_BYTES));

export function createRelay(options: RelayOptions): Relay {
  const { grove, self, context, linked, active, emit } = options;
  const config: RelayConfig = { ...RELAY_CONFIG, ...options.config };
  /** Peer -> the link by which it was last heard of; the longest unheard first. */
  const hints = new Map<PeerId, PeerId>();
  const buckets = new Map<PeerId, Bucket>();
  const seen = new Map<string, true>();

  function heard(peer: PeerId, via: PeerId): void {
    if (peer === self || peer === via) return;
    setBounded(hints, config.hints, peer, via);
  }

  /** Takes a message's price out of its sender's bucket. */
  function affords(neighbour: PeerId, bytes: number): boolean {
    const now = context.elapsed();
    const { messages, bytes: size } = config;
    const known = buckets.get(neighbour);
    const seconds = known === undefined ? Infinity : Math.max(0, now - known.at) / 1000;
    const bucket: Bucket = {
      messages: Math.min(messages.burst, (known?.messages ?? 0) + seconds * messages.perSecond),
      bytes: Math.min(size.burst, (known?.bytes ?? 0) + seconds * size.perSecond),
      at: now,
    };
    const enough = bucket.messages >= 1 && bucket.bytes >= bytes;
    if (enough) {
      bucket.messages -= 1;
      bucket.bytes -= bytes;
    }
    setBounded(buckets, config.neighbours, neighbour, bucket);
    return enough;
  }

  const others = (...but: (PeerId | null)[]): PeerId[] => active().filter((peer) => !but.includes(peer));

  /** The peer itself, else where it was heard of, else anywhere; never back. Null where there is nowhere to go. */
  function next(to: PeerId, from: PeerId | null, trustHint: boolean): PeerId | null {
    if (to !== from && linked(to)) return to;
    const hint = hints.get(to);
    if (trustHint && hint !== undefined && hint !== from && linked(hint)) return hint;
    return pick(context.random, others(from, to)) ?? null;
  }

  /** Whether this message was here before: then it went in a circle, and what is believed of its way is wrong. */
  function isBack(payload: Uint8Array): boolean {
    const name = nameOf(payload);
    const back = seen.has(name);
    setBounded(seen, config.seen, name, true);
    return back;
  }

  function forward(frame: RelayFrame, from: PeerId): void {
    const to = frame.ttl <= 1 ? null : next(frame.to, from, !isBack(frame.payload));
    if (to === null) {
      context.count(frame.ttl <= 1 ? 'relay.expired' : 'relay.stuck');
      return;
    }
    context.count('relay.forwarded');
    emit({ type: 'send', to, frame: { ...frame, ttl: Math.min(frame.ttl, config.hops) - 1 } });
  }

  return {
    heard,
    gone(via) {
      buckets.delete(via);
      for (const [peer, hint] of hints) if (hint === via) hints.delete(peer);
    },
    send(to, payload, retry = false) {
      if (to === self) return;
      isBack(payload);
      const frame: RelayFrame = { type: 'relay', grove, to, from: self, ttl: config.hops, payload };
      const hint = hints.get(to) ?? null;
      const first = next(to, null, !retry);
      // The way that brought nothing is tried last of all.
      const ways = retry && first !== to ? sample(context.random, others(hint), config.walkers) : [first];
      if (retry && ways.length === 0) ways.push(hint);
      if (retry) hints.delete(to);
      const open = ways.filter((way) => way !== null);
      if (open.length === 0) context.count('relay.stuck');
      for (const way of open) emit({ type: 'send', to: way, frame });
    },
    frame(neighbour, frame) {
      const ours = frame.from === self;
      if ((ours && !seen.has(nameOf(frame.payload))) || !affords(neighbour, frame.payload.length)) {
        context.count(ours ? 'relay.refused' : 'relay.flood');
        return;
      }
      heard(frame.from, neighbour);
      if (frame.to === self) emit({ type: 'deliver', from: frame.from, payload: frame.payload });
      else forward(frame, neighbour);
    },
  };
}

/** Sets a key of a bounded map; beyond the limit the one set longest ago goes. */
function setBounded<K, V>(map: Map<K, V>, limit: number, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}
