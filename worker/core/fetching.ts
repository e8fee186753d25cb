// Fetching one contribution on demand, from whoever holds it: those linked, then other holders over temporary links,
// then through a neighbour (SPEC H5). Requests for one CID are joined. Knows neither how bodies nor how blobs travel.
import { CONFIG } from './config.ts';
import type { Members } from './access/membership.ts';
import type { Cas } from './cas/machine.ts';
import type { Context } from './context.ts';
import type { Core, PeerLink } from './core.ts';
import type { DigestBook } from './digests.ts';
import { createFetchJob, type FetchJob } from './fetch-job.ts';
import type { Views } from './graph/views.ts';
import type { BlobState } from './grove.ts';
import type { ErrorCode, ThicketError } from './model/errors.ts';
import type { Cid, EntryId, GroveId, Hash, LinkId, PeerId } from './model/ids.ts';
import type { Manifest } from './model/manifest.ts';
import type { Peering } from './peering.ts';

export type Fetching = ReturnType<typeof createFetching>;

/** The slice of a running node that fetching needs. */
export interface FetchCore {
  context: Context;
  identity: { keypair: { id: PeerId } };
  groves: ReadonlyMap<GroveId, FetchGrove>;
  links: ReadonlyMap<LinkId, { peer: PeerId }>;
  cas: Pick<Cas, 'info' | 'forgive'>;
  digests: Pick<DigestBook, 'holdersOf' | 'waysTo'>;
  peering: Pick<Peering, 'openLinks' | 'openPeers'>;
  standing: { isDoubtful(peer: PeerId): boolean };
  holdings: {
    want(grove: FetchGrove, hash: Hash): void;
    failureOf(hashes: readonly Hash[]): { code: ErrorCode; message: string } | null;
    holdersOf(grove: FetchGrove, cid: Cid): ReadonlySet<PeerId>;
    askHolders(grove: FetchGrove, cid: Cid): void;
    onWantHeld(link: PeerLink, grove: FetchGrove, entry: EntryId): void;
  };
  reach: Core['reach'];
  timer(what: string): string;
}
export interface FetchGrove {
  readonly id: GroveId;
  readonly loaded: boolean;
  readonly views: Pick<Views, 'has' | 'manifest' | 'item'>;
  readonly blobs: ReadonlyMap<Hash, Pick<BlobState, 'rows' | 'held'>>;
  readonly missing: ReadonlySet<Hash>;
  readonly members: Pick<Members, 'isMember'>;
  artifactHashes(manifest: Manifest): Hash[];
  publications(cid: Cid): readonly EntryId[];
  isComplete(cid: Cid): boolean;
}

/** What a fetch shares with the others of this device. */
export interface FetchShared {
  core: FetchCore;
  /** Whether it failed with this peer a moment ago. */
  hasFailed(grove: GroveId, cid: Cid, peer: PeerId): boolean;
  fail(grove: GroveId, cid: Cid, peer: PeerId): void;
  /** One more temporary link, if there is room for one. Called back with null at once where there is none. */
  reach(grove: GroveId, peer: PeerId, then: (link: LinkId | null) => void): boolean;
}

export function createFetching(core: FetchCore) {
  const { context } = core;
  const { fetch } = CONFIG;
  const jobs = new Map<string, FetchJob>();
  /** By grove, CID and peer: until when it is left alone. */
  const failures = new Map<string, number>();
  let reaching = 0;

  const keyOf = (grove: GroveId, cid: Cid): string => `${grove}/${cid}`;

  const shared: FetchShared = {
    core,
    hasFailed: (grove, cid, peer) => (failures.get(`${keyOf(grove, cid)}/${peer}`) ?? 0) > context.elapsed(),
    fail(grove, cid, peer) {
      const key = `${keyOf(grove, cid)}/${peer}`;
      failures.delete(key);
      failures.set(key, context.elapsed() + fetch.leaveAlone);
      const [oldest] = failures.keys();
      if (failures.size > fetch.failures && oldest !== undefined) failures.delete(oldest);
    },
    reach(grove, peer, then) {
      if (reaching >= fetch.temporary) return false;
      reaching += 1;
      core.reach(grove, peer, (link) => {
        reaching -= 1;
        then(link);
      });
      return true;
    },
  };

  function jobFor(grove: FetchGrove, cid: Cid, artifacts: boolean, ttl: number): FetchJob {
    const key = keyOf(grove.id, cid);
    const known = jobs.get(key);
    if (known !== undefined) {
      known.join(artifacts);
      return known;
    }
    const job = createFetchJob(shared, { grove, cid, artifacts, ttl, timer: core.timer('fetching') });
    jobs.set(key, job);
    job.then(() => void jobs.delete(key));
    job.start();
    return job;
  }

  const proxied = (): FetchJob[] => [...jobs.values()].filter((job) => job.askers.size > 0);

  return {
    /** Calls back once: with null when all of it is here, else with why it can't be had. */
    fetch(grove: FetchGrove, cid: Cid, artifacts: boolean, then: (error: ThicketError | null) => void): void {
      jobFor(grove, cid, artifacts, fetch.ttl).then(then);
    },

    /** As far as it can be had; nobody waits for it. */
    inBackground(grove: FetchGrove, cid: Cid, artifacts: boolean): void {
      if (jobs.size < fetch.jobs) jobFor(grove, cid, artifacts, fetch.ttl);
    },

    isWanted: (grove: GroveId, cid: Cid): boolean => jobs.has(keyOf(grove, cid)),

    /** A neighbour asks us to fetch something for it. It is told when all of it is here, or never. */
    onWantFetch(link: PeerLink, grove: FetchGrove, cid: Cid, ttl: number): void {
      const [entry] = grove.publications(cid);
      if (entry === undefined) return context.count('fetch.unknown');
      core.holdings.onWantHeld(link, grove, entry);
      if (grove.isComplete(cid)) return;
      const known = jobs.get(keyOf(grove.id, cid));
      const others = proxied().filter(({ askers }) => askers.has(link.peer)).length;
      if (known === undefined && (others >= fetch.perPeer || proxied().length >= fetch.proxied))
        return context.count('fetch.refused');
      context.count('fetch.forOthers');
      const left = Math.min(ttl, fetch.ttl) - 1;
      (known ?? jobFor(grove, cid, true, left)).ask(link.peer);
    },

    /** Someone says that it holds all of it now. */
    heard(grove: GroveId, cid: Cid): void {
      jobs.get(keyOf(grove, cid))?.look();
    },

    /** What is held changed. */
    settle(): void {
      for (const job of [...jobs.values()]) job.look();
    },
  };
}
