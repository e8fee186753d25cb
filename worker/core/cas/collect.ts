// The one who deletes rows of blobs: what an artifact that goes leaves behind, and what nothing names (SPEC C16, C17). One
// job at a time, a few hundred rows in a transaction. Knows neither budgets nor why something goes.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { isHex32, toHash, type Hash } from '../model/ids.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { WriteOp } from '../ports.ts';
import { eachOf, readContents } from './contents.ts';
import { blobKey, blockKey, heldKey, listKey } from './keys.ts';
import type { Leases } from './leases.ts';
import { Tally, type Contents } from './tally.ts';
import type { Usage } from './usage.ts';
import type { Uses } from './uses.ts';

export interface CollectHooks {
  /** Whether a blob, list or block is being fetched or given. In doubt it is. */
  isBusy(hash: Hash): boolean;
  /** Whether nobody can name it: false while a log is still being read. */
  isLoose(hash: Hash): boolean;
  /** Roots of block lists that signed entries give a blob. */
  rootsOf(hash: Hash): readonly Hash[];
  /** Its record is about to be deleted: it isn't held any more. */
  dropped(hash: Hash): void;
  /** The record could not be deleted: whether it is held must be looked up again. */
  kept(hash: Hash): void;
}

interface Candidate {
  what: 'block' | 'list';
  hash: Hash;
}

export interface Removal {
  hash: Hash;
  /** Asked again when it is decided. */
  mayGo: () => boolean;
  /** Goes into the transaction that deletes the record. */
  note: () => readonly WriteOp[];
}

export type Collector = ReturnType<typeof createCollector>;

const rowsOf = ({ what, hash }: Candidate): WriteOp[] =>
  what === 'list'
    ? [{ op: 'delete', table: 'blobs', key: listKey(hash) }]
    : [
        { op: 'delete', table: 'blocks', key: blockKey(hash) },
        { op: 'delete', table: 'blobs', key: heldKey(hash) },
      ];

const candidatesOf = ({ blocks, lists }: Contents): Candidate[] => [
  ...[...lists].map((hash): Candidate => ({ what: 'list', hash })),
  ...[...blocks.keys()].map((hash): Candidate => ({ what: 'block', hash })),
];

export function createCollector(options: {
  context: Context;
  usage: Usage;
  uses: Uses;
  leases: Leases;
  hooks: CollectHooks;
}) {
  const { context, usage, uses, leases, hooks } = options;
  const { storage } = CONFIG;
  const jobs: ((done: () => void) => void)[] = [];
  let working = false;
  /** As they were a moment ago: while many artifacts go one after the other, they are not read again for each. */
  let latest: { parts: Tally; at: number } | null = null;

  function work(): void {
    const job = working ? undefined : jobs.shift();
    if (job === undefined) return;
    working = true;
    job(() => {
      working = false;
      work();
    });
  }

  function enqueue(job: (done: () => void) => void): void {
    jobs.push(job);
    work();
  }

  // ---- one transaction --------------------------------------------------------------------------------

  /** Said in the very step that asks the store for it: what was true a step ago may have changed. */
  const garbageOf = (candidates: readonly Candidate[], parts: Tally): Candidate[] =>
    candidates.filter(({ hash }) => !usage.all.has(hash) && !parts.has(hash) && !hooks.isBusy(hash));

  function purge(
    candidates: readonly Candidate[],
    parts: Tally,
    then: (deleted: readonly Candidate[] | null) => void,
  ): void {
    const deleted: Candidate[] = [];
    const step = (from: number): void => {
      const some = candidates.slice(from, from + storage.rows);
      if (some.length === 0) return then(deleted);
      leases.exclude((release) => {
        const garbage = usage.isDoubtful() ? null : garbageOf(some, parts);
        if (garbage === null || garbage.length === 0) {
          release();
          return garbage === null ? then(null) : step(from + some.length);
        }
        context.write(garbage.flatMap(rowsOf), 'relaxed', (failure) => {
          release();
          if (failure !== null) return then(null);
          context.count('storage.collected', garbage.length);
          deleted.push(...garbage);
          step(from + some.length);
        });
      });
    };
    step(0);
  }

  // ---- a blob that goes -------------------------------------------------------------------------------

  /** What is here of blobs that are not whole, and not too old to go on with (SPEC C17). */
  function readParts(then: (parts: Tally) => void): void {
    const parts = new Tally();
    const now = context.now();
    const roots = new Set<Hash>();
    for (const [hash, { at }] of uses.all()) {
      if (usage.blobs.has(hash) || (now - at > storage.partsFor && !hooks.isBusy(hash))) continue;
      for (const root of hooks.rootsOf(hash)) roots.add(root);
    }
    latest = { parts, at: context.elapsed() };
    eachOf(
      roots,
      (root, done) =>
        readContents(root, context, (contents) => {
          if (contents !== null) parts.add(contents);
          done();
        }),
      () => then(parts),
    );
  }

  /** A part that is missed here costs its being fetched again, and nothing else. */
  function knownParts(then: (parts: Tally) => void): void {
    if (latest === null || context.elapsed() - latest.at > storage.partsKnown) readParts(then);
    else then(latest.parts);
  }

  /** Where something could not be read before, it is read again first. */
  function take(removal: Removal, then: (freed: number | null) => void): void {
    if (!usage.isDoubtful()) return takeKnown(removal, then);
    usage.scan((read) => {
      if (read) takeKnown(removal, then);
      else then(null);
    });
  }

  function takeKnown({ hash, mayGo, note }: Removal, then: (freed: number | null) => void): void {
    usage.contents(hash, (contents) => {
      if (contents === null) return then(null);
      knownParts((parts) => {
        leases.exclude((release) => {
          const mayNot = usage.isDoubtful() || hooks.isBusy(hash) || !mayGo();
          if (mayNot || !usage.drop(hash, contents)) {
            release();
            return then(null);
          }
          hooks.dropped(hash);
          const candidates = candidatesOf(contents);
          const garbage = garbageOf(candidates.slice(0, storage.rows), parts);
          const record: WriteOp = { op: 'delete', table: 'blobs', key: blobKey(hash) };
          context.write([record, ...note(), ...garbage.flatMap(rowsOf)], 'relaxed', (failure) => {
            release();
            if (failure !== null) {
              hooks.kept(hash);
              return then(null);
            }
            context.count('storage.removed');
            context.count('storage.collected', garbage.length);
            purge(candidates.slice(storage.rows), parts, (deleted) => {
              const gone = [...garbage, ...(deleted ?? [])];
              then(gone.reduce((sum, each) => sum + (contents.blocks.get(each.hash) ?? 0), 0));
            });
          });
        });
      });
    });
  }

  // ---- looking through everything ---------------------------------------------------------------------

  function purgeTable(prefix: string, what: Candidate['what'], parts: Tally, done: () => void): void {
    const limit = what === 'list' ? storage.lists : storage.rows;
    const step = (after: string | null): void =>
      context.scan('blobs', prefix, after, limit, (rows) => {
        if (isFailure(rows)) return done();
        const found = rows.flatMap(({ key }): Candidate[] => {
          const hex = key.slice(prefix.length);
          return isHex32(hex) ? [{ what, hash: toHash(hexToBytes(hex)) }] : [];
        });
        purge(found, parts, (deleted) => {
          const last = rows.at(-1);
          if (deleted !== null && rows.length === limit && last !== undefined) step(last.key);
          else done();
        });
      });
    step(null);
  }

  /** Records that no grove names any more, after a while. */
  function takeLoose(done: () => void): void {
    const now = context.now();
    const old = [...usage.blobs.keys()].filter((hash) => {
      if (!hooks.isLoose(hash)) return false;
      const use = uses.get(hash);
      if (use === null) uses.touch(hash);
      return use !== null && !use.left && now - use.at > storage.looseFor;
    });
    eachOf(
      old,
      (hash, next) => take({ hash, mayGo: () => hooks.isLoose(hash), note: () => [uses.forget(hash)] }, next),
      done,
      1,
    );
  }

  function forgetOldParts(done: () => void): void {
    const now = context.now();
    const old = [...uses.all()].filter(
      ([hash, { at, away }]) =>
        !usage.blobs.has(hash) &&
        !hooks.isBusy(hash) &&
        (away ? hooks.isLoose(hash) : now - at > storage.partsFor),
    );
    const ops = old.slice(0, storage.rows).map(([hash]) => uses.forget(hash));
    if (ops.length === 0) return done();
    context.write(ops, 'relaxed', done);
  }

  return {
    /** What hangs below roots of what is here in part, and may be gone on with. */
    parts: readParts,

    /** Has a stored blob go, with all that only it names. Calls back with the bytes of the blocks that went; null where it stays. */
    remove(removal: Removal, then: (freed: number | null) => void): void {
      enqueue((done) =>
        take(removal, (freed) => {
          done();
          then(freed);
        }),
      );
    },

    /** Looks through all that is stored for what nothing names (SPEC C17). */
    collect(then: () => void): void {
      const ended = (done: () => void): void => {
        done();
        then();
      };
      enqueue((done) =>
        usage.scan((read) => {
          if (!read) return ended(done);
          takeLoose(() =>
            forgetOldParts(() =>
              readParts((parts) =>
                purgeTable(heldKey('' as Hash), 'block', parts, () =>
                  purgeTable(listKey('' as Hash), 'list', parts, () => ended(done)),
                ),
              ),
            ),
          );
        }),
      );
    },
  };
}
