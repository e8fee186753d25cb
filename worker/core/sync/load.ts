// Reads a grove's log back from the store at start (SPEC S10). The disk is checked like a peer, but for signatures:
// they were verified before they were written.
import { isFailure, type Context, type Failure } from '../context.ts';
import { compareEntries, groveOf } from '../model/entry.ts';
import { toHash, type GroveId, type PeerId } from '../model/ids.ts';
import type { Log, LogEntry } from './log.ts';
import { decodeFork, forkPrefix } from './proof.ts';
import { decodeRow, placeOf, logPrefix, type LogRow } from './row.ts';
import { bytesOf } from './bounds.ts';
import type { AppliedEntry, SyncFact, SyncHooks } from './types.ts';

const PAGE = 1_000;

interface Deps {
  context: Context;
  hooks: SyncHooks;
  hash: (bytes: Uint8Array) => Uint8Array;
  emit: (fact: SyncFact) => void;
  /** A row of this author and seq is there, whole or not. */
  seen: (author: string, seq: number) => void;
}

interface Stored extends LogRow {
  aside: boolean;
}

interface Read {
  row: Stored;
  kept: LogEntry;
}

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
        else log.quarantine.begin(key.slice(forkPrefix(id).length) as PeerId, fork.seq);
      }
      const last = found.at(-1);
      if (found.length === PAGE && last !== undefined) forks(last.key);
      else page(null);
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
        const row = decodeRow(value);
        const { author, seq, aside } = placeOf(key);
        deps.seen(author, seq);
        if (row.ok && groveOf(row.value.entry) === id) rows.push({ ...row.value, aside });
        else context.count('store.corrupt');
      }
      const last = found.at(-1);
      if (found.length === PAGE && last !== undefined) page(last.key);
      else apply();
    });
  }

  /**
   * In the order in which they were applied before, which is causal; where a lost row left a hole in that, in
   * (lamport, id) order, which is always causal. What stands on what is lost is left out and comes again from others.
   */
  function apply(): void {
    const whole: Read[] = [];
    const keep = (row: Stored): boolean => {
      const { entry, receivedAt, receivedFrom, aside } = row;
      if (log.has(entry.id)) return true;
      if (!log.isReady(entry) || entry.lamport !== log.lamportAfter(entry.prev, entry.parents)) return false;
      const control = deps.hooks.isControl(entry.kind);
      const bytes = bytesOf({ entry, body: null, table: row.table }) + entry.size;
      const signed = row.signature !== null;
      whole.push({
        row,
        kept: log.append(entry, { receivedAt, receivedFrom, control, bytes, signed, aside }),
      });
      return true;
    };
    const late = rows.sort((a, b) => a.index - b.index).filter((row) => !keep(row));
    const lost = late.sort((a, b) => compareEntries(a.entry, b.entry)).filter((row) => !keep(row));
    if (lost.length > 0) context.count('store.corrupt', lost.length);
    bodies(whole, 0);
  }

  function bodies(whole: readonly Read[], from: number): void {
    const part = whole.slice(from, from + PAGE);
    if (part.length === 0) return done();
    context.read(
      'bodies',
      part.map(({ row }) => row.entry.body),
      (values) => {
        const found = isFailure(values) ? [] : values;
        const applied = part.map(({ row, kept }, index): AppliedEntry => {
          const { entry, signature, table } = row;
          return { kept, entry, signature, table, body: checked(found[index] ?? null, row), link: null };
        });
        emit({ type: 'applied', grove: id, applied });
        bodies(whole, from + PAGE);
      },
    );
  }

  function checked(body: Uint8Array | null, { entry }: Stored): Uint8Array | null {
    if (body === null || toHash(deps.hash(body)) === entry.body) return body;
    context.count('store.corrupt');
    return null;
  }

  forks(null);
}
