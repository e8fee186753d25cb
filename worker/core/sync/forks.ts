// Authors who signed two entries of one seq (SPEC S8): proofs of it are found or received, checked, stored, told to
// neighbours and given to who asks. What an author signed accuses it, and nothing else.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Frame, WireHeader } from '../wire/frame.ts';
import { FORKED, type Log, type VectorRow } from './log.ts';
import {
  decodeFork,
  encodeFork,
  forkKey,
  orderChains,
  readProof,
  toHeader,
  type Chains,
  type Proof,
} from './proof.ts';
import { createQuota } from './quota.ts';
import type { Branch } from './rivals.ts';
import { decodeRow } from './row.ts';
import { readRows } from './stored.ts';
import type { Opening, SyncFact } from './types.ts';

export type ForkFrame = Extract<Frame, { type: 'fork' | 'want-fork' }>;

export interface ForksOptions {
  grove: GroveId;
  log: Log;
  context: Context;
  emit: (fact: SyncFact) => void;
  links: () => readonly LinkId[];
  opening: (link: LinkId) => Opening;
  /** Whether the author may write here at all: what strangers did with their logs is of no interest. */
  admits: (entry: Entry) => boolean;
  /** What is staged above an author's log, up to a verified signature. */
  staged: (author: PeerId) => readonly WireHeader[];
  /** A vector differs from the log in this entry: what it is may show a fork. */
  doubt: (link: LinkId, id: EntryId) => void;
  /** Two branches of an author who is not what the proof's prev says: one of them shows an earlier fork. */
  suspect: (chains: Chains, link: LinkId) => void;
}

export type Forks = ReturnType<typeof createForks>;

interface Waiting {
  proof: Proof;
  /** Null where it was found here, and verified with that. */
  from: LinkId | null;
}

export function createForks(options: ForksOptions) {
  const { grove, log, context, emit } = options;
  const { forks } = CONFIG.sync;
  const asked = createQuota<LinkId>(context, forks.perLink);
  const given = createQuota<LinkId>(context, forks.perLink);
  const began = context.elapsed();
  let waiting: Waiting[] = [];
  /** Proofs by authors whose log here does not reach the fork yet. */
  const early = new Map<PeerId, Waiting>();

  /** From which seq nothing counts: the contract, which the grove's id names, always does. */
  const seqOf = ({ author, seq }: Proof): number =>
    seq === 1 && log.at(author, 1)?.id === (grove as string) ? 2 : seq;

  const isNews = (proof: Proof): boolean => seqOf(proof) < (log.quarantine.seqOf(proof.author) ?? Infinity);

  /** `early`: the log ends below what the proof is about; `other`: it holds another entry there than both branches follow. */
  function place({ author, seq, prev, firsts }: Proof): 'here' | 'early' | 'other' | 'nowhere' {
    if (!firsts.some(options.admits)) return 'nowhere';
    if (seq === 1) return 'here';
    const before = log.at(author, seq - 1);
    if (before === null) return 'early';
    return before.id === prev ? 'here' : 'other';
  }

  function add(proof: Proof, from: LinkId | null): void {
    if (waiting.length < forks.waiting && isNews(proof)) waiting.push({ proof, from });
  }

  function onFork(link: LinkId, chains: Chains, author: PeerId): void {
    const proof = readProof(grove, author, chains);
    if (proof === null) {
      context.blame(link, 'bad-entry');
      return context.count('forks.malformed');
    }
    if (!isNews(proof)) return;
    const where = place(proof);
    if (where === 'here') add(proof, link);
    else if (where === 'other') options.suspect(chains, link);
    else if (where === 'early' && (early.has(author) || early.size < forks.waiting))
      early.set(author, { proof, from: link });
  }

  function give(link: LinkId, author: PeerId): void {
    if (options.opening(link) !== 'full' || log.quarantine.seqOf(author) === null) return;
    if (!given.use(link)) return context.count('forks.busy');
    context.read('meta', [forkKey(grove, author)], (values) => {
      const stored = isFailure(values) ? null : (values[0] ?? null);
      const fork = stored === null ? null : decodeFork(stored);
      if (fork !== null && options.opening(link) === 'full') send(link, author, fork.chains);
    });
  }

  const send = (link: LinkId, author: PeerId, chains: Chains): void =>
    context.send(link, { type: 'fork', grove, author, chains: chains.map((chain) => [...chain]) }, 'control');

  /** Reads our own branch beside the one that was followed back to it, and makes a proof of both. */
  function prove(branch: Branch, then: (proof: Proof | 'later' | null) => void): void {
    const { author, seq } = branch[0].entry;
    const applied = log.at(author, seq);
    const kept = applied === null ? [] : log.signedFrom(applied.id);
    readRows(grove, kept, context, (rows, failed) => {
      if (failed) return then(null);
      const ours = rows.flatMap((found): WireHeader[] => {
        const decoded = found && decodeRow(found.row);
        return decoded?.ok
          ? [{ header: decoded.value.entry.header, signature: decoded.value.signature }]
          : [];
      });
      const covered = ours.some(({ signature }) => signature !== null)
        ? ours
        : [...ours, ...options.staged(author)];
      if (!covered.some(({ signature }) => signature !== null)) return then('later');
      const theirs = branch.map(toHeader);
      then(readProof(grove, author, orderChains(covered, theirs)));
    });
  }

  /** Those that hold, the one with the lowest seq of each author. */
  function verify(some: readonly Waiting[], then: (proven: Waiting[]) => void): void {
    const items = some.flatMap(({ proof }) => proof.signatures);
    context.verify(items, (verdicts) => {
      if (isFailure(verdicts)) return then([]);
      const best = new Map<PeerId, Waiting>();
      some.forEach((each, index) => {
        if (verdicts[2 * index] !== true || verdicts[2 * index + 1] !== true) {
          if (each.from !== null) context.blame(each.from, 'bad-signature');
          return context.count('forks.refused');
        }
        const known = best.get(each.proof.author);
        if (known === undefined || each.proof.seq < known.proof.seq) best.set(each.proof.author, each);
      });
      then([...best.values()]);
    });
  }

  /** Stored before anything follows from it; then told to all neighbours, who each check it. */
  function adopt(proven: readonly Waiting[], done: () => void): void {
    const puts = proven.map(({ proof }) => ({
      ...({ op: 'put', table: 'meta', key: forkKey(grove, proof.author) } as const),
      value: encodeFork(seqOf(proof), proof.chains),
    }));
    context.write(puts, 'strict', (failure) => {
      if (failure !== null) {
        emit({ type: 'problem', code: 'internal', message: `a proof of a fork: ${failure.message}` });
        return done();
      }
      const forked = proven.map(({ proof }) => ({ author: proof.author, seq: seqOf(proof) }));
      for (const { proof, from } of proven) {
        context.count('entries.forked');
        for (const link of options.links())
          if (link !== from && options.opening(link) === 'full') send(link, proof.author, proof.chains);
      }
      emit({ type: 'forked', grove, forks: forked });
      done();
    });
  }

  return {
    list: (): { author: PeerId; seq: number }[] =>
      log.quarantine.authors().map(([author, seq]) => ({ author, seq })),

    onFrame(link: LinkId, frame: ForkFrame): void {
      if (frame.type === 'want-fork') give(link, frame.author);
      else onFork(link, frame.chains, frame.author);
    },

    /** What another's vector says of forks: it knows one that we don't, or the other way round, or holds another branch. */
    heard(link: LinkId, rows: readonly VectorRow[]): void {
      for (const { author, seq, id } of rows) {
        const known = log.quarantine.seqOf(author) ?? Infinity;
        if (id === FORKED && seq < known) {
          const isKnown = log.head(author) !== null || seq === 1;
          if (isKnown && asked.use(link)) context.send(link, { type: 'want-fork', grove, author }, 'control');
        } else if (known < seq || (known === seq && id !== FORKED)) give(link, author);
        else if (id !== FORKED) {
          const ours = log.at(author, seq);
          if (ours !== null && ours.id !== id && asked.use(link)) options.doubt(link, id);
        }
      }
    },

    /** Someone sent what comes after a fork: it doesn't know. */
    tell: give,

    found: (branch: Branch, putBack: (branch: Branch) => void, done: () => void): void =>
      prove(branch, (proof) => {
        if (proof === 'later') putBack(branch);
        else if (proof !== null) add(proof, null);
        done();
      }),

    /** An author's log has grown: a proof may find its place. */
    advanced(author: PeerId): void {
      const each = early.get(author);
      if (each === undefined || place(each.proof) === 'early') return;
      early.delete(author);
      if (each.from !== null) onFork(each.from, each.proof.chains, author);
    },

    /** When what waits may be taken up: each time the log is read anew, so not all the time. Null where nothing waits. */
    due(): number | null {
      if (waiting.length === 0) return null;
      if (log.quarantine.authors().length === 0) return 0;
      const isLower = ({ proof }: Waiting): boolean => log.quarantine.seqOf(proof.author) !== null;
      return began + (waiting.every(isLower) ? forks.settleLower : forks.settle);
    },

    /** Takes up what waits. Once a proof is stored the log has to be read anew: that is the fact's receiver's to do. */
    start(done: () => void): void {
      const some = waiting.filter(({ proof }) => isNews(proof) && place(proof) === 'here');
      waiting = [];
      verify(some, (proven) => {
        if (proven.length === 0) return done();
        adopt(proven, done);
      });
    },

    forget(link: LinkId): void {
      asked.forget(link);
      given.forget(link);
    },
  };
}
