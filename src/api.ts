// window.thicket: the RPC client as an object of plain methods. public/thicket.d.ts tells the same to people.
import type { EventName, Events, Identity, Method, Methods } from '../worker/rpc/api.ts';
import type { Client } from '../worker/rpc/client.ts';
import type { LinkStats } from './links/host.ts';

export type Thicket = {
  readonly [Name in Method]: (...params: Methods[Name]['params']) => Promise<Methods[Name]['result']>;
} & {
  /** Package version and content id of this page's build. */
  readonly version: string;
  /** Resolves once the worker answers. Calls made before wait by themselves. */
  readonly ready: Promise<void>;
  /** Returns how to stop listening. */
  on<Name extends EventName>(event: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Per link that *this tab* carries: bytes over its candidate pairs, from RTCPeerConnection.getStats. */
  linkStats(): Promise<LinkStats[]>;
};

export interface ThicketOptions {
  client: Client;
  version: string;
  linkStats(): Promise<LinkStats[]>;
  /** This device has a new key from its next start on. */
  onRenewed(identity: Identity): Promise<void>;
}

export function createThicket(options: ThicketOptions): Thicket {
  const { client, version } = options;
  const bind =
    <Name extends Method>(name: Name) =>
    (...params: Methods[Name]['params']): Promise<Methods[Name]['result']> =>
      client.call(name, ...params);
  const ready = client.ready.then(() => undefined);
  // A refusal is told by every call as well; nobody has to wait for this one.
  ready.catch(() => undefined);
  return Object.freeze({
    version,
    ready,
    on: <Name extends EventName>(event: Name, listener: (payload: Events[Name]) => void) =>
      client.on(event, listener),
    linkStats: () => options.linkStats(),
    identity: bind('identity'),
    setName: bind('setName'),
    groves: bind('groves'),
    createGrove: bind('createGrove'),
    invite: bind('invite'),
    previewInvite: bind('previewInvite'),
    join: bind('join'),
    leave: bind('leave'),
    contribute: bind('contribute'),
    edit: bind('edit'),
    contributions: bind('contributions'),
    contribution: bind('contribution'),
    fetch: bind('fetch'),
    artifact: bind('artifact'),
    hash: bind('hash'),
    frontier: bind('frontier'),
    glance: bind('glance'),
    log: bind('log'),
    logEntry: bind('logEntry'),
    policyCosts: bind('policyCosts'),
    graph: bind('graph'),
    thread: bind('thread'),
    threads: bind('threads'),
    lineage: bind('lineage'),
    path: bind('path'),
    series: bind('series'),
    sessions: bind('sessions'),
    session: bind('session'),
    activity: bind('activity'),
    cid: bind('cid'),
    publish: bind('publish'),
    export: bind('export'),
    import: bind('import'),
    presence: bind('presence'),
    replicated: bind('replicated'),
    changes: bind('changes'),
    retract: bind('retract'),
    claim: bind('claim'),
    renewClaim: bind('renewClaim'),
    release: bind('release'),
    complete: bind('complete'),
    claims: bind('claims'),
    vote: bind('vote'),
    votes: bind('votes'),
    outcome: bind('outcome'),
    outcomes: bind('outcomes'),
    tasks: bind('tasks'),
    questions: bind('questions'),
    members: bind('members'),
    setRole: bind('setRole'),
    ban: bind('ban'),
    unban: bind('unban'),
    bans: bind('bans'),
    handover: bind('handover'),
    rotate: bind('rotate'),
    invites: bind('invites'),
    revokeInvite: bind('revokeInvite'),
    joinRequests: bind('joinRequests'),
    approveJoin: bind('approveJoin'),
    declineJoin: bind('declineJoin'),
    report: bind('report'),
    reports: bind('reports'),
    hide: bind('hide'),
    unhide: bind('unhide'),
    dismissReports: bind('dismissReports'),
    moderation: bind('moderation'),
    succession: bind('succession'),
    setSuccessor: bind('setSuccessor'),
    elect: bind('elect'),
    succeed: bind('succeed'),
    contract: bind('contract'),
    gates: bind('gates'),
    stops: bind('stops'),
    verification: bind('verification'),
    prompts: bind('prompts'),
    setPrompt: bind('setPrompt'),
    removePrompt: bind('removePrompt'),
    groveSettings: bind('groveSettings'),
    setting: bind('setting'),
    profile: bind('profile'),
    setProfile: bind('setProfile'),
    devices: bind('devices'),
    deviceAsk: bind('deviceAsk'),
    deviceAnswer: bind('deviceAnswer'),
    deviceCheck: bind('deviceCheck'),
    deviceAdd: bind('deviceAdd'),
    deviceAccept: bind('deviceAccept'),
    endDevice: bind('endDevice'),
    renewKey: async () => {
      const identity = await client.call('renewKey');
      await options.onRenewed(identity);
      return identity;
    },
    backupState: bind('backupState'),
    backup: bind('backup'),
    restore: bind('restore'),
    policy: bind('policy'),
    pin: bind('pin'),
    unpin: bind('unpin'),
    pins: bind('pins'),
    storage: bind('storage'),
    stored: bind('stored'),
    evict: bind('evict'),
    discardLeft: bind('discardLeft'),
    verify: bind('verify'),
    cancelVerify: bind('cancelVerify'),
    peers: bind('peers'),
    pausePeer: bind('pausePeer'),
    retryPeer: bind('retryPeer'),
    forgivePeer: bind('forgivePeer'),
    resyncPeer: bind('resyncPeer'),
    pauseTransfer: bind('pauseTransfer'),
    resumeTransfer: bind('resumeTransfer'),
    cancelTransfer: bind('cancelTransfer'),
    offer: bind('offer'),
    answer: bind('answer'),
    accept: bind('accept'),
    testEndpoint: bind('testEndpoint'),
    gossipLog: bind('gossipLog'),
    mesh: bind('mesh'),
    network: bind('network'),
    heldBy: bind('heldBy'),
    paths: bind('paths'),
    stats: bind('stats'),
    settings: bind('settings'),
    openSample: bind('openSample'),
  });
}
