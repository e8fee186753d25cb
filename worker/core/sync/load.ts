// Reads a grove's log back from the store at start (SPEC S10). The disk is checked like a peer, but for signatures:
// they were verified before they were written.
import { isFailure, type Context, type Failure } from '../context.ts';
import { compareEntries, groveOf } from '../model/entry.ts';
import { toHash, type GroveId, type PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';
import { cutsKey, decodeCuts } from './cuts.ts';
import type { Log, LogEntry } from './log.ts';
import { decodeFork, forkPrefix } from './proof.ts';
import { decodeRow, placeOf, logPrefix, type LogRow } from './row.ts';
import { decodeSegment, segmentOf, segmentPrefix, type Slot } from './segment.ts';
import { readBodies } from './stored.ts';
import { bytesOf } from './bounds.ts';
import type { AppliedEntry, SyncFact, SyncHooks } from './types.ts';

/** Rows of one look at the store: while a long log is read back others get their turn between two. */
const PAGE = 256;
/** The same of segments, which hold up to 32 each. */
const SEGMENTS = 8;

interface Deps {
  context: Context;
  hooks: Pick<SyncHooks, 'isControl'>;
  hash: (bytes: Uint8Array) => Uint8Array;
  emit: (fact: SyncFact) => void;
  /** Where logs are cut off, where that is known already; null: as it was noted. */
  cuts: ReadonlyMap<PeerId, Cut> | null;
  /** A row of this author and seq is there, whole or not. */
  seen: (author: string, seq: number) => void;
  /** So many entries of so many are told. */
  progress: (done: number, total: number) => void;
}

interface Stored extends LogRow {
  aside: boolean;
  slot: Slot | null;
}

interface Read {
  row: Stored;
  kept: LogEntry;
}

/** It says nothing about who may write, nor is named by what would make something stand. */
const isContribution = ({ row, kept }: Read): boolean =>
  row.entry.kind === 'contribution' && kept.stands.length === 0;

export function loadLog(id: GroveId, log: Log, deps: Deps, done: () => void): void {
  const { context, emit } = deps;
  const rows: Stored[] = [];

  /** Authors who forked their logs come first: it depends on them what is part of a log. */
  function forks(after: string | null): void {
    context.scan('meta', forkPrefix(id), after, PAGE, (found) => {
      if (isFailure(found)) return unreadable(found);
      for (const { key, value } of found) {
        const fork = decodeFork(value);
        if (fork === null) context.count('store.corrupt');
        else {
          const { seq, ids } = fork;
          log.quarantine.begin(key.slice(forkPrefix(id).length) as PeerId, { seq, ids });
        }
      }
      const last = found.at(-1);
      if (found.length === PAGE && last !== undefined) forks(last.key);
      else cutOffs();
    });
  }

  /** So are cut-offs. */
  function cutOffs(): void {
    if (deps.cuts !== null) {
      log.quarantine.setCuts(deps.cuts);
      return page(null);
    }
    context.read('meta', [cutsKey(id)], (values) => {
      log.quarantine.setCuts(decodeCuts(isFailure(values) ? null : (values[0] ?? null)));
      page(null);
    });
  }

  function unreadable({ message }: Failure): void {
    emit({ type: 'problem', code: 'closed', message: `the log could not be read: ${message}` });
    done();
  }

  function page(after: string | null): void {
    context.scan('log', logPrefix(id), after, PAGE, (found) => {
      if (isFailure(found)) return unreadable(found);
      for (const { key, value } of found) {
        const { author, seq, aside } = placeOf(key);
        deps.seen(author, seq);
        take(value, aside, null);
      }
      const last = found.at(-1);
      if (found.length === PAGE && last !== undefined) page(last.key);
      else segments(null);
    });
  }

  function take(value: Uint8Array, aside: boolean, slot: Slot | null): void {
    const row = decodeRow(value, deps.hash);
    if (row.ok && groveOf(row.value.entry) === id) rows.push({ ...row.value, aside, slot });
    else context.count('store.corrupt');
  }

  function segments(after: string | null): void {
    context.scan('log', segmentPrefix(id), after, SEGMENTS, (found) => {
      if (isFailure(found)) return unreadable(found);
      for (const { key, value } of found) {
        const packed = decodeSegment(value);
        const segment = segmentOf(key);
        if (!packed.ok || segment === null) context.count('store.corrupt');
        else packed.value.forEach(({ row }, slot) => take(row, false, { segment, slot }));
      }
      const last = found.at(-1);
      if (found.length === SEGMENTS && last !== undefined) segments(last.key);
      else apply();
    });
  }

  /**
   * In the order in which they were applied before, which is causal; where a lost row left a hole in that, in
   * (lamport, id) order, which is always causal. What stands on what is lost is left out and comes again from others.
   * Contributions are told last: by then it is known who may publish, and each can enter the views as it comes.
   */
  function apply(): void {
    const contributions: Read[] = [];
    const late: Stored[] = [];
    let told = 0;
    rows.sort((a, b) => b.index - a.index);
    const total = rows.length;

    function keep(row: Stored): Read | null {
      const { entry, receivedAt, receivedFrom, aside, slot, index } = row;
      if (!log.isReady(entry) || entry.lamport !== log.lamportAfter(entry.prev, entry.parents)) return null;
      const control = deps.hooks.isControl(entry.kind);
      const bytes = bytesOf({ entry, body: null, table: row.table }) + entry.size;
      const signed = row.signature !== null;
      const { table } = row;
      const noted = { receivedAt, receivedFrom, control, bytes, signed, aside, slot, index, table };
      return { row, kept: log.append(entry, noted) };
    }

    /** Keeps them; gives back what is to be told at once. */
    function sort(part: readonly Stored[], missed: (row: Stored) => void): Read[] {
      const first: Read[] = [];
      for (const row of part) {
        if (log.has(row.entry.id)) continue;
        const read = keep(row);
        if (read === null) missed(row);
        else if (isContribution(read)) contributions.push(read);
        else first.push(read);
      }
      return first;
    }

    function rules(): void {
      const part = rows.splice(-PAGE).reverse();
      if (part.length > 0)
        return tell(
          sort(part, (row) => late.push(row)),
          rules,
        );
      let lost = 0;
      const rest = late.splice(0).sort((a, b) => compareEntries(a.entry, b.entry));
      const found = sort(rest, () => (lost += 1));
      if (lost > 0) context.count('store.corrupt', lost);
      tell(found, () => {
        emit({ type: 'ruled', grove: id });
        contributions.reverse();
        contents();
      });
    }

    function contents(): void {
      const part = contributions.splice(-PAGE).reverse();
      if (part.length === 0) return done();
      tell(part, contents);
    }

    function tell(part: readonly Read[], then: () => void): void {
      withBodies(part, (applied) => {
        if (applied.length > 0) emit({ type: 'applied', grove: id, applied });
        told += applied.length;
        deps.progress(told, total);
        then();
      });
    }

    rules();
  }

  function withBodies(part: readonly Read[], then: (applied: AppliedEntry[]) => void): void {
    const entries = part.map(({ kept }) => kept);
    readBodies(id, entries, context, (bodies) =>
      then(
        part.map(({ row, kept }, index): AppliedEntry => {
          const { entry, signature, table } = row;
          return { kept, entry, signature, table, body: checked(bodies[index] ?? null, row), link: null };
        }),
      ),
    );
  }

  function checked(body: Uint8Array | null, { entry }: Stored): Uint8Array | null {
    if (body === null || toHash(deps.hash(body)) === entry.body) return body;
    context.count('store.corrupt');
    return null;
  }

  forks(null);
}
