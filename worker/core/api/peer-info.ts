// What is known of one peer, in one grove or in all taken together, as `peers()` tells it (SPEC O3).
import { CONFIG } from '../config.ts';
import type { Core, PeerLink } from '../core.ts';
import type { Grove } from '../grove.ts';
import type { PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';

type SyncState = 'active' | 'backfilling' | 'paused' | 'error' | 'idle';
/** Of several groves the most urgent is told. */
const URGENCY: readonly SyncState[] = ['paused', 'backfilling', 'active', 'idle'];

/** How it stands between a link and one grove. */
interface Standing {
  sync: SyncState | null;
  lags: readonly { author: PeerId; entries: number }[];
  lag: number | null;
  backfill: { done: number; total: number } | null;
  lastSync: number | null;
}

function standingOf(core: Core, grove: Grove, peer: PeerId, link: PeerLink | undefined): Standing {
  const nothing = { lags: [], lag: null, backfill: null, lastSync: null };
  if (core.pauses.has(grove.id, peer)) return { ...nothing, sync: 'paused' };
  if (link === undefined) return { ...nothing, sync: null };
  const exchange = core.sync.pipeline(grove.id)?.exchange;
  const lag = exchange?.lag(link.link) ?? null;
  if (exchange === undefined || lag === null) return { ...nothing, sync: 'idle' };
  const { state, backfill, lastSync } = exchange.state(link.link);
  // What is being given to the other counts as catching up too: it is the other's.
  const sync = lag.backfilling && state === 'active' ? 'backfilling' : state;
  return { sync, lag: lag.entries, lags: exchange.lags(link.link), backfill, lastSync };
}

/** Why this device writes nothing in a grove: entries of its own lie on its disk, and can't be read (SPEC S17). */
function damageOf(core: Core, scope: readonly Grove[]): string | null {
  for (const { id, name: grove } of scope) {
    const lost = core.sync.pipeline(id)?.unreadable() ?? null;
    if (lost !== null)
      return `entries ${lost.from} to ${lost.to} of this device in "${grove}" can't be read from its disk: it writes nothing there until it is linked to somebody who holds them`;
  }
  return null;
}

const sumOf = <T>(all: readonly T[], value: (each: T) => number): number =>
  all.reduce((sum, each) => sum + value(each), 0);

/** The authors with most to go first, those of several groves taken together. */
function topLags(standings: readonly Standing[]): { author: PeerId; entries: number }[] {
  const byAuthor = new Map<PeerId, number>();
  for (const { author, entries } of standings.flatMap(({ lags }) => lags))
    byAuthor.set(author, (byAuthor.get(author) ?? 0) + entries);
  return [...byAuthor]
    .map(([author, entries]) => ({ author, entries }))
    .sort((a, b) => b.entries - a.entries)
    .slice(0, CONFIG.lag.authors);
}

function seenOf(core: Core, peer: PeerId) {
  const { state, seen, left } = core.standing.of(peer);
  return { state, seen, until: left > 0 ? core.context.now() + left : null };
}

export function peerInfo(core: Core, peer: PeerId, scope: readonly Grove[]) {
  const { context, identity } = core;
  const self = peer === identity.keypair.id;
  const link = [...core.links.values()].find((each) => each.peer === peer);
  const attempt = core.linkInfos().find((each) => each.peer === peer);
  const failure = core.linkFailures().find((each) => each.peer === peer);
  const shared = scope.filter((grove) => grove.members.isMember(peer));
  const gaveUp = failure !== undefined && failure.attempts >= CONFIG.links.giveUp;
  const state = self ? 'self' : link ? 'linked' : attempt ? 'connecting' : gaveUp ? 'error' : 'away';

  const damage = self ? damageOf(core, scope) : null;
  const reason = damage ?? failure?.reason ?? null;

  const standings = self ? [] : shared.map((grove) => standingOf(core, grove, peer, link));
  const backfills = standings.flatMap(({ backfill }) => backfill ?? []);
  const lags = standings.flatMap(({ lag }) => lag ?? []);
  const synced = standings.flatMap(({ lastSync }) => lastSync ?? []);
  const sync = URGENCY.find((each) => standings.some((standing) => standing.sync === each)) ?? null;
  const known = shared.flatMap(
    (grove) =>
      core.mesh
        .membership(grove.id)
        ?.info()
        .find((each) => each.peer === peer) ?? [],
  );
  const [first] = shared;
  return {
    peerId: peer,
    name: self ? identity.name : (first?.members.nameOf(peer) ?? ''),
    fingerprint: fingerprint(peer),
    role: first?.members.role(peer) ?? null,
    state,
    link:
      link === undefined
        ? null
        : { id: link.link, since: link.since, sent: context.sentOn(link.link), received: link.received },
    rttMs: attempt?.rttMs ?? null,
    lag: lags.length === 0 ? null : sumOf(lags, (entries) => entries),
    lags: topLags(standings),
    sync: sync ?? (state === 'error' || damage !== null ? 'error' : link === undefined ? null : 'idle'),
    backfill:
      backfills.length === 0
        ? null
        : { done: sumOf(backfills, ({ done }) => done), total: sumOf(backfills, ({ total }) => total) },
    lastSync: synced.length === 0 ? null : Math.max(...synced),
    source: link?.source ?? known[0]?.source ?? null,
    liveness: known[0]?.state ?? null,
    neighbour: known.some(({ active }) => active),
    groves: shared.map(({ id }) => id),
    standing: self ? null : seenOf(core, peer),
    ...(reason === null ? {} : { reason }),
  };
}
