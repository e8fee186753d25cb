// The digests of all groves beside their logs and links: what this device holds of the best goes in, who else holds what
// comes out (SPEC H). Knows neither rows nor how anything is fetched.
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import { createDigests, type Candidate, type Digests } from './gossip/digest.ts';
import { METRIC, type DigestPlace, type DigestRow } from './gossip/digest-row.ts';
import type { Grove } from './grove.ts';
import type { Cid, GroveId, LinkId, PeerId } from './model/ids.ts';
import type { WireSignedRow } from './wire/frame.ts';

export type DigestBook = ReturnType<typeof createDigestBook>;

interface Part {
  machine: Digests;
  /** When what is held was last looked at. */
  lookedAt: number;
  /** Since when something that this device wrote waits to be looked at; null where nothing does. */
  wroteAt: number | null;
}

export function createDigestBook(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const { digest } = CONFIG;
  const parts = new Map<GroveId, Part>();

  function open(grove: Grove): void {
    if (parts.has(grove.id)) return;
    const machine = createDigests({
      grove: grove.id,
      self,
      context,
      members: () => grove.members.count,
      isMember: (peer) => grove.members.isMember(peer),
      sign: (message) => context.signatures.sign(message, identity.keypair.seed),
      metric: (name) => grove.views.metric(name),
      eager: () => core.eagerLinks(grove.id),
      emit(fact) {
        if (fact.type === 'heard') core.heard(grove.id, fact.peer, fact.link);
        else core.holders(grove.id, fact.cids);
      },
    });
    parts.set(grove.id, { machine, lookedAt: -Infinity, wroteAt: null });
    touched(grove.id);
  }

  // ---- what is held here ------------------------------------------------------------------------------

  /** The views of a grove changed. */
  function touched(id: GroveId): void {
    const part = parts.get(id);
    const key = `digest/held/${id}`;
    if (part === undefined || context.isScheduled(key)) return;
    const at = Math.max(context.elapsed() + digest.quiet, part.lookedAt + digest.lookEvery);
    context.schedule(key, at, () => look(id, part));
  }

  /** This device wrote something there. A burst is looked at once, when it is over. */
  function wrote(id: GroveId): void {
    const part = parts.get(id);
    if (part === undefined) return;
    const now = context.elapsed();
    part.wroteAt ??= now;
    const at = Math.min(now + digest.quiet, part.wroteAt + digest.latest);
    context.schedule(`digest/held/${id}`, at, () => look(id, part));
  }

  function look(id: GroveId, part: Part): void {
    part.lookedAt = context.elapsed();
    part.wroteAt = null;
    const grove = core.groves.get(id);
    if (grove?.loaded === true && parts.get(id) === part) part.machine.setOwn(candidatesOf(grove));
  }

  /** The best of each ranking, so far as they are held here in full (SPEC H2). */
  function candidatesOf(grove: Grove): Candidate[] {
    const places = new Map<Cid, DigestPlace[]>();
    const rankings = grove.views.frontier({ limit: digest.best }, context.now());
    const add = (ranking: string, direction: DigestPlace['direction'], cid: Cid, value: number): void => {
      const known = places.get(cid) ?? [];
      places.set(cid, known);
      known.push({ ranking, value, direction });
    };
    for (const { cid, value } of rankings.byAdoption) add('adoption', 'maximize', cid, value);
    for (const { cid, value } of rankings.byRecency) add('recency', 'maximize', cid, value);
    for (const { cid, value } of rankings.byReviewScore) add('review', 'maximize', cid, value);
    for (const { cid, value } of rankings.byReproduction) add('reproduction', 'maximize', cid, value);
    for (const [name, { direction, entries }] of Object.entries(rankings.byMetric))
      for (const { cid, value } of entries) add(`${METRIC}${name}`, direction, cid, value);
    return [...places].flatMap(([cid, all]): Candidate[] => {
      const item = grove.views.item(cid);
      if (item?.manifest == null || !grove.isComplete(cid)) return [];
      const { kind, mode, summary, tags } = item.manifest;
      const own = item.publishers.some(({ author }) => author === self);
      return [{ cid, kind, mode, summary, tags, places: all, own }];
    });
  }

  return {
    open,
    touched,
    wrote,

    close(id: GroveId): void {
      parts.get(id)?.machine.close();
      parts.delete(id);
      context.schedule(`digest/held/${id}`, null, () => undefined);
    },

    /** The other end of a link became a neighbour in a grove, or is none any more. */
    setNeighbour(id: GroveId, { link, peer }: PeerLink, active: boolean): void {
      const machine = parts.get(id)?.machine;
      if (active) machine?.activated(link, peer);
      else machine?.gone(link);
    },

    linkGone(link: LinkId): void {
      for (const { machine } of parts.values()) machine.gone(link);
    },

    receive: (link: PeerLink, id: GroveId, rows: readonly WireSignedRow[]): void =>
      parts.get(id)?.machine.receive(link.link, rows),

    /** Other members who signed that they hold all of it. */
    holdersOf: (id: GroveId, cid: Cid): PeerId[] => parts.get(id)?.machine.holdersOf(cid) ?? [],

    wordOf: (id: GroveId, holder: PeerId, cid: Cid): number | null =>
      parts.get(id)?.machine.wordOf(holder, cid) ?? null,

    waysTo: (id: GroveId, cid: Cid): LinkId[] => parts.get(id)?.machine.waysTo(cid) ?? [],

    rows: (id: GroveId): DigestRow[] => parts.get(id)?.machine.rows() ?? [],
  };
}
