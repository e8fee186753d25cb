/**
 * The scripting surface of Thicket, version 1: `window.thicket`. It is how an agent or a test drives a tab.
 *
 * Every method returns a promise and may be called as soon as the page has loaded: calls wait until the peer is ready,
 * and survive a restart of its worker. A call that writes is done once, however often it had to be sent.
 * Every rejection is an `Error` with a `code` from {@link ErrorCode} and a message that names the field, the limit
 * and what was given.
 *
 * ```js
 * const { id } = await thicket.createGrove({ name: 'Speedrun', metrics: [{ name: 'minutes', direction: 'minimize' }] });
 * const { cid } = await thicket.contribute(id, {
 *   kind: 'work',
 *   summary: 'Baseline',
 *   scores: { minutes: { value: 45, direction: 'minimize' } },
 *   artifacts: { 'train.py': source },
 * });
 * await thicket.replicated(id, cid, 1);
 * ```
 *
 * Ids are lower-case hex: a grove, a peer and an entry 64 digits; a CID is `blake3:` and 64 digits.
 */
export interface Thicket {
  /** Package version and content id of this page's build. */
  readonly version: string;
  /** Resolves once the peer's worker answers; rejects with `version` where another tab runs another build. */
  readonly ready: Promise<void>;
  /** Calls back at each event until the returned function is called. */
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Per link that *this tab* carries: bytes over its candidate pairs, from RTCPeerConnection.getStats. */
  linkStats(): Promise<LinkStats[]>;

  /** This device. */
  identity(): Promise<Identity>;
  /** Tells the members of every grove what to call this device; 1-80 characters. */
  setName(name: string): Promise<Identity>;

  groves(): Promise<GroveInfo[]>;
  /** Makes a grove that this device owns. */
  createGrove(options: { name: string; description?: string; metrics?: Metric[] }): Promise<{ id: string }>;
  /** A link that lets others join. Its secret is in the fragment, which no server sees. */
  invite(grove: string, options?: InviteOptions): Promise<string>;
  /** Reads an invite link without joining. */
  previewInvite(url: string): Promise<InvitePreview>;
  /**
   * Opens an invite. Resolves once it is kept; it completes by itself when a member is there
   * (event `joined`, or `refused` with the reason).
   */
  join(url: string): Promise<{ id: string }>;
  /**
   * Waits until another member has what this device wrote (`timeout` ms at most, 10,000 by default; not at all where nobody is linked), says goodbye, and takes the grove off
   * this device. `erase` also deletes what is stored here of it: where that would lose entries that nobody else has, it is refused with `offline` or `timeout`, which says how many,
   * unless `force` is set; the grove then is as it was. Artifacts that only this device holds are not waited for: see `replicated`.
   */
  leave(grove: string, options?: { erase?: boolean; force?: boolean; timeout?: number }): Promise<null>;

  /** Signs, stores and spreads a contribution with its artifacts. `agent` and `createdAt` default to this peer and now. */
  contribute(grove: string, input: ContributeInput): Promise<{ cid: string }>;
  /**
   * Contributes what supersedes another: of the same kind, deriving from it, with all of it that isn't changed, artifacts included,
   * whether they are held here or not. The former stays, shown as superseded.
   */
  edit(grove: string, cid: string, input: EditInput): Promise<{ cid: string }>;
  /** Newest first; pass `cursor` back to go on. */
  contributions(
    grove: string,
    filter?: ContributionFilter,
  ): Promise<{ items: ContributionItem[]; cursor?: string }>;
  /** What is known here; `body` tells whether the manifest is held. */
  contribution(grove: string, cid: string): Promise<Contribution>;
  /** Gets manifest and artifacts from whoever holds them. `artifacts: false`: the manifest alone. */
  fetch(grove: string, cid: string, options?: { artifacts?: boolean }): Promise<Contribution>;
  /** The verified bytes of one artifact, fetched where they are not held. */
  /** `range`: bytes from `start` up to but without `end`. Default: all. */
  artifact(grove: string, cid: string, name: string, range?: { start?: number; end?: number }): Promise<Blob>;
  /** `blake3:` and 64 hex digits, as an artifact of these bytes is named. Stores nothing. */
  hash(content: Blob | Uint8Array | string): Promise<string>;
  /** The five rankings. */
  frontier(grove: string, filter?: FrontierFilter): Promise<Frontier>;
  /**
   * A grove's first view at once. While its log is read back after a start it is how the grove was when that was last noted,
   * and says so; all other calls wait for the truth.
   */
  glance(grove: string): Promise<Glance>;
  /** What each choice of a policy would bring here, of what is known of the grove now. Budgets are not heeded. */
  policyCosts(grove: string): Promise<PolicyCosts>;
  /** The signed log, the newest first by the order in which this device came to have it; `limit` 1-500, `before` is a place. */
  log(
    grove: string,
    options?: { author?: string; kind?: string; before?: number; limit?: number },
  ): Promise<LogPage>;
  /** One entry of it with its bytes, verified anew. */
  logEntry(grove: string, entry: string): Promise<LogEntryDetail>;
  /** Nodes and edges to draw; `limit` 1-10,000. */
  graph(grove: string, options?: { limit?: number }): Promise<GraphView>;
  /** A contribution, what it answers, and what answers it: at most 16 levels and 500 at a time; pass `cursor` back to go on. */
  thread(grove: string, cid: string, options?: ThreadOptions): Promise<Thread>;
  /** What is answered, and discussions and questions that may be; the latest activity first. */
  threads(grove: string, filter?: ThreadFilter): Promise<{ items: ThreadInfo[]; cursor?: string }>;
  /** What a contribution leads to over its relations, and what came of it. */
  lineage(grove: string, cid: string, options?: LineageOptions): Promise<Lineage>;
  /** A shortest way between two, relations taken in either direction; the same everywhere. */
  path(grove: string, from: string, to: string, options?: { relations?: string[] }): Promise<LineagePath>;
  /** The scores of a metric in the order of the log, with the best so far. */
  series(grove: string, metric: string, filter?: SeriesFilter): Promise<Series>;
  /** Which agents and authors did something here, and when. */
  sessions(grove: string): Promise<Sessions>;
  /** What an agent contributed, or all that an author did, oldest first. */
  session(grove: string, of: SessionOf, options?: { limit?: number; cursor?: string }): Promise<Session>;
  /** What happened in a grove, the newest first, with what it is about; `before` is a place, as `cursor` gives it. */
  activity(grove: string, options?: { limit?: number; before?: number }): Promise<Activity>;
  /** The CID of a manifest: BLAKE3-256 over its RFC 8785 bytes without `cid`. */
  cid(manifest: Manifest): Promise<string>;
  /** Publishes a whole manifest as it is, its artifacts held or not. */
  publish(grove: string, manifest: Manifest): Promise<{ cid: string }>;
  /**
   * Contributions as one file, each after what it points at: all of the grove that stand, or those that are named, or the `lineage` of
   * one: it and all that it leads to, over any relation. `ndjson`: a line of canonical JSON for each manifest, with its `cid`. `car`: manifests and
   * artifacts as a CAR file, version 1, all named by BLAKE3. What isn't held here is an error (`not-found`), or left out with `partial`.
   */
  export(grove: string, options: ExportOptions): Promise<Blob>;
  /**
   * Publishes the contributions of such a file as this device's own; their CIDs stay. All hashes are checked before anything is stored; a file in
   * which something is wrong is refused whole, or with `partial` only that of it. What the grove has already is left as it is, so importing again does no harm.
   */
  import(grove: string, file: Blob | Uint8Array | string, options?: ImportOptions): Promise<ImportResult>;
  /** Resolves once so many other devices hold all of it; rejects with `timeout` (ms). */
  replicated(
    grove: string,
    cid: string,
    copies: number,
    options?: { timeout?: number },
  ): Promise<{ copies: number }>;
  /**
   * Applied entries in the order this device applied them; pass `next` back as `since` to go on, also after a restart. Where the log was begun anew
   * meanwhile (the grove was erased here) that is refused with `not-found`: start without `since`.
   */
  changes(
    grove: string,
    options?: { since?: string; limit?: number },
  ): Promise<{ items: Change[]; next: string }>;
  /** Withdraws this device's own publication. */
  retract(grove: string, cid: string): Promise<null>;

  /**
   * Says that this device works on a plan or question, so that others don't; `renew`s it by itself while it runs. Rejects with
   * `busy` while another's claim is active, with `invalid` what was completed. To claim what this device holds renews it. Two who
   * claim while they can't reach each other both succeed, until they meet: one stands, the other is told by `claim-lost`.
   */
  claim(grove: string, cid: string, options?: ClaimOptions): Promise<Claim>;
  /** Holds it for longer: `lease` ms from now, by default as long as before. */
  renewClaim(grove: string, cid: string, options?: { lease?: number; note?: string }): Promise<Claim>;
  /** Lets go of this device's claim, so that others may claim it; `note` says why. */
  release(grove: string, cid: string, note?: string): Promise<null>;
  /** What this device claimed is done, for good. */
  complete(grove: string, cid: string, note?: string): Promise<null>;
  /** Who works on it, and who claimed it before or in vain. */
  claims(grove: string, cid: string): Promise<Claims>;
  /** One vote a person and contribution, the last; `none` takes it back. Every member can see who voted how. */
  vote(grove: string, cid: string, vote: 'up' | 'down' | 'none'): Promise<null>;
  votes(grove: string, cid: string): Promise<VoteList>;
  /** What came of a contribution, in this device's judgement; the last counts. `reason` at most 4,096 characters. */
  outcome(grove: string, cid: string, outcome: Outcome, reason?: string): Promise<null>;
  /** Every evaluator's last, ascending by key; at most 500. */
  outcomes(grove: string, cid: string): Promise<Evaluation[]>;
  /** Plans and questions, newest first; pass `cursor` back to go on. */
  tasks(grove: string, filter?: TaskFilter): Promise<{ items: Task[]; cursor?: string }>;
  /** Questions (`ask_user`), newest first; each is open until a response to it stands. */
  questions(grove: string, filter?: QuestionFilter): Promise<{ items: Task[]; cursor?: string }>;

  /**
   * The contract in effect; with a change, which only owner and moderators may make, as it is then. Each part that is given is
   * replaced whole. Names, directions and rankings follow on every device.
   */
  contract(grove: string, change?: ContractChange): Promise<Contract>;
  /** Whether a contribution passes the contract's gates, and why; null where nothing is judged. */
  gates(grove: string, cid: string): Promise<Gates | null>;
  /** The contract's stop conditions, met or not, with the figures. */
  stops(grove: string): Promise<StopResult[]>;
  /**
   * Who reproduced a contribution that asks for it (`context.verify: { how, quorum }`), and what each says last: one word a person, none of
   * those who published it. Null where it doesn't ask.
   */
  verification(grove: string, cid: string): Promise<VerificationDetail | null>;
  /** Shared prompts, at most 1,000; where others' are not adopted, a device's own stand beside them. */
  prompts(grove: string): Promise<SharedPrompt[]>;
  /** Writes a shared prompt, new or in place of the one with its id; at most 57,344 bytes as JSON. */
  setPrompt(grove: string, prompt: PromptInput): Promise<Prompt>;
  removePrompt(grove: string, id: string): Promise<null>;
  /** Settings that members share in a grove, at most 1,000. `settings` are this device's. */
  groveSettings(grove: string): Promise<SharedSetting[]>;
  /** Writes a shared setting: any JSON of at most 57,344 bytes; without a value it is taken away. */
  setting(grove: string, name: string, value?: Json): Promise<null>;
  /** What a member says of itself; without a peer, what this device does. */
  profile(grove: string, peerId?: string): Promise<Profile>;
  /** Changes what this device says of itself in this grove. */
  setProfile(grove: string, change: ProfileInput): Promise<Profile>;

  /** Who is in it, what each says of itself, and whose log is known to be forked. */
  members(grove: string): Promise<Member[]>;
  /** The owner sets any role, moderators those of members and readers. What was written before stays. */
  setRole(grove: string, peer: string, role: 'moderator' | 'member' | 'reader'): Promise<null>;
  /**
   * Keeps a member out and changes the grove's secret for those who remain. What it wrote so far stays, what comes after
   * counts for nothing. Invites issued before let nobody in any more.
   */
  ban(grove: string, peer: string, options?: { reason?: string }): Promise<null>;
  /** Lifts all bans of a peer; those by the owner only the owner lifts. */
  unban(grove: string, peer: string, options?: { reason?: string }): Promise<null>;
  /** At most 1,000. */
  bans(grove: string): Promise<Ban[]>;
  /** Makes another member the owner; this device is a member from then on. */
  handover(grove: string, peer: string): Promise<null>;
  /** Changes the grove's secret. Members who are away follow when they return within 30 days. */
  rotate(grove: string): Promise<{ epoch: number }>;
  /** Newest first, at most 1,000. */
  invites(grove: string): Promise<Invite[]>;
  /** One's own, or any as owner or moderator. Whoever joined by it elsewhere meanwhile is void. */
  revokeInvite(grove: string, id: string): Promise<null>;

  /** Who holds an invite and asks to be let in, where the contract wants a yes as well, and what was answered. At most 1,000. */
  joinRequests(grove: string): Promise<JoinRequest[]>;
  /** Any member where `contract.join` is `approval`, owner and moderators where it is `moderated`. Whoever is linked with it then lets it in. */
  approveJoin(grove: string, peer: string, options?: { reason?: string }): Promise<null>;
  /** It is told the reason, at most 500 characters of it. */
  declineJoin(grove: string, peer: string, options?: { reason?: string }): Promise<null>;
  /** Tells owner and moderators of something. `subject`: a CID, or a member's key for what it says of itself. */
  report(grove: string, subject: string, reason: string): Promise<null>;
  /** What was reported and nobody answered. */
  reports(grove: string): Promise<Report[]>;
  /** For all members: it counts for nothing and is not shown unless a person wants to see it. Its bytes stay. Answers its reports. */
  hide(grove: string, subject: string, options?: { reason?: string }): Promise<null>;
  /** What the owner hid only the owner shows. */
  unhide(grove: string, subject: string, options?: { reason?: string }): Promise<null>;
  dismissReports(grove: string, subject: string, options?: { reason?: string }): Promise<null>;
  /** What owner and moderators hid, showed and dismissed, newest first, at most 1,000. */
  moderation(grove: string): Promise<Moderated[]>;
  /** Who follows the owner, and what moderators say of it. */
  succession(grove: string): Promise<Succession>;
  /** The owner names who may take over with the word of one moderator, or alone where nobody else moderates. Null: nobody. */
  setSuccessor(grove: string, peer: string | null): Promise<null>;
  /** A moderator's ballot. It speaks of the owner's newest entry here: where the owner writes on, it counts no more. */
  elect(grove: string, peer: string): Promise<null>;
  /** Takes the grove over, elected by most moderators or named by the owner. */
  succeed(grove: string): Promise<null>;
  /** The devices of this person, this one first. */
  devices(): Promise<Device[]>;
  /** First, on the device that has the groves: a text for the other to read. */
  deviceAsk(): Promise<{ text: string }>;
  /** Then, on the new device: reads that, and signs. `name`: what it calls itself. */
  deviceAnswer(text: string, name: string): Promise<PairedDevice & { text: string }>;
  /** Then, on the first: what the answer says. Changes nothing. */
  deviceCheck(text: string): Promise<PairedDevice & { name: string }>;
  /** Once the codes are the same: signs, tells all groves, and gives the text that lets the other in. */
  deviceAdd(text: string): Promise<{ text: string; groves: number }>;
  /** Last, on the new device: reads that. */
  deviceAccept(text: string): Promise<TakenIn>;
  /**
   * Takes another device of this person out of all groves: what it wrote so far stays, what it writes from now on doesn't
   * count. `failed`: groves that could not be told now. `kept`: those whose secret it still holds, since this device may not
   * change it.
   */
  endDevice(peer: string): Promise<{ groves: number; failed: string[]; kept: string[] }>;
  /** A new key for this device, for which the old one vouches; the worker starts again with it. */
  renewKey(): Promise<Identity>;
  /** `stale`: a backup made now would hold more. */
  backupState(): Promise<{ at: number | null; stale: boolean }>;
  /** The identity and the groves' secrets, sealed under the passphrase. Takes a second or two. */
  backup(passphrase: string): Promise<Blob>;
  /** Reads a backup: this device, under its own key, becomes one of that person's. Takes a second or two. */
  restore(backup: Blob, passphrase: string): Promise<TakenIn>;
  /** What this device fetches by itself; a change returns the policy as it is then. */
  policy(grove: string, change?: Partial<GrovePolicy>): Promise<GrovePolicy>;
  /** Fetches all of a contribution, whatever the policy, and keeps doing so; at most 1,000 of a grove. */
  pin(grove: string, cid: string): Promise<null>;
  unpin(grove: string, cid: string): Promise<null>;
  pins(grove: string): Promise<string[]>;

  /** What is stored here, how much there may be, and what would have to go. */
  storage(): Promise<StorageInfo>;
  /** Artifacts of a grove that are stored here, the least recently used first; default and at most 1,000. */
  stored(grove: string, options?: { limit?: number }): Promise<StoredArtifact[]>;
  /**
   * Has these artifacts go (at most 1,000 hashes), also those that no other member is known to hold: they may be lost for good.
   * What is pinned or in use stays. What went is not fetched again by itself, but by `fetch`, `artifact` and `pin`.
   */
  evict(grove: string, hashes: string[]): Promise<Evicted>;
  /** Deletes what groves left behind that were left without `erase`. */
  discardLeft(): Promise<{ bytes: number }>;
  /**
   * Checks all that is stored here: every entry, signature, body, block and file, what nothing leads to, and that what is shown is what the logs say.
   * With `repair` it makes good what it can: what can be derived is derived anew, what others hold is asked of them, what nothing leads to is deleted.
   * The event `verify` tells how far it is; what is on its way to and from others goes on meanwhile. `busy` where a check without `repair` is under way.
   */
  verify(options?: { repair?: boolean }): Promise<VerifyResult>;
  /** Ends the check that is under way, if any; who waits for it is refused with `aborted`. What was repaired stays so. */
  cancelVerify(): Promise<null>;
  /** Who is known, and how it stands with them: in one grove, or in all taken together. */
  peers(grove?: string): Promise<PeerInfo[]>;
  /**
   * Who in the grove is at what just now; with a change, what this device is at. Members alone hear of it, it is stored nowhere, and it is over a minute after
   * it was last said: this device says its own again every 30 s, until `none`, or until its last tab is closed.
   */
  presence(grove: string, change?: PresenceChange): Promise<PresenceInfo[]>;
  /** Nothing of the grove goes to this peer and nothing is taken from it, until it is let go on or this device starts anew. */
  pausePeer(grove: string, peer: string, on: boolean): Promise<null>;
  /** Forgets that attempts failed, and tries again. */
  retryPeer(grove: string, peer: string): Promise<null>;
  /** What this device saw a peer do is forgotten, and links with it are not refused any more. */
  forgivePeer(peer: string): Promise<null>;
  /** Compares with a linked peer in full what both hold. */
  resyncPeer(grove: string, peer: string): Promise<null>;
  /** Asks for nothing more of a transfer, by the artifact's hash, until it is resumed or this device starts anew. */
  pauseTransfer(hash: string): Promise<null>;
  resumeTransfer(hash: string): Promise<null>;
  /** Ends a transfer. No policy begins it again before this device starts anew; `fetch` does. */
  cancelTransfer(hash: string): Promise<null>;
  /** Begins a link by hand: a text for someone who is in the grove, or who can let this device in. Good for a day, and for one answer. */
  offer(grove: string): Promise<string>;
  /** Answers such a text with another, which goes back to whoever made it. */
  answer(text: string): Promise<string>;
  /** Takes the answer: the link opens (event `peers`), or doesn't. */
  accept(text: string): Promise<{ grove: string; peerId: string }>;
  /** Whether a signaling address answers: one connection from the worker, at most 5 s. */
  testEndpoint(url: string): Promise<EndpointTest>;
  /** The newest messages that passed, of each type at most 1,000; newest first. */
  gossipLog(filter?: GossipFilter): Promise<GossipMessage[]>;
  /** Who is linked to whom in a grove. Neighbours are asked whom they are linked to, at most once in 5 s: call it while somebody looks. */
  mesh(grove: string, options?: { since?: number }): Promise<MeshView>;
  /** What is known of why links come about or don't. */
  network(grove: string): Promise<NetworkInfo>;
  heldBy(grove: string, peer: string): Promise<HeldBy>;
  /** How packets of each link go, asked of the tab that carries them; nothing where none does, or doesn't answer within 2 s. */
  paths(): Promise<LinkPath[]>;
  stats(): Promise<Stats>;
  /** Of this device: signaling endpoints, STUN and TURN servers, how it finds others. */
  settings(change?: Partial<Settings>): Promise<Settings>;
  /** Makes a grove of real data: the records of a public speedrun. */
  openSample(): Promise<{ id: string }>;
}

/** The closed list of error codes. */
export type ErrorCode =
  /** An argument or manifest breaks a rule. */
  | 'invalid'
  /** A size limit was exceeded. */
  | 'too-large'
  /** No such grove, contribution, artifact or peer here, nor at anyone asked. */
  | 'not-found'
  /** This device is no member of the grove. */
  | 'not-member'
  /** The role does not allow it. */
  | 'forbidden'
  /** The invite's time is over. */
  | 'expired'
  /** The invite's uses are spent. */
  | 'used-up'
  /** The invite or membership was withdrawn. */
  | 'revoked'
  /** Needs a peer or the endpoint, and there is none. */
  | 'offline'
  /** What was waited for did not come in time. */
  | 'timeout'
  /** The disk or the byte budget is full; nothing was written. */
  | 'quota'
  /** The store was closed under us; nothing was written. */
  | 'closed'
  /** A bounded queue is full, another process holds the store, or another member has claimed the task. */
  | 'busy'
  /** The other side speaks a version this one does not. */
  | 'version'
  /** Bytes do not match their hash or signature. */
  | 'corrupt'
  /** This browser lacks what is needed. */
  | 'unsupported'
  /** The caller cancelled. */
  | 'aborted'
  /** A bug of ours. */
  | 'internal';

/** Every event, by name, with its payload. Bursts of `changed` are coalesced. */
export interface Events {
  /** The views of a grove changed. */
  changed: { grove: string };
  /** The list of groves, or a grove's state, changed. */
  groves: Record<string, never>;
  /** An entry was applied. `local`: this device wrote it. */
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
  verify: {
    phase: 'log' | 'bodies' | 'blocks' | 'artifacts' | 'notes' | 'repair' | 'views';
    done: number;
    total: number | null;
  };
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
  /** A kept invite completed. */
  joined: { grove: string };
  /** A kept invite was refused. */
  refused: { grove: string; code: ErrorCode; message: string };
  identity: Identity;
  /** The worker died or hung and was started again; what was pending was sent again. */
  restarted: Record<string, never>;
  /** Something that a person should know: quota, closed database. */
  problem: { code: ErrorCode; message: string };
}

/** One link: bytes over its candidate pairs, and what kind of ends the selected one has. */
export interface MeshEdge {
  from: string;
  to: string;
  /** Whether news go that way as a whole (`eager`), are only named (`lazy`), or go by others. */
  push: 'eager' | 'lazy' | 'none';
  /** ms since a neighbour said so; null where this device knows it by itself. */
  age: number | null;
}
/** What passed between this device and a peer. */
export interface MeshPassed {
  peer: string;
  direction: 'in' | 'out';
  messages: number;
  bytes: number;
  /** Messages that carried new entries. */
  news: number;
}
export interface MeshView {
  /** ms since the epoch: with it as `since` the next call counts what passed from here on, each message once. */
  at: number;
  /** Links in this grove: those of this device, and those its neighbours tell of, once asked. */
  edges: MeshEdge[];
  /** From `since` (at most a minute ago) up to `at`; blocks of files go for no grove in particular and are counted in each. */
  passed: MeshPassed[];
}
/** What is known of why a link does or doesn't come about (SPEC O5). */
export interface NetworkInfo {
  gossip: 'on' | 'off';
  role: Role | null;
  banned: boolean;
  discovery: 'endpoint' | 'hand' | 'both';
  carrier: boolean;
  members: number;
  signal: SignalInfo;
  /** The grove's room at the endpoint: let in or not, others there, and of how many an authentic word was heard. */
  room: { joined: boolean; others: number; heard: number } | null;
  /** Rooms of all groves. */
  rooms: { wanted: number; joined: number };
  links: { up: number; connecting: number; most: number };
  /**
   * Members linked, with this grove open; and those linked for whom it isn't: paused here; unproven where the other didn't show that it
   * has the grove (it may have left, paused this device, or hold another secret).
   */
  open: string[];
  closed: { peer: string; why: 'paused' | 'unproven' | 'waiting' }[];
  /** Attempts that failed since the last that did not, by members of this grove. */
  attempts: {
    peer: string;
    /** No offer came to our call; no answer to our offer; no channel opened; the channel's other end proved nothing. */
    stage: 'call' | 'answer' | 'path' | 'handshake';
    attempts: number;
    reason: string;
    at: number;
  }[];
  /** Links that ended lately, the newest last. */
  ended: { peer: string; reason: string; at: number }[];
}
/** What another member is known to hold. */
export interface HeldBy {
  /** Entries of the log that it holds, and that this device holds; null where nothing was compared. */
  entries: number | null;
  of: number;
  /** Contributions that it said it holds wholly, files included: to this device since they were linked, or to all. */
  whole: number;
  /** What it offers to all: signed rows of the best that it holds, the most rankings first; at most 100. */
  offers: { cid: string; kind: string; summary: string; rankings: string[] }[];
}
/** How a link's packets go. Told by the tab that carries it; no addresses. */
export interface LinkPath {
  link: string;
  /** Candidate types of the selected pair: `host`, `srflx`, `prflx` or `relay`. */
  local: string;
  remote: string;
  /** `udp` or `tcp`. */
  protocol: string;
  /** By ICE's own checks. */
  rttMs: number | null;
}
export interface LinkStats {
  link: string;
  bytesSent: number;
  bytesReceived: number;
  /** Candidate types of the selected pair: `host`, `srflx`, `prflx` or `relay`. */
  local: string;
  remote: string;
  /** `udp` or `tcp`. */
  protocol: string;
  /** By ICE's own checks, ms; null where the browser doesn't say. */
  rttMs: number | null;
}

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
  /** Joining, and told to wait until a member says yes. */
  waiting?: boolean;
  /** So many wait to be let in, and this device may answer. Absent for none. */
  asking?: number;
  /** Open reports, for owner and moderators. Absent for none. */
  reports?: number;
  /** There where the log here holds a standing ban of this device, which normally only who bans it hands over: this is its copy, and it may write nothing. */
  banned?: { id: string; by: string; byName: string; reason: string; at: number };
  /** There where another device of this person took this one out: this is its copy, and it may write nothing. */
  ended?: { by: string; at: number };
  /** There while a large grove is read back: all else is as it was when that was last noted, and so many of its entries are read by now. */
  reading?: { done: number; total: number };
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
/** What is different; all else is carried over. Null takes away. */
export interface EditInput {
  mode?: Mode;
  summary?: string;
  description?: string | null;
  /** By name: those not named are carried over, held here or not; null takes one away. */
  artifacts?: { [name: string]: Blob | Uint8Array | string | null };
  /** Beside the one that supersedes, which is there always. */
  relations?: Relation[];
  scores?: { [metric: string]: Score } | null;
  tags?: string[];
  context?: { [key: string]: Json } | null;
  /** Default: this device. */
  agent?: Agent;
  /** Default: now. */
  createdAt?: string;
}

/** Which contributions: all of what is named must hold. Of those whose manifest isn't held only the author is known. */
export interface ContributionQuery {
  /** By name: those of later versions are found as well. */
  kind?: string;
  mode?: string;
  /** All of them. */
  tags?: string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  /** Each key deeply equal to the manifest's. */
  context?: { [key: string]: Json };
  /** The key of one whose publication stands: the fact beside the claims about agents. */
  author?: string;
}
export interface ContributionFilter extends ContributionQuery {
  /** Words, each of which begins some word of summary, description, tags, agent or artifact names. */
  text?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface Cost {
  /** Contributions, or artifacts, each counted once. */
  count: number;
  /** Bytes of all that it would bring here; of artifacts whole sizes, though some may share blocks. */
  bytes: number;
  /** Of them here already. */
  here: number;
}
export interface PolicyCosts {
  bodies: { [Choice in GrovePolicy['bodies']]: Cost };
  artifacts: { [Choice in GrovePolicy['artifacts']]: Cost };
}
export interface LogItem {
  /** 64 hex digits. */
  id: string;
  author: string;
  authorName: string;
  /** 1, 2, 3… of this author in this grove. */
  seq: number;
  kind: string;
  lamport: number;
  /** When its author says that it was written; ms since the epoch. */
  at: number;
  /** Bytes of the body. */
  size: number;
  /** Order in which this device came to have it; pass it as `before` to go on from here. */
  place: number;
  receivedAt: number;
  /** Null: written here. */
  receivedFrom: string | null;
  /** `own`: a signature over this entry lies here. `later`: one over a later entry of its author covers it. Both were verified. */
  signature: 'own' | 'later';
  /** `forked`: its author signed another for this place, or below. `void`: beyond where its author was banned. Neither counts. */
  standing: 'counts' | 'forked' | 'void';
}
export interface LogPage {
  /** The newest first, by the order in which this device came to have them. */
  items: LogItem[];
  /** There where more follows. */
  before?: number;
  /** On the first page: how many entries there are, and of whom and of which kind, the most first, at most 500 each. */
  totals?: {
    entries: number;
    authors: { peerId: string; name: string; entries: number }[];
    kinds: { kind: string; entries: number }[];
  };
}
/** One entry with all that is in it. Bytes are in hex. */
export interface LogEntryDetail extends LogItem {
  version: number;
  /** The author's entry before; null for its first. */
  prev: string | null;
  /** What it was written after, as far as those are here with author, seq and kind. */
  parents: { id: string; author?: string; authorName?: string; seq?: number; kind?: string }[];
  /** Hash of the body. */
  body: string;
  blobs: { table: string; total: number } | null;
  /** The bytes whose hash is the id. */
  header: string;
  signatureBytes: string | null;
  /** What was found just now, from the bytes on disk: the hash, the chain up to the signature, and that signature. */
  verified: boolean;
  /** Which entry the signature is over. */
  signedAt: { id: string; seq: number } | null;
  /** The body as it reads, its byte strings in hex; null where it isn't here or isn't understood. */
  fields: unknown;
  /** The body itself, at most 64 KiB; null where it isn't here. */
  bodyBytes: string | null;
}
export interface Glance {
  /** Null: this is how the grove is. Else how it was at `at`; so many of its entries are read back by now. */
  reading: { done: number; total: number } | null;
  /** ms since the epoch. */
  at: number;
  name: string;
  entries: number;
  contributions: number;
  /** As `frontier` without a filter answers. */
  frontier: Frontier;
  /** The newest 50, as `contributions` lists them. */
  items: ContributionItem[];
}
export interface ContributionItem extends Acts {
  /** Moderators hid it: not to be shown unless a person wants to see it. */
  hidden?: Hidden;
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
  /** Where it asks to be verified. */
  verification?: Verification;
}
export interface ExportOptions {
  /** Only these; default: all of the grove that stands. At most 10,000. */
  cids?: string[];
  /** Only this one and all that it leads to, over any relation, as far as it is known here. */
  lineage?: string;
  format: 'ndjson' | 'car';
  /** Of `car`: whether artifacts go along. Default: true. */
  artifacts?: boolean;
  /** What isn't held here is left out; without it that is an error. */
  partial?: boolean;
}
export interface ImportOptions {
  /** What is wrong in the file is left out and told; without it nothing of such a file is imported. */
  partial?: boolean;
}
export interface ImportResult {
  /** Contributions published by this device. */
  added: number;
  /** Contributions of the file that the grove had. */
  known: number;
  /** Artifacts stored. */
  artifacts: number;
  /** Lines of NDJSON, sections of a CAR file, from 1; the first 100. */
  refused: { line: number; reason: string }[];
  refusedCount: number;
}
export interface PresenceChange {
  /** `none` takes back what was said. Default: as before, at first `idle`. */
  status?: 'idle' | 'working' | 'done' | 'none';
  /** On what; null: nothing in particular. */
  cid?: string | null;
  /** At most 256 characters. */
  note?: string;
}
export interface PresenceInfo {
  peerId: string;
  name: string;
  status: 'idle' | 'working' | 'done';
  cid: string | null;
  note: string;
  /** When it was said, by this device's clock; ms since the epoch. It is over a minute later, unless it is said again. */
  at: number;
  self: boolean;
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
export interface Contribution extends Manifest, Acts {
  /** Moderators hid it: in no ranking and no search, and not to be shown unless a person wants to see it. */
  hidden?: Hidden;
  cid: string;
  author: string;
  authorName: string;
  /** All who published this manifest here, first by (lamport, id). */
  publishers: string[];
  /** By all of them: in no list and no ranking, and its body and artifacts may go. */
  withdrawn: boolean;
  /** ms since the epoch when this device applied it, and from whom: own, or the peer that sent it. */
  receivedAt: number;
  receivedFrom: string | null;
  signature: 'verified';
  body: boolean;
  lifecycle: Lifecycle;
  /** Null where nothing is judged: withdrawn, or its manifest is not held. */
  gates: Gates | null;
  /** Null where it doesn't ask to be verified. */
  verification: Verification | null;
  outgoing: RelationEdge[];
  incoming: RelationEdge[];
  files: ArtifactInfo[];
  /** Linked members known to hold all of it, this device not counted. */
  holders: number;
}
export interface FrontierFilter extends ContributionQuery {
  /** Only this metric in `byMetric`; the other rankings are as without it. */
  metric?: string;
  /** Default 10, at most 500. */
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
  /** Where it asks to be verified. */
  verification?: Verification;
}
export interface Frontier {
  byMetric: { [metric: string]: { direction: Direction; unit?: string; entries: FrontierEntry[] } };
  byAdoption: FrontierEntry[];
  byRecency: FrontierEntry[];
  byReviewScore: FrontierEntry[];
  byReproduction: FrontierEntry[];
}
/**
 * What is known of a contribution that others point at: all of it (`held`), only its signed header (`missing`), that all who
 * published it withdrew it, that moderators hid it, or nothing but its CID (`unknown`).
 */
export type Standing = 'held' | 'missing' | 'withdrawn' | 'hidden' | 'unknown';
/** A contribution where it is mentioned. Words are those of what is held. */
export interface Mention {
  cid: string;
  standing: Standing;
  /** Who signed it; absent where nobody published it here. */
  author?: string;
  authorName?: string;
  createdAt?: string;
  kind?: string;
  summary?: string;
  /** Where it is hidden. */
  hidden?: Hidden;
}
export interface ThreadOptions {
  /** Levels below it; default and most 16. */
  depth?: number;
  /** Default and most 500. */
  limit?: number;
  cursor?: string;
}
export interface ThreadItem extends Mention {
  /** Levels below the contribution that was asked for; above it less than 0. */
  depth: number;
  /** What it is shown below. */
  parent: string | null;
  /** Direct ones that are shown here or by asking for this one. */
  answers: number;
  agentId?: string;
  agentName?: string;
  /** Its first 4,096 characters. */
  description?: string;
  /** There is more of the description. */
  clipped: boolean;
}
export interface Thread {
  /** What it answers, and what that answers, the furthest first; at most 16 levels. */
  above: ThreadItem[];
  /** Itself first, then depth first, the oldest answers first. */
  items: ThreadItem[];
  /** Pass it back to go on; absent on the last page. */
  cursor?: string;
}
/** By what the roots are. */
export interface ThreadFilter extends ContributionQuery {
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
/** A thread by its root. */
export interface ThreadInfo extends Mention {
  /** That stand, at any level. */
  answers: number;
  /** Who wrote the root and the answers, each once. */
  authors: number;
  /** The newest in it; `at` in ms since the epoch by its author's clock. */
  latest: { cid: string; author: string; authorName: string; at: number };
}
export interface LineageOptions {
  /** Only these; default all. */
  relations?: string[];
  /** Default and most 10,000. */
  depth?: number;
  /** Of either direction; default 500, at most 10,000. */
  limit?: number;
}
export interface LineageItem extends Mention {
  /** Least number of relations between. */
  depth: number;
  /** Relations to what is one step nearer, or from it; at most 8. */
  via: { cid: string; relationType: RelationType }[];
}
/** Nearest first. */
export interface Lineage {
  ancestors: LineageItem[];
  descendants: LineageItem[];
  /** Limit or depth left some out. */
  truncated: { ancestors: boolean; descendants: boolean };
}
export interface LineagePath {
  /** Both ends among them; null where there is no way. */
  items: Mention[] | null;
  /** One for each step: `from` states the relation to `to`, whichever way the path goes. */
  steps: { from: string; to: string; relationType: RelationType }[];
  /** Not all was looked at: there may be a way all the same. */
  truncated: boolean;
}
export interface SeriesFilter extends ContributionQuery {
  /** Points; default 1,000, at most 10,000. */
  limit?: number;
}
export interface SeriesPoint {
  cid: string;
  value: number;
  /** Of this and all before it. */
  best: number;
  /** Better than all before it. */
  improves: boolean;
  /** Its place in the whole series, from 0. */
  index: number;
  author: string;
  authorName: string;
  /** ms since the epoch by its author's clock. */
  at: number;
}
export interface Series {
  direction: Direction;
  unit?: string;
  /** In the order of the log. Beyond the limit improvements stay before anything else does. */
  points: SeriesPoint[];
  /** How many there are, told or not. */
  total: number;
  improvements: number;
}
/** `first` and `last` in ms since the epoch by the authors' clocks. */
export interface AgentInfo {
  /** A claim: any author may use it. */
  agentId: string;
  /** As its newest contribution says. */
  agentName?: string;
  platform?: string;
  /** That stand and are held. */
  contributions: number;
  first: number;
  last: number;
}
export interface AuthorInfo {
  author: string;
  authorName: string;
  /** Published, withdrawn ones too. */
  contributions: number;
  /** Claims, outcomes, votes, settings, profiles and retractions. */
  acts: number;
  first: number;
  last: number;
}
/** The latest activity first, at most 500 of each. */
export interface Sessions {
  agents: AgentInfo[];
  authors: AuthorInfo[];
  /** How many are not told. */
  more: { agents: number; authors: number };
}
/** An agent by what its contributions claim, or an author by its key. */
export type SessionOf = { agentId: string } | { author: string };
export interface SessionItem {
  /** Entry id. */
  id: string;
  /** `contribution`, or the act: `claim`, `outcome`, `vote`, `setting`, `profile`, `retract`. */
  kind: string;
  author: string;
  authorName: string;
  /** ms since the epoch by its author's clock. */
  at: number;
  /** The contribution, or the one that the act is about. */
  target?: Mention;
  /** Of a claim `claim`, `renew`, `release` or `complete`; of an outcome and a vote what it says. */
  word?: string;
  /** Of a claim its note, of an outcome its reason. */
  note?: string;
  /** Of a setting. */
  key?: string;
}
/** Oldest first. */
export interface Session {
  items: SessionItem[];
  /** Pass it back to go on; absent on the last page. */
  cursor?: string;
}

/** Something that happened in a grove: an entry of its log, and what it is about. */
export interface ActivityItem extends SessionItem {
  /** In the order in which this device came to have it, from 0. */
  place: number;
  /** Who was let in, given a role, banned, let back in, or handed the grove. Their new role is `word`, why is `note`. */
  member?: { peerId: string; name: string };
}
/** Newest first. Invites, rotations and renewals of claims are left out. */
export interface Activity {
  items: ActivityItem[];
  /** One more than the highest place. */
  end: number;
  /** Pass it back as `before` to go on; absent on the last page. */
  cursor?: number;
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
  /** What this device saw it do itself, and what follows here; null for this device. */
  standing: PeerStanding | null;
  reason?: string;
}
/** What a device was seen to do by this one. Nobody else is told. Old deeds count less and less. */
export interface PeerStanding {
  /** `doubtful`: others are preferred; `refused`: no link with it until `until`, unless `forgivePeer` is called. */
  state: 'good' | 'doubtful' | 'refused';
  /** How often which was seen. */
  seen: { deed: PeerDeed; times: number }[];
  /** ms since the epoch; null where links aren't refused. */
  until: number | null;
}
/**
 * `garbled`: bytes that are no frames; `flood`: more frames than anyone needs; `bad-block`, `bad-signature`, `bad-entry`: what it
 * should have checked before it sent it; `lie`: lacked what it signed to hold, and signed that again.
 */
export type PeerDeed = 'garbled' | 'flood' | 'bad-block' | 'bad-signature' | 'bad-entry' | 'lie';
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
  direction?: GossipMessage['direction'];
  outcome?: GossipMessage['outcome'];
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
  /** When that state began, ms since the epoch; null before anything was heard. */
  since: number | null;
  /** What went wrong last, also once it is reached again. */
  lastError: { at: number; reason: string } | null;
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
  /** Links go through a TURN server or not at all, so that members don't see this device's network address. */
  relayOnly: boolean;
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
export interface VerifyFinding {
  /** `entry`, `signature`, `body`: of a log; `block`, `list`, `artifact`: of files; `orphan`: what nothing leads to; `note`, `record`: small rows beside them; `view`, `index`: what is derived. */
  kind:
    | 'entry'
    | 'signature'
    | 'body'
    | 'block'
    | 'list'
    | 'artifact'
    | 'orphan'
    | 'note'
    | 'record'
    | 'view'
    | 'index';
  grove: string | null;
  /** Of the entry, the hash, or the key of the row. */
  id: string;
  /** `found`: nothing was done about it; `asked`: asked anew of others, and on its way once one has it; `lost`: nobody reached now can give it. */
  state: 'found' | 'repaired' | 'asked' | 'lost';
  /** In words. */
  detail: string;
}
export interface VerifyResult {
  /** Nothing wrong was found, or all of it was repaired. */
  sound: boolean;
  /** How many of each were looked at; `bytes`: of blocks; `files`: in which blocks lie together on disk; `views`: groves whose views were derived anew and compared. */
  checked: {
    entries: number;
    signatures: number;
    bodies: number;
    artifacts: number;
    lists: number;
    blocks: number;
    bytes: number;
    files: number;
    notes: number;
    views: number;
  };
  /** The first 200. */
  findings: VerifyFinding[];
  /** All of them, and of these: repaired, asked of others, lost. */
  found: number;
  repaired: number;
  asked: number;
  lost: number;
  /** Groves of which something could not be compared, and why. */
  skipped: { grove: string; reason: string }[];
}
/** What went, and what stayed and why. */
export interface Evicted {
  bytes: number;
  kept: { hash: string; reason: 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body' | 'not-held' }[];
}
/** A rule that contributions should meet. Scores are compared by the metric's direction. */
export type Gate =
  | { type: 'min_reviews'; count: number }
  | { type: 'min_score'; metric: string; value: number }
  | { type: 'has_artifact'; name: string }
  | { type: 'has_relation'; relationType: string }
  | { type: 'metric_improves'; metric: string };
/** A condition under which work in a grove should stop. */
export type Stop =
  | { type: 'target'; metric: string; value: number }
  | { type: 'rounds'; metric: string; count: number }
  /** `until`: ms since the epoch. At least one of the two. */
  | { type: 'budget'; contributions?: number; until?: number }
  | { type: 'review_quorum'; reviews: number; score: number };
/** What devices that join begin with; each may choose otherwise. */
export interface PolicyDefaults {
  bodies?: 'all' | 'frontier' | 'on-demand';
  artifacts?: 'all' | 'frontier' | 'pinned' | 'on-demand';
  budget?: number | null;
  thresholds?: { [metric: string]: number };
  adopt?: boolean;
}
/** The contract in effect. */
export interface Contract {
  name: string;
  description: string;
  metrics: Metric[];
  /** At most 32. */
  gates: Gate[];
  /** At most 16. */
  stops: Stop[];
  /** `open`: an invite is enough. `approval`: a member says yes as well; `moderated`: the owner or a moderator does. */
  join: 'open' | 'approval' | 'moderated';
  policy: PolicyDefaults;
}
/** Parts to change; null gives one back to what the grove was founded with. */
export type ContractChange = { [Part in keyof Contract]?: Contract[Part] | null };

export interface GateResult {
  gate: Gate;
  passed: boolean;
  /** In words, with the figures. */
  reason: string;
}
/** `passed`: every gate is. */
export interface Gates {
  passed: boolean;
  results: GateResult[];
}
export interface StopResult {
  stop: Stop;
  met: boolean;
  /** In words, with the figures. */
  reason: string;
  figures: {
    /** The best value so far. */
    best?: number;
    /** Scores since it improved. */
    rounds?: number;
    contributions?: number;
    /** Persons who reviewed the contribution that comes closest, and the mean of their scores. */
    reviews?: number;
    score?: number;
  };
  /** The contribution that comes closest. */
  cid?: string;
}
/** How far a contribution that asks for it is verified by others: k of n persons. */
export interface Verification {
  state: 'pending' | 'confirmed' | 'challenged';
  confirmed: number;
  quorum: number;
}
export interface VerificationDetail extends Verification {
  /** How it is to be verified, as its author says. */
  how: string;
  /** Each person's last word, oldest first; at most 1,000. */
  words: VerificationWord[];
}
export interface VerificationWord {
  author: string;
  authorName: string;
  /** The reproduction that says so. */
  cid: string;
  says: 'confirmed' | 'challenged' | 'none';
  /** Who rejected or invalidated this challenge; null while nobody did. */
  answeredBy: string | null;
}
/** Fields not known here are kept. */
export interface Prompt {
  id: string;
  name: string;
  system_prompt: string;
  tools: Json[];
  user_prompt: string;
  updated_at: string | number;
  [field: string]: Json;
}
/** `id` and `name` must be there; the rest is empty where it isn't given, `updated_at` now. */
export interface PromptInput {
  id: string;
  name: string;
  system_prompt?: string;
  tools?: Json[];
  user_prompt?: string;
  updated_at?: string | number;
  [field: string]: Json | undefined;
}
export interface SharedBy {
  author: string;
  authorName: string;
  /** ms since the epoch, by its author's clock. */
  at: number;
  /** This device wrote it. */
  own: boolean;
  /** False for others' where this device doesn't adopt them (`policy`). */
  inEffect: boolean;
}
export interface SharedPrompt extends SharedBy {
  id: string;
  prompt: Prompt;
}
export interface SharedSetting extends SharedBy {
  name: string;
  value: Json;
}
/** What a member says of itself in a grove. */
export interface Profile {
  peerId: string;
  name: string;
  /** `blake3:` and the hash of an image. */
  avatar: string | null;
  description: string;
  /** What its device or agent offers to do. */
  capabilities: string[];
  /** Moderators hid what it says of itself, its name with it. */
  hidden: boolean;
}
/** What isn't given stays. `avatar: null`, an empty text or list take away. */
export interface ProfileInput {
  name?: string;
  avatar?: string | null;
  description?: string;
  /** At most 32 of at most 64 characters. */
  capabilities?: string[];
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
  /** Whether others' shared prompts and settings are in effect on this device; where not, only its own are. */
  adopt: boolean;
}
export interface Device {
  peerId: string;
  fingerprint: string;
  /** What it calls itself; empty for the first of them. */
  name: string;
  self: boolean;
  /** When it was first let into a grove, ms since the epoch; 0 where it is in none. */
  since: number;
  /** In how many groves of this device it counts, and in how many it was taken out. */
  groves: number;
  ended: number;
  /** Sixteen digits of its key and this device's, the same on both; empty for this device. */
  code: string;
}
/** The other end of a pairing: `code` has to be the same on both screens. */
export interface PairedDevice {
  peerId: string;
  fingerprint: string;
  code: string;
}
/** What came of a backup or of another device's text: groves that this device is let into once a member of each is there. */
export interface TakenIn {
  name: string;
  groves: { id: string; name: string }[];
}

export interface Member {
  peerId: string;
  /** The senior device of the person whose device this is: itself for who has but one. Names are the person's. */
  person: string;
  /** What the device calls itself, where another device of the person vouched for it. */
  device: string | null;
  name: string;
  fingerprint: string;
  role: Role;
  invitedBy: string | null;
  since: number;
  /** From its `profile`: empty where it says nothing. */
  avatar: string | null;
  description: string;
  capabilities: string[];
  /** Moderators hid what it says of itself, its name with it. */
  hidden: boolean;
  /**
   * It signed two logs that part: from this `seq` on its contributions don't count. `ids`: the first entry of each, lower
   * first, as in the proof that members hand each other. Null where no fork is known here.
   */
  quarantined: { seq: number; ids: [string, string] } | null;
}

/** One who holds an invite and waits, since the contract wants a yes as well. */
export interface JoinRequest {
  /** Entry id. */
  id: string;
  peerId: string;
  /** As it calls itself. */
  name: string;
  fingerprint: string;
  /** What its invite grants. */
  role: 'member' | 'reader';
  inviter: string;
  inviterName: string;
  /** Whom it asked: that member saw that it holds the invite. */
  by: string;
  byName: string;
  /** ms since the epoch, by that member's clock. */
  at: number;
  state: 'waiting' | 'approved' | 'declined';
  answeredBy: string | null;
  answeredByName: string | null;
  reason: string;
}
/** What moderators did: who, why and when. */
export interface Hidden {
  by: string;
  byName: string;
  reason: string;
  /** ms since the epoch, by the clock of who did it; display only. */
  at: number;
}
/** What is reported or hidden: a contribution by its CID, or what a member says of itself by its key ('' where it says other things by now). */
export interface Subject {
  about: 'contribution' | 'entry';
  subject: string;
  target?: Mention;
  member?: { peerId: string; name: string };
}
export interface Report extends Subject {
  /** At most 20, the oldest first. */
  reports: (Hidden & { id: string })[];
  total: number;
}
export interface Moderated extends Subject, Hidden {
  /** Entry id. */
  id: string;
  word: 'hide' | 'show' | 'dismiss';
  /** It is by this that it is hidden now. */
  stands: boolean;
}
export interface Succession {
  owner: string | null;
  /** When the owner wrote its newest entry here, by its clock; null where it wrote none. */
  ownerWroteAt: number | null;
  /** Whom the owner named. */
  successor: string | null;
  /** Persons who moderate. */
  moderators: number;
  /** So many of them elect. */
  needed: number;
  /** `current`: it speaks of the owner's newest entry here. Others don't count: the owner wrote since. */
  ballots: { by: string; byName: string; at: number; to: string; toName: string; current: boolean }[];
  /** This device may take over. */
  mayClaim: boolean;
}

export interface Ban {
  /** Entry id. */
  id: string;
  peerId: string;
  name: string;
  fingerprint: string;
  by: string;
  byName: string;
  reason: string;
  /** ms since the epoch, by the clock of who banned; display only. */
  at: number;
  /** The last entry of the banned one that counts; 0: none does. */
  seq: number;
}
export interface Invite {
  /** Entry id. */
  id: string;
  by: string;
  byName: string;
  role: 'member' | 'reader';
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
  uses: number;
  used: number;
  /** `rotated`: the grove's secret changed since, and it lets nobody in any more. */
  state: 'open' | 'expired' | 'used-up' | 'revoked' | 'rotated';
  at: number;
}

export type ClaimStatus = 'active' | 'expired' | 'released' | 'completed';
/** Who works on a plan or question. `status` as of the moment it was told: compare `until` with the clock. */
export interface Claim {
  /** Entry id. */
  claim: string;
  author: string;
  authorName: string;
  status: ClaimStatus;
  /** ms since the epoch by the author's clock, as is `until`. */
  at: number;
  until: number;
  note: string;
}
/** `ended`: another claim that stands ended it; `lost`: a rival stands, and this never did. `by` is that other claim. */
export interface PastClaim extends Omit<Claim, 'status'> {
  status: ClaimStatus | 'ended' | 'lost';
  by: string | null;
}
export interface Claims {
  /** The one in force, whatever became of it. */
  current: Claim | null;
  /** All of them, newest first; at most 100. */
  history: PastClaim[];
  total: number;
}
export interface ClaimOptions {
  /** ms from now; default 300,000, at most a day. */
  lease?: number;
  /** At most 4,096 characters. */
  note?: string;
  /** Whether this device renews it by itself at a third of the lease while it runs. Default true. */
  renew?: boolean;
}
export interface Votes {
  up: number;
  down: number;
  /** This device's person's own. */
  mine: 'up' | 'down' | null;
}
export interface VoteList extends Votes {
  /** Who, ascending by key; at most 500. `at`: ms since the epoch by the voter's clock. */
  votes: { author: string; authorName: string; vote: 'up' | 'down'; at: number }[];
}
export type Outcome = 'accepted' | 'rejected' | 'crashed' | 'invalidated';
/** How many evaluators say each. */
export type OutcomeCounts = { [outcome in Outcome]?: number };
export interface Evaluation {
  author: string;
  authorName: string;
  outcome: Outcome;
  reason: string;
  /** ms since the epoch by the evaluator's clock. */
  at: number;
}
/** What members did about a contribution; each is there where there is some. */
export interface Acts {
  votes?: Votes;
  claim?: Claim;
  outcomes?: OutcomeCounts;
}
/** `open`: nobody claims it, or who did let go; `expired`: who claimed it ran out of time. Both can be claimed, as can `answered`. */
export type TaskStatus = 'open' | 'claimed' | 'expired' | 'answered' | 'completed';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export interface TaskFilter {
  kind?: 'plan' | 'ask_user';
  /** Any of them. */
  status?: TaskStatus[];
  /** Only those whose claim in force is this device's. */
  mine?: boolean;
  /** Key of who published it first. */
  author?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface QuestionFilter {
  /** Without a response that stands; `false`: with one. */
  open?: boolean;
  priority?: Priority;
  /** Only those that this device asked. */
  mine?: boolean;
  author?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
/** A plan or a question. */
export interface Task extends ContributionItem {
  status: TaskStatus;
  /** Responses that stand. */
  responses: number;
  /** Of a question. */
  priority?: Priority;
}

declare global {
  interface Window {
    readonly thicket: Thicket;
  }
  var thicket: Thicket;
}
