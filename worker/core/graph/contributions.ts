// Contributions by CID: who published and withdrew them, whether the body is held, and which indices they are in.
// Each act may come in any order and any number of times; the state depends only on which acts there were (SPEC G1).
import type { Cid, PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import { createBodies } from './bodies.ts';
import type { Bodies, Traits } from './bodies.ts';
import { FewByKey } from './few.ts';
import { authorKey, keysOf } from './keys.ts';
import type { Metrics } from './metrics.ts';
import { comparePlaces, createOrdered } from './order.ts';
import type { Ordered, Place } from './order.ts';
import { createPostings } from './postings.ts';
import type { Postings } from './postings.ts';
import { edgesOf } from './relations.ts';
import type { Edge, Relations } from './relations.ts';
import type { Search } from './search.ts';
import { parseTime } from './time.ts';
import type { Counts, Publication } from './types.ts';

export class Contribution {
  readonly cid: Cid;
  readonly publications = new FewByKey<string, Publication>();
  /** Authors who withdraw this CID, whether their publication is known or not. Final. */
  retracted: ReadonlySet<PeerId> = NOBODY;
  edges: readonly Edge[] = NO_EDGES;
  /** The claimed createdAt in ms since the epoch, null where it can't be read. */
  createdAt: number | null = null;
  /** Of its manifest, what can be had without parsing it; null where it isn't held. */
  traits: Traits | null = null;
  /** The first publication that stands; null where none does. */
  place: Placed | null = null;
  /** Moderators hid it (SPEC A18): it keeps its place, and counts for nothing. */
  hidden = false;
  /** Stands, has a body and is not hidden, and so is in the indices. */
  indexed = false;
  /** Indexed and not ephemeral: a candidate of the rankings. */
  ranked = false;
  readonly #bodies: Bodies;
  #body = -1;

  constructor(cid: Cid, bodies: Bodies) {
    this.cid = cid;
    this.#bodies = bodies;
  }

  /** Of its body, in the order in which they came; below 0 where it isn't held. */
  get number(): number {
    return this.#body;
  }

  /** Parsed when it is asked for, and not kept for long: read it once per use, and don't hold on to it. */
  get manifest(): Manifest | null {
    return this.#body < 0 ? null : this.#bodies.read(this.#body);
  }

  hold(manifest: Manifest, bytes?: Uint8Array): Traits {
    this.#body = this.#bodies.add(manifest, bytes);
    this.traits = this.#bodies.traits(manifest);
    this.edges = edgesOf(this.cid, manifest);
    this.createdAt = parseTime(manifest.createdAt);
    return this.traits;
  }
}

const NOBODY: ReadonlySet<PeerId> = new Set();
const NONE: ReadonlySet<Cid> = new Set();
const NO_EDGES: readonly Edge[] = [];

export interface Placed extends Place {
  contribution: Contribution;
  publication: Publication;
}

export interface Contributions {
  publish(cid: Cid, publication: Publication): void;
  /** `bytes`: its text, where it is at hand. */
  body(cid: Cid, manifest: Manifest, bytes?: Uint8Array): void;
  retract(cid: Cid, author: PeerId): void;
  /** All that is hidden; what is in it no more is shown again. Contributions may be known or not. */
  hide(cids: ReadonlySet<Cid>): void;
  /** Only what some entry published; what merely was retracted or pointed at is not known. */
  get(cid: Cid): Contribution | null;
  /** What stands, in the order of its first publication. */
  readonly order: Ordered<Placed>;
  /** What stands, by what its manifest says and who published it. */
  readonly postings: Pick<Postings, 'rarest'>;
  counts(): Counts;
  /** Whether the body of each that stands is held. */
  isWhole(): boolean;
}

export interface Indices {
  relations: Relations;
  metrics: Metrics<Contribution>;
  search: Search;
  /** Told of each contribution whose rank may be another now. */
  touched: (contribution: Contribution) => void;
  /** Told of each contribution of which anything may be another now, rank included. */
  changed: (contribution: Contribution) => void;
}

export function createContributions({
  relations,
  metrics,
  search,
  touched,
  changed,
}: Indices): Contributions {
  const byCid = new Map<Cid, Contribution>();
  const bodies = createBodies();
  const order = createOrdered<Placed>();
  const postings = createPostings();
  const counts: Counts = { contributions: 0, bodies: 0, withdrawn: 0 };
  let indexed = 0;
  let hidden: ReadonlySet<Cid> = NONE;

  function open(cid: Cid): Contribution {
    let contribution = byCid.get(cid);
    if (contribution === undefined) {
      contribution = new Contribution(cid, bodies);
      contribution.hidden = hidden.has(cid);
      byCid.set(cid, contribution);
    }
    return contribution;
  }

  function settle(contribution: Contribution, first: Publication | null): void {
    if (contribution.place !== null) order.remove(contribution.place);
    contribution.place =
      first === null
        ? null
        : { lamport: first.lamport, entry: first.entry, publication: first, contribution };
    if (contribution.place !== null) {
      order.add(contribution.place);
      const { traits, publications } = contribution;
      // Whether it stands by each of them is asked when somebody looks.
      for (const { author } of publications.values()) postings.add(contribution.place, [authorKey(author)]);
      if (traits !== null) postings.add(contribution.place, keysOf(traits));
    }
    index(contribution);
  }

  /** `given`: its manifest, where it is at hand. */
  function index(contribution: Contribution, given: Manifest | null = null): void {
    const { traits, edges, place } = contribution;
    const counts = place !== null && !contribution.hidden;
    if (traits === null || contribution.indexed === counts) return;
    contribution.indexed = counts;
    indexed += contribution.indexed ? 1 : -1;
    contribution.ranked = contribution.indexed && !traits.ephemeral;
    const isScored = traits.mode === 'evaluation' && !traits.ephemeral;
    const scores = (isScored ? (given ?? contribution.manifest)?.scores : undefined) ?? {};
    if (contribution.indexed) {
      relations.add(edges);
      metrics.add(contribution, scores);
    } else {
      relations.remove(edges);
      metrics.remove(contribution, scores);
    }
    touched(contribution);
    for (const edge of edges) {
      const target = byCid.get(edge.to);
      if (target === undefined) continue;
      touched(target);
      changed(target);
    }
  }

  const isHiddenHeld = (cid: Cid): boolean => {
    const contribution = byCid.get(cid);
    return contribution !== undefined && contribution.place !== null && contribution.traits !== null;
  };

  function setHidden(cid: Cid, on: boolean): void {
    const contribution = byCid.get(cid);
    // What nothing is known of is told once it comes.
    if (contribution === undefined) return;
    contribution.hidden = on;
    changed(contribution);
    index(contribution);
  }

  return {
    order,
    postings,
    publish: (cid, publication) => {
      const contribution = open(cid);
      const { publications, retracted, place } = contribution;
      if (publications.has(publication.entry)) return;
      changed(contribution);
      const isFirst = publications.size === 0;
      publications.set(publication.entry, publication);
      if (isFirst) {
        counts.contributions += 1;
        if (contribution.traits !== null) counts.bodies += 1;
      }
      if (retracted.has(publication.author)) {
        if (isFirst) counts.withdrawn += 1;
      } else if (place === null || comparePlaces(publication, place) < 0) {
        if (place === null && !isFirst) counts.withdrawn -= 1;
        settle(contribution, publication);
      } else postings.add(place, [authorKey(publication.author)]);
    },
    body: (cid, manifest, bytes) => {
      const contribution = open(cid);
      if (contribution.traits !== null) return;
      changed(contribution);
      const traits = contribution.hold(manifest, bytes);
      if (contribution.place !== null) postings.add(contribution.place, keysOf(traits));
      // One string for all that name it.
      for (const edge of contribution.edges) edge.to = byCid.get(edge.to)?.cid ?? edge.to;
      search.add(contribution);
      if (contribution.publications.size > 0) counts.bodies += 1;
      index(contribution, manifest);
    },
    retract: (cid, author) => {
      const contribution = open(cid);
      if (contribution.retracted.has(author)) return;
      changed(contribution);
      contribution.retracted = new Set(contribution.retracted).add(author);
      if (contribution.place?.publication.author !== author) return;
      const next = first(standing(contribution));
      if (next === null) counts.withdrawn += 1;
      settle(contribution, next);
    },
    hide: (cids) => {
      const before = hidden;
      hidden = cids;
      for (const cid of before) if (!cids.has(cid)) setHidden(cid, false);
      for (const cid of cids) if (!before.has(cid)) setHidden(cid, true);
    },
    get: (cid) => {
      const contribution = byCid.get(cid);
      return contribution === undefined || contribution.publications.size === 0 ? null : contribution;
    },
    counts: () => ({ ...counts }),
    isWhole: () => indexed + [...hidden].filter(isHiddenHeld).length === order.size,
  };
}

/** Publications that were not withdrawn, in no particular order. */
export const standing = ({ publications, retracted }: Contribution): Publication[] =>
  [...publications.values()].filter(({ author }) => !retracted.has(author));

const first = (publications: readonly Publication[]): Publication | null =>
  publications.reduce<Publication | null>(
    (least, each) => (least === null || comparePlaces(each, least) < 0 ? each : least),
    null,
  );
