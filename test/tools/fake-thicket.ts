// A peer that is made up, for looking at screens without a worker. Never part of the shipped build.
import type {
  Claim,
  ClaimOptions,
  Contract,
  Contribution,
  ContributionItem,
  EventName,
  Events,
  FrontierEntry,
  GossipMessage,
  GroveInfo,
  Kind,
  Lifecycle,
  Profile,
  RelationType,
} from '../../worker/rpc/api.ts';
import type { Thicket } from '../../src/state/thicket.ts';
import { fakeEnded, fakeStorage, fakeStored, fakeTransfers } from './fake-storage.ts';

const hex = (n: number): string => {
  let state = (n * 2_654_435_761 + 12_345) % 4_294_967_296;
  let out = '';
  while (out.length < 64) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    out += Math.floor(state).toString(16).padStart(8, '0');
  }
  return out.slice(0, 64);
};
const print = (id: string): string => (id.slice(0, 32).match(/.{4}/g) ?? []).join(' ');

const ME = hex(1);
const PEERS = [
  { id: ME, name: 'Ines' },
  { id: hex(2), name: 'Kofi Mensah' },
  { id: hex(3), name: 'lab-agent-07' },
  { id: hex(4), name: 'שרה 木村 with a rather long name that goes on' },
];
export const GROVE = hex(100);
const CONTRACT: Contract = {
  name: 'Modded speedrun',
  description: '',
  metrics: [],
  gates: [],
  stops: [],
  join: 'open',
  policy: {},
};
const PROFILE: Profile = { peerId: ME, name: 'Ines', avatar: null, description: '', capabilities: [] };

const SUMMARIES = [
  'llm.c baseline',
  'Tuned learning rate and rotary embeddings',
  'Introduced the Muon optimizer',
  'Muon improvements',
  'Pad embeddings, ReLU², zero-init projections, QK-norm',
  'Distributed the overhead of Muon',
  'Upgraded PyTorch 2.5.0',
  'Untied embedding and head',
  'Value and embedding skip connections, momentum warmup, logit softcap',
  'Bfloat16 activations',
  'U-net pattern skip connections and double learning rate',
  '1024-context dense causal attention to 64K-context FlexAttention',
  'Attention window warmup',
  'Value embeddings',
  'U-net value embeddings, assorted code optimizations',
  'Split value embeddings, block sliding window, separate block mask',
  'Sparsify value embeddings, improve rotary embeddings, drop an attention layer',
  'Lower logit softcap from 30 to 15',
  'FP8 head, offset logits, lr decay to 0.1 instead of 0.0',
  'Merged QKV weights, long-short attention, attention scale',
  'Reduced batch size',
  'Skip the first MLP\u202e layer, with a control character in it',
];

interface Row {
  cid: string;
  kind: Kind;
  summary: string;
  author: { id: string; name: string };
  minutes: number | null;
  at: number;
  parents: { cid: string; type: RelationType }[];
  tags: string[];
  lifecycle: Lifecycle;
  held: boolean;
}

function rows(): Row[] {
  const list: Row[] = [];
  let best: Row | null = null;
  let minutes = 45;
  const start = Date.now() - 500 * 86_400_000;
  for (let i = 0; i < 74; i += 1) {
    const author = PEERS[(i * 7) % PEERS.length] ?? { id: ME, name: 'Ines' };
    const kind: Kind =
      i % 11 === 7
        ? 'review'
        : i % 13 === 9
          ? 'reproduction'
          : i % 17 === 12
            ? 'discussion'
            : i === 40
              ? 'plan'
              : i === 50
                ? 'ask_user'
                : i === 51
                  ? 'response'
                  : i % 23 === 20
                    ? 'adoption'
                    : 'work';
    const attempt = kind === 'work' && i % 5 === 3;
    if (kind === 'work') minutes *= 0.92 + ((i * 13) % 7) / 140;
    const value = attempt ? minutes * 1.15 : minutes;
    const back = list[Math.max(0, list.length - 1 - (i % 4))];
    const target = attempt || kind !== 'work' ? back : (best ?? undefined);
    const type: RelationType =
      kind === 'review'
        ? 'reviews'
        : kind === 'reproduction'
          ? 'reproduces'
          : kind === 'adoption'
            ? 'adopts'
            : kind === 'work'
              ? 'derives_from'
              : 'responds_to';
    const row: Row = {
      cid: `blake3:${hex(1000 + i)}`,
      kind,
      summary:
        kind === 'review'
          ? 'Checked the log: the loss curve matches, timing is honest'
          : kind === 'reproduction'
            ? 'Re-timed on two other machines, within 1.2 %'
            : kind === 'discussion'
              ? 'Does the warmup still matter at this batch size?'
              : (SUMMARIES[i % SUMMARIES.length] ?? ''),
      author,
      minutes: kind === 'work' ? Number(value.toFixed(3)) : null,
      at: start + i * 6.6 * 86_400_000,
      parents: target === undefined ? [] : [{ cid: target.cid, type }],
      tags: ['speedrun', ...(i % 3 === 0 ? ['optimizer'] : []), ...(i % 4 === 0 ? ['attention'] : [])],
      lifecycle:
        i % 9 === 4
          ? 'adopted'
          : i % 13 === 6
            ? 'reproduced'
            : i % 11 === 6
              ? 'under_review'
              : i % 29 === 28
                ? 'challenged'
                : 'published',
      held: i % 12 !== 10,
    };
    const second = list[list.length - 6];
    if (i % 15 === 14 && second !== undefined) row.parents.push({ cid: second.cid, type: 'derives_from' });
    list.push(row);
    if (kind === 'work' && !attempt) best = row;
  }
  return list;
}

const groveInfo = (over: Partial<GroveInfo>): GroveInfo => ({
  id: GROVE,
  name: 'NanoGPT speedrun',
  description: 'Train a small GPT to 3.28 validation loss on eight H100s, as fast as possible.',
  metrics: [
    { name: 'minutes', direction: 'minimize', unit: 'min' },
    { name: 'validation loss', direction: 'minimize' },
  ],
  state: 'active',
  reason: null,
  role: 'owner',
  owner: ME,
  members: 4,
  contributions: 74,
  entries: 81,
  links: 2,
  unsent: 0,
  ...over,
});

const gossip = (): GossipMessage[] =>
  Array.from({ length: 60 }, (_, i) => ({
    at: Date.now() - i * 1_700,
    type: ['entries', 'ihave', 'prune', 'fingerprint', 'shuffle', 'digest'][i % 6] ?? '',
    peer: hex(2 + (i % 3)),
    grove: GROVE,
    direction: i % 2 === 0 ? ('in' as const) : ('out' as const),
    bytes: 60 + ((i * 997) % 4_000),
    why: (['eager', 'lazy', 'eager', 'sync', 'membership', 'digest'] as const)[i % 6] ?? 'unknown',
    outcome: i % 2 === 1 ? ('sent' as const) : i % 12 === 0 ? ('duplicate' as const) : ('applied' as const),
  }));

/** `scene` comes from the preview's address: fresh, alone, offline, empty, moving, full, or nothing for a full grove. */
const fakeClaim = ({ lease = 300_000, note = '' }: ClaimOptions = {}): Claim => {
  const at = Date.now();
  return {
    claim: hex(900),
    author: hex(1),
    authorName: 'Ada',
    status: 'active',
    at,
    until: at + lease,
    note,
  };
};

export function createFakeThicket(scene: string): Thicket {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const all = scene === 'empty' ? [] : rows();
  let identity = { peerId: ME, name: scene === 'fresh' ? '' : 'Ines', fingerprint: print(ME) };
  const solo = scene === 'empty' || scene === 'alone';
  const groves: GroveInfo[] =
    scene === 'fresh'
      ? []
      : [
          groveInfo(
            solo
              ? { contributions: all.length, members: 1, links: 0, unsent: 3 }
              : scene === 'offline'
                ? { links: 0, unsent: 2 }
                : {},
          ),
          groveInfo({
            id: hex(101),
            name: 'Reading group',
            description: '',
            members: 2,
            contributions: 9,
            links: 0,
            role: 'member',
          }),
          groveInfo({ id: hex(102), name: 'Protein folding', state: 'joining', role: null, members: 0 }),
        ];

  const item = (row: Row): ContributionItem => ({
    cid: row.cid,
    kind: row.kind,
    mode: 'evaluation',
    summary: row.summary,
    agent: { agentId: row.author.id, agentName: row.author.name },
    author: row.author.id,
    authorName: row.author.name,
    createdAt: new Date(row.at).toISOString(),
    ...(row.minutes === null
      ? {}
      : { scores: { minutes: { value: row.minutes, direction: 'minimize', unit: 'min' } } }),
    tags: row.tags,
    body: row.held,
    artifacts: { held: row.held ? 2 : 0, total: 2 },
    lifecycle: row.lifecycle,
  });
  const entry = (row: Row, value: number): FrontierEntry => ({
    cid: row.cid,
    value,
    summary: row.summary,
    kind: row.kind,
    author: row.author.id,
    authorName: row.author.name,
    createdAt: new Date(row.at).toISOString(),
    held: row.held,
    holders: row.held ? 2 : 1,
    lifecycle: row.lifecycle,
  });
  const find = (cid: string): Row => {
    const row = all.find((other) => other.cid === cid);
    if (row === undefined)
      throw Object.assign(new Error(`contribution ${cid}: not here`), { code: 'not-found' });
    return row;
  };
  const whole = (row: Row): Contribution => ({
    ...item(row),
    manifestVersion: 1,
    description:
      'Replaces the tied head with its own matrix and keeps the rest as it was.\n\nThe gain shows from the first thousand steps on; three seeds agree within 0.4 %. Learning rate of the head is a fifth of that of the body, found by a coarse sweep.\n\nLog and script are attached.',
    artifacts: {
      'train.log': `blake3:${hex(7)}`,
      'record.json': `blake3:${hex(8)}`,
      'curve.png': `blake3:${hex(9)}`,
    },
    relations: row.parents.map((parent) => ({ targetCid: parent.cid, relationType: parent.type })),
    agent: { agentId: '@kellerjordan0', agentName: '@kellerjordan0', platform: 'import' },
    publishers: [row.author.id],
    receivedAt: row.at + 5000,
    receivedFrom: row.author.id === ME ? null : row.author.id,
    withdrawn: false,
    signature: 'verified',
    gates: { passed: true, results: [] },
    verification: null,
    outgoing: row.parents.map((parent) => {
      const to = find(parent.cid);
      return { cid: to.cid, relationType: parent.type, summary: to.summary, kind: to.kind };
    }),
    incoming: all.flatMap((other) =>
      other.parents
        .filter((parent) => parent.cid === row.cid)
        .map((parent) => ({
          cid: other.cid,
          relationType: parent.type,
          summary: other.summary,
          kind: other.kind,
        })),
    ),
    files: [
      {
        name: 'record.json',
        hash: `blake3:${hex(8)}`,
        size: 412,
        mediaType: 'application/json',
        held: true,
        received: 412,
      },
      {
        name: 'logs/train.log',
        hash: `blake3:${hex(7)}`,
        size: 184_320,
        mediaType: 'text/plain',
        held: true,
        received: 184_320,
      },
      {
        name: 'curve.png',
        hash: `blake3:${hex(9)}`,
        size: 2_400_000,
        mediaType: 'image/png',
        held: false,
        received: 1_500_000,
      },
      {
        name: 'weights.bin',
        hash: `blake3:${hex(10)}`,
        size: 510_000_000,
        mediaType: 'application/octet-stream',
        held: false,
        received: 0,
      },
    ],
    holders: 2,
  });
  const works = all.filter((row) => row.minutes !== null);
  const emit = <E extends EventName>(event: E, payload: Events[E]): void => {
    for (const listener of listeners.get(event) ?? []) listener(payload as never);
  };
  const down = scene === 'offline';
  const made = { grove: GROVE, hex, cids: all.map(({ cid }) => cid) };
  const transfers = scene === 'moving' ? fakeTransfers(made) : [];
  if (scene === 'moving')
    setTimeout(() => {
      for (const transfer of [...transfers, ...fakeEnded(made)]) emit('transfer', transfer);
    }, 50);
  if (scene === 'full')
    setTimeout(() => emit('storage', { bytes: 0, full: true, quota: null, over: [] }), 50);

  return {
    version: '0.1.0+preview',
    ready: Promise.resolve(),
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener));
      return () => set.delete(listener);
    },
    identity: () => Promise.resolve(identity),
    setName(name) {
      identity = { ...identity, name };
      emit('identity', identity);
      return Promise.resolve(identity);
    },
    groves: () => Promise.resolve(groves),
    createGrove: () => Promise.resolve({ id: GROVE }),
    invite: () => Promise.resolve(`https://thicket.example/#/join/${hex(3)}${hex(4)}${hex(5)}${hex(6)}`),
    previewInvite: () =>
      Promise.resolve({
        grove: hex(103),
        name: 'NanoGPT speedrun',
        role: 'member',
        inviter: hex(2),
        inviterFingerprint: print(hex(2)),
        expiresAt: Date.now() + 6 * 86_400_000,
        endpoints: [],
        member: false,
      }),
    join: () => Promise.resolve({ id: GROVE }),
    leave: () => Promise.resolve(null),
    contribute() {
      return Promise.reject(
        Object.assign(new Error('tags: at most 128 characters each, given 140'), { code: 'invalid' }),
      );
    },
    contributions: (_grove, filter) =>
      Promise.resolve({
        items: [...all]
          .reverse()
          .filter((row) => filter?.kind === undefined || row.kind === filter.kind)
          .filter(
            (row) =>
              filter?.text === undefined || row.summary.toLowerCase().includes(filter.text.toLowerCase()),
          )
          .filter((row) => filter?.tags?.every((tag) => row.tags.includes(tag)) ?? true)
          .slice(0, filter?.limit ?? 50)
          .map(item),
        cursor: 'more',
      }),
    contribution: (_grove, cid) => Promise.resolve().then(() => whole(find(cid))),
    fetch: (_grove, cid) => Promise.resolve().then(() => whole(find(cid))),
    hash: () => Promise.resolve(`blake3:${hex(5)}`),
    artifact: (_grove, _cid, name) =>
      Promise.resolve(
        new Blob([
          name.endsWith('.json')
            ? '{"id":"short-8","minutes":11.2,"by":"@kellerjordan0"}'
            : 'step 0 loss 10.98\nstep 1 loss 9.72\n'.repeat(200),
        ]),
      ),
    frontier: (_grove, filter) => {
      const limit = filter?.limit ?? 10;
      return Promise.resolve({
        byMetric: {
          minutes: {
            direction: 'minimize' as const,
            unit: 'min',
            entries: works
              .map((row) => entry(row, row.minutes ?? 0))
              .sort((a, b) => a.value - b.value)
              .slice(0, limit),
          },
        },
        byRecency: [...all]
          .reverse()
          .slice(0, limit)
          .map((row) => entry(row, row.at)),
        byAdoption: all.slice(0, 5).map((row, i) => entry(row, 9 - i)),
        byReviewScore: all.slice(5, 8).map((row, i) => entry(row, 0.94 - i / 10)),
        byReproduction: [],
      });
    },
    graph: () =>
      Promise.resolve({
        nodes: all.map((row, i) => ({
          cid: row.cid,
          kind: row.kind,
          summary: row.summary,
          author: row.author.id,
          adoption: i % 6,
          createdAt: new Date(row.at).toISOString(),
        })),
        edges: all.flatMap((row) =>
          row.parents.map((parent) => ({ from: row.cid, to: parent.cid, relationType: parent.type })),
        ),
        truncated: false,
      }),
    cid: () => Promise.resolve(`blake3:${hex(5)}`),
    publish: () => Promise.resolve({ cid: `blake3:${hex(5)}` }),
    edit: () => Promise.resolve({ cid: `blake3:${hex(6)}` }),
    thread: () => Promise.resolve({ above: [], items: [] }),
    threads: () => Promise.resolve({ items: [] }),
    lineage: () =>
      Promise.resolve({
        ancestors: [],
        descendants: [],
        truncated: { ancestors: false, descendants: false },
      }),
    path: () => Promise.resolve({ items: null, steps: [], truncated: false }),
    series: () => Promise.resolve({ direction: 'minimize', points: [], total: 0, improvements: 0 }),
    sessions: () => Promise.resolve({ agents: [], authors: [], more: { agents: 0, authors: 0 } }),
    session: () => Promise.resolve({ items: [] }),
    export: () => Promise.resolve(new Blob(['{}\n'], { type: 'application/x-ndjson' })),
    import: () => Promise.resolve({ added: 3, known: 1, artifacts: 2, refused: [], refusedCount: 0 }),
    presence: () => Promise.resolve([]),
    replicated: () => Promise.resolve({ copies: 2 }),
    changes: () => Promise.resolve({ items: [], next: '' }),
    retract: () => Promise.resolve(null),
    claim: (_grove, _cid, options) => Promise.resolve(fakeClaim(options)),
    renewClaim: (_grove, _cid, options) => Promise.resolve(fakeClaim(options)),
    release: () => Promise.resolve(null),
    complete: () => Promise.resolve(null),
    claims: () => Promise.resolve({ current: null, history: [], total: 0 }),
    vote: () => Promise.resolve(null),
    votes: () => Promise.resolve({ up: 0, down: 0, mine: null, votes: [] }),
    outcome: () => Promise.resolve(null),
    outcomes: () => Promise.resolve([]),
    tasks: () => Promise.resolve({ items: [] }),
    questions: () => Promise.resolve({ items: [] }),
    contract: () => Promise.resolve(CONTRACT),
    gates: () => Promise.resolve({ passed: true, results: [] }),
    stops: () => Promise.resolve([]),
    verification: () => Promise.resolve(null),
    prompts: () => Promise.resolve([]),
    setPrompt: (_grove, prompt) =>
      Promise.resolve({ system_prompt: '', tools: [], user_prompt: '', updated_at: 0, ...prompt }),
    removePrompt: () => Promise.resolve(null),
    groveSettings: () => Promise.resolve([]),
    setting: () => Promise.resolve(null),
    profile: () => Promise.resolve(PROFILE),
    setProfile: (_grove, change) => Promise.resolve({ ...PROFILE, ...change }),
    members: () =>
      Promise.resolve(
        (solo ? PEERS.slice(0, 1) : PEERS).map((peer, i) => ({
          peerId: peer.id,
          name: peer.name,
          fingerprint: print(peer.id),
          role: i === 0 ? ('owner' as const) : ('member' as const),
          invitedBy: i === 0 ? null : ME,
          since: Date.now() - (40 - i) * 86_400_000,
        })),
      ),
    policy: (_grove, change) =>
      Promise.resolve({
        bodies: 'all',
        artifacts: 'all',
        gossip: 'on',
        budget: null,
        thresholds: {},
        adopt: true,
        ...change,
      }),
    pin: () => Promise.resolve(null),
    unpin: () => Promise.resolve(null),
    pins: () => Promise.resolve([]),
    storage: () => Promise.resolve(fakeStorage(made, groves, scene === 'full')),
    stored: () => Promise.resolve(fakeStored(made, 9)),
    evict: () => Promise.resolve({ bytes: 0, kept: [] }),
    discardLeft: () => Promise.resolve({ bytes: 0 }),
    peers: () =>
      Promise.resolve(
        (solo ? PEERS.slice(0, 1) : PEERS).map((peer, i) => ({
          peerId: peer.id,
          name: peer.name,
          fingerprint: print(peer.id),
          role: null,
          state:
            i === 0
              ? ('self' as const)
              : down
                ? ('away' as const)
                : i < 3
                  ? ('linked' as const)
                  : ('error' as const),
          link:
            i === 0 || i === 3 || down
              ? null
              : { id: `${i}`, since: Date.now(), sent: 4_200_000, received: 88_000, carrier: 't' },
          rttMs: i === 0 ? null : 11 * i,
          lag: i === 0 ? null : i === 2 ? 3 : 0,
          lags:
            i === 2
              ? [
                  { author: ME, entries: 2 },
                  { author: hex(4), entries: 1 },
                ]
              : [],
          sync:
            i === 0 || down
              ? null
              : i === 2
                ? ('backfilling' as const)
                : i === 3
                  ? ('error' as const)
                  : ('active' as const),
          backfill: i === 2 ? { done: 120, total: 400 } : null,
          lastSync: i === 1 || i === 2 ? Date.now() - 40_000 * i : null,
          source: i === 0 ? null : i === 1 ? ('hand' as const) : ('gossip' as const),
          liveness: i === 0 ? null : i === 3 ? ('suspect' as const) : ('alive' as const),
          neighbour: i === 1,
          groves: [GROVE],
          ...(i === 3 && !down
            ? { reason: 'no route: both sides sit behind strict routers and no TURN server is set' }
            : {}),
        })),
      ),
    stats: () =>
      Promise.resolve({
        counters: {},
        gauges: {},
        signal: down
          ? { state: 'down' as const, url: 'wss://thicket.example/signal', reason: 'connection refused' }
          : { state: 'up' as const, url: 'wss://thicket.example/signal', reason: null },
        carrier: { tab: 't', tabs: 2 },
        transfers,
        build: '0.1.0+preview',
        peer: ME,
      }),
    pausePeer: () => Promise.resolve(null),
    retryPeer: () => Promise.resolve(null),
    resyncPeer: () => Promise.resolve(null),
    pauseTransfer: () => Promise.resolve(null),
    resumeTransfer: () => Promise.resolve(null),
    cancelTransfer: () => Promise.resolve(null),
    offer: () => Promise.resolve(`thicket-offer:${hex(11).repeat(25)}`),
    answer: () => Promise.resolve(`thicket-answer:${hex(12).repeat(25)}`),
    accept: () => Promise.resolve({ grove: GROVE, peerId: hex(2) }),
    testEndpoint: (url) =>
      Promise.resolve(
        down
          ? { ok: false, ms: 5_000, url, reason: 'The endpoint did not answer within 5 s.' }
          : { ok: true, ms: 42, url, reason: null },
      ),
    gossipLog: (filter) =>
      Promise.resolve(
        gossip().filter(
          ({ type, peer }) =>
            (filter?.type === undefined || type === filter.type) &&
            (filter?.peer === undefined || peer === filter.peer),
        ),
      ),
    settings: () =>
      Promise.resolve({
        endpoints: [],
        iceServers: [{ urls: ['stun:stun.example.org:3478'] }],
        discovery: 'both',
        budget: null,
      }),
    openSample: () => Promise.resolve({ id: GROVE }),
  };
}
