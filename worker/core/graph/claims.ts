// Claims on plans and questions (SPEC G13): which of a target's is in force, until when, and which lost to which. Depends
// only on which acts there were; whether time is over is for who reads to judge (`claimStatus`).
import { ACT_LIMITS, type ClaimBody } from '../model/acts.ts';
import { cidOf } from '../model/ids.ts';
import type { Cid, EntryId, PeerId } from '../model/ids.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { comparePlaces, createOrdered } from './order.ts';
import type { Ordered, Place } from './order.ts';

export type ClaimStatus = 'active' | 'expired' | 'released' | 'completed';

export interface Claim {
  claim: EntryId;
  author: PeerId;
  /** ms since the epoch by its author's clock, as is `until`. */
  at: number;
  until: number;
  /** The length that was asked for last, ms. */
  lease: number;
  ended: 'released' | 'completed' | null;
  /** The newest of its acts' that isn't empty. */
  note: string;
  /** Its newest act: what a claim that is to end this one has to name. */
  last: EntryId;
}
/** What a claim came to among the others: `ended` by another that stands, or `lost` and never in force; `by` says to which. */
export interface Fate {
  standing: 'current' | 'ended' | 'lost';
  /** Null for the current one, and where it names nothing that is known. */
  by: EntryId | null;
}
export interface Claims {
  apply(act: Act, body: ClaimBody): void;
  /** The one at the end of the chain, whatever became of it. */
  of(target: Cid): Claim | null;
  /** Null for what is no claim on this target. */
  fate(target: Cid, claim: EntryId): (Claim & Fate) | null;
  /** Newest first by (lamport, id). */
  history(target: Cid, limit: number): { claims: (Claim & Fate)[]; total: number };
  digest(): string;
}

/** By the reader's clock. What is dated further ahead than any lease holds nothing. */
export function claimStatus({ ended, until }: Pick<Claim, 'ended' | 'until'>, now: number): ClaimStatus {
  if (ended !== null) return ended;
  return now < until && until - now <= ACT_LIMITS.lease ? 'active' : 'expired';
}

/** A renewal, release or completion. */
interface Later extends Act {
  act: Exclude<ClaimBody['act'], 'claim'>;
  lease: number;
  note: string;
}
interface Life {
  note: string;
  until: number;
  lease: number;
  ended: Claim['ended'];
  last: EntryId;
  /** Its last renewal that counts: what it beats names something before it. */
  beat: Place | null;
  /** Completed in time: nothing ends it. */
  isFinal: boolean;
}
interface Node extends Act {
  lease: number;
  note: string;
  of: EntryId | null;
  /** By its author, in the order of its log. */
  own: Ordered<Later>;
  /** Claims that name an act of this one. */
  rivals: { node: Node; named: Place }[];
  /** Whose act it names; null where that isn't known. */
  ends: Node | null;
  life: Life | null;
  /** What ends it, null for nothing; undefined until asked for, as its life is null. */
  next: Node | null | undefined;
  /** Where it is in the chain, if it is: only there does this say anything. */
  place: number;
}
interface Target {
  cid: Cid;
  seen: Set<EntryId>;
  nodes: Map<EntryId, Node>;
  order: Ordered<Node>;
  /** Acts that a claim may name, and the claims that they are of. */
  acts: Map<EntryId, { node: Node; place: Place }>;
  /** Acts of claims, and claims that name acts, that aren't known yet. */
  early: Map<EntryId, Later[]>;
  waiting: Map<EntryId, Node[]>;
  /** The lowest that ends nothing. */
  root: Node | null;
  /** From the root to the end; of what is here so many are sure, the rest is worked out anew when asked for. */
  chain: Node[];
  sure: number;
}

const isBefore = (a: Place, b: Place): boolean => comparePlaces(a, b) < 0;

function live(life: Life, later: Later): void {
  life.last = later.entry;
  if (life.ended !== null) return;
  const inTime = later.at <= life.until;
  if (later.act === 'renew') {
    if (!inTime) return;
    life.until = later.at + later.lease;
    life.lease = later.lease;
    life.beat = later;
  } else if (later.act === 'release') life.ended = 'released';
  else {
    life.ended = 'completed';
    life.isFinal = inTime;
  }
  if (later.note !== '') life.note = later.note;
}

function lifeOf(node: Node): Life {
  if (node.life !== null) return node.life;
  const { at, lease, entry, note } = node;
  node.life = { note, until: at + lease, lease, ended: null, last: entry, beat: null, isFinal: false };
  for (const later of [...node.own.newestFirst(null)].reverse()) live(node.life, later);
  return node.life;
}

const mayEnd = ({ beat, isFinal }: Life, named: Place): boolean =>
  !isFinal && (beat === null || !isBefore(named, beat));

/** The lowest that ends it. */
function nextOf(node: Node): Node | null {
  if (node.next !== undefined) return node.next;
  const life = lifeOf(node);
  let next: Node | null = null;
  for (const { node: rival, named } of node.rivals)
    if (mayEnd(life, named) && (next === null || isBefore(rival, next))) next = rival;
  node.next = next;
  return next;
}

const inChain = ({ chain, sure }: Target, node: Node): boolean =>
  node.place < sure && chain[node.place] === node;

/** The end of the chain. Only what comes after the first change is walked: each is after the one that it ends. */
function tipOf(target: Target): Node | null {
  const { chain } = target;
  chain.length = target.sure;
  const last = chain.at(-1);
  for (let node = last === undefined ? target.root : nextOf(last); node !== null; node = nextOf(node)) {
    node.place = chain.length;
    chain.push(node);
  }
  target.sure = chain.length;
  return chain.at(-1) ?? null;
}

function fateOf(target: Target, node: Node): Fate {
  if (node === tipOf(target)) return { standing: 'current', by: null };
  if (inChain(target, node)) return { standing: 'ended', by: nextOf(node)?.entry ?? null };
  // Lost by itself, or with the one that it would have ended.
  for (let each: Node = node; ;) {
    const { ends } = each;
    if (ends === null)
      return { standing: 'lost', by: each.of === null ? (target.root?.entry ?? null) : null };
    const next = nextOf(ends);
    if (next !== each) return { standing: 'lost', by: (next ?? ends).entry };
    each = ends;
  }
}

function toClaim(node: Node): Claim {
  const { entry: claim, author, at } = node;
  const { note, until, lease, ended, last } = lifeOf(node);
  return { claim, author, at, until, lease, ended, note, last };
}

const list = <K, V>(lists: Map<K, V[]>, key: K): V[] => {
  const found = lists.get(key) ?? [];
  lists.set(key, found);
  return found;
};

export function createClaims({ hash }: Pick<FoldOptions, 'hash'>): Claims {
  const targets = new Map<Cid, Target>();
  const digest = createDigest<Target | Node>({
    label: 'thicket/claims/1',
    line(item) {
      if ('cid' in item) return JSON.stringify([item.cid, tipOf(item)?.entry ?? null]);
      const { until, ended, last } = lifeOf(item);
      return JSON.stringify([item.entry, item.author, item.of, until, ended, last]);
    },
    hash,
  });

  function open(cid: Cid): Target {
    let target = targets.get(cid);
    if (target === undefined) {
      target = {
        ...{ cid, root: null, chain: [], sure: 0, order: createOrdered<Node>() },
        ...{ seen: new Set(), nodes: new Map(), acts: new Map(), early: new Map(), waiting: new Map() },
      };
      targets.set(cid, target);
    }
    return target;
  }

  /** What follows in the chain may be another now. */
  function changed(target: Target, node: Node): void {
    if (inChain(target, node)) target.sure = node.place + 1;
    digest.touch(node);
    digest.touch(target);
  }

  /** An act of a claim is known: claims that name it are, too. */
  function nameable(target: Target, node: Node, place: Act): void {
    target.acts.set(place.entry, { node, place });
    for (const rival of target.waiting.get(place.entry) ?? []) addRival(target, node, place, rival);
    target.waiting.delete(place.entry);
  }

  function addRival(target: Target, node: Node, named: Place, rival: Node): void {
    if (!isBefore(named, rival)) return;
    rival.ends = node;
    node.rivals.push({ node: rival, named });
    if (node.next !== undefined && mayEnd(lifeOf(node), named))
      if (node.next === null || isBefore(rival, node.next)) node.next = rival;
    changed(target, node);
  }

  function addOwn(target: Target, node: Node, later: Later): void {
    if (later.author !== node.author || !isBefore(node, later)) return;
    const [newest] = node.own.newestFirst(null);
    node.own.add(later);
    if (node.life !== null && (newest === undefined || isBefore(newest, later))) live(node.life, later);
    else node.life = null;
    node.next = undefined;
    changed(target, node);
    if (later.act !== 'complete') nameable(target, node, later);
  }

  function addClaim(target: Target, act: Act, { of, lease, note }: ClaimBody): void {
    const node: Node = {
      ...{ ...act, of, lease, note, own: createOrdered<Later>() },
      ...{ rivals: [], ends: null, life: null, next: undefined, place: 0 },
    };
    target.nodes.set(act.entry, node);
    target.order.add(node);
    changed(target, node);
    nameable(target, node, act);
    for (const later of target.early.get(act.entry) ?? []) addOwn(target, node, later);
    target.early.delete(act.entry);
    if (of === null) {
      if (target.root !== null && !isBefore(node, target.root)) return;
      target.root = node;
      target.sure = 0;
      return;
    }
    const named = target.acts.get(of);
    if (named === undefined) list(target.waiting, of).push(node);
    else addRival(target, named.node, named.place, node);
  }

  return {
    apply(act, body) {
      const target = open(cidOf(body.target));
      if (target.seen.has(act.entry)) return;
      target.seen.add(act.entry);
      if (body.act === 'claim') {
        addClaim(target, act, body);
        return;
      }
      const later: Later = { ...act, act: body.act, lease: body.lease, note: body.note };
      const node = body.of === null ? undefined : target.nodes.get(body.of);
      if (node !== undefined) addOwn(target, node, later);
      else if (body.of !== null) list(target.early, body.of).push(later);
    },
    of(cid) {
      const target = targets.get(cid);
      const tip = target === undefined ? null : tipOf(target);
      return tip && toClaim(tip);
    },
    fate(cid, claim) {
      const target = targets.get(cid);
      const node = target?.nodes.get(claim);
      return target === undefined || node === undefined
        ? null
        : { ...toClaim(node), ...fateOf(target, node) };
    },
    history(cid, limit) {
      const target = targets.get(cid);
      const claims: (Claim & Fate)[] = [];
      if (target === undefined) return { claims, total: 0 };
      for (const node of target.order.newestFirst(null)) {
        if (claims.length === limit) break;
        claims.push({ ...toClaim(node), ...fateOf(target, node) });
      }
      return { claims, total: target.order.size };
    },
    digest: digest.value,
  };
}
