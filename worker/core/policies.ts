// What this device fetches by itself, by each grove's policy (SPEC Y1, Y2): says what is wanted, and has the frontier and
// what is pinned fetched in the background. Knows nothing of how anything is fetched.
import { DEFAULT_POLICY } from './access/policy.ts';
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import { hiddenBy } from './hidden.ts';
import { isConversation } from './graph/tasks.ts';
import type { Rankings } from './graph/types.ts';
import type { Grove } from './grove.ts';
import { cidOf, type Cid, type GroveId, type Hash, type PeerId } from './model/ids.ts';
import { parseManifest } from './model/manifest.ts';
import { overlay } from './overlay.ts';

export type Policies = ReturnType<typeof createPolicies>;

export function createPolicies(core: Core) {
  const { context } = core;
  const { policy: config } = CONFIG;
  /** By grove: what is among the best, held or not. */
  const frontiers = new Map<GroveId, Set<Cid>>();

  const isMissing =
    (grove: Grove) =>
    (cid: Cid): boolean => {
      const item = grove.views.item(cid);
      return item !== null && item.manifest === null && !item.withdrawn && hiddenBy(grove, cid) === null;
    };

  const isBy =
    (grove: Grove) =>
    (cid: Cid, author: string): boolean =>
      grove.views.item(cid)?.publishers.some((each) => each.author === author) === true;

  /** The first few of each ranking by direction, and by metric nothing worse than its threshold. */
  function frontierOf(grove: Grove): Set<Cid> {
    const filter = { limit: config.frontier };
    const now = context.now();
    const own = grove.views.frontier(filter, now);
    const rows = core.digests.rows(grove.id);
    const fits = { isMissing: isMissing(grove), isBy: isBy(grove) };
    const rankings: Rankings = overlay(own, rows, { filter, now, ...fits });
    const { thresholds } = grove.record.policy;
    const metrics = Object.entries(rankings.byMetric).flatMap(([name, { direction, entries }]) => {
      const threshold = Object.hasOwn(thresholds, name) ? thresholds[name] : undefined;
      if (threshold === undefined) return entries;
      return entries.filter(({ value }) =>
        direction === 'minimize' ? value <= threshold : value >= threshold,
      );
    });
    const { byAdoption, byRecency, byReviewScore, byReproduction } = rankings;
    const all = [...metrics, ...byAdoption, ...byRecency, ...byReviewScore, ...byReproduction];
    return new Set(all.map(({ cid }) => cid));
  }

  const isSelective = ({ record: { policy, pins } }: Grove): boolean =>
    policy.bodies === 'frontier' || policy.artifacts === 'frontier' || pins.size > 0;

  /** `publisher`: of the entry that it would come with. */
  function wantsBody(grove: Grove, cid: Cid, publisher?: PeerId): boolean {
    const { policy, pins } = grove.record;
    if (pins.has(cid) || core.fetching.isWanted(grove.id, cid)) return true;
    if (grove.views.isWithdrawn(cid, publisher)) return false;
    if (policy.bodies === 'all') return true;
    return policy.bodies === 'frontier' && frontiers.get(grove.id)?.has(cid) === true;
  }

  function wantsArtifacts(grove: Grove, cid: Cid): boolean {
    const { policy, pins } = grove.record;
    if (pins.has(cid)) return true;
    if (grove.views.isWithdrawn(cid)) return false;
    if (policy.artifacts === 'all') return true;
    return policy.artifacts === 'frontier' && frontiers.get(grove.id)?.has(cid) === true;
  }

  /** What transfers want that no neighbour has, of which the artifacts are wanted. */
  const stalledIn = (grove: Grove): Cid[] =>
    core.cas
      .transfers()
      .filter(({ grove: id, state }) => id === grove.id && state === 'stalled')
      .flatMap(({ hash }) => [...(grove.blobs.get(hash)?.cids ?? [])])
      .filter((cid) => wantsArtifacts(grove, cid));

  /** Looked at after a burst, and again for as long as something is missing: who holds it may come later. */
  function touched(id: GroveId, after: number = CONFIG.digest.latest): void {
    const key = `policy/${id}`;
    const grove = core.groves.get(id);
    if (grove === undefined || context.isScheduled(key)) return;
    if (!isSelective(grove) && stalledIn(grove).length === 0) return;
    context.schedule(key, context.elapsed() + after, () => {
      if (core.groves.get(id) === grove && grove.loaded) review(grove);
    });
  }

  function review(grove: Grove): void {
    const { policy, pins } = grove.record;
    const needsFrontier = policy.bodies === 'frontier' || policy.artifacts === 'frontier';
    const frontier = needsFrontier ? frontierOf(grove) : new Set<Cid>();
    frontiers.set(grove.id, frontier);
    if (policy.gossip === 'off') return;
    let missing = 0;
    for (const cid of new Set([...pins, ...frontier, ...stalledIn(grove)])) {
      const artifacts = wantsArtifacts(grove, cid);
      const isHere = artifacts ? grove.isComplete(cid) : grove.views.manifest(cid) !== null;
      if (isHere || (!artifacts && !wantsBody(grove, cid))) continue;
      if (artifacts && grove.views.manifest(cid) !== null && !core.storage.mayCome(grove, cid)) continue;
      missing += 1;
      if (missing <= config.atOnce) core.fetching.inBackground(grove, cid, artifacts);
    }
    context.schedule(`policy/${grove.id}`, null, () => undefined);
    if (missing > 0) touched(grove.id, config.again);
  }

  /** The policy or the pins are others now. */
  function changed(grove: Grove): void {
    frontiers.delete(grove.id);
    context.schedule(`policy/${grove.id}`, null, () => undefined);
    if (isSelective(grove)) review(grove);
    core.bodies.want(grove);
    core.holdings.wantByPolicy(grove, [...grove.blobs.keys()]);
  }

  /** What the contract has devices begin with, until this one is in (SPEC G17). */
  function begin(grove: Grove): void {
    const { record, terms } = grove;
    if (!record.fresh || terms === null) return;
    const policy = { ...DEFAULT_POLICY, ...terms.policy };
    const isOther = JSON.stringify(policy) !== JSON.stringify(record.policy);
    const isIn = grove.members.isMember(core.identity.keypair.id);
    if (!isOther && !isIn) return;
    Object.assign(record, { policy, fresh: !isIn });
    core.peering.save(record, () => undefined);
    if (!isOther) return;
    changed(grove);
    core.storage.policyChanged();
  }

  return {
    wantsBody,
    frontierOf,

    /** Whether a body that came with its header is kept whatever the policy (SPEC G15). */
    keepsBody(body: Uint8Array): boolean {
      const manifest = parseManifest(body);
      return manifest.ok && isConversation(manifest.value);
    },

    wantsArtifacts,
    touched,
    isMissing,
    isBy,
    changed,
    begin,

    /** Whether a blob is to be fetched: for a contribution whose artifacts are wanted, or as a body that is. */
    wantsBlob(grove: Grove, hash: Hash): boolean {
      const cid = cidOf(hash);
      if (grove.views.has(cid) && grove.views.manifest(cid) === null) return wantsBody(grove, cid);
      return [...(grove.blobs.get(hash)?.cids ?? [])].some((each) => wantsArtifacts(grove, each));
    },

    removed(id: GroveId): void {
      frontiers.delete(id);
      context.schedule(`policy/${id}`, null, () => undefined);
    },
  };
}
