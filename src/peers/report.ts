// A report on links that may be shown to strangers: what is in it is chosen, field by field (SPEC O6). Pure. Nothing that came
// as free text goes into it unless it is a sentence of this app.
import type { MeshEdge, NetworkInfo, PeerInfo, Stats } from '../../worker/rpc/api.ts';
import type { IceResult } from '../links/ice-test.ts';
import type { Finding } from './diagnosis.ts';
import type { PeerPath } from './path.ts';

export interface ReportFacts {
  version: string;
  /** As the browser says it: only its name and main version are told on. */
  userAgent: string;
  worker: 'shared' | 'dedicated' | 'unknown';
  /** This tab. */
  tab: string;
  online: boolean;
  /** Where the page came from. */
  origin: string;
  now: number;
  stats: Stats;
  network: NetworkInfo;
  peers: readonly PeerInfo[];
  paths: ReadonlyMap<string, PeerPath>;
  edges: readonly MeshEdge[];
  stun: number;
  turn: number;
  ice: readonly IceResult[];
  clockOff: number | null;
  findings: readonly Finding[];
}

const KEY = 6;
const MINUTE = 60_000;
const MOST_COUNTERS = 400;

/** The first digits of a key: the same throughout, and the same in the report of the other side. */
const short = (key: string): string => (/^[0-9a-f]{64}$/.test(key) ? key.slice(0, KEY) : '?');

/** Sentences of this app about links. What isn't one of them may be anybody's words. */
const OURS: readonly RegExp[] = [
  /^timeout while (connecting|authenticating)$/,
  /^silent: pings unanswered$/,
  /^no answer to our call$/,
  /^no page carries links$/,
  /^(not needed|full|replaced|leaving|the room was left)$/,
  /^another page carries the links$/,
  /^the page (is going|that carried it is gone)$/,
  /^no path for \d+ s$/,
  /^fingerprint: not the signed one$/,
  /^frames that do not decode$/,
  /^a frame before the channel opened$/,
  /^(a second hello|our own nonce|a proof before hello|the proof does not hold)$/,
  /^another key than the signaling named$/,
  /^version: speaks \d{1,9}-\d{1,9}, given \d{1,9}-\d{1,9}$/,
  /^no fingerprint in our description$/,
  /^the other side (closed|takes nothing)$/,
  /^Ice connection failed\.?$/i,
  /^Connection failed\.?$/i,
];

export function plainReason(reason: string): string {
  const said = reason.replace(/^goodbye: /, '');
  if (!OURS.some((pattern) => pattern.test(said))) return `other words, ${reason.length} characters`;
  return reason.startsWith('goodbye: ') ? `goodbye: ${said}` : said;
}

function browserOf(userAgent: string): string {
  const match = /(Firefox|Edg|OPR|Chrome|Version)\/(\d{1,4})/.exec(userAgent);
  const name = match?.[1] === 'Version' ? 'Safari' : (match?.[1] ?? 'unknown');
  return `${name} ${match?.[2] ?? ''}${/Mobile|Android|iPhone/.test(userAgent) ? ' mobile' : ''}`.trim();
}

const isOwn = (url: string | null, origin: string): boolean | null => {
  if (url === null) return null;
  try {
    return new URL(url).host === new URL(origin).host;
  } catch {
    return null;
  }
};

const seconds = (from: number | null, now: number): number | null =>
  from === null ? null : Math.max(0, Math.round((now - from) / 1000));

/** Names of counters are ours: letters, and what stands between them. */
const COUNTER = /^[a-zA-Z]{1,32}([.-][a-zA-Z]{1,32}){0,5}$/;

export function reportOf(facts: ReportFacts): string {
  const { network, now, stats } = facts;
  const { signal } = network;
  const counters = Object.entries(stats.counters)
    .filter(([name, value]) => COUNTER.test(name) && Number.isFinite(value))
    .slice(0, MOST_COUNTERS);
  const report = {
    report: 'thicket links 1',
    made: new Date(Math.floor(now / MINUTE) * MINUTE).toISOString(),
    app: /^[\w.+-]{1,64}$/.test(facts.version) ? facts.version : 'unknown',
    browser: browserOf(facts.userAgent),
    worker: facts.worker,
    tabs: { open: stats.carrier.tabs, links: whose(stats.carrier.tab, facts.tab) },
    online: facts.online,
    clockOffSeconds: facts.clockOff === null ? null : Math.round(facts.clockOff / 1000),
    grove: { members: network.members, role: network.role, gossip: network.gossip },
    endpoint: {
      discovery: network.discovery,
      state: signal.state,
      forSeconds: seconds(signal.since, now),
      ownOrigin: isOwn(signal.url, facts.origin),
      lastErrorSecondsAgo: signal.lastError === null ? null : seconds(signal.lastError.at, now),
      room: network.room,
      rooms: network.rooms,
    },
    servers: {
      ...{ stun: facts.stun, turn: facts.turn },
      tested: facts.ice.map(({ kind, ok, ms, reason }) => ({
        ...{ kind, ok, ms },
        code: /^\d{3}\b/.exec(reason ?? '')?.[0] ?? null,
      })),
    },
    links: network.links,
    findings: facts.findings.map(({ code, peers }) => ({ code, peers: peers.map(short) })),
    peers: facts.peers.map((peer) => ({
      ...{ key: short(peer.peerId), state: peer.state, role: peer.role, sync: peer.sync, lag: peer.lag },
      ...{ liveness: peer.liveness, source: peer.source, neighbour: peer.neighbour },
      standing: peer.standing?.state ?? null,
      rttMs: peer.rttMs === null ? null : Math.round(peer.rttMs),
      path: pathOf(facts.paths.get(peer.peerId)),
      link:
        peer.link === null
          ? null
          : {
              forSeconds: seconds(peer.link.since, now),
              ...{ sent: peer.link.sent, received: peer.link.received },
            },
    })),
    closed: network.closed.map(({ peer, why }) => ({ key: short(peer), why })),
    attempts: network.attempts.map(({ peer, stage, attempts, reason, at }) => ({
      ...{ key: short(peer), stage, attempts, secondsAgo: seconds(at, now) },
      reason: plainReason(reason),
    })),
    ended: network.ended.map(({ peer, reason, at }) => ({
      ...{ key: short(peer), secondsAgo: seconds(at, now), reason: plainReason(reason) },
    })),
    mesh: facts.edges.map(({ from, to, push }) => `${short(from)} ${push} ${short(to)}`),
    counters: Object.fromEntries(counters.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  return JSON.stringify(report, null, 2);
}

const whose = (carrier: string | null, tab: string): string =>
  carrier === null ? 'no tab' : carrier === tab ? 'this tab' : 'another tab';

const KINDS = new Set(['host', 'srflx', 'prflx', 'relay']);

function pathOf(path: PeerPath | undefined): object | null {
  if (path === undefined) return null;
  const kind = (said: string): string => (KINDS.has(said) ? said : 'unknown');
  return {
    ...{ relayed: path.relayed, local: kind(path.local), remote: kind(path.remote) },
    protocol: ['udp', 'tcp'].includes(path.protocol) ? path.protocol : 'unknown',
  };
}
