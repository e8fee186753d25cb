// One grove's presence: who is at what, by the word of each (SPEC G26). Takes signed rows and passes each on once, along eager links;
// signs this peer's own. Nothing of it is ever stored. Knows no views.
import { bytesToHex } from '@noble/hashes/utils.js';
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { idBytes, type GroveId, type LinkId, type PeerId } from '../model/ids.ts';
import type { WireSignedRow } from '../wire/frame.ts';
import {
  decodePresenceRow,
  encodePresenceRow,
  presenceMessage,
  type Presence,
  type PresenceRow,
} from './presence-row.ts';
import { createPresenceSending } from './presence-sending.ts';
import { createSigners } from './presence-signers.ts';

export interface PresenceOptions {
  grove: GroveId;
  self: PeerId;
  context: Context;
  isMember: (peer: PeerId) => boolean;
  sign: (message: Uint8Array) => Uint8Array;
  /** Links that news go along. */
  eager: () => readonly LinkId[];
  /** Somebody is at something else now. */
  changed: () => void;
}

export interface KeptPresence {
  row: PresenceRow;
  bytes: Uint8Array;
  signature: Uint8Array;
  /** In elapsed time, by the age that it came with. */
  bornAt: number;
  endsAt: number;
  /** Links by which it came: they know. */
  at: Set<LinkId>;
}

/** A row that came and is to be verified. */
interface Arrived {
  row: PresenceRow;
  wire: WireSignedRow;
  name: string;
  from: LinkId;
  at: Set<LinkId>;
  since: number;
}

export type PresenceMachine = ReturnType<typeof createPresence>;

export function createPresence(options: PresenceOptions) {
  const { grove, self, context, isMember } = options;
  const { presence } = CONFIG;
  const { elapsed } = context;
  const rows = new Map<PeerId, KeptPresence>();
  const signers = createSigners(elapsed);
  const verifying = new Map<string, Arrived>();
  const byLink = new Map<LinkId, number>();
  const timers = { own: `presence/own/${grove}`, end: `presence/end/${grove}` };
  const sending = createPresenceSending({ grove, context, eager: options.eager, rows: live });
  let own: Presence | null = null;
  let seq = 0;
  let signedAt = -Infinity;
  let closed = false;

  function live(): KeptPresence[] {
    const now = elapsed();
    return [...rows.values()].filter(
      ({ endsAt, row }) => endsAt > now && (row.peer === self || isMember(row.peer)),
    );
  }

  function keep(row: PresenceRow, wire: WireSignedRow, since: number, at: Set<LinkId>): void {
    const bornAt = since - wire.age;
    const { row: bytes, signature } = wire;
    rows.set(row.peer, { row, bytes, signature, bornAt, endsAt: bornAt + row.life, at });
    if (rows.size > presence.rows) dropSoonest();
    sending.news(row.peer);
    scheduleEnd();
    options.changed();
  }

  /** There are more than are shown: the one that is over first goes, never our own. */
  function dropSoonest(): void {
    const others = [...rows.values()].filter(({ row }) => row.peer !== self);
    const [first] = others.sort((a, b) => a.endsAt - b.endsAt);
    if (first !== undefined) rows.delete(first.row.peer);
    context.count('presence.overflow');
  }

  function scheduleEnd(): void {
    const ends = [...rows.values()].map(({ endsAt }) => endsAt);
    context.schedule(timers.end, ends.length === 0 ? null : Math.min(...ends), () => {
      const now = elapsed();
      for (const [peer, { endsAt }] of rows) if (endsAt <= now) rows.delete(peer);
      scheduleEnd();
      options.changed();
    });
  }

  // ---- our own ----------------------------------------------------------------------------------------

  /** Signs what this device is at, or that it is at nothing any more, as soon as that is allowed. */
  function signSoon(): void {
    const at = signedAt + presence.least;
    if (at <= elapsed()) signNow();
    else context.schedule(timers.own, at, signNow);
  }

  function signNow(): void {
    if (closed) return;
    seq = Math.max(seq + 1, Math.floor(context.now()));
    signedAt = elapsed();
    const said = own ?? { status: 'none', cid: null, note: '' };
    const row: PresenceRow = { ...said, peer: self, seq, life: presence.life };
    const bytes = encodePresenceRow(row);
    const signature = options.sign(presenceMessage(grove, bytes));
    context.count('presence.signed');
    keep(row, { row: bytes, signature, age: 0 }, signedAt, new Set());
    context.schedule(timers.own, own === null ? null : signedAt + presence.renew, signNow);
  }

  // ---- others' ----------------------------------------------------------------------------------------

  /** Whether a row need not be verified, and why. */
  function refusal(row: PresenceRow, age: number): string | null {
    if (age >= row.life) return 'expired';
    if (row.peer === self) return row.seq > seq ? null : 'known';
    if (!isMember(row.peer)) return 'notMember';
    return signers.isNew(row.peer, row.seq) ? null : 'known';
  }

  function arrive(link: LinkId, wire: WireSignedRow): Arrived | null {
    const row = decodePresenceRow(wire.row);
    const reason = row === null ? 'malformed' : refusal(row, wire.age);
    if (row === null || reason !== null) {
      const known = row === null ? undefined : rows.get(row.peer);
      if (row !== null && known?.row.seq === row.seq) known.at.add(link);
      context.count(`presence.${reason ?? 'malformed'}`);
      return null;
    }
    // By the bytes too: another row under the same signature won't verify, but must not stand in for this one.
    const name = `${bytesToHex(wire.signature)}/${bytesToHex(wire.row)}`;
    const underWay = verifying.get(name);
    if (underWay !== undefined) {
      underWay.at.add(link);
      return null;
    }
    const waiting = byLink.get(link) ?? 0;
    if (waiting >= presence.verifying) {
      context.count('presence.overflow');
      return null;
    }
    byLink.set(link, waiting + 1);
    const arrived = { row, wire, name, from: link, at: new Set([link]), since: elapsed() };
    verifying.set(name, arrived);
    return arrived;
  }

  function done({ name, from }: Arrived): void {
    verifying.delete(name);
    const left = (byLink.get(from) ?? 1) - 1;
    if (left > 0) byLink.set(from, left);
    else byLink.delete(from);
  }

  /** A row that its peer signed. */
  function take({ row, wire, at, since }: Arrived): void {
    if (row.peer === self) {
      // Of an earlier run of this device, perhaps by a clock that was ahead: what is said from now on is newer, and takes it back.
      if (row.seq <= seq) return;
      seq = row.seq;
      return signSoon();
    }
    if (!isMember(row.peer) || !signers.isNew(row.peer, row.seq)) return;
    if (!signers.take(row.peer, row.seq)) return context.count('presence.flood');
    context.count('presence.taken');
    keep(row, wire, since, at);
  }

  return {
    /** What this device is at; null: nothing, or nothing any more. Said again until it is null. */
    set(said: Presence | null): void {
      if (said === null && own === null) return;
      own = said;
      signSoon();
    },

    own: (): Presence | null => own,

    receive(link: LinkId, wires: readonly WireSignedRow[]): void {
      const arrived = wires.map((wire) => arrive(link, wire)).filter((each) => each !== null);
      if (arrived.length === 0) return;
      const items = arrived.map(({ row, wire }) => ({
        key: idBytes(row.peer),
        message: presenceMessage(grove, wire.row),
        signature: wire.signature,
      }));
      context.verify(items, (verdicts) => {
        arrived.forEach(done);
        if (closed) return;
        if (isFailure(verdicts)) return context.count('presence.unverified', arrived.length);
        arrived.forEach((each, index) => {
          if (verdicts[index] === true) take(each);
          else {
            context.count('presence.badSignature');
            context.blame(each.from, 'bad-signature');
          }
        });
      });
    },

    /** A link's other end became an active neighbour: it is sent all, once. */
    activated: (link: LinkId, peer: PeerId): void => sending.activated(link, peer),
    gone(link: LinkId): void {
      for (const { at } of rows.values()) at.delete(link);
      sending.gone(link);
    },

    /** Who is at something, in the order in which it was heard of. */
    list: (): KeptPresence[] => live().filter(({ row }) => row.status !== 'none'),

    /** Says at once that this device is at nothing any more, and nothing after that. */
    end(): void {
      if (own !== null) {
        own = null;
        signNow();
        sending.flush();
      }
      closed = true;
      for (const timer of Object.values(timers)) context.schedule(timer, null, () => undefined);
      sending.close();
    },
  };
}
