// One blob on its way here, from being wanted to its end: its states, its plan, and what becomes of it when links, claims or
// the store fail. Whom it asks is asking.ts's, what comes is intake.ts's.
import { isFailure, type Context, type Failure } from '../context.ts';
import type { Hash, LinkId } from '../model/ids.ts';
import { createAsking } from './asking.ts';
import { Claims, type BlobClaim } from './claims.ts';
import { conclude, type Ending } from './ending.ts';
import type { Halt } from './halts.ts';
import { createIntake } from './intake.ts';
import { blobKey } from './keys.ts';
import { createLeaving } from './leaving.ts';
import { Meter } from './meter.ts';
import type { Pace } from './pace.ts';
import { createPrefix } from './prefix.ts';
import { makePlan, type Planned } from './plan.ts';
import { decodeBlobRecord } from './record.ts';
import { Round } from './round.ts';
import { Sources } from './sources.ts';
import { FULL, type BlobWant, type TransferHooks, type TransferInfo, type TransferState } from './types.ts';
import { createBlockWriter } from './writer.ts';

export type Transfer = ReturnType<typeof createTransfer>;

const UNREADABLE = 'the store could not be read';

export function createTransfer(
  want: BlobWant,
  deps: {
    context: Context;
    pace: Pace;
    hooks: TransferHooks<Transfer>;
    /** It was paused before this device started. */
    halt?: Halt | null;
  },
) {
  const { context, pace, hooks } = deps;
  const blob = want.hash;
  const sources = new Sources(context, pace);
  const claims = new Claims(blob, hooks, sources);
  const meter = new Meter(context.elapsed());
  const asking = createAsking({
    ...{ blob, context, sources, pace },
    isUnderWay: (block) => hooks.isUnderWay(block, self),
    usable: (at) => claims.usable(at.claim),
  });
  let state: TransferState = deps.halt?.how === 'paused' ? 'paused' : 'queued';
  /** What is known of it before its plan is. */
  const before = deps.halt?.received ?? 0;
  let reason: string | undefined;
  let round: Round | null = null;
  let closed = false;

  const leaving = createLeaving({ blob, context, sources, current: () => round });
  const intake = createIntake({
    ...{ context, sources, pace, leaving, refute },
    hash: hooks.hash,
    isCurrent: (at) => isCurrent(at),
    listed: plan,
    listFailed: (_, failure) => failStore(failure),
    pump: hooks.pump,
  });

  function become(next: TransferState, why?: string): void {
    if (next === 'receiving' && state !== 'receiving') meter.restart(context.elapsed());
    state = next;
    reason = why;
    hooks.changed(self);
  }

  /** An answer that comes after its round was given up says nothing. */
  const isCurrent = (at: Round): boolean => !closed && round === at;

  // ---- plan -------------------------------------------------------------------------------------------

  /** Another, whom nobody holds anything against, may have what is wanted: it has its turn first (SPEC P12). */
  const isOthers = (at: Round, but: LinkId): boolean =>
    claims
      .usable(at.claim)
      .some(({ link }) => link !== but && !context.doubts(link) && asking.mayAsk(at, link));

  function canGoOn(at: Round): boolean {
    if (at.phase === 'blocks' && at.holders.size === 0) return true;
    return claims.usable(at.claim).some(({ link }) => asking.mayAsk(at, link));
  }

  function begin(claim: BlobClaim): void {
    claims.current = claim;
    const writer = createBlockWriter(context, {
      stored: (blocks) => onWritten(fresh, blocks),
      failed(failure, lost) {
        if (!isCurrent(fresh)) return;
        leaving.putBack(lost);
        failStore(failure);
      },
    });
    const fresh = new Round(claim, writer, context.random);
    round = fresh;
    become('receiving');
    context.read('blobs', [blobKey(blob)], (values) => {
      if (!isCurrent(fresh)) return;
      const record = isFailure(values) ? null : (values[0] ?? null);
      const decoded = record && decodeBlobRecord(record);
      if (decoded?.ok && decoded.value.complete) become('complete');
      else plan(fresh);
    });
  }

  function plan(at: Round): void {
    at.phase = 'planning';
    at.meanwhile.clear();
    makePlan(at.claim, context, (planned) => {
      if (isCurrent(at)) take(at, planned);
      hooks.pump();
    });
  }

  function take(at: Round, planned: Planned): void {
    switch (planned.type) {
      case 'failed':
        return fail(UNREADABLE);
      case 'refuted':
        return refute(planned.why);
      case 'lists':
        at.phase = 'lists';
        for (const list of planned.missing) at.wantedLists.add(list);
        return;
      case 'blocks':
        at.take(planned.blocks, planned.held, planned.lists);
        at.prefix = hooks.hasher && createPrefix(planned.blocks, hooks.hasher);
        return hooks.planned(self);
    }
  }

  function onWritten(at: Round, stored: ReadonlySet<Hash>): void {
    if (!isCurrent(at)) return;
    meter.add(context.elapsed(), at.note(stored));
    hooks.moved(self);
    hooks.stored(stored, self);
    hooks.pump();
  }

  // ---- the end ----------------------------------------------------------------------------------------

  function finish(at: Round): void {
    become('verifying');
    const { claim, blocks } = at;
    const found = { claim, blocks, whole: at.prefix?.whole() ?? null };
    conclude(blob, found, { context, hash: hooks.hash }, (ending) => {
      if (isCurrent(at)) onEnding(at, ending);
    });
  }

  function onEnding(at: Round, ending: Ending): void {
    switch (ending.type) {
      case 'complete':
        return become('complete');
      case 'refuted':
        return refute('its bytes are not what its hash says');
      case 'unreadable':
        return fail(UNREADABLE);
      case 'failed':
        return failStore(ending.failure);
      case 'damaged':
        plan(at);
        return become('receiving');
    }
  }

  /** Whoever signed this claim lied; whoever sent what it names did not. Another claim may hold. */
  function refute(why: string): void {
    giveUp();
    if (claims.refute()) become('stalled', why);
    else become('failed', why);
  }

  function fail(why: string): void {
    giveUp();
    become('failed', why);
  }

  /** A full disk may have room again. */
  function failStore(failure: Failure): void {
    hooks.storeFailed(failure);
    if (failure.failure !== 'quota') return fail(failure.message);
    leaving.leaveAll();
    become('stalled', FULL);
  }

  /** Of the round at hand nothing is wanted any more. */
  function giveUp(): void {
    leaving.end();
    round = null;
  }

  const self = {
    want,
    state: (): TransferState => state,
    /** The root it is fetched by at the moment. */
    root: (): Hash | null => round?.claim.root ?? null,
    size: (): number => round?.claim.size ?? claims.standing()[0]?.size ?? 0,

    info(): TransferInfo {
      const size = self.size();
      const rate = state === 'receiving' ? meter.rate(context.elapsed()) : 0;
      const received = state === 'complete' ? size : Math.min(round?.received ?? before, size);
      const timeLeft = rate > 0 ? Math.ceil((size - received) / rate) : null;
      const told = { ...want, size, received, rate, timeLeft, sources: sources.owing().length, state };
      return reason === undefined ? told : { ...told, reason };
    },

    /** Whether it waits for nothing but its turn. */
    isReady(): boolean {
      if (state !== 'queued' && state !== 'stalled') return false;
      return (round !== null && canGoOn(round)) || claims.next() !== null;
    },

    /** Starts, or goes on after a stall. */
    resume(): void {
      if (round !== null && canGoOn(round)) return become('receiving');
      const next = claims.next();
      if (next === null) return;
      giveUp();
      begin(next);
    },

    /** By hand. What is being verified is as good as done. Whether it was paused. */
    pause(): boolean {
      if (state !== 'queued' && state !== 'receiving' && state !== 'stalled') return false;
      leaving.leaveAll();
      become('paused');
      return true;
    },
    unpause(): void {
      if (state === 'paused') become('queued');
    },
    end: fail,

    /** Asks this link for as much as its window allows. */
    ask(link: LinkId): void {
      const at = round;
      if (state !== 'receiving' || at === null || at.phase === 'planning') return;
      if (!sources.isUsable(link, at.claim.root)) return;
      if (context.doubts(link) && isOthers(at, link)) return;
      const grove = hooks.groveFor(link, blob, at.claim.root);
      if (grove !== null) asking.ask(at, link, grove);
    },

    /** Once all were asked: is it through, or can nobody go on with it? */
    settle(): void {
      const at = round;
      if (state !== 'receiving' || at === null || at.phase === 'planning') return;
      if (sources.owed === 0) at.writer.flush();
      if (sources.owed + at.writer.pending() + at.writingLists.size > 0) return;
      if (at.phase === 'blocks' && at.holders.size === 0) return finish(at);
      const usable = claims.usable(at.claim);
      // Who may be asked and was not is busy with other blobs: it has its turn.
      if (usable.some(({ link }) => asking.mayAsk(at, link))) return;
      become('stalled', usable.length === 0 ? 'nobody here has it now' : 'waiting for a source');
    },

    onList: (link: LinkId, list: Hash, bytes: Uint8Array): boolean =>
      round !== null && intake.list(round, link, list, bytes),
    onBlock: (link: LinkId, block: Hash, bytes: Uint8Array): boolean =>
      round !== null && intake.block(round, link, block, bytes),

    onLack: leaving.lacks,

    /** Whether that was asked for. */
    onHave(link: LinkId, root: Hash, told: Parameters<Round['holders']['learn']>[1]): boolean {
      if (round?.claim.root !== root || !round.watched.has(link)) return false;
      if (round.holders.learn(link, told)) sources.forgive(link);
      return true;
    },

    fetches: (block: Hash): boolean => sources.isOwed(block) || round?.writer.has(block) === true,

    /** Whether this list or block must stay. */
    uses: (hash: Hash): boolean => round?.uses(hash) === true,

    /** As a bit for each of its blocks in order, those that are here; null where another root is fetched or nothing is known yet. */
    held: (root: Hash): Uint8Array | null => (round?.claim.root === root ? round.held(self.fetches) : null),
    /** The root it is fetched by, and the places of these blocks in the order of its list. */
    placesOf: (stored: Iterable<Hash>): { root: Hash; places: number[] } | null =>
      round?.phase === 'blocks' ? { root: round.claim.root, places: round.holders.placesOf(stored) } : null,

    /** Another transfer stored blocks: gives those that were wanted here too. */
    onStored(stored: ReadonlySet<Hash>): Hash[] {
      const ours = round?.storedElsewhere(stored) ?? [];
      if (ours.length > 0) hooks.moved(self);
      return ours;
    },

    /** Whether this link is not asked for what is missing, because of what it said or failed to do. */
    isLeft: (link: LinkId): boolean =>
      sources.isHushed(link) || (round !== null && !asking.mayAsk(round, link)),
    /** It says that it holds more. */
    forgive(link: LinkId): void {
      sources.forgive(link);
      if (round !== null && !asking.mayAsk(round, link)) leaving.forget(link);
    },

    linkGone: leaving.gone,
    tick(): void {
      leaving.late();
      round?.writer.tick();
    },

    /** Whether all was asked for, so that only time tells who is late. */
    isEnding: (): boolean =>
      state === 'receiving' && round?.phase === 'blocks' && round.holders.size === 0 && sources.owed > 0,

    nextWake(): number | null {
      const times = [sources.nextWake(state === 'stalled'), round?.writer.nextWake() ?? null];
      return times.reduce((first, time) => (first === null || (time ?? Infinity) < first ? time : first));
    },

    close(): void {
      if (!closed) giveUp();
      closed = true;
    },
  };
  return self;
}
