// One grove's digests: who holds what of the best, by the word of those who hold it (SPEC H1-H3). Takes and passes on
// signed rows, signs this peer's own. Knows neither views nor how anything is fetched.
import { bytesToHex } from '@noble/hashes/utils.js';
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { equalBytes } from '../model/bytes.ts';
import { idBytes, type Cid, type GroveId, type LinkId, type PeerId } from '../model/ids.ts';
import type { WireSignedRow } from '../wire/frame.ts';
import { createOwnRows, type Candidate } from './digest-own.ts';
import { decodeDigestRow, digestMessage, encodeDigestRow } from './digest-row.ts';
import type { DigestItem, DigestRow } from './digest-row.ts';
import { Floors } from './digest-floors.ts';
import { createSending } from './digest-sending.ts';
import { RowSet, type Kept, type RowSetOptions } from './digest-set.ts';

export type DigestFact =
  /** Rows came, or were signed here: what is known of these contributions may have changed. */
  | { type: 'changed'; cids: readonly Cid[] }
  /** A member was heard of by a link. */
  | { type: 'heard'; peer: PeerId; link: LinkId };

export interface DigestOptions {
  grove: GroveId;
  self: PeerId;
  context: Context;
  members: () => number;
  isMember: (peer: PeerId) => boolean;
  sign: (message: Uint8Array) => Uint8Array;
  metric: RowSetOptions['metric'];
  /** Links that news go along. */
  eager: () => readonly LinkId[];
  emit: (fact: DigestFact) => void;
}

/** A row that came and is to be verified. */
interface Arrived {
  row: DigestRow;
  wire: WireSignedRow;
  name: string;
  link: LinkId;
  at: number;
}

export type Digests = ReturnType<typeof createDigests>;

export function createDigests(options: DigestOptions) {
  const { grove, self, context, isMember, emit } = options;
  const { digest } = CONFIG;
  const { elapsed } = context;
  const set = new RowSet({ metric: options.metric, elapsed, now: () => context.now() });
  const floors = new Floors();
  /** Rows under verification, by signature; and how many by each link. */
  const verifying = new Map<string, Arrived>();
  const byLink = new Map<LinkId, number>();
  /** Changed rows taken of each holder since then. */
  const taken = new Map<PeerId, { since: number; count: number }>();
  let serial = 0;
  let seq = 0;
  let closed = false;

  const sending = createSending({
    grove,
    self,
    context,
    eager: options.eager,
    rows: () => set.all(),
    newest: () => serial,
  });
  const own = createOwnRows({
    context,
    timer: `digest/own/${grove}`,
    members: options.members,
    others: (cid) =>
      set
        .of(cid)
        .filter(({ row, endsAt }) => row.holder !== self && endsAt - elapsed() > digest.renewLeft / 2).length,
    sign: signRow,
  });

  // ---- our own ----------------------------------------------------------------------------------------

  function signRow(item: DigestItem): void {
    seq = Math.max(seq + 1, Math.floor(context.now()));
    const row = fitting({ ...item, holder: self, seq, life: digest.life });
    const bytes = encodeDigestRow(row);
    if (bytes === null) return context.count('digest.tooLarge');
    const signature = options.sign(digestMessage(grove, bytes));
    context.count('digest.signed');
    keep(row, { row: bytes, signature, age: 0 }, bytesToHex(signature), elapsed(), []);
    told([item.cid]);
  }

  function keep(
    row: DigestRow,
    wire: WireSignedRow,
    name: string,
    at: number,
    links: readonly LinkId[],
  ): void {
    serial += 1;
    const bornAt = at - wire.age;
    const { signature, row: bytes } = wire;
    set.add({ row, bytes, signature, name, bornAt, endsAt: bornAt + row.life, serial, at: new Set(links) });
  }

  function told(cids: readonly Cid[]): void {
    set.trimSoon();
    sending.soon();
    emit({ type: 'changed', cids });
  }

  // ---- others' ----------------------------------------------------------------------------------------

  /** Whether a row need not be verified, and why. */
  function refusal(row: DigestRow, age: number): string | null {
    if (!isMember(row.holder)) return 'notMember';
    if (age >= row.life) return 'expired';
    if (row.holder === self) return row.seq > seq ? null : 'ours';
    if (floors.isOver(row.holder, row.seq, elapsed())) return 'replayed';
    return set.wants(row) ? null : 'unwanted';
  }

  function arrive(link: LinkId, wire: WireSignedRow): Arrived | null {
    const name = bytesToHex(wire.signature);
    const known = set.named(name);
    if (known !== undefined) known.at.add(link);
    // The same signature over other bytes is another row; it won't verify, but must not stand in for this one.
    const underWay = verifying.get(name);
    if (known !== undefined || (underWay && equalBytes(underWay.wire.row, wire.row))) return null;
    const row = decodeDigestRow(wire.row);
    const reason = row === null ? 'malformed' : refusal(row, wire.age);
    if (row === null || reason !== null) {
      context.count(`digest.${reason ?? 'malformed'}`);
      return null;
    }
    const waiting = byLink.get(link) ?? 0;
    if (waiting >= digest.verifying) {
      context.count('digest.overflow');
      return null;
    }
    byLink.set(link, waiting + 1);
    const arrived = { row, wire, name, link, at: elapsed() };
    verifying.set(name, arrived);
    return arrived;
  }

  function verify(arrived: readonly Arrived[]): void {
    const items = arrived.map(({ row, wire }) => ({
      key: idBytes(row.holder),
      message: digestMessage(grove, wire.row),
      signature: wire.signature,
    }));
    context.verify(items, (verdicts) => {
      for (const { name, link } of arrived) {
        verifying.delete(name);
        const waiting = (byLink.get(link) ?? 1) - 1;
        if (waiting > 0) byLink.set(link, waiting);
        else byLink.delete(link);
      }
      if (closed) return;
      if (isFailure(verdicts)) return context.count('digest.unverified', arrived.length);
      const changed = arrived.filter((each, index) => {
        if (verdicts[index] === true) return take(each);
        context.count('digest.badSignature');
        context.blame(each.link, 'bad-signature');
        return false;
      });
      if (changed.length === 0) return;
      told([...new Set(changed.map(({ row }) => row.cid))]);
      for (const { row, link } of changed) emit({ type: 'heard', peer: row.holder, link });
    });
  }

  /** A row that its holder signed. Whether it changed something. */
  function take({ row, wire, name, link, at }: Arrived): boolean {
    if (row.holder === self) {
      // Of an earlier run of this device, whose clock may have been ahead: what we say from now on must be newer.
      seq = Math.max(seq, row.seq);
      own.again();
      return false;
    }
    if (!isMember(row.holder) || floors.isOver(row.holder, row.seq, elapsed())) return false;
    const known = set.get(row.holder, row.cid);
    if (known !== undefined && known.row.seq >= row.seq) return false;
    if (known === undefined && set.of(row.cid).length >= digest.holders) return false;
    if (!isWithinMeasure(row.holder)) {
      context.count('digest.flood');
      return false;
    }
    floors.note(row.holder, row.seq, elapsed());
    context.count('digest.taken');
    keep(row, wire, name, at, [link]);
    return true;
  }

  /** A holder that signs without end would have the whole grove pass it on. */
  function isWithinMeasure(holder: PeerId): boolean {
    const now = elapsed();
    const known = taken.get(holder);
    if (known === undefined || now - known.since >= 60_000) {
      taken.delete(holder);
      taken.set(holder, { since: now, count: 1 });
      const [oldest] = taken.keys();
      if (taken.size > digest.floors && oldest !== undefined) taken.delete(oldest);
      return true;
    }
    known.count += 1;
    return known.count <= digest.perHolder;
  }

  return {
    /** What is held here in full and among the best. */
    setOwn: (candidates: readonly Candidate[]): void => own.set(candidates),

    receive(link: LinkId, rows: readonly WireSignedRow[]): void {
      const arrived = rows.map((wire) => arrive(link, wire)).filter((each) => each !== null);
      if (arrived.length > 0) verify(arrived);
    },

    /** The grove opened on a link, or its other end became an active neighbour: it is sent all, once. */
    activated: (link: LinkId, peer: PeerId): void => sending.activated(link, peer),
    gone: (link: LinkId): void => sending.gone(link),

    /** Members whose word it is that they hold all of it, without this one. */
    holdersOf: (cid: Cid): PeerId[] =>
      set.of(cid).flatMap(({ row }) => (row.holder !== self && isMember(row.holder) ? [row.holder] : [])),

    /** Which word of a holder's on it stands: a higher one was signed later. Null where none does. */
    wordOf: (holder: PeerId, cid: Cid): number | null => set.get(holder, cid)?.row.seq ?? null,

    /** The links by which holders' word on it came: ways to them. */
    waysTo: (cid: Cid): LinkId[] =>
      set.of(cid).flatMap(({ row, at }) => (row.holder === self ? [] : [...at].slice(0, 1))),

    /** Live rows, those of one holder and CID once. */
    rows: (): DigestRow[] => set.all().flatMap(({ row }) => (isMember(row.holder) ? [row] : [])),
    /** CIDs by ranking, the best by what holders say first. */
    best: (ranking: string) => set.best(ranking),

    close(): void {
      closed = true;
      own.close();
      sending.close();
    },
  };
}

/** The row as large as a frame takes it: without tags if need be, then with fewer places. */
function fitting(row: DigestRow): DigestRow {
  const tags = row.tags.slice(0, CONFIG.digest.tags);
  const places = row.places.slice(0, CONFIG.digest.places);
  for (const each of [
    { ...row, tags, places },
    { ...row, tags: [], places },
  ])
    if (encodeDigestRow(each) !== null) return each;
  return { ...row, tags: [], places: places.slice(0, 4) };
}

export type { Candidate, DigestItem, DigestRow, Kept };
