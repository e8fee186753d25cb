// What the parts of a running node share: who we are, our groves and links, and the machines. Types only.
import type { GroveRecord } from './access/record.ts';
import type { Settings, Identity, Own } from './boot.ts';
import type { Carrying } from './carrying.ts';
import type { Claiming } from './claiming.ts';
import type { Cas } from './cas/machine.ts';
import type { ContextControl, Failure } from './context.ts';
import type { Grove } from './grove.ts';
import type { LinkFailure, LinkInfo, LinkInput, RoomInfo } from './link/types.ts';
import type { ErrorCode } from './model/errors.ts';
import type { Cid, EntryId, GroveId, LinkId, PeerId } from './model/ids.ts';
import type { Sync } from './sync/machine.ts';
import type { Bodies } from './bodies.ts';
import type { DigestBook } from './digests.ts';
import type { Dropping } from './dropping.ts';
import type { Fetching } from './fetching.ts';
import type { Policies } from './policies.ts';
import type { Rotating } from './rotating.ts';
import type { Questions } from './questions.ts';
import type { Holdings } from './holdings.ts';
import type { Lies } from './lies.ts';
import type { Mesh } from './mesh.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { SignalFacts, SignalSaid } from './signal-facts.ts';
import type { Hand } from './hand.ts';
import type { Pauses } from './pauses.ts';
import type { Presences } from './presences.ts';
import type { Peering } from './peering.ts';
import type { StandingKeeper } from './standing-keeper.ts';
import type { Storage } from './storage.ts';
import type { Verifying } from './verify/verify.ts';
import type { Watch } from './watch.ts';

/** An authenticated link. */
export interface PeerLink {
  link: LinkId;
  peer: PeerId;
  transcript: Uint8Array;
  /** How its signaling travelled (SPEC P7). */
  source: 'hand' | 'endpoint' | 'gossip';
  since: number;
  /** The other's tags, kept so that a grove joined later is found among them. */
  tags: readonly Uint8Array[];
  /** Groves whose secret the other proved to hold. */
  proved: Set<GroveId>;
  /** Groves it was asked to let us into, and how often. */
  asked: Map<GroveId, number>;
  /** Entries it wants to be told of once we hold all of them (`want-held`), with their groves. */
  watches: Map<EntryId, GroveId>;
  received: number;
  /** When something was fetched over it, in elapsed time (SPEC P9). */
  usedAt: number;
  /** The other's tabs are hidden. */
  frozen: boolean;
}

export interface Core {
  context: ContextControl;
  identity: Identity;
  settings: Settings;
  /** The page's origin, told by the first page. */
  origin: string;
  groves: Map<GroveId, Grove>;
  links: Map<LinkId, PeerLink>;
  sync: Sync;
  cas: Cas;
  readonly watch: Watch;
  readonly bodies: Bodies;
  readonly holdings: Holdings;
  readonly peering: Peering;
  readonly digests: DigestBook;
  readonly presences: Presences;
  readonly policies: Policies;
  readonly claiming: Claiming;
  readonly rotating: Rotating;
  readonly carrying: Carrying;
  /** What ties this device to others of its person. */
  own: Own;
  /** A new key is written: until the restart nothing may be written over it. */
  renewed: boolean;
  readonly questions: Questions;
  readonly fetching: Fetching;
  readonly mesh: Mesh;
  readonly hand: Hand;
  readonly dropping: Dropping;
  readonly standing: StandingKeeper;
  readonly lies: Lies;
  readonly storage: Storage;
  readonly verifying: Verifying;
  readonly pauses: Pauses;
  /** What kind of device this is: phones keep fewer links. */
  form: 'desktop' | 'phone';
  readonly neighbourhood: Neighbourhood;
  signal: SignalFacts;
  /** The endpoint is reached, or isn't: pages are told. */
  setSignal(said: SignalSaid): void;
  carrier: boolean;
  addGrove(record: GroveRecord): Grove;
  link(input: LinkInput): void;
  linkInfos(): readonly LinkInfo[];
  linkFailures(): readonly LinkFailure[];
  /** Rooms this device is in at the endpoint, or wants to be. */
  linkRooms(): readonly RoomInfo[];
  /** Links this device may have. */
  mostLinks(): number;
  /** Asks the endpoint anew; called when settings or origin change. */
  configureSignal(): void;
  event(name: string, payload: unknown): void;
  /** The event, once for all that ask by this key within the next ms. */
  once(key: string, name: string, payload: unknown, after?: number): void;
  /** The other end of a link is a neighbour in a grove, or none any more. */
  setNeighbour(grove: GroveId, link: PeerLink, active: boolean): void;
  /** The views of a grove changed: told once per burst. */
  changed(grove: GroveId): void;
  changedPeers(grove: GroveId | null): void;
  changedPresence(grove: GroveId): void;
  /** Others said that they hold these, or hold them no more. */
  holders(grove: GroveId, cids: readonly Cid[]): void;
  /** A member was heard of by a link: a way to it (SPEC R2). */
  heard(grove: GroveId, peer: PeerId, link: LinkId): void;
  /** A link to fetch over: the one there is, or a temporary one (SPEC P9). Null where the peer can't be reached. */
  reach(grove: GroveId, peer: PeerId, then: (link: LinkId | null) => void): void;
  /** Links that news of a grove go along. */
  eagerLinks(grove: GroveId): readonly LinkId[];
  problem(failure: Failure | { failure: ErrorCode; message: string }): void;
  errorCode(code: string): ErrorCode;
  /** A name for a timer that no other has. */
  timer(what: string): string;
  /** The name others see; a device without one is shown by its key. */
  displayName(): string;
}
