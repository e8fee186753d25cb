// One grove's way from frame or call to applied entry: stage, verify, apply, pass on. One verification or write at a
// time, so that appends never fork us and batches never overlap.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Keypair } from '../model/keys.ts';
import type { Cut } from '../model/powers.ts';
import { acknowledge } from './acknowledging.ts';
import { answerIds } from './answers.ts';
import { createAppending, type Waiting } from './appending.ts';
import { createApplying } from './applying.ts';
import { Aside } from './aside.ts';
import { cutsChange, putCuts } from './cuts.ts';
import { lostRows } from './damage.ts';
import { createExchange } from './exchange.ts';
import { createFetch } from './fetch.ts';
import { createForks, type ForkFrame } from './forks.ts';
import { Inbox } from './inbox.ts';
import { loadLog } from './load.ts';
import { Log, type LogEntry, type VectorRow } from './log.ts';
import { createMending } from './mending.ts';
import { createMissing } from './missing.ts';
import { headersOf, toHeader, type Chains } from './proof.ts';
import { receive } from './receive.ts';
import { createResume } from './resume.ts';
import { Rivals } from './rivals.ts';
import { Staging, type Staged } from './staging.ts';
import { createVerifying } from './verifying.ts';
import type { AppliedEntry, Broadcaster, BroadcastHooks, Inbound, SyncFact, SyncHooks } from './types.ts';

export interface PipelineOptions {
  keypair: Keypair;
  context: Context;
  hooks: SyncHooks;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  emit: (fact: SyncFact) => void;
  broadcast: (grove: GroveId, hooks: BroadcastHooks) => Broadcaster;
}

export type Pipeline = ReturnType<typeof createPipeline>;

export function createPipeline(id: GroveId, options: PipelineOptions) {
  const { keypair, context, hooks, hash, emit } = options;
  const self = keypair.id;
  const log = new Log();
  const staging = new Staging(log, CONFIG.sync.staged, lacks);
  const aside = new Aside(staging.pending, CONFIG.sync.aside);
  const inbox = new Inbox(CONFIG.sync.inbox);
  const rivals = new Rivals(log);
  const resume = createResume(log, self, context);
  const exchange = createExchange({
    ...{ grove: id, log, self, context, hash, emit, heard },
    broadcast: (tools) => options.broadcast(id, tools),
    staged: () => staging.size,
    views: () => hooks.viewHash(id),
    lost: onLost,
  });
  const mending = createMending({
    ...{ grove: id, context, hash },
    wantsBody: (entry, body) => hooks.wantsBody(id, entry, body),
  });
  const fetch = createFetch({
    ...{ grove: id, context, links: exchange.links },
    state: (entry) => {
      if (rivals.isWanted(entry) || mending.isWanted(entry)) return 'wanted';
      if (!staging.pending.isWanted(entry)) return 'settled';
      return isCovered(entry) ? 'coming' : 'wanted';
    },
    gaveUp: (entry) => {
      rivals.giveUp(entry);
      for (const staged of staging.pending.waitingFor(entry)) context.count('entries.orphaned', drop(staged));
    },
  });
  const forks = createForks({
    ...{ grove: id, log, context, emit: onForked, suspect },
    ...{ links: exchange.links, opening: exchange.opening },
    admits: (entry) => hooks.admits(id, entry),
    staged: (author) => staging.above(author).map(toHeader),
    doubt: (link, entry) => context.send(link, { type: 'want-ids', grove: id, ids: [entry] }, 'control'),
  });
  const applying = createApplying({
    ...{ grove: id, self, log, staging, aside, context, hooks, emit, refuse },
    isClosed: () => closed,
    overLimit(staged) {
      const { author, seq } = staged.entry;
      context.count('entries.overLimit', drop(staged));
      staged.verdict?.('refused');
      exchange.cap(staged.link, author, seq - 1);
      emit({ type: 'over-limit', grove: id, author, seq });
    },
    applied: passOn,
    rivals: (entries) => rivals.add(entries, context),
  });
  const verifying = createVerifying({
    ...{ staging, aside, rivals, context, cover, refuse },
    isClosed: () => closed,
    failed(staged, message) {
      staged.forEach(drop);
      emit({ type: 'problem', code: 'internal', message: `signatures: ${message}` });
    },
  });
  const appending = createAppending({
    ...{ grove: id, log, keypair, context },
    behind() {
      const why = resume.behind(hooks.resumeFrom(id));
      return why === 'earlier' && resume.unreadable() !== null ? 'damaged' : why;
    },
    committed({ at, ...whole }) {
      // Closed meanwhile: it is written, and whoever reads the log next finds it.
      if (!closed) applying.own({ ...whole, link: null }, at);
    },
  });
  const missing = createMissing({
    ...{ grove: id, log, staging, rivals, forks, fetch, exchange, context },
    again: step,
  });
  /** Links whose pushes are acknowledged once applied. */
  const owed = new Set<LinkId>();
  let busy = false;
  let closed = false;
  let reading: { done: number; total: number } | null = null;
  let loading = false;

  function step(): void {
    while (!busy && !closed) {
      // Whoever finds nothing to do leaves the turn as it was.
      busy = true;
      const appended = appending.start(done);
      if (appended === 'begun') return;
      if (appended === 'refused') {
        busy = false;
        continue;
      }
      for (const inbound of inbox.take()) take(inbound);
      if (verifying.start(done) || startForks() || applying.start(done)) return;
      busy = false;
      return missing.ask();
    }
  }

  function done(): void {
    busy = false;
    step();
  }

  const isCovered = (entry: EntryId): boolean => staging.isCovered(entry) || aside.isCovered(entry);
  const isStaged = (entry: EntryId): boolean => staging.isStaged(entry) || aside.isStaged(entry);
  const drop = (staged: Staged): number =>
    log.quarantine.covers(staged.entry) ? aside.drop(staged) : staging.drop(staged);

  /** What a covered entry waits for is fetched, unless it is here and only waits as well. */
  function lacks(staged: Staged, entry: EntryId): void {
    if (!isCovered(entry)) fetch.want(entry, staged.link, staged.urgent && !isStaged(entry));
  }

  function take(inbound: Inbound): void {
    const { link } = inbound;
    const duplicate = (entry: EntryId): void => exchange.onHeld(link, entry);
    const urgent = inbound.why !== 'sync' && exchange.state(link).backfill === null;
    mending.take(inbound.entries);
    const received = receive({ id, log, staging, urgent, hash, duplicate }, inbound, context);
    exchange.arrived(inbound, received.entries);
    for (const entries of received.rivals) rivals.add(entries, context);
    if (received.quarantined.length > 0) {
      const refused = aside.offer(received.quarantined);
      context.count('entries.quarantined', refused);
      const [first] = received.quarantined;
      if (refused > 0 && inbound.why !== 'want' && first !== undefined) forks.tell(link, first.entry.author);
    }
    if (received.refused) exchange.askOthers(link);
    if (inbound.why === 'push') owed.add(link);
  }

  function cover(staged: Staged): void {
    if (log.quarantine.covers(staged.entry)) return aside.cover(staged);
    resume.exists(staged.entry.author, staged.entry.seq);
    staging.cover(staged);
  }

  /** Drops it with what its sender chained onto it, and asks others (SPEC S4). */
  function refuse(staged: Staged): void {
    context.count('entries.refused', drop(staged));
    staged.verdict?.('refused');
    exchange.askOthers(staged.link);
  }

  /** Branches that were followed to where they leave the log become proofs, and proofs are stored. */
  function startForks(): boolean {
    const branch = rivals.nextFound();
    if (branch !== undefined) {
      forks.found(branch, (each) => rivals.park(each), done);
      return true;
    }
    const due = forks.due();
    if (due === null || due > context.elapsed()) return false;
    forks.start(done);
    return true;
  }

  /** Whoever hears this reads the log anew, without what no longer counts. */
  function onForked(fact: SyncFact): void {
    emit(fact);
    if (fact.type === 'forked') closed = true;
  }

  function onLost(entries: readonly LogEntry[]): void {
    lostRows({ grove: id, context, hash }, entries, (lost) => {
      if (!closed && lost.length > 0) emit({ type: 'damaged', grove: id, entries: lost });
    });
  }

  /** A proof's branches follow another entry than the applied one: they left the log before. */
  function suspect(chains: Chains, link: LinkId): void {
    for (const chain of chains) rivals.add(headersOf(chain, link), context);
  }

  /** A neighbour's whole vector. */
  function heard(link: LinkId, peer: PeerId, rows: readonly VectorRow[]): void {
    forks.heard(link, rows);
    resume.heard(peer, rows);
  }

  /** Passes on what was applied, and acknowledges what was pushed to us. */
  function passOn(applied: readonly AppliedEntry[]): void {
    const counted = applied.filter(({ kept }) => !kept.quarantined);
    exchange.push(counted);
    acknowledge(exchange, owed, counted, applied);
    if (staging.size === 0) owed.clear();
    for (const author of new Set(counted.map(({ entry }) => entry.author))) {
      forks.advanced(author);
      rivals.advanced(author);
    }
  }

  return {
    log,
    exchange,
    staged: () => staging.size + aside.size,
    /** Authors who forked their logs, each with the seq from which nothing of it counts. */
    forks: () => forks.list(),

    /** Entries of this device's own that lie on its disk and are no part of its log; null while it is read back. */
    unreadable: () => (loading ? null : resume.unreadable()),

    /**
     * Asks others for entries whose rows went bad, and writes them anew (SPEC S18); `told` of each that is. Gives how to stop.
     * `body`: it is lost too.
     */
    mend(lost: readonly { kept: LogEntry; body: boolean }[], told: (kept: LogEntry) => void): () => void {
      const [link] = exchange.links();
      for (const { kept, body } of lost) {
        mending.want(kept, body, () => told(kept));
        if (link !== undefined) fetch.want(kept.id, link, true);
      }
      step();
      return () => lost.forEach(({ kept }) => mending.forget(kept.id));
    },

    /** How far the log is read back; null once it is, and until it is known how long it is. */
    reading: () => reading,

    /**
     * Logs are cut off here from now on (SPEC S16). False where one holds more, or where one reached further before: then
     * it is to be read anew, by these cut-offs.
     */
    cutOff(cuts: ReadonlyMap<PeerId, Cut>): boolean {
      const change = cutsChange(log, cuts);
      if (change.authors.length === 0) return true;
      context.write([putCuts(id, cuts)], 'relaxed', () => undefined);
      if (!change.fits) return false;
      log.quarantine.setCuts(cuts);
      for (const author of change.authors) {
        const cut = cuts.get(author);
        if (cut !== undefined) staging.cutOff(author, cut);
      }
      return true;
    },

    /** Reads the log back from the store; what comes meanwhile waits. `cuts`: where they are known already. */
    load(cuts: ReadonlyMap<PeerId, Cut> | null = null): void {
      busy = true;
      loading = true;
      const tell = (fact: SyncFact): void => {
        if (!closed) emit(fact);
      };
      // Damaged or not: what we wrote is there, and is not to be written again.
      const seen = (author: string, seq: number): void => resume.onDisk(author, seq);
      const progress = (told: number, total: number): void => {
        reading = { done: told, total };
      };
      loadLog(id, log, { context, hooks, hash, emit: tell, seen, progress, cuts }, () => {
        busy = false;
        reading = null;
        loading = false;
        tell({ type: 'loaded', grove: id });
        step();
      });
    },

    append(append: Waiting): void {
      appending.add(append);
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

    onFork(link: LinkId, frame: ForkFrame): void {
      forks.onFrame(link, frame);
      step();
    },

    linkGone(link: LinkId): void {
      exchange.setOpening(link, null, 'closed');
      staging.forget(link);
      aside.forget(link);
      fetch.forget(link);
      forks.forget(link);
      missing.tellDropped();
      inbox.forget(link);
      owed.delete(link);
    },

    /** What is under way is finished, but nothing is told of it any more. Gives back the entries that never began. */
    close(): Waiting[] {
      closed = true;
      exchange.close();
      missing.close();
      return appending.takeAll();
    },
  };
}
