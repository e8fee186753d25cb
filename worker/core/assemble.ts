// Builds the machines of a booted device and ties their facts together: the only place where machines meet.
import { isControl } from './access/membership.ts';
import type { GroveRecord } from './access/record.ts';
import { createApi, type Api } from './api/api.ts';
import { createBodies } from './bodies.ts';
import type { Booted } from './boot.ts';
import type { BlobClaim } from './cas/claims.ts';
import { createClaiming } from './claiming.ts';
import { createCas, type CasFact } from './cas/machine.ts';
import { createDigestBook } from './digests.ts';
import { createDropping } from './dropping.ts';
import { createFetching } from './fetching.ts';
import { CONFIG } from './config.ts';
import { GRAPH } from './graph/config.ts';
import type { ContextControl } from './context.ts';
import type { Core, PeerLink } from './core.ts';
import { createBroadcast } from './gossip/plumtree.ts';
import { Grove, type Applied } from './grove.ts';
import { createHand } from './hand.ts';
import { createHoldings } from './holdings.ts';
import { createLagging } from './lagging.ts';
import { createLinkMachine, type LinkMachine } from './link/machine.ts';
import type { LinkInput, LinkOutput } from './link/types.ts';
import { ERROR_CODES, type ErrorCode } from './model/errors.ts';
import { cidOf, type GroveId, type Hash, type LinkId } from './model/ids.ts';
import { fingerprint } from './model/keys.ts';
import { createMesh } from './mesh.ts';
import { createPauses } from './pauses.ts';
import { createPeering } from './peering.ts';
import { createPolicies } from './policies.ts';
import { createPresences } from './presences.ts';
import { createQuestions } from './questions.ts';
import type { Hasher, Random, Signatures } from './ports.ts';
import { createSync } from './sync/machine.ts';
import type { AppliedEntry, SyncFact } from './sync/types.ts';
import { routeFrame } from './routing.ts';
import { createStorage } from './storage.ts';
import { createWatch } from './watch.ts';

export interface NodeOptions {
  random: Random;
  /** Noble's where none is given. */
  signatures?: Signatures;
  /** BLAKE3-256 of a block, synchronous and fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** The same of data that comes in parts, where there is one. */
  hasher?: () => Hasher;
  /** Messages of each type to remember (SPEC O1); CONFIG.trail.perType where it isn't said. */
  trail?: number;
}

export interface Running {
  core: Core;
  api: Api;
  machine: LinkMachine;
}

export function assemble(options: NodeOptions, context: ContextControl, booted: Booted): Running {
  const { identity, settings } = booted;
  const groves = new Map<GroveId, Grove>();
  const links = new Map<LinkId, PeerLink>();
  const watch = createWatch(context, links, options.trail);
  let timers = 0;
  const machine = createLinkMachine({
    keypair: identity.keypair,
    random: context.random,
    signatures: context.signatures,
    features: [],
  });

  const event = (name: string, payload: unknown): void => context.effect({ type: 'event', name, payload });

  function once(
    key: string,
    name: string,
    payload: unknown,
    after: number = CONFIG.api.changedDebounce,
  ): void {
    if (context.isScheduled(key)) return;
    context.schedule(key, context.elapsed() + after, () => event(name, payload));
  }

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
        return event('views-differ', { grove: fact.grove, peer: fact.peer });
      case 'forked':
        for (const { author, seq } of fact.forks) event('fork', { grove: fact.grove, author, seq });
        return grove && reload(grove);
    }
  }

  /** A log was read back: what of its blobs is here is looked up before anyone may ask. */
  function onLoaded(grove: Grove): void {
    grove.finishReading();
    const blobs = [...grove.blobs.keys()];
    core.holdings.lookUp(grove, blobs, () => {
      if (core.groves.get(grove.id) !== grove) return;
      grove.loaded = true;
      policies.begin(grove);
      core.claiming.loaded(grove);
      core.bodies.want(grove);
      core.holdings.wantByPolicy(grove, blobs);
      core.peering.groveAdded(grove);
      api.loaded();
      core.storage.start();
      core.holdings.settle();
      event('groves', {});
      core.changed(grove.id);
    });
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
    const turns = applied.some(({ kept, entry }) => isControl(entry.kind) || kept.stands.length > 0);
    const before = wasLoaded && turns ? grove.members.publishers() : null;
    const { terms } = grove;
    const results = applied.map((each): Applied => grove.apply(each));
    context.count('entries.malformed', results.filter(({ malformed }) => malformed).length);
    context.count('entries.unknown', results.filter(({ unknown }) => unknown).length);
    context.count('entries.applied', applied.length);
    core.changed(grove.id);
    for (const { entry, link } of applied) if (link !== null) core.heard(grove.id, entry.author, link);
    if (applied.some(({ entry }) => entry.kind === 'retract')) dropping.soon(grove.id);
    // While a log is read back nobody is told of its entries, and its blobs are looked up at the end, all at once.
    if (!wasLoaded) return;
    policies.begin(grove);
    // A grove may have another name now.
    if (grove.terms !== terms) once('groves', 'groves', {});
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
      event('entry', {
        grove: grove.id,
        id: entry.id,
        kind: entry.kind,
        author: entry.author,
        local: link === null,
        ...(cid === null ? {} : { cid }),
      });
    });
    if (before === null) return;
    // An admission that came late may void another, or make it count: what that one wrote leaves or enters the views.
    const after = grove.members.publishers();
    const turned = [...before, ...after].filter((peer) => before.has(peer) !== after.has(peer));
    if (before.size > 0 && turned.some((peer) => core.sync.log(grove.id)?.head(peer))) reload(grove);
    core.peering.groveChanged(grove);
    event('groves', {});
    core.changedPeers(grove.id);
  }

  /** Derives members and views anew from the log as it is stored. */
  function reload(grove: Grove): void {
    grove.reset();
    core.sync.reload(grove.id);
  }

  function onCas(fact: CasFact): void {
    switch (fact.type) {
      case 'problem':
        return core.problem({ failure: fact.code, message: fact.message });
      case 'blob-complete':
        return core.holdings.onBlob(fact.want.hash);
      case 'transfer': {
        const cids = groves.get(fact.info.grove)?.blobs.get(fact.info.hash)?.cids ?? [];
        event('transfer', { ...fact.info, cids: [...cids] });
        storage.transfer(fact.info);
        if (fact.info.state === 'stalled') policies.touched(fact.info.grove, CONFIG.policy.again);
        if (fact.info.state === 'failed') core.holdings.onFailed(fact.info.hash, fact.info.reason ?? '');
        return;
      }
    }
  }

  function onLink(output: LinkOutput): void {
    switch (output.type) {
      case 'up':
        return linkUp(output);
      case 'down':
        return linkDown(output);
      case 'frame': {
        const link = links.get(output.link);
        if (link === undefined) return;
        link.received += output.bytes;
        context.count(`received.${output.frame.type}`);
        context.count('received.bytes', output.bytes);
        watch.received(link, output.frame, output.bytes);
        routeFrame(core, link, output.frame);
        return watch.handled();
      }
      case 'relay':
      case 'dial-failed':
      case 'met':
        return core.mesh.onLink(output);
      case 'count':
        return context.count(output.name, output.by ?? 1);
      case 'hand-text':
      case 'hand-accepted':
      case 'hand-failed':
        return core.hand.onLink(output);
      default:
        return context.effect(output);
    }
  }

  function linkUp({ link, peer, transcript, source }: Extract<LinkOutput, { type: 'up' }>): void {
    const fresh: PeerLink = {
      link,
      peer,
      transcript,
      source,
      since: context.now(),
      tags: [],
      proved: new Set(),
      asked: new Map(),
      watches: new Map(),
      received: 0,
      usedAt: context.elapsed(),
      frozen: false,
    };
    links.set(link, fresh);
    lagging.start();
    core.peering.linkUp(fresh);
    core.changedPeers(null);
  }

  function linkDown({ link, peer, how }: Extract<LinkOutput, { type: 'down' }>): void {
    const open = [...groves.keys()].filter((id) => isOpen(id, link));
    links.delete(link);
    for (const id of open) core.mesh.closed(id, peer, how);
    context.linkGone(link);
    core.sync.linkGone(link);
    core.cas.linkGone(link);
    core.digests.linkGone(link);
    core.presences.linkGone(link);
    // A newly proven link to the same peer may stand already (SPEC K5).
    if (![...links.values()].some((other) => other.peer === peer)) core.holdings.linkGone(peer);
    core.changedPeers(null);
    for (const grove of groves.values()) core.changed(grove.id);
  }

  const isOpen = (id: GroveId, link: LinkId): boolean => sync.pipeline(id)?.exchange.opening(link) === 'full';

  /** What the logs say of a blob, each once. */
  function claimsOf(blob: Hash): BlobClaim[] {
    const claims: BlobClaim[] = [];
    for (const grove of groves.values()) {
      for (const { root, size } of grove.blobs.get(blob)?.rows ?? []) {
        if (!claims.some((claim) => claim.root === root && claim.size === size)) claims.push({ root, size });
      }
    }
    return claims;
  }

  function groveFor(link: LinkId, blob: Hash, root: Hash): GroveId | null {
    for (const [id, grove] of groves) {
      if (grove.blobs.get(blob)?.rows.some((row) => row.root === root) === true && isOpen(id, link))
        return id;
    }
    return null;
  }

  const sync = createSync({
    keypair: identity.keypair,
    context,
    hash: options.hash,
    emit: onSync,
    hooks: {
      admits: (id, entry) => groves.get(id)?.members.admits(entry.author, entry.kind) ?? false,
      resumeFrom: (id) => {
        const { resumeFrom = 0, acknowledged = 0 } = groves.get(id)?.record ?? {};
        return Math.max(resumeFrom, acknowledged);
      },
      wantsBody: (id, entry, body) => {
        const grove = groves.get(id);
        if (grove === undefined || entry.kind !== 'contribution' || entry.author === identity.keypair.id)
          return true;
        return policies.wantsBody(grove, cidOf(entry.body), entry.author) || policies.keepsBody(body);
      },
      viewHash: (id) => {
        const grove = groves.get(id);
        return grove?.loaded === true && grove.views.isWhole() ? grove.viewHash() : null;
      },
      isControl,
    },
    broadcast: (grove, { holds, knows, send, push }) =>
      createBroadcast({
        ...{ grove, context, holds, knows },
        rtt: (link) => machine.links().find((each) => each.link === link)?.rttMs ?? null,
        emit(fact) {
          if (fact.type === 'send') send(fact.link, fact.frame);
          else push(fact.link, fact.ids, fact.why, fact.hops);
        },
      }),
  });
  const cas = createCas({
    context,
    emit: onCas,
    hooks: {
      hash: options.hash,
      hasher: options.hasher ?? null,
      links: () => [...links.keys()],
      claims: (blob) => claimsOf(blob),
      groveFor: (link, blob, root) => groveFor(link, blob, root),
      rootsOf(link, id, blob) {
        const rows = isOpen(id, link) ? (groves.get(id)?.blobs.get(blob)?.rows ?? []) : [];
        // Asked for what others are given: so this one is in use.
        if (rows.length > 0) storage.using(blob);
        return rows.map(({ root }) => root);
      },
    },
  });

  const core: Core = {
    context,
    identity,
    settings,
    origin: '',
    groves,
    links,
    sync,
    cas,
    watch,
    pauses: createPauses(),
    signal: { state: 'connecting', url: null, reason: null },
    carrier: false,
    get bodies() {
      return bodies;
    },
    get holdings() {
      return holdings;
    },
    get peering() {
      return peering;
    },
    get digests() {
      return digests;
    },
    get presences() {
      return presences;
    },
    get policies() {
      return policies;
    },
    get claiming() {
      return claiming;
    },
    get questions() {
      return questions;
    },
    get fetching() {
      return fetching;
    },
    get hand() {
      return hand;
    },
    get mesh() {
      return mesh;
    },
    get storage() {
      return storage;
    },
    form: 'desktop',
    link: (input: LinkInput): void => machine.handle(input, context.now()).forEach(onLink),
    linkInfos: () => machine.links(),
    linkFailures: () => machine.failures(),
    configureSignal(): void {
      const off = core.settings.discovery === 'hand';
      const own = core.origin === '' ? [] : [core.origin];
      const urls = core.settings.endpoints.length > 0 ? core.settings.endpoints : own;
      const hints = [...groves.values()].flatMap(({ record }) => record.invite?.endpoints ?? []);
      if (off !== (core.signal.state === 'off')) {
        core.signal = { state: off ? 'off' : 'connecting', url: null, reason: null };
        event('signal', core.signal);
      }
      context.effect({ type: 'signal-configure', urls: off ? [] : [...new Set([...urls, ...hints])] });
    },
    setNeighbour(id, link, active) {
      sync.setNeighbour(id, link.link, active);
      digests.setNeighbour(id, link, active);
      presences.setNeighbour(id, link, active);
    },
    event,
    changed(id) {
      digests.touched(id);
      policies.touched(id);
      api.touched(id);
      prepare(id);
      once(`changed/${id}`, 'changed', { grove: id });
    },
    holders(id, cids) {
      policies.touched(id);
      for (const cid of cids) fetching.heard(id, cid);
      holdings.settle();
      // How many hold what is here as well is nobody's hurry.
      const isNews = cids.some((cid) => groves.get(id)?.views.manifest(cid) == null);
      if (isNews) once(`changed/${id}`, 'changed', { grove: id });
      else once(`holders/${id}`, 'changed', { grove: id }, CONFIG.api.holdersDebounce);
    },
    heard(id, peer, link) {
      const via = links.get(link)?.peer;
      if (via !== undefined) mesh.heard(id, peer, via);
    },
    reach: (id, peer, then) => mesh.reach(id, peer, then),
    eagerLinks: (id) => sync.eagerLinks(id),
    changedPresence: (id) => once(`presence/${id}`, 'presence', { grove: id }),
    changedPeers: (id) => once(`peers/${id ?? ''}`, 'peers', { grove: id }),
    problem({ failure, message }) {
      event('problem', { code: errorCode(failure), message });
      if (failure === 'quota') storage.foundFull();
    },
    errorCode,
    timer: (what) => `${what}/${(timers += 1)}`,
    displayName: () => (identity.name === '' ? fingerprint(identity.keypair.id).slice(0, 9) : identity.name),
    addGrove(record) {
      const grove = new Grove(record, options.hash);
      groves.set(record.id, grove);
      return grove;
    },
  };
  const bodies = createBodies(core);
  const holdings = createHoldings(core);
  const peering = createPeering(core);
  const digests = createDigestBook(core);
  const presences = createPresences(core);
  const policies = createPolicies(core);
  const claiming = createClaiming(core);
  const questions = createQuestions(core);
  const fetching = createFetching(core);
  const mesh = createMesh(core);
  const hand = createHand(core);
  const storage = createStorage(core);
  const dropping = createDropping(core);
  const lagging = createLagging({
    context,
    links: () => links.values(),
    groves: () => groves.keys(),
    lagOf: (id, link) => sync.pipeline(id)?.exchange.lag(link)?.entries ?? 0,
    tell(lag) {
      context.count('peers.lagging');
      event('lag', lag);
    },
  });
  const api = createApi(core);

  for (const record of booted.records) addStored(record);
  storage.start();
  return { core, api, machine };

  function addStored(record: GroveRecord): void {
    const grove = core.addGrove(record);
    if (record.state === 'active') sync.load(record.id);
    else core.peering.groveAdded(grove);
  }
}

const errorCode = (code: string): ErrorCode => ERROR_CODES.find((known) => known === code) ?? 'internal';
