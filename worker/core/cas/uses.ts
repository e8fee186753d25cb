// When each artifact, or what is here of one, was last used, noted on disk coarsely and seldom (SPEC C13).
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { isHex32, toHash, type Hash } from '../model/ids.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { WriteOp } from '../ports.ts';
import { asArray, asUint, decode, encode } from '../wire/cbor.ts';
import { usedKey } from './keys.ts';

export interface Use {
  /** ms since the epoch. */
  at: number;
  /** A grove that named it was left and not erased: it stays until someone discards it. */
  left: boolean;
  /** Someone had it go: it is not fetched again by itself. */
  away: boolean;
}

export type Uses = ReturnType<typeof createUses>;

const PREFIX = usedKey('' as Hash);
const LEFT = 1;
const AWAY = 2;

export const encodeUse = ({ at, left, away }: Use): Uint8Array =>
  encode([Math.max(0, Math.floor(at)), (left ? LEFT : 0) + (away ? AWAY : 0)]);

export function decodeUse(bytes: Uint8Array): Use | null {
  const decoded = decode(bytes, { maxBytes: 64 });
  const row = decoded.ok ? asArray(decoded.value, 8) : null;
  const at = asUint(row?.[0]);
  const flags = asUint(row?.[1], 255);
  return at === null || flags === null
    ? null
    : { at, left: (flags & LEFT) !== 0, away: (flags & AWAY) !== 0 };
}

export function createUses(context: Context) {
  const { storage } = CONFIG;
  const uses = new Map<Hash, Use>();
  /** What the disk says of the time. */
  const noted = new Map<Hash, number>();
  /** In elapsed time, of this process only. */
  const lately = new Map<Hash, number>();
  const dirty = new Set<Hash>();

  function note(hash: Hash, after: number): void {
    dirty.add(hash);
    if (!context.isScheduled('storage/uses'))
      context.schedule('storage/uses', context.elapsed() + after, write);
  }

  function write(): void {
    const batch = [...dirty].slice(0, storage.rows);
    const ops = batch.flatMap((hash): WriteOp[] => {
      dirty.delete(hash);
      const use = uses.get(hash);
      if (use !== undefined) noted.set(hash, use.at);
      return use === undefined
        ? []
        : [{ op: 'put', table: 'blobs', key: usedKey(hash), value: encodeUse(use) }];
    });
    if (ops.length === 0) return;
    context.write(ops, 'relaxed', (failure) => {
      // An older time on disk makes something go a little early: no reason to insist on a full disk.
      if (failure !== null) context.count('storage.unnoted', ops.length);
      const [next] = dirty;
      if (next !== undefined) note(next, 0);
    });
  }

  function forgetOld(): void {
    const now = context.elapsed();
    for (const [hash, at] of lately) {
      if (now - at <= storage.inUse) return;
      lately.delete(hash);
    }
  }

  function touch(hash: Hash): void {
    const known = uses.get(hash);
    const use = { at: context.now(), left: false, away: known?.away ?? false };
    uses.set(hash, use);
    const before = noted.get(hash);
    const isNews = known === undefined || known.left || before === undefined;
    // A clock that was set back makes a difference too.
    if (isNews || Math.abs(use.at - before) >= storage.noteStep) note(hash, storage.noteEvery);
  }

  return {
    touch,
    /** Someone is at it right now. */
    using(hash: Hash): void {
      forgetOld();
      lately.delete(hash);
      lately.set(hash, context.elapsed());
      touch(hash);
    },
    get: (hash: Hash): Use | null => uses.get(hash) ?? null,
    all: (): IterableIterator<[Hash, Use]> => uses.entries(),
    /** Within the last minute: someone may be at it still. */
    isInUse: (hash: Hash): boolean => context.elapsed() - (lately.get(hash) ?? -Infinity) <= storage.inUse,

    /** Marks something as left behind, or as sent away by a person; the caller's transaction notes it. */
    mark(hash: Hash, change: Partial<Pick<Use, 'left' | 'away'>>): WriteOp {
      const use = { at: context.now(), left: false, away: false, ...uses.get(hash), ...change };
      uses.set(hash, use);
      noted.set(hash, use.at);
      return { op: 'put', table: 'blobs', key: usedKey(hash), value: encodeUse(use) };
    },

    /** Wanted again by someone. */
    welcome(hash: Hash): void {
      const use = uses.get(hash);
      if (use?.away !== true) return;
      uses.set(hash, { ...use, away: false });
      note(hash, storage.soon);
    },

    /** Nothing of it is here; the caller's transaction deletes the row. */
    forget(hash: Hash): WriteOp {
      uses.delete(hash);
      noted.delete(hash);
      lately.delete(hash);
      dirty.delete(hash);
      return { op: 'delete', table: 'blobs', key: usedKey(hash) };
    },

    /** Reads what is noted. What was used meanwhile stands. */
    load(then: (read: boolean) => void): void {
      const step = (after: string | null): void =>
        context.scan('blobs', PREFIX, after, storage.rows, (rows) => {
          if (isFailure(rows)) return then(false);
          for (const { key, value } of rows) {
            const hex = key.slice(PREFIX.length);
            const use = isHex32(hex) ? decodeUse(value) : null;
            if (use === null) {
              context.count('store.corrupt');
              continue;
            }
            const hash = toHash(hexToBytes(hex));
            noted.set(hash, use.at);
            if (!uses.has(hash)) uses.set(hash, use);
          }
          const last = rows.at(-1);
          if (rows.length === storage.rows && last !== undefined) step(last.key);
          else then(true);
        });
      step(null);
    },
  };
}
