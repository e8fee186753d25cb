// From what is staged to what is applied: batches in (lamport, id) order, written whole, then told (SPEC S3, S9).
import type { Context } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import { CODE_OF } from './appending.ts';
import type { Aside } from './aside.ts';
import { weightOf } from './limits.ts';
import type { Log } from './log.ts';
import { encodeRow, rowKey } from './row.ts';
import { layOut, type Slot, type ToStore } from './segment.ts';
import { bytesOf } from './bounds.ts';
import type { Staged, Staging } from './staging.ts';
import type { AppliedEntry, SyncFact, SyncHooks } from './types.ts';

/** Largest batch that is written at once (FACTS: 500 puts a transaction are ten times as fast as one). */
const BATCH = 512;

export interface ApplyingOptions {
  grove: GroveId;
  self: PeerId;
  log: Log;
  staging: Staging;
  aside: Aside;
  context: Context;
  hooks: SyncHooks;
  emit: (fact: SyncFact) => void;
  isClosed: () => boolean;
  /** It can't be applied, whatever comes. */
  refuse: (staged: Staged) => void;
  /** Its author has no more room in this grove, whoever sent it (SPEC S19). */
  overLimit: (staged: Staged) => void;
  /** In the log, and told; to be passed on. */
  applied: (entries: readonly AppliedEntry[]) => void;
  /** Staged entries that can't follow the log any more. */
  rivals: (entries: readonly Staged[]) => void;
}

type Whole = Pick<AppliedEntry, 'entry' | 'signature' | 'body' | 'table' | 'link'>;

export function createApplying(options: ApplyingOptions) {
  const { grove, log, staging, aside, context, hooks, emit } = options;

  /** What can be applied now, to be written together: up to a control entry, since it changes who is admitted. */
  function nextBatch(): Staged[] {
    const batch: Staged[] = [];
    const pending = new Map<PeerId, number>();
    while (batch.length < BATCH) {
      const next = staging.pending.next();
      if (next === null) break;
      const { staged, right } = next;
      if (!right || !(log.quarantine.isVoid(staged.entry) || hooks.admits(grove, staged.entry))) {
        if (right) context.count('entries.notMember');
        options.refuse(staged);
        continue;
      }
      const { entry, table } = staged;
      if (!isAside(entry)) {
        const before = pending.get(entry.author) ?? 0;
        if (!log.weights.fits(entry, table, before)) {
          options.overLimit(staged);
          continue;
        }
        pending.set(entry.author, before + weightOf(entry, table));
      }
      staging.pending.take(staged);
      batch.push(staged);
      if (hooks.isControl(staged.entry.kind)) break;
    }
    return batch;
  }

  const isAside = (entry: Entry): boolean => log.quarantine.covers(entry);

  function toStore({ entry, signature, table, body, peer }: Staged, index: number, now: number): ToStore {
    const aside = isAside(entry);
    const { id, body: bodyKey, kind, author } = entry;
    return {
      ...{ id, index, key: rowKey(grove, { ...entry, aside }), bodyKey, body },
      row: encodeRow({ entry, signature, table, index, receivedAt: now, receivedFrom: peer }),
      // What is ours lies where it is looked for before we write (SPEC S1, S11).
      together: kind === 'contribution' && author !== options.self && !aside,
    };
  }

  /** Counts as not held: the next catch-up brings it again. */
  function failed(batch: readonly Staged[]): void {
    context.count('entries.notStored', batch.length);
    staging.pending.settle();
    for (const { entry } of batch) {
      staging.dropAll(entry.id);
      aside.remove(entry.id);
    }
  }

  function keep(
    whole: Whole,
    receivedAt: number,
    receivedFrom: PeerId | null,
    slot: Slot | null,
  ): AppliedEntry {
    const { entry, signature } = whole;
    const control = hooks.isControl(entry.kind);
    const signed = signature !== null;
    const aside = isAside(entry);
    const { body, table, link } = whole;
    const noted = { receivedAt, receivedFrom, control, bytes: bytesOf(whole), signed, aside, slot, table };
    return { kept: log.append(entry, noted), entry, signature, body, table, link };
  }

  /** Wakes what waited, and tells the node. */
  function settle(applied: readonly AppliedEntry[], unwanted: ReadonlySet<Entry>): void {
    staging.pending.settle();
    for (const { entry, kept } of applied) {
      staging.pending.resolve(entry.id);
      if (kept.aside) aside.remove(entry.id);
    }
    const grown = applied.filter(({ kept }) => !kept.quarantined);
    for (const author of new Set(grown.map(({ entry }) => entry.author)))
      for (const rivals of staging.advance(author)) options.rivals(rivals);
    const told = applied.map((each) => (unwanted.has(each.entry) ? { ...each, body: null } : each));
    emit({ type: 'applied', grove, applied: told });
    options.applied(applied);
  }

  return {
    /** Writes what is ready. False where there was nothing to do, and `done` is not called. */
    start(done: () => void): boolean {
      const batch = nextBatch();
      if (batch.length === 0) return false;
      const now = context.now();
      const unwanted = new Set(
        batch.flatMap(({ entry, body }) =>
          body !== null && !hooks.wantsBody(grove, entry, body) ? [entry] : [],
        ),
      );
      const { ops, slots } = layOut(
        grove,
        batch.map((staged, at) => {
          const body = unwanted.has(staged.entry) ? null : staged.body;
          return toStore({ ...staged, body }, log.end + at, now);
        }),
      );
      context.write(ops, 'relaxed', (failure) => {
        if (options.isClosed()) return;
        if (failure === null) {
          for (const { verdict } of batch) verdict?.('applied');
          settle(
            batch.map((staged) => keep(staged, now, staged.peer, slots.get(staged.entry.id) ?? null)),
            unwanted,
          );
        } else {
          failed(batch);
          emit({ type: 'problem', code: CODE_OF[failure.failure], message: failure.message });
        }
        done();
      });
      return true;
    },

    /** One of our own, written already. */
    own(whole: Whole, at: number): void {
      settle([keep(whole, at, null, null)], new Set());
    },
  };
}
