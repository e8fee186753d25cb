// One grove's way from frame or call to applied entry: stage, verify, judge, write, apply, pass on. One verification
// or write at a time, so that appends never fork us and batches never overlap.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { encodeEntry, entryMessage, signEntry, ZERO_HASH, type Entry } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import { idBytes, toHash, type EntryId, type GroveId, type LinkId, type PeerId } from '../model/ids.ts';
import { hash32, type Keypair } from '../model/keys.ts';
import type { StoreFailure, WriteOp } from '../ports.ts';
import { createExchange } from './exchange.ts';
import { loadLog } from './load.ts';
import { Log } from './log.ts';
import { receive } from './receive.ts';
import { encodeRow, logKey } from './row.ts';
import { Staging, type Staged } from './staging.ts';
import type { Append, AppliedEntry, Inbound, SyncFact, SyncHooks } from './types.ts';

export interface PipelineOptions {
  keypair: Keypair;
  context: Context;
  hooks: SyncHooks;
  emit: (fact: SyncFact) => void;
}

export type Pipeline = ReturnType<typeof createPipeline>;

const CODE_OF: Record<StoreFailure, ErrorCode> = {
  conflict: 'busy',
  quota: 'quota',
  closed: 'closed',
  internal: 'internal',
};

/** Largest batch that is written at once (FACTS: 500 puts a transaction are ten times as fast as one). */
const BATCH = 512;

/** Our next entry on this log, encoded. The contract, which founds a grove, names no grove. */
export function buildEntry(
  append: Append,
  log: Log,
  grove: GroveId | null,
  author: PeerId,
  now: number,
): Entry {
  return encodeEntry({
    version: 1,
    grove: grove ?? ZERO_HASH,
    author,
    ...log.next(author),
    at: now,
    kind: append.kind,
    body: toHash(hash32(append.body)),
    size: append.body.length,
    blobs: append.table && { table: toHash(hash32(append.table.bytes)), total: append.table.total },
  });
}

export function createPipeline(id: GroveId, options: PipelineOptions) {
  const { keypair, context, hooks, emit } = options;
  const log = new Log();
  const staging = new Staging(CONFIG.sync.stagedEntries);
  const exchange = createExchange({ grove: id, log, self: keypair.id, context, emit });
  const appends: (Append & { entry?: Entry })[] = [];
  /** Links whose pushes are acknowledged once applied. */
  const owed = new Set<LinkId>();
  let inbox: Inbound[] = [];
  let busy = false;
  let closed = false;

  function step(): void {
    while (!busy && !closed) {
      const append = appends.shift();
      if (append !== undefined) {
        startAppend(append);
        continue;
      }
      const taken = inbox;
      inbox = [];
      for (const inbound of taken) {
        const duplicate = (entry: EntryId): void => exchange.onHeld(inbound.link, entry);
        receive({ id, log, staging, duplicate }, inbound, context);
        if (inbound.why === 'push') owed.add(inbound.link);
      }
      const unverified = staging.takeUnverified(log, CONFIG.sync.signatureEvery);
      if (unverified.length > 0) startVerify(unverified);
      else if (!startApply()) {
        for (const gap of staging.gaps(log)) exchange.wantRun(gap.link, gap);
        return;
      }
    }
  }

  function startVerify(unverified: Staged[]): void {
    busy = true;
    const items = unverified.map(({ entry, signature }) => ({
      key: idBytes(entry.author),
      message: entryMessage(entry.id),
      signature: signature ?? new Uint8Array(64),
    }));
    context.verify(items, (verdicts) => {
      busy = false;
      unverified.forEach((staged, index) => {
        if (verdicts[index] === true) staging.cover(staged, log);
        else {
          context.count('entries.badSignature');
          refuse(staged);
        }
      });
      step();
    });
  }

  /** Drops it with what its sender chained onto it, and asks others (SPEC S4). */
  function refuse(staged: Staged): void {
    context.count('entries.refused', staging.drop(staged));
    exchange.askOthers(staged.link);
  }

  /** Those of the ready that may be written together: up to a control entry, since it changes who is admitted. */
  function judge(ready: readonly Staged[]): Staged[] {
    const batch: Staged[] = [];
    for (const staged of ready) {
      if (!hooks.admits(id, staged.entry)) {
        context.count('entries.notMember');
        refuse(staged);
        break;
      }
      batch.push(staged);
      if (hooks.isControl(staged.entry.kind)) break;
    }
    return batch;
  }

  /** Writes what is ready. False where there was nothing to do. */
  function startApply(): boolean {
    const { ready, wrong } = staging.ready(log, BATCH);
    for (const staged of wrong) refuse(staged);
    const batch = judge(ready);
    if (batch.length === 0) return ready.length + wrong.length > 0;
    busy = true;
    const now = context.now();
    const ops = batch.flatMap(({ entry, signature, table, body, peer }, index): WriteOp[] => {
      const row = { entry, signature, table, index: log.size + index, receivedAt: now, receivedFrom: peer };
      const put: WriteOp = {
        op: 'put',
        table: 'log',
        key: logKey(id, entry.author, entry.seq),
        value: encodeRow(row),
      };
      return body === null ? [put] : [put, { op: 'put', table: 'bodies', key: entry.body, value: body }];
    });
    context.write(ops, 'relaxed', (failure) => {
      busy = false;
      if (closed) return;
      if (failure === null) {
        settle(
          batch.map(({ entry, signature, body, table, link, peer }) => ({
            kept: log.append(entry, {
              receivedAt: now,
              receivedFrom: peer,
              control: hooks.isControl(entry.kind),
            }),
            entry,
            signature,
            body,
            table,
            link,
          })),
        );
      } else {
        // Counts as not held: the next exchange of vectors brings it again.
        context.count('entries.notStored', batch.length);
        for (const staged of batch) staging.drop(staged);
        emit({ type: 'problem', code: CODE_OF[failure.failure], message: failure.message });
      }
      step();
    });
    return true;
  }

  /** Tells the node, passes on, and acknowledges what was pushed to us. */
  function settle(applied: readonly AppliedEntry[]): void {
    staging.prune(log);
    emit({ type: 'applied', grove: id, applied });
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

  function startAppend(append: Append & { entry?: Entry }): void {
    busy = true;
    const now = context.now();
    const entry = append.entry ?? buildEntry(append, log, id, keypair.id, now);
    const signature = signEntry(keypair, entry.id);
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
        const kept = log.append(entry, {
          receivedAt: now,
          receivedFrom: null,
          control: hooks.isControl(append.kind),
        });
        settle([{ kept, entry, signature, body: append.body, table, link: null }]);
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
      loadLog(id, log, { context, hooks, emit }, () => {
        busy = false;
        emit({ type: 'loaded', grove: id });
        step();
      });
    },

    /** `entry` where it is built already: the contract, whose id is the grove's. */
    append(append: Append, entry?: Entry): void {
      appends.push(entry === undefined ? append : { ...append, entry });
      step();
    },

    receive(inbound: Inbound): void {
      if (inbox.length >= CONFIG.sync.inboxFrames) {
        context.count('entries.overflow', inbound.entries.length);
        return;
      }
      inbox.push(inbound);
      step();
    },

    linkGone(link: LinkId): void {
      exchange.setOpening(link, null, 'closed');
      staging.forget(link);
      inbox = inbox.filter((inbound) => inbound.link !== link);
      owed.delete(link);
    },

    close(): void {
      closed = true;
      for (const append of appends.splice(0)) {
        append.then({ code: 'aborted', message: 'this device left the grove' });
      }
    },
  };
}
