// Builds the machines of a booted device and ties their facts together: the only place where machines meet.
import { isControl } from './access/membership.ts';
import type { GroveRecord } from './access/record.ts';
import { createApi, type Api } from './api/api.ts';
import { createBodies } from './bodies.ts';
import type { Booted } from './boot.ts';
import { createCarrying } from './carrying.ts';
import { createClaiming } from './claiming.ts';
import { createCas, type CasFact } from './cas/machine.ts';
import { createDigestBook } from './digests.ts';
import { createDropping } from './dropping.ts';
import { createFetching } from './fetching.ts';
import { CONFIG } from './config.ts';
import type { ContextControl } from './context.ts';
import type { Core, PeerLink } from './core.ts';
import { createBroadcast } from './gossip/plumtree.ts';
import { Grove } from './grove.ts';
import { createHand } from './hand.ts';
import { createHoldings } from './holdings.ts';
import { createLagging } from './lagging.ts';
import { createLies } from './lies.ts';
import { createLinkFacts } from './link-facts.ts';
import { createLinkMachine, type LinkMachine } from './link/machine.ts';
import type { LinkInput } from './link/types.ts';
import { createLogFacts } from './log-facts.ts';
import { ERROR_CODES, type ErrorCode } from './model/errors.ts';
import { cidOf, type GroveId, type LinkId } from './model/ids.ts';
import { fingerprint } from './model/keys.ts';
import { createMesh } from './mesh.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { claimsOf, groveFor, isOpen } from './openings.ts';
import { createPauses } from './pauses.ts';
import { createPeering } from './peering.ts';
import { createPolicies } from './policies.ts';
import { createPresences } from './presences.ts';
import { createQuestions } from './questions.ts';
import { createRotating } from './rotating.ts';
import type { Hasher, Random, Signatures } from './ports.ts';
import { FIRST_SIGNAL, nextSignal } from './signal-facts.ts';
import { createSync } from './sync/machine.ts';
import { createStandingKeeper } from './standing-keeper.ts';
import { configureSignal } from './signal-urls.ts';
import { createStorage } from './storage.ts';
import { createVerifying } from './verify/verify.ts';
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

  const sync = createSync({
    keypair: identity.keypair,
    context,
    hash: options.hash,
    emit: (fact) => logFacts.onSync(fact),
    hooks: {
      admits: (id, entry) => groves.get(id)?.members.admits(entry.author, entry.kind, entry.seq) ?? false,
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
    halts: booted.halts,
    emit: onCas,
    hooks: {
      hash: options.hash,
      hasher: options.hasher ?? null,
      links: () => [...links.keys()],
      claims: (blob) => claimsOf(core, blob),
      groveFor: (link, blob, root) => groveFor(core, link, blob, root),
      rootsOf(link, id, blob) {
        const rows = isOpen(core, id, link) ? (groves.get(id)?.blobs.get(blob)?.rows ?? []) : [];
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
    own: booted.own,
    renewed: false,
    origin: '',
    groves,
    links,
    sync,
    cas,
    watch,
    pauses: createPauses(),
    signal: FIRST_SIGNAL,
    setSignal(said) {
      core.signal = nextSignal(core.signal, said, context.now());
      event('signal', core.signal);
    },
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
    get rotating() {
      return rotating;
    },
    get carrying() {
      return carrying;
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
    get neighbourhood() {
      return neighbourhood;
    },
    get mesh() {
      return mesh;
    },
    get dropping() {
      return dropping;
    },
    get lies() {
      return lies;
    },
    get standing() {
      return standing;
    },
    get storage() {
      return storage;
    },
    get verifying() {
      return verifying;
    },
    form: 'desktop',
    link: (input: LinkInput): void => machine.handle(input, context.now()).forEach(linkFacts.onLink),
    linkInfos: () => machine.links(),
    linkFailures: () => machine.failures(),
    linkRooms: () => machine.rooms(),
    mostLinks: () => machine.mostLinks(),
    configureSignal: () => configureSignal(core),
    setNeighbour(id, link, active) {
      sync.setNeighbour(id, link.link, active);
      digests.setNeighbour(id, link, active);
      presences.setNeighbour(id, link, active);
    },
    event,
    once(key, name, payload, after = CONFIG.api.changedDebounce) {
      if (context.isScheduled(key)) return;
      context.schedule(key, context.elapsed() + after, () => event(name, payload));
    },
    changed(id) {
      digests.touched(id);
      policies.touched(id);
      api.touched(id);
      logFacts.prepare(id);
      core.once(`changed/${id}`, 'changed', { grove: id });
    },
    holders(id, cids) {
      policies.touched(id);
      for (const cid of cids) fetching.heard(id, cid);
      holdings.settle();
      // How many hold what is here as well is nobody's hurry.
      const isNews = cids.some((cid) => groves.get(id)?.views.manifest(cid) == null);
      if (isNews) core.once(`changed/${id}`, 'changed', { grove: id });
      else core.once(`holders/${id}`, 'changed', { grove: id }, CONFIG.api.holdersDebounce);
    },
    heard(id, peer, link) {
      const via = links.get(link)?.peer;
      if (via !== undefined) mesh.heard(id, peer, via);
    },
    reach: (id, peer, then) => mesh.reach(id, peer, then),
    eagerLinks: (id) => sync.eagerLinks(id),
    changedPresence: (id) => core.once(`presence/${id}`, 'presence', { grove: id }),
    changedPeers: (id) => core.once(`peers/${id ?? ''}`, 'peers', { grove: id }),
    problem({ failure, message }) {
      event('problem', { code: errorCode(failure), message });
      if (failure === 'quota') storage.foundFull();
    },
    errorCode,
    timer: (what) => `${what}/${(timers += 1)}`,
    displayName: () => (identity.name === '' ? fingerprint(identity.keypair.id).slice(0, 9) : identity.name),
    addGrove(record) {
      const grove = new Grove(record, options.hash, context.signatures);
      groves.set(record.id, grove);
      return grove;
    },
  };
  const standing = createStandingKeeper(core);
  const lies = createLies(core);
  const bodies = createBodies(core);
  const holdings = createHoldings(core);
  const peering = createPeering(core);
  const digests = createDigestBook(core);
  const presences = createPresences(core);
  const policies = createPolicies(core);
  const claiming = createClaiming(core);
  const rotating = createRotating(core);
  const carrying = createCarrying(core);
  const questions = createQuestions(core);
  const fetching = createFetching(core);
  const mesh = createMesh(core);
  const neighbourhood = createNeighbourhood(core);
  const hand = createHand(core);
  const storage = createStorage(core);
  const dropping = createDropping(core);
  const verifying = createVerifying(core, options.hash);
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
  const logFacts = createLogFacts(core, () => api.loaded());
  const linkFacts = createLinkFacts(core, () => lagging.start());

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
