// The shapes of the scripting surface: what window.thicket, the views and the worker agree on. Types only.
// public/thicket.d.ts tells the same to people; a type test keeps the two equal.
import type { ErrorCode } from '../core/model/errors.ts';
import type {
  Change,
  ContributeInput,
  Contribution,
  ContributionFilter,
  ContributionItem,
  Frontier,
  FrontierFilter,
  GraphView,
  Manifest,
  Metric,
} from './shapes/contributions.ts';
import type {
  GroveInfo,
  GrovePolicy,
  Identity,
  InviteOptions,
  InvitePreview,
  Member,
} from './shapes/groves.ts';
import type { CostMethods } from './shapes/costs.ts';
import type { LogMethods } from './shapes/log.ts';
import type { DeviceMethods } from './shapes/devices.ts';
import type { PowerMethods } from './shapes/powers.ts';
import type { GoverningMethods } from './shapes/governing.ts';
import type { GlanceMethods } from './shapes/glance.ts';
import type { PortableMethods } from './shapes/portable.ts';
import type { PresenceMethods } from './shapes/presence.ts';
import type { EditingMethods } from './shapes/editing.ts';
import type { ReadingMethods } from './shapes/reading.ts';
import type { ContractMethods } from './shapes/contract.ts';
import type { SharedMethods } from './shapes/shared.ts';
import type {
  EndpointTest,
  GossipFilter,
  GossipMessage,
  PeerInfo,
  PeerMethods,
  SignalInfo,
} from './shapes/peers.ts';
import type { NetworkMethods } from './shapes/network.ts';
import type { TaskMethods } from './shapes/tasks.ts';
import type { VerifyEvents, VerifyMethods } from './shapes/verify.ts';
import type { Evicted, StorageInfo, StoredArtifact, Transfer } from './shapes/storage.ts';

export type * from './shapes/contract.ts';
export type * from './shapes/contributions.ts';
export type * from './shapes/costs.ts';
export type * from './shapes/devices.ts';
export type * from './shapes/glance.ts';
export type * from './shapes/governing.ts';
export type * from './shapes/groves.ts';
export type * from './shapes/log.ts';
export type * from './shapes/network.ts';
export type * from './shapes/peers.ts';
export type * from './shapes/editing.ts';
export type * from './shapes/reading.ts';
export type * from './shapes/portable.ts';
export type * from './shapes/powers.ts';
export type * from './shapes/presence.ts';
export type * from './shapes/shared.ts';
export type * from './shapes/storage.ts';
export type * from './shapes/tasks.ts';
export type * from './shapes/verify.ts';

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
  /** Links go through a TURN server or not at all, so that members don't see this device's network address. */
  relayOnly: boolean;
  /** How this device finds others: through the endpoint, by texts carried by hand, or both. */
  discovery: 'endpoint' | 'hand' | 'both';
  /** Most bytes of artifacts on this device; null: no limit. */
  budget: number | null;
}

/** Every method, by name: its parameters as a tuple and what it answers. */
export interface Methods
  extends
    ContractMethods,
    CostMethods,
    DeviceMethods,
    EditingMethods,
    SharedMethods,
    GlanceMethods,
    LogMethods,
    GoverningMethods,
    PortableMethods,
    NetworkMethods,
    PeerMethods,
    PowerMethods,
    PresenceMethods,
    ReadingMethods,
    TaskMethods,
    VerifyMethods {
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
  leave: {
    params: [grove: string, options?: { erase?: boolean; force?: boolean; timeout?: number }];
    result: null;
  };
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
  /** Somebody in the grove is at something else now, or has been silent for a minute. */
  presence: { grove: string };
  transfer: Transfer;
  signal: SignalInfo;
  /** What is stored changed, or how much there is room for. `over`: budgets that are exceeded though all went that may. */
  storage: {
    bytes: number;
    full: boolean;
    quota: { usage: number; quota: number; persisted: boolean } | null;
    over: { grove: string | null; bytes: number }[];
  };
  /** How far a check of the store has come: so many of so many, where that is known. */
  verify: VerifyEvents['verify'];
  /** A linked peer has been falling further behind for five minutes; told once until it catches up. `since`: ms since the epoch. */
  lag: { grove: string; peer: string; entries: number; since: number };
  /** A peer with the same entries derived something else from them: one of the two is broken. */
  'views-differ': { grove: string; peer: string };
  /** An author signed two entries of one place in its log. */
  fork: { grove: string; author: string; seq: number };
  /** This device's claim on a plan or question doesn't stand, or was ended by another's: `winner` is the claim in force. Told once. */
  'claim-lost': { grove: string; cid: string; claim: string; winner: string };
  /** Somebody holds an invite and asks to be let in: this device may say yes or no. */
  'join-request': { grove: string; peer: string; name: string };
  /** Something was reported, and this device may hide it. */
  reported: { grove: string; by: string };
  /** A question of somebody else came. */
  asked: { grove: string; cid: string; author: string };
  /** A response came to a question that this device asked. */
  answered: { grove: string; cid: string; response: string };
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
