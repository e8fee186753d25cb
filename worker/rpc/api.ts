// The shapes of the scripting surface: what window.thicket, the views and the worker agree on. Types only.
// public/thicket.d.ts tells the same to people; a type test keeps the two equal.
import type { ErrorCode } from '../core/model/errors.ts';

export type Kind =
  'work' | 'review' | 'discussion' | 'adoption' | 'reproduction' | 'plan' | 'ask_user' | 'response';
export type Mode = 'evaluation' | 'exploration';
export type RelationType = 'derives_from' | 'responds_to' | 'reviews' | 'reproduces' | 'adopts';
export type Direction = 'minimize' | 'maximize';
export type Role = 'owner' | 'moderator' | 'member' | 'reader';
export type Lifecycle = 'superseded' | 'challenged' | 'adopted' | 'reproduced' | 'under_review' | 'published';
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Score {
  value: number;
  direction: Direction;
  unit?: string;
}
export interface Relation {
  targetCid: string;
  relationType: RelationType;
  metadata?: { [key: string]: Json };
}
export interface Agent {
  agentId: string;
  agentName?: string;
  platform?: string;
  [key: string]: Json | undefined;
}
/** A Grove manifest, version 1. Unknown fields are kept and hashed. */
export interface Manifest {
  manifestVersion: number;
  kind: string;
  mode: string;
  summary: string;
  description?: string;
  /** Name -> `blake3:` + hex of the artifact's bytes. */
  artifacts: { [name: string]: string };
  relations: Relation[];
  scores?: { [metric: string]: Score };
  tags: string[];
  context?: { [key: string]: Json };
  agent: Agent;
  createdAt: string;
}

export interface Metric {
  name: string;
  direction: Direction;
  unit?: string;
}
export interface Identity {
  /** Ed25519 public key, 64 hex digits. */
  peerId: string;
  name: string;
  /** Short form of the key for people to compare: eight groups of four. */
  fingerprint: string;
}
export interface GroveInfo {
  id: string;
  name: string;
  description: string;
  metrics: Metric[];
  /** `joining`: an invite is kept until a member lets this device in. `refused`: one said no, with the reason. */
  state: 'active' | 'joining' | 'refused';
  reason: string | null;
  role: Role | null;
  owner: string | null;
  members: number;
  contributions: number;
  /** Entries applied here. */
  entries: number;
  /** Linked members right now. */
  links: number;
  /** Of the local entries: how many no other member has acknowledged yet. */
  unsent: number;
}
/** What an invite link says, before anyone is asked. `name` and `role` are the inviter's claim until joined. */
export interface InvitePreview {
  grove: string;
  name: string;
  role: Role;
  inviter: string;
  inviterFingerprint: string;
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
  endpoints: string[];
  /** Already a member here. */
  member: boolean;
}
export interface InviteOptions {
  role?: 'member' | 'reader';
  /** ms from now. Default seven days; null: never. */
  expiresIn?: number | null;
  /** How many devices may join by it. Default 10. */
  uses?: number;
}
export interface ContributeInput {
  kind: Kind;
  mode?: Mode;
  summary: string;
  description?: string;
  artifacts?: { [name: string]: Blob | Uint8Array | string };
  relations?: Relation[];
  scores?: { [metric: string]: Score };
  tags?: string[];
  context?: { [key: string]: Json };
  agent?: Agent;
  createdAt?: string;
}
export interface ContributionFilter {
  kind?: Kind;
  mode?: Mode;
  tags?: string[];
  agentId?: string;
  text?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface ContributionItem {
  cid: string;
  kind: string;
  mode: string;
  summary: string;
  agent: Agent;
  /** Who signed it: the fact beside the claim in `agent`. */
  author: string;
  authorName: string;
  createdAt: string;
  scores?: { [metric: string]: Score };
  tags: string[];
  /** Whether the manifest is held here; without it only cid, author and createdAt are known. */
  body: boolean;
  artifacts: { held: number; total: number };
  lifecycle: Lifecycle;
}
export interface RelationEdge {
  cid: string;
  relationType: RelationType;
  metadata?: { [key: string]: Json };
  /** Summary of the other end where it is held. */
  summary?: string;
  kind?: string;
}
export interface ArtifactInfo {
  name: string;
  hash: string;
  size: number;
  mediaType: string;
  held: boolean;
  /** Bytes of it that are here already. */
  received: number;
}
export interface Contribution extends Manifest {
  cid: string;
  author: string;
  authorName: string;
  /** All who published this manifest here, first by (lamport, id). */
  publishers: string[];
  /** ms since the epoch when this device applied it, and from whom: own, or the peer that sent it. */
  receivedAt: number;
  receivedFrom: string | null;
  signature: 'verified';
  body: boolean;
  lifecycle: Lifecycle;
  outgoing: RelationEdge[];
  incoming: RelationEdge[];
  files: ArtifactInfo[];
  /** Linked members known to hold all of it, this device not counted. */
  holders: number;
}
export interface FrontierFilter {
  metric?: string;
  tags?: string[];
  kind?: Kind;
  mode?: Mode;
  /** Default 10. */
  limit?: number;
}
export interface FrontierEntry {
  cid: string;
  value: number;
  summary?: string;
  kind?: string;
  author: string;
  authorName: string;
  createdAt: string;
  held: boolean;
  holders: number;
  lifecycle: Lifecycle;
}
export interface Frontier {
  byMetric: { [metric: string]: { direction: Direction; unit?: string; entries: FrontierEntry[] } };
  byAdoption: FrontierEntry[];
  byRecency: FrontierEntry[];
  byReviewScore: FrontierEntry[];
  byReproduction: FrontierEntry[];
}
/** The live picture: nodes in causal order, edges between what is known. */
export interface GraphView {
  nodes: {
    cid: string;
    kind: string;
    summary: string;
    author: string;
    adoption: number;
    createdAt: string;
  }[];
  edges: { from: string; to: string; relationType: RelationType }[];
  /** More than `limit` exist; the newest are given. */
  truncated: boolean;
}
export interface Change {
  /** Entry id. */
  id: string;
  kind: string;
  author: string;
  cid?: string;
  at: number;
}
export interface PeerInfo {
  peerId: string;
  name: string;
  fingerprint: string;
  role: Role | null;
  /** `self` is this device. */
  state: 'self' | 'linked' | 'connecting' | 'away' | 'error';
  link: { id: string; since: number; sent: number; received: number; carrier: string } | null;
  rttMs: number | null;
  /** Entries the other is known to lack. */
  lag: number | null;
  /** The same by author: at most 100, the most first. */
  lags: { author: string; entries: number }[];
  /**
   * `active`: compared notes and exchanges; `backfilling`: catching up; `paused`: by this device's `pausePeer`; `error`: attempts to
   * link failed again and again; `idle`: linked, nothing compared yet. Null where it isn't linked.
   */
  sync: 'active' | 'backfilling' | 'paused' | 'error' | 'idle' | null;
  /** Entries of the catch-up under way, in either direction. */
  backfill: { done: number; total: number } | null;
  /** When notes were last compared; ms since the epoch. */
  lastSync: number | null;
  /** How this device came to know it. */
  source: 'hand' | 'endpoint' | 'gossip' | null;
  /** By the word of members; `frozen`: its tabs are hidden. */
  liveness: 'alive' | 'suspect' | 'failed' | 'frozen' | null;
  /** Whether news of a grove go to it directly. */
  neighbour: boolean;
  groves: string[];
  reason?: string;
}
export interface Transfer {
  grove: string;
  hash: string;
  /** Bytes. */
  size: number;
  received: number;
  /** Bytes per second over the last 5 s. */
  rate: number;
  /** Seconds that the rest takes at that rate; null where nothing comes. */
  timeLeft: number | null;
  sources: number;
  /** `stalled`: waits for a source, or for room on the disk; `paused`: by `pauseTransfer`. */
  state: 'queued' | 'receiving' | 'verifying' | 'complete' | 'stalled' | 'paused' | 'failed';
  reason?: string;
  /** Contributions of its grove that name it. */
  cids: string[];
}
/** One message that passed between this device and a peer. Its contents are not recorded. */
export interface GossipMessage {
  /** ms since the epoch, by this device's clock. */
  at: number;
  /** The frame's type, such as `entries`, `ihave` or `shuffle`. */
  type: string;
  peer: string;
  grove: string | null;
  direction: 'in' | 'out';
  /** On the wire. */
  bytes: number;
  why:
    | 'eager'
    | 'lazy'
    | 'graft'
    | 'sync'
    | 'want'
    | 'answer'
    | 'receipt'
    | 'membership'
    | 'liveness'
    | 'digest'
    | 'relay'
    | 'access'
    | 'unknown';
  /** `taken` is all that is known of most; entries are `staged` until they are `applied`. */
  outcome: 'sent' | 'taken' | 'staged' | 'duplicate' | 'applied' | 'dropped' | 'unknown' | 'refused';
}
export interface GossipFilter {
  type?: string;
  grove?: string;
  peer?: string;
  /** ms since the epoch. */
  since?: number;
  /** Default 200, at most 50,000. */
  limit?: number;
}
/** Whether a signaling address answered, and after how many ms. */
export interface EndpointTest {
  ok: boolean;
  ms: number;
  /** The address that was tried. */
  url: string | null;
  reason: string | null;
}
export interface SignalInfo {
  /** `off`: this device links by hand only, by its settings. */
  state: 'up' | 'connecting' | 'down' | 'off';
  url: string | null;
  reason: string | null;
}
export interface Stats {
  counters: { [name: string]: number };
  gauges: { [name: string]: number };
  signal: SignalInfo;
  /** Tab that hosts the links, if any; tabs known. */
  carrier: { tab: string | null; tabs: number };
  transfers: Transfer[];
  build: string;
  peer: string;
}
export interface Settings {
  /** Signaling endpoints (ws: or wss:), in order of preference. Empty: the page's own origin. */
  endpoints: string[];
  iceServers: { urls: string[]; username?: string; credential?: string }[];
  /** How this device finds others: through the endpoint, by texts carried by hand, or both. */
  discovery: 'endpoint' | 'hand' | 'both';
  /** Most bytes of artifacts on this device; null: no limit. */
  budget: number | null;
}
/** What is stored on this device. Bytes of a grove are those of the blocks of artifacts that it names, each counted once. */
export interface StorageInfo {
  /** False while what is on disk is still being counted. */
  ready: boolean;
  /** Bytes of all blocks, each counted once: groves that share some add up to more. */
  bytes: number;
  /** Most that there should be on this device; null: no limit. */
  budget: number | null;
  /** What the browser says; null where it doesn't. `persisted`: it promised not to delete anything without asking. */
  quota: { usage: number; quota: number; persisted: boolean } | null;
  /** A write found the disk full, and nothing says yet that there is room again. */
  full: boolean;
  /** Bytes beyond the device's budget that may not go without asking. */
  over: number;
  /** Of groves that were left and not erased; `discardLeft` deletes them. */
  left: StoredTotal;
  groves: GroveStorage[];
}
/** `bytes`: sizes of whole artifacts, though some may share blocks. */
export interface StoredTotal {
  artifacts: number;
  bytes: number;
}
export interface GroveStorage {
  grove: string;
  name: string;
  bytes: number;
  /** Bytes that came of artifacts on their way. */
  arriving: number;
  artifacts: number;
  budget: number | null;
  pinned: StoredTotal;
  /** May go when room is needed: other members are known to hold it. */
  evictable: StoredTotal;
  /** No other member is known to hold it. It never goes by itself. */
  onlyHere: StoredTotal;
  /** Would be fetched by itself, and doesn't fit. */
  waiting: StoredTotal;
  /** Beyond the budget by so many bytes, and what would have to go; `evict` has it go. */
  needsRoom: { bytes: number; artifacts: StoredArtifact[] } | null;
}
export interface StoredArtifact {
  /** 64 hex digits. */
  hash: string;
  size: number;
  /** When it was last fetched, read, given or contributed, to ten minutes; ms since the epoch. */
  usedAt: number;
  /** `body`: the text of a large contribution, which stays. */
  standing: 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body';
  /** Contributions that name it. */
  cids: string[];
}
/** What went, and what stayed and why. */
export interface Evicted {
  bytes: number;
  kept: { hash: string; reason: 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body' | 'not-held' }[];
}
/** What this device does with a grove. It survives restarts. */
export interface GrovePolicy {
  /** Contributions that are fetched by themselves: all, those among the first five of a ranking, or none. Their headers always come. */
  bodies: 'all' | 'frontier' | 'on-demand';
  /** Artifacts that are fetched by themselves. What is pinned always is. */
  artifacts: 'all' | 'frontier' | 'pinned' | 'on-demand';
  /** `off`: nothing of this grove goes out, and nothing that arrives changes it. What is written here meanwhile goes out once it is `on`. */
  gossip: 'on' | 'off';
  /** Most bytes of artifacts that are kept of this grove; null: no limit. */
  budget: number | null;
  /** By metric: nothing worse than this is fetched for being among the best. */
  thresholds: { [metric: string]: number };
}
export interface Member {
  peerId: string;
  name: string;
  fingerprint: string;
  role: Role;
  invitedBy: string | null;
  since: number;
}

/** Every method, by name: its parameters as a tuple and what it answers. */
export interface Methods {
  identity: { params: []; result: Identity };
  setName: { params: [name: string]; result: Identity };
  groves: { params: []; result: GroveInfo[] };
  createGrove: {
    params: [options: { name: string; description?: string; metrics?: Metric[] }];
    result: { id: string };
  };
  invite: { params: [grove: string, options?: InviteOptions]; result: string };
  previewInvite: { params: [url: string]; result: InvitePreview };
  join: { params: [url: string]; result: { id: string } };
  leave: { params: [grove: string, options?: { erase?: boolean }]; result: null };
  contribute: { params: [grove: string, input: ContributeInput]; result: { cid: string } };
  contributions: {
    params: [grove: string, filter?: ContributionFilter];
    result: { items: ContributionItem[]; cursor?: string };
  };
  contribution: { params: [grove: string, cid: string]; result: Contribution };
  fetch: { params: [grove: string, cid: string, options?: { artifacts?: boolean }]; result: Contribution };
  /** `range`: bytes from `start` up to but without `end`. Default: all. */
  artifact: {
    params: [grove: string, cid: string, name: string, range?: { start?: number; end?: number }];
    result: Blob;
  };
  /** `blake3:` and 64 hex digits, as an artifact of these bytes is named. Stores nothing. */
  hash: { params: [content: Blob | Uint8Array | string]; result: string };
  frontier: { params: [grove: string, filter?: FrontierFilter]; result: Frontier };
  graph: { params: [grove: string, options?: { limit?: number }]; result: GraphView };
  cid: { params: [manifest: Manifest]; result: string };
  publish: { params: [grove: string, manifest: Manifest]; result: { cid: string } };
  replicated: {
    params: [grove: string, cid: string, copies: number, options?: { timeout?: number }];
    result: { copies: number };
  };
  changes: {
    params: [grove: string, options?: { since?: string; limit?: number }];
    result: { items: Change[]; next: string };
  };
  retract: { params: [grove: string, cid: string]; result: null };
  members: { params: [grove: string]; result: Member[] };
  policy: { params: [grove: string, change?: Partial<GrovePolicy>]; result: GrovePolicy };
  pin: { params: [grove: string, cid: string]; result: null };
  unpin: { params: [grove: string, cid: string]; result: null };
  pins: { params: [grove: string]; result: string[] };
  storage: { params: []; result: StorageInfo };
  stored: { params: [grove: string, options?: { limit?: number }]; result: StoredArtifact[] };
  evict: { params: [grove: string, hashes: string[]]; result: Evicted };
  discardLeft: { params: []; result: { bytes: number } };
  peers: { params: [grove?: string]; result: PeerInfo[] };
  pausePeer: { params: [grove: string, peer: string, on: boolean]; result: null };
  retryPeer: { params: [grove: string, peer: string]; result: null };
  resyncPeer: { params: [grove: string, peer: string]; result: null };
  pauseTransfer: { params: [hash: string]; result: null };
  resumeTransfer: { params: [hash: string]; result: null };
  cancelTransfer: { params: [hash: string]; result: null };
  offer: { params: [grove: string]; result: string };
  answer: { params: [text: string]; result: string };
  accept: { params: [text: string]; result: { grove: string; peerId: string } };
  testEndpoint: { params: [url: string]; result: EndpointTest };
  gossipLog: { params: [filter?: GossipFilter]; result: GossipMessage[] };
  stats: { params: []; result: Stats };
  settings: { params: [change?: Partial<Settings>]; result: Settings };
  openSample: { params: []; result: { id: string } };
}
export type Method = keyof Methods;

/** Every event, by name, with its payload. Bursts of `changed` are coalesced. */
export interface Events {
  /** The views of a grove changed. */
  changed: { grove: string };
  /** The list of groves, or a grove's state, changed. */
  groves: Record<string, never>;
  /** An entry was applied. */
  entry: { grove: string; id: string; kind: string; author: string; cid?: string; local: boolean };
  /** A link came or went, or a peer's state changed. */
  peers: { grove: string | null };
  transfer: Transfer;
  signal: SignalInfo;
  /** What is stored changed, or how much there is room for. `over`: budgets that are exceeded though all went that may. */
  storage: {
    bytes: number;
    full: boolean;
    quota: { usage: number; quota: number; persisted: boolean } | null;
    over: { grove: string | null; bytes: number }[];
  };
  /** A linked peer has been falling further behind for five minutes; told once until it catches up. `since`: ms since the epoch. */
  lag: { grove: string; peer: string; entries: number; since: number };
  /** A peer with the same entries derived something else from them: one of the two is broken. */
  'views-differ': { grove: string; peer: string };
  /** An author signed two entries of one place in its log. */
  fork: { grove: string; author: string; seq: number };
  /** A kept invite completed, or was refused. */
  joined: { grove: string };
  refused: { grove: string; code: ErrorCode; message: string };
  identity: Identity;
  /** The worker died or hung and was started again; what was pending was sent again. */
  restarted: Record<string, never>;
  /** Something that a person should know: quota, closed database. */
  problem: { code: ErrorCode; message: string };
}
export type EventName = keyof Events;
