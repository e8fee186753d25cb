// The views of one grove, derived from its applied entries and from nothing else (SPEC G1). Which entries are applied,
// who may write what, and where bytes are held is not known here.
import type { Cid, EntryId, PeerId } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import type { Manifest } from '../model/manifest.ts';
import { GRAPH } from './config.ts';
import { createContributions, standing } from './contributions.ts';
import type { Contribution, Placed } from './contributions.ts';
import { createDigest } from './digest.ts';
import { createEvidence } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { contributionTest } from './filter.ts';
import type { ContributionFilter } from './filter.ts';
import { createFrontier } from './frontier.ts';
import { keysFor } from './keys.ts';
import { contributionLine } from './line.ts';
import { createMetrics } from './metrics.ts';
import { checkLimit, comparePlaces, formatCursor, parseCursor } from './order.ts';
import type { Place } from './order.ts';
import { drawGraph } from './picture.ts';
import type { Candidates } from './postings.ts';
import { createReading } from './reading.ts';
import type { Reading } from './reading.ts';
import { createRelations, lifecycleOf } from './relations.ts';
import type { Edge } from './relations.ts';
import { createSearch } from './search.ts';
import type { Hits } from './search.ts';
import { createTasks } from './tasks.ts';
import type { Tasks } from './tasks.ts';
import { formatTime } from './time.ts';
import type {
  ContractMetric,
  ContributionItem,
  ContributionRecord,
  Counts,
  Direction,
  FrontierFilter,
  GraphView,
  ListFilter,
  ListPage,
  Publication,
  Rankings,
  RelationEdge,
} from './types.ts';

export type * from './types.ts';

export interface Views {
  /** A contribution entry was applied; `manifest` is null while its body is not held, `bytes` its text where that is at hand. Idempotent, commutes with all acts. */
  addContribution(
    entry: { id: EntryId; author: PeerId; lamport: number; at: number },
    cid: Cid,
    manifest: Manifest | null,
    bytes?: Uint8Array,
  ): void;
  /** The body behind a CID came; its entry may be known or not. */
  addBody(cid: Cid, manifest: Manifest, bytes?: Uint8Array): void;
  /** `author` withdraws its own publications of the CID, for good; the entries may be known or not. */
  retract(author: PeerId, cid: Cid): void;
  /** All that moderators hide (SPEC A18): it counts for nothing, and is in no ranking, search or picture. */
  hide(cids: ReadonlySet<Cid>): void;
  /** The contract's metrics are others now: all is as if they had always been these. */
  setMetrics(metrics: readonly ContractMetric[]): void;
  /** Whether some entry published it, withdrawn or not. */
  has(cid: Cid): boolean;
  get(cid: Cid): ContributionRecord | null;
  /** The same without its relations, which cost most. */
  item(cid: Cid): ContributionItem | null;
  /** The entries that published it, as they came. */
  entriesOf(cid: Cid): EntryId[];
  /** Whether its manifest is here: cheaper than to look at that. */
  isHeld(cid: Cid): boolean;
  /** Null where it is not held. */
  manifest(cid: Cid): Manifest | null;
  /** Which way is better; null for a metric that nobody scored and the contract doesn't name. */
  metric(name: string): { direction: Direction; inContract: boolean } | null;
  /** What is not withdrawn, newest first by (lamport, id) of the first publication. Throws `invalid` for limit, cursor, text. */
  list(filter?: ListFilter): ListPage;
  /** Puts the next so many contributions into the index of words: it does what a search would have to. How many still wait. */
  prepare(count: number): number;
  /** The five rankings; `now` in ms since the epoch. Throws `invalid` for limit. */
  frontier(filter: FrontierFilter, now: number): Rankings;
  /** The newest `limit` (1 to 10,000) that are not withdrawn. Throws `invalid` for limit. */
  graph(limit: number): GraphView;
  /** Threads, lineage, series, and what agents did. */
  readonly reading: Reading;
  /** Plans and questions. */
  readonly tasks: Tasks;
  /** What gates, stop conditions and verification are judged by. */
  readonly evidence: Evidence;
  counts(): Counts;
  /** Whether the body of each that stands is held; those of what is withdrawn may go (SPEC G25). */
  isWhole(): boolean;
  /** By all who published it, `also` this one if it does. False for what nobody published. */
  isWithdrawn(cid: Cid, also?: PeerId): boolean;
  /** Whether something that stands has a relation to it. */
  isNamed(cid: Cid): boolean;
  /** 64 hex digits, equal for equal sets of acts in whatever order. */
  digest(): string;
}

export interface ViewsOptions {
  /** The contract's. */
  metrics: readonly ContractMetric[];
  /** BLAKE3-256. Noble's where none is given. */
  hash?: (bytes: Uint8Array) => Uint8Array;
}

export function createViews({ metrics: promised, hash = hash32 }: ViewsOptions): Views {
  let contract = promised;
  const relations = createRelations();
  const metrics = createMetrics<Contribution>(contract);
  const search = createSearch();
  /** What a filter need look through; null where that is everything. */
  const narrow = (filter: ContributionFilter): Candidates | null =>
    contributions.postings.rarest(keysFor(filter));
  const frontier = createFrontier({ relations, metrics, narrow });
  const digest = createDigest<Contribution>({
    label: 'thicket/views/2',
    line: (contribution) => contributionLine(contribution, relations),
    hash,
  });
  const contributions = createContributions({
    relations,
    metrics,
    search,
    touched: frontier.touch,
    changed: (contribution) => {
      digest.touch(contribution);
      reading.touch(contribution);
      tasks.touch(contribution);
    },
  });
  const tasks = createTasks();
  const reading = createReading({ get: contributions.get, relations, metrics });

  function toItem(contribution: Contribution): ContributionItem {
    const { cid, manifest, place } = contribution;
    const publishers = publishersOf(contribution);
    return {
      cid,
      manifest,
      publishers,
      withdrawn: place === null,
      lifecycle: lifecycleOf(relations.of(cid)),
      createdAt: manifest?.createdAt ?? formatTime(publishers[0]?.at ?? 0),
    };
  }

  function toEdge({ relationType, metadata }: Edge, other: Cid): RelationEdge {
    const end = contributions.get(other);
    const manifest = end?.hidden === true ? null : end?.manifest;
    return {
      cid: other,
      relationType,
      ...(metadata === null ? {} : { metadata }),
      ...(manifest == null ? {} : { summary: manifest.summary, kind: manifest.kind }),
    };
  }

  /** Oldest first; what is in a tally stands, so it has a place. */
  function incomingOf(cid: Cid): RelationEdge[] {
    const edges = [...(relations.of(cid)?.incoming ?? [])].flatMap((edge) => {
      const place = contributions.get(edge.from)?.place;
      return place == null ? [] : [{ edge, place }];
    });
    edges.sort((a, b) => comparePlaces(a.place, b.place));
    return edges.map(({ edge }) => toEdge(edge, edge.from));
  }

  /** What is older than `before`, newest first, of as few as can be told beforehand. */
  function listed(candidates: Candidates | null, hits: Hits | null, before: Place | null): Iterable<Placed> {
    const { order } = contributions;
    if (hits !== null && hits.size < Math.min(FEW, candidates?.size ?? order.size))
      return placesOf(hits.all(), before);
    return (candidates ?? order).newestFirst(before);
  }

  return {
    addContribution: ({ id, author, lamport, at }, cid, manifest, bytes) => {
      contributions.publish(cid, { entry: id, author, lamport, at });
      if (manifest !== null) contributions.body(cid, manifest, bytes);
    },
    addBody: (cid, manifest, bytes) => contributions.body(cid, manifest, bytes),
    retract: (author, cid) => contributions.retract(cid, author),
    hide: contributions.hide,
    setMetrics: (changed) => {
      contract = changed;
      metrics.declare(changed);
    },
    evidence: createEvidence({ contributions, relations, metrics }),
    has: (cid) => contributions.get(cid) !== null,
    get: (cid) => {
      const contribution = contributions.get(cid);
      if (contribution === null) return null;
      const outgoing = contribution.edges.map((edge) => toEdge(edge, edge.to));
      return { ...toItem(contribution), outgoing, incoming: incomingOf(cid) };
    },
    item: (cid) => {
      const contribution = contributions.get(cid);
      return contribution === null ? null : toItem(contribution);
    },
    entriesOf: (cid) => Array.from(contributions.get(cid)?.publications.values() ?? [], ({ entry }) => entry),
    isHeld: (cid) => (contributions.get(cid)?.traits ?? null) !== null,
    manifest: (cid) => contributions.get(cid)?.manifest ?? null,
    metric: (name) => {
      const metric = metrics.get(name);
      return (
        metric && { direction: metric.direction, inContract: contract.some((each) => each.name === name) }
      );
    },
    list: (filter = {}) => {
      const limit = checkLimit(filter.limit, GRAPH.page, GRAPH.maxPage);
      const before = filter.cursor === undefined ? null : parseCursor(filter.cursor);
      const hits = filter.text === undefined || filter.text.trim() === '' ? null : search.find(filter.text);
      const test = contributionTest(filter);
      const page: Contribution[] = [];
      let last: string | undefined;
      for (const placed of listed(narrow(filter), hits, before)) {
        const { contribution } = placed;
        if (hits !== null && (contribution.hidden || !hits.has(contribution))) continue;
        if (test?.passes(contribution) === false) continue;
        if (page.length === limit) {
          return { items: page.map(toItem), ...(last === undefined ? {} : { cursor: last }) };
        }
        page.push(contribution);
        last = formatCursor(placed);
      }
      return { items: page.map(toItem) };
    },
    prepare: search.prepare,
    frontier: frontier.rank,
    reading,
    tasks,
    graph: (limit) =>
      drawGraph(contributions.order, relations, checkLimit(limit, GRAPH.maxNodes, GRAPH.maxNodes)),
    counts: () => contributions.counts(),
    isWhole: contributions.isWhole,
    isWithdrawn: (cid, also) => {
      const contribution = contributions.get(cid);
      if (contribution === null || contribution.place !== null) return false;
      return also === undefined || contribution.retracted.has(also);
    },
    isNamed: (cid) => relations.of(cid) !== null,
    digest: digest.value,
  };
}

/** So many are sorted in less time than it takes to look for them in all. */
const FEW = 1_000;

function placesOf(contributions: readonly Contribution[], before: Place | null): Placed[] {
  const places = contributions.flatMap(({ place }) =>
    place === null || (before !== null && comparePlaces(place, before) >= 0) ? [] : [place],
  );
  return places.sort((a, b) => comparePlaces(b, a));
}

function publishersOf(contribution: Contribution): Publication[] {
  const left = standing(contribution);
  return (left.length > 0 ? left : [...contribution.publications.values()]).sort(comparePlaces);
}
