// What follows when a log tells that entries were applied, read back, acknowledged or forked: views, blobs and pages are told.
import { mayTurn } from './access/membership.ts';
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import { GRAPH } from './graph/config.ts';
import type { Applied, Grove } from './grove.ts';
import { moderates, unanswered } from './hidden.ts';
import type { GroveId, Hash, PeerId } from './model/ids.ts';
import type { AppliedEntry, SyncFact } from './sync/types.ts';

/** Authors of whom it is remembered that they were told of. */
const MAX_TOLD = 1_000;

export interface LogFacts {
  onSync(fact: SyncFact): void;
  /** A grove changed: its words go into the index before somebody searches. */
  prepare(id: GroveId): void;
}

/** `loaded`: told when a log was read back. */
export function createLogFacts(core: Core, loaded: () => void): LogFacts {
  const { context, groves } = core;
  /** When a log was read anew since rows of it went bad. */
  const rereadAt = new Map<GroveId, number>();
  /** Authors who wrote more than counts, by grove. */
  const overLimit = new Set<string>();

  function onSync(fact: SyncFact): void {
    const grove = 'grove' in fact ? groves.get(fact.grove) : undefined;
    switch (fact.type) {
      case 'problem':
        return core.problem({ failure: fact.code, message: fact.message });
      case 'acknowledged':
        return grove && onAcknowledged(grove, fact.seq);
      case 'applied':
        return grove && onApplied(grove, fact.applied);
      case 'ruled':
        return grove?.finishReading();
      case 'loaded':
        return grove && onLoaded(grove);
      case 'views-differ':
        context.count('views.differ');
        return core.event('views-differ', { grove: fact.grove, peer: fact.peer });
      case 'forked':
        for (const { author, seq } of fact.forks) core.event('fork', { grove: fact.grove, author, seq });
        return grove && reload(grove);
      case 'over-limit':
        return grove && onOverLimit(grove, fact.author);
      case 'damaged':
        return grove && onDamaged(grove, fact.entries.length);
    }
  }

  /** Told once of each author: whoever goes on so would be told of for ever. */
  function onOverLimit(grove: Grove, author: PeerId): void {
    const key = `${grove.id}/${author}`;
    if (overLimit.has(key) || overLimit.size >= MAX_TOLD) return;
    overLimit.add(key);
    core.problem({
      failure: 'too-large',
      message: `${grove.members.nameOf(author)} wrote more in "${grove.name}" than an author may have there: what is beyond counts for nobody`,
    });
  }

  /** Once in a while: where the disk goes bad under our hands, to read all of it anew each time would make it no better. */
  function onDamaged(grove: Grove, entries: number): void {
    const { id, name } = grove;
    if (context.elapsed() - (rereadAt.get(id) ?? -Infinity) < CONFIG.sync.reread) return;
    rereadAt.set(id, context.elapsed());
    core.problem({
      failure: 'corrupt',
      message: `${entries} of the entries of "${name}" on this disk can't be read any more: they come again from others who hold them`,
    });
    reload(grove);
  }

  /** A log was read back: what of its blobs is here is looked up before anyone may ask. */
  function onLoaded(grove: Grove): void {
    grove.finishReading();
    // Noted cut-offs that the log doesn't say, or more than were noted: what it said by others counts for nothing.
    if (!core.sync.cutOff(grove.id, grove.members.cuts)) return reload(grove);
    const blobs = [...grove.blobs.keys()];
    core.holdings.lookUp(grove, blobs, () => {
      if (core.groves.get(grove.id) !== grove) return;
      grove.loaded = true;
      core.rotating.settle(grove);
      core.carrying.settle(grove);
      core.policies.begin(grove);
      core.claiming.loaded(grove);
      core.bodies.want(grove);
      core.holdings.wantByPolicy(grove, blobs);
      core.holdings.showPaused(grove);
      core.peering.groveAdded(grove);
      loaded();
      core.storage.start();
      core.holdings.settle();
      core.event('groves', {});
      core.changed(grove.id);
      tellUnreadable(grove);
    });
  }

  /** Entries of our own that can't be read, and that nobody gave within some seconds: a person has to know why nothing can be written (SPEC S17). */
  function tellUnreadable(grove: Grove): void {
    const isSo = (): boolean => core.sync.pipeline(grove.id)?.unreadable() != null;
    if (!isSo()) return;
    context.schedule(`unreadable/${grove.id}`, context.elapsed() + CONFIG.sync.unreadableAfter, () => {
      if (core.groves.get(grove.id) !== grove || !isSo()) return;
      core.problem({
        failure: 'corrupt',
        message: `entries of this device in "${grove.name}" can't be read from its disk, and nobody linked has them: it writes nothing there until somebody gives them back; what is here can be exported`,
      });
    });
  }

  function onAcknowledged(grove: Grove, seq: number): void {
    if (seq <= grove.record.acknowledged) return;
    grove.record.acknowledged = seq;
    core.holdings.settle();
    core.changed(grove.id);
    // Written at leisure: after a crash the next vector tells it again.
    const key = `acknowledged/${grove.id}`;
    if (context.isScheduled(key)) return;
    context.schedule(key, context.elapsed() + CONFIG.api.saveAfter, () =>
      core.peering.save(grove.record, () => undefined),
    );
  }

  function onApplied(grove: Grove, applied: readonly AppliedEntry[]): void {
    const wasLoaded = grove.loaded;
    const turns = applied.some(({ kept, entry }) => mayTurn(entry.kind) || kept.stands.length > 0);
    const before = wasLoaded && turns ? grove.members.publishers() : null;
    const { persons } = grove.members;
    const { terms } = grove;
    const results = applied.map((each): Applied => grove.apply(each));
    context.count('entries.malformed', results.filter(({ malformed }) => malformed).length);
    context.count('entries.unknown', results.filter(({ unknown }) => unknown).length);
    context.count('entries.applied', applied.length);
    core.changed(grove.id);
    for (const { entry, link } of applied) if (link !== null) core.heard(grove.id, entry.author, link);
    if (applied.some(({ entry }) => entry.kind === 'retract')) core.dropping.soon(grove.id);
    // While a log is read back nobody is told of its entries, and its blobs are looked up at the end, all at once.
    if (!wasLoaded) return;
    core.policies.begin(grove);
    // A grove may have another name now.
    if (grove.terms !== terms) core.once('groves', 'groves', {});
    if (applied.some(({ link }) => link === null)) core.digests.wrote(grove.id);
    if (applied.some(({ entry }) => entry.kind === 'claim')) core.claiming.touched(grove);
    for (const { cid } of results) if (cid !== null) core.questions.came(grove, cid);
    core.bodies.want(grove);
    const blobs = results.flatMap((result): readonly Hash[] => result.blobs);
    core.holdings.lookUp(grove, blobs, () => {
      core.holdings.wantByPolicy(grove, blobs);
      for (const { cid } of results) if (cid !== null) core.holdings.announceIfComplete(grove, cid);
      core.changed(grove.id);
    });
    core.holdings.settle();
    applied.forEach(({ kept, entry, link }, index) => {
      // Held for what others build on it, and part of no log (SPEC S13).
      if (kept.quarantined) return;
      const cid = results[index]?.cid ?? null;
      core.event('entry', {
        grove: grove.id,
        id: entry.id,
        kind: entry.kind,
        author: entry.author,
        local: link === null,
        ...(cid === null ? {} : { cid }),
      });
    });
    tellOfPetitions(grove, applied);
    if (before === null) return;
    // An admission that came late may void another, or make it count: what that one wrote leaves or enters the views.
    const after = grove.members.publishers();
    const turned = [...before, ...after].filter((peer) => before.has(peer) !== after.has(peer));
    const seqOf = (peer: PeerId): number => core.sync.log(grove.id)?.head(peer)?.seq ?? 0;
    const differ =
      before.size > 0 &&
      (turned.some((peer) => seqOf(peer) > 0) || persons.turns(grove.members.persons, seqOf));
    const fits = core.sync.cutOff(grove.id, grove.members.cuts);
    if (differ || !fits) reload(grove);
    else {
      core.rotating.settle(grove);
      core.carrying.settle(grove);
    }
    core.peering.groveChanged(grove);
    core.event('groves', {});
    core.changedPeers(grove.id);
  }

  /** Who may answer hears of who asks, and of what was reported. */
  function tellOfPetitions(grove: Grove, applied: readonly AppliedEntry[]): void {
    const came = new Set(applied.map(({ entry }) => entry.id));
    if (applied.some(({ entry }) => entry.kind === 'request'))
      for (const { source, body } of unanswered(core, grove))
        if (came.has(source.id))
          core.event('join-request', { grove: grove.id, peer: body.key, name: body.name });
    if (!moderates(core, grove)) return;
    for (const { entry } of applied)
      if (entry.kind === 'report' && entry.author !== core.identity.keypair.id)
        core.event('reported', { grove: grove.id, by: entry.author });
  }

  /** Derives members and views anew from the log as it is stored. */
  function reload(grove: Grove): void {
    const { cuts } = grove.members;
    grove.reset();
    core.sync.reload(grove.id, cuts);
  }

  /** Words of many contributions are put into the index in steps: a search would wait for all of them. */
  function prepare(id: GroveId): void {
    const views = groves.get(id)?.views;
    const key = `prepare/${id}`;
    if (views === undefined || context.isScheduled(key) || views.prepare(0) <= GRAPH.searchAtOnce) return;
    const step = (): void => {
      if ((groves.get(id)?.views.prepare(GRAPH.searchStep) ?? 0) > 0)
        context.schedule(key, context.elapsed() + CONFIG.api.prepareEvery, step);
    };
    context.schedule(key, context.elapsed() + CONFIG.api.prepareEvery, step);
  }

  return { onSync, prepare };
}
