// Claims of this device (SPEC G13, G14): renewed while it runs and wants to, after a restart too, and told of once where
// another's stands instead. What it wants is kept on disk beside the log; which claim stands is the views' to say.
import { CONFIG } from './config.ts';
import { isFailure } from './context.ts';
import type { Core } from './core.ts';
import { claimStatus, type Claim } from './graph/claims.ts';
import type { Grove } from './grove.ts';
import { encodeBody } from './model/body.ts';
import { cidOf, hashOfCid, idBytes, toEntryId, toHash } from './model/ids.ts';
import type { Cid, EntryId, GroveId } from './model/ids.ts';
import { mayWrite } from './openings.ts';
import type { WriteOp } from './ports.ts';
import { asArray, asId, asUint, decode, encode } from './wire/cbor.ts';
import { hexToBytes } from '@noble/hashes/utils.js';

export type Claiming = ReturnType<typeof createClaiming>;

/** What this device wants with a claim of its own. */
export interface Wish {
  cid: Cid;
  renew: boolean;
}

const MAX_WISH = 64;

/** Of all claims of a grove. */
export const wishPrefix = (grove: GroveId): string => `claim/${grove}/`;
const wishKey = (grove: GroveId, claim: EntryId): string => wishPrefix(grove) + claim;

/** Part of the transaction that writes the claim. */
export const wishOp = (grove: GroveId, claim: EntryId, { cid, renew }: Wish): WriteOp => ({
  op: 'put',
  table: 'meta',
  key: wishKey(grove, claim),
  value: encode([idBytes(hashOfCid(cid)), renew ? 1 : 0]),
});

function readWish(bytes: Uint8Array): Wish | null {
  const decoded = decode(bytes, { maxBytes: MAX_WISH });
  const fields = decoded.ok ? asArray(decoded.value, 2) : null;
  const target = asId(fields?.[0], toHash);
  const renew = asUint(fields?.[1], 1);
  return target === null || renew === null ? null : { cid: cidOf(target), renew: renew === 1 };
}

export function createClaiming(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const { claims: config } = CONFIG;
  const groves = new Map<GroveId, Map<EntryId, Wish>>();
  /** Renewals that are being written. */
  const writing = new Set<EntryId>();

  const timer = (grove: GroveId, claim: EntryId): string => `claim/${grove}/${claim}`;

  function wishesOf(id: GroveId): Map<EntryId, Wish> {
    const wishes = groves.get(id) ?? new Map<EntryId, Wish>();
    groves.set(id, wishes);
    return wishes;
  }

  function forget(grove: Grove, claim: EntryId): void {
    groves.get(grove.id)?.delete(claim);
    context.schedule(timer(grove.id, claim), null, () => undefined);
    if (grove.leaving) return;
    const ops: WriteOp[] = [{ op: 'delete', table: 'meta', key: wishKey(grove.id, claim) }];
    context.write(ops, 'relaxed', (failure) => {
      if (failure !== null) core.problem(failure);
    });
  }

  function lost(grove: Grove, claim: EntryId, cid: Cid): void {
    const winner = grove.acts.claims.of(cid);
    forget(grove, claim);
    if (winner === null || winner.author === self) return;
    context.count('claims.lost');
    core.event('claim-lost', { grove: grove.id, cid, claim, winner: winner.claim });
  }

  /** Looks at one claim: whether it stands still, and when it is to be renewed. */
  function look(grove: Grove, id: EntryId, { cid, renew }: Wish): void {
    const claim = grove.acts.claims.fate(cid, id);
    // Of a log that came back from others, say, it may be missing for a while.
    if (claim === null) return;
    if (claim.standing !== 'current')
      return claim.ended === 'released' ? forget(grove, id) : lost(grove, id, cid);
    if (claim.ended === 'released') return forget(grove, id);
    // What is done, or ran out, is watched for a while: a rival may turn up.
    if (context.now() > claim.until + config.watch) return forget(grove, id);
    const holds = claimStatus(claim, context.now()) === 'active';
    const due = renew && holds ? claim.until - claim.lease * (1 - config.renewAt) - context.now() : null;
    schedule(grove, claim, due);
  }

  function schedule(grove: Grove, claim: Claim, due: number | null): void {
    const at = due === null ? null : context.elapsed() + Math.max(0, due);
    context.schedule(timer(grove.id, claim.claim), at, () => again(grove, claim.claim));
  }

  /** Its time came: it is renewed, if it stands still and this device still wants it. */
  function again(grove: Grove, id: EntryId): void {
    const wish = groves.get(grove.id)?.get(id);
    if (wish?.renew !== true || core.groves.get(grove.id) !== grove || !grove.loaded || grove.leaving) return;
    const claim = grove.acts.claims.fate(wish.cid, id);
    if (claim?.standing !== 'current' || claimStatus(claim, context.now()) !== 'active') return;
    // Tried again until it is over; what is written takes the timer's place.
    schedule(grove, claim, claim.lease * config.retryAt);
    if (writing.has(id) || !mayWrite(core, grove, 'claim')) return;
    writing.add(id);
    const target = hashOfCid(wish.cid);
    core.sync.append(grove.id, {
      kind: 'claim',
      body: encodeBody({ kind: 'claim', target, act: 'renew', of: id, lease: claim.lease, note: '' }),
      table: null,
      also: () => [],
      then(outcome) {
        writing.delete(id);
        context.count('entry' in outcome ? 'claims.renewed' : 'claims.notRenewed');
      },
    });
  }

  function lookAt(grove: Grove): void {
    if (!grove.loaded || core.groves.get(grove.id) !== grove) return;
    for (const [id, wish] of [...(groves.get(grove.id) ?? [])]) look(grove, id, wish);
  }

  return {
    /** A claim of ours was written, or what we want with it is another now. */
    wish(grove: Grove, claim: EntryId, wish: Wish): void {
      if (core.groves.get(grove.id) !== grove) return;
      wishesOf(grove.id).set(claim, wish);
      lookAt(grove);
    },

    /** Whether a claim of ours is renewed by itself. */
    wishFor: (grove: Grove, claim: EntryId): boolean => groves.get(grove.id)?.get(claim)?.renew ?? true,

    /** Claims were applied. */
    touched: lookAt,

    /** A log was read back: what this device wanted goes on. */
    loaded(grove: Grove): void {
      context.scan('meta', wishPrefix(grove.id), null, config.most, (rows) => {
        if (isFailure(rows)) return core.problem(rows);
        if (core.groves.get(grove.id) !== grove) return;
        const wishes = wishesOf(grove.id);
        for (const { key, value } of rows) {
          const wish = readWish(value);
          const hex = key.slice(wishPrefix(grove.id).length);
          if (wish !== null && /^[0-9a-f]{64}$/.test(hex)) wishes.set(toEntryId(hexToBytes(hex)), wish);
        }
        lookAt(grove);
      });
    },

    /** The grove is gone from this device, and with it what was wanted there. */
    removed(id: GroveId): void {
      for (const claim of groves.get(id)?.keys() ?? [])
        context.schedule(timer(id, claim), null, () => undefined);
      groves.delete(id);
      context.write([{ op: 'clear', table: 'meta', prefix: wishPrefix(id) }], 'relaxed', (failure) => {
        if (failure !== null) core.problem(failure);
      });
    },
  };
}
