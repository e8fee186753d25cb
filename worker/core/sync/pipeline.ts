// One grove's way from frame or call to applied entry: stage, verify, judge, write, apply, pass on. One verification
// or write at a time, so that appends never fork us and batches never overlap.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { entryMessage, signEntry, type Entry } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import { idBytes, type EntryId, type GroveId, type LinkId, type PeerId } from '../model/ids.ts';
import type { Keypair } from '../model/keys.ts';
import type { StoreFailure, WriteOp } from '../ports.ts';
import { answerIds } from './answers.ts';
import { buildEntry } from './build.ts';
import { createExchange } from './exchange.ts';
import { createFetch } from './fetch.ts';
import { Inbox } from './inbox.ts';
import { loadLog } from './load.ts';
import { Log, type LogEntry } from './log.ts';
import { receive } from './receive.ts';
import { Rivals } from './rivals.ts';
import { encodeRow, logKey } from './row.ts';
import { bytesOf, Staging, type Staged } from './staging.ts';
import type { Append, AppliedEntry, Inbound, SyncFact, SyncHooks } from './types.ts';

export interface PipelineOptions {
  keypair: Keypair;
  context: Context;
  hooks: SyncHooks;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  emit: (fact: SyncFact) => void;
  /** What was received and dropped without being applied: it counts as not held, and may be fetched again (SPEC S3). */
  forgotten?: (grove: GroveId, ids: readonly EntryId[]) => void;
}

/** An entry of ours that waits for its turn; built already where it founds the grove. */
export type Waiting = Append & { entry?: Entry };

export type Pipeline = ReturnType<typeof createPipeline>;

const CODE_OF: Record<StoreFailure, ErrorCode> = {
  conflict: 'busy',
  quota: 'quota',
  closed: 'closed',
  internal: 'internal',
};

/** Largest batch that is written at once (FACTS: 500 puts a transaction are ten times as fast as one). */
const BATCH = 512;

export function createPipeline(id: GroveId, options: PipelineOptions) {
  const { keypair, context, hooks, hash, emit } = options;
  const log = new Log();
  const staging = new Staging(log, CONFIG.sync.staged, lacks);
  const inbox = new Inbox(CONFIG.sync.inbox);
  const rivals = new Rivals();
  const exchange = createExchange({ grove: id, log, self: keypair.id, context, emit });
  const fetch = createFetch({
    grove: id,
    context,
    links: () => exchange.links(),
    state: (entry) => {
      if (!staging.pending.isWanted(entry)) return 'settled';
      return staging.isCovered(entry) ? 'coming' : 'wanted';
    },
    gaveUp: (entry) => {
      for (const staged of staging.pending.waitingFor(entry)) {
        context.count('entries.orphaned', staging.drop(staged));
      }
    },
  });
  const appends: Waiting[] = [];
  /** Links whose pushes are acknowledged once applied. */
  const owed = new Set<LinkId>();
  const timer = `gaps/${id}`;
  let busy = false;
  let closed = false;

  function step(): void {
    while (!busy && !closed) {
      const append = appends.shift();
      if (append !== undefined) {
        startAppend(append);
        continue;
      }
      for (const inbound of inbox.take()) take(inbound);
      const unverified = staging.takeUnverified(CONFIG.sync.signatureEvery);
      const suspects = rivals.take();
      if (unverified.length + suspects.length > 0) startVerify(unverified, suspects);
      else if (!startApply()) return askForMissing();
    }
  }

  /** What a covered entry waits for is fetched, unless it is here and only waits as well. */
  function lacks(staged: Staged, entry: EntryId): void {
    if (!staging.isCovered(entry)) fetch.want(entry, staged.link, staged.urgent && !staging.isStaged(entry));
  }

  function take(inbound: Inbound): void {
    const duplicate = (entry: EntryId): void => exchange.onHeld(inbound.link, entry);
    const received = receive({ id, log, staging, duplicate }, inbound, context);
    rivals.add(received.rivals, log, context);
    if (received.refused) exchange.askOthers(inbound.link);
    if (inbound.why === 'push') owed.add(inbound.link);
  }

  /** As long as something waits for what is not here, that is asked for, now and again. */
  function askForMissing(): void {
    const { askAgain } = CONFIG.sync;
    for (const [link, runs] of staging.gaps(context.elapsed(), askAgain)) exchange.wantRuns(link, runs);
    fetch.flush();
    tellDropped();
    const waits = staging.hasGaps || fetch.waits;
    if (!waits) context.schedule(timer, null, step);
    else if (!context.isScheduled(timer)) context.schedule(timer, context.elapsed() + askAgain, step);
  }

  function tellDropped(): void {
    const dropped = staging.takeDropped().filter((entry) => !log.has(entry));
    for (const entry of dropped) {
      const [staged] = staging.pending.waitingFor(entry);
      if (staged !== undefined) fetch.want(entry, staged.link, false);
    }
    if (dropped.length > 0) options.forgotten?.(id, dropped);
  }

  function startVerify(unverified: readonly Staged[], suspects: readonly Staged[]): void {
    busy = true;
    const items = [...unverified, ...suspects].map(({ entry, signature }) => ({
      key: idBytes(entry.author),
      message: entryMessage(entry.id),
      signature: signature ?? new Uint8Array(64),
    }));
    context.verify(items, (verdicts) => {
      busy = false;
      if (closed) return;
      if (isFailure(verdicts)) {
        // Nobody's fault but this device's: what is not verified counts as not held.
        for (const staged of unverified) staging.drop(staged);
        emit({ type: 'problem', code: 'internal', message: `signatures: ${verdicts.message}` });
      } else {
        unverified.forEach((staged, index) => {
          if (verdicts[index] === true) staging.cover(staged);
          else refuseSignature(staged);
        });
        suspects.forEach((rival, index) => {
          if (verdicts[unverified.length + index] === true) rivals.confirm(rival, log, context);
          else context.count('entries.refused');
        });
      }
      step();
    });
  }

  function refuseSignature(staged: Staged): void {
    context.count('entries.badSignature');
    refuse(staged);
  }

  /** Drops it with what its sender chained onto it, and asks others (SPEC S4). */
  function refuse(staged: Staged): void {
    context.count('entries.refused', staging.drop(staged));
    exchange.askOthers(staged.link);
  }

  /**
   * What can be applied now, in (lamport, id) order, to be written together: up to a control entry, since it changes
   * who is admitted.
   */
  function nextBatch(): Staged[] {
    const batch: Staged[] = [];
    while (batch.length < BATCH) {
      const next = staging.pending.next();
      if (next === null) break;
      const { staged, right } = next;
      if (!right || !hooks.admits(id, staged.entry)) {
        if (right) context.count('entries.notMember');
        refuse(staged);
        continue;
      }
      staging.pending.take(staged);
      batch.push(staged);
      if (hooks.isControl(staged.entry.kind)) break;
    }
    return batch;
  }

  /** Writes what is ready. False where there was nothing to do. */
  function startApply(): boolean {
    const batch = nextBatch();
    if (batch.length === 0) return false;
    busy = true;
    const now = context.now();
    const unwanted = new Set(batch.map(({ entry }) => entry).filter((entry) => !hooks.wantsBody(id, entry)));
    const ops = batch.flatMap(({ entry, signature, table, body, peer }, index): WriteOp[] => {
      const row = { entry, signature, table, index: log.size + index, receivedAt: now, receivedFrom: peer };
      const put: WriteOp = {
        op: 'put',
        table: 'log',
        key: logKey(id, entry.author, entry.seq),
        value: encodeRow(row),
      };
      if (body === null || unwanted.has(entry)) return [put];
      return [put, { op: 'put', table: 'bodies', key: entry.body, value: body }];
    });
    context.write(ops, 'relaxed', (failure) => {
      busy = false;
      if (closed) return;
      if (failure === null) {
        settle(
          batch.map((staged) => {
            const { entry, signature, body, table, link } = staged;
            return { kept: keep(staged, now, staged.peer), entry, signature, body, table, link };
          }),
          unwanted,
        );
      } else {
        // Counts as not held: the next exchange of vectors brings it again.
        context.count('entries.notStored', batch.length);
        staging.pending.settle();
        for (const { entry } of batch) staging.dropAll(entry.id);
        emit({ type: 'problem', code: CODE_OF[failure.failure], message: failure.message });
      }
      step();
    });
    return true;
  }

  function keep(
    whole: Pick<Staged, 'entry' | 'signature' | 'body' | 'table'>,
    receivedAt: number,
    receivedFrom: PeerId | null,
  ): LogEntry {
    const control = hooks.isControl(whole.entry.kind);
    const signed = whole.signature !== null;
    return log.append(whole.entry, { receivedAt, receivedFrom, control, bytes: bytesOf(whole), signed });
  }

  /** Tells the node, passes on, and acknowledges what was pushed to us. */
  function settle(applied: readonly AppliedEntry[], unwanted: ReadonlySet<Entry> = new Set()): void {
    staging.pending.settle();
    for (const { entry } of applied) staging.pending.resolve(entry.id);
    for (const author of new Set(applied.map(({ entry }) => entry.author)))
      for (const [rival] of staging.advance(author)) if (rival) rivals.add([rival], log, context);
    const told = applied.map((each) => (unwanted.has(each.entry) ? { ...each, body: null } : each));
    emit({ type: 'applied', grove: id, applied: told });
    exchange.push(applied);
    for (const link of owed) {
      const newest = new Map<PeerId, AppliedEntry>();
      for (const each of applied) if (each.link === link) newest.set(each.entry.author, each);
      for (const { entry } of newest.values()) exchange.acknowledge(link, entry.id);
    }
    for (const link of new Set(applied.map(({ link: source }) => source))) {
      if (link !== null && !owed.has(link)) exchange.confirm(link);
    }
    if (staging.size === 0) owed.clear();
  }

  function startAppend(append: Waiting): void {
    busy = true;
    const now = context.now();
    const entry = append.entry ?? buildEntry(append, log, id, keypair.id, now);
    const signature = signEntry(context.signatures, keypair, entry.id);
    const table = append.table?.bytes ?? null;
    const key = logKey(id, keypair.id, entry.seq);
    const row = { entry, signature, table, index: log.size, receivedAt: now, receivedFrom: null };
    const ops: WriteOp[] = [
      // The head as it lies on disk, so that a second writer could never fork us (SPEC S1).
      { op: 'expect', table: 'log', key, value: null },
      { op: 'put', table: 'log', key, value: encodeRow(row) },
      { op: 'put', table: 'bodies', key: entry.body, value: append.body },
      ...append.also(entry),
    ];
    context.write(ops, 'strict', (failure) => {
      busy = false;
      if (failure === null) {
        // Closed meanwhile: it is written, and whoever reads the log next finds it.
        if (!closed) {
          const kept = keep({ entry, signature, body: append.body, table }, now, null);
          settle([{ kept, entry, signature, body: append.body, table, link: null }]);
        }
        append.then({ entry });
      } else append.then({ code: CODE_OF[failure.failure], message: failure.message });
      step();
    });
  }

  return {
    log,
    exchange,
    staged: () => staging.size,

    /** Reads the log back from the store; what comes meanwhile waits. */
    load(): void {
      busy = true;
      const tell = (fact: SyncFact): void => {
        if (!closed) emit(fact);
      };
      loadLog(id, log, { context, hooks, hash, emit: tell }, () => {
        busy = false;
        tell({ type: 'loaded', grove: id });
        step();
      });
    },

    append(append: Waiting): void {
      appends.push(append);
      step();
    },

    receive(inbound: Inbound): void {
      if (inbox.add(inbound)) step();
      else context.count('entries.overflow', inbound.entries.length);
    },

    /** Gives these entries, wherever they stand in the log. */
    onWantIds(link: LinkId, ids: readonly EntryId[]): void {
      if (exchange.opening(link) === 'full') answerIds({ grove: id, log, context }, link, ids);
      else context.count('frames.closed');
    },

    linkGone(link: LinkId): void {
      exchange.setOpening(link, null, 'closed');
      staging.forget(link);
      fetch.forget(link);
      tellDropped();
      inbox.forget(link);
      owed.delete(link);
    },

    /** What is under way is finished, but nothing is told of it any more. Gives back the entries that never began. */
    close(): Waiting[] {
      closed = true;
      exchange.close();
      context.schedule(timer, null, step);
      return appends.splice(0);
    },
  };
}
