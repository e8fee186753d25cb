// Digest machines of several peers, joined by links that deliver at once, on one clock that the test moves.
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import {
  createDigests,
  type Candidate,
  type DigestFact,
  type Digests,
} from '../../../worker/core/gossip/digest.ts';
import {
  digestMessage,
  encodeDigestRow,
  METRIC,
  type DigestRow,
} from '../../../worker/core/gossip/digest-row.ts';
import { cidOf, type Cid, type LinkId, type PeerId } from '../../../worker/core/model/ids.ts';
import { keypairFromSeed, type Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { decodeFrame, type WireSignedRow } from '../../../worker/core/wire/frame.ts';
import { createSimSignatures } from '../../sim/ports/signatures.ts';
import { aGroveId, aHash, valueOf } from '../model/fixtures.ts';

export const GROVE = aGroveId('grove');
export const START = 1_767_225_600_000;
export const MINUTE = 60_000;
const signatures = createSimSignatures();

export const aCid = (name: string): Cid => cidOf(aHash(name));
export const metric = (value: number, name = 'loss', direction: 'minimize' | 'maximize' = 'minimize') => ({
  ranking: `${METRIC}${name}`,
  value,
  direction,
});

export function candidate(name: string, change: Partial<Candidate> = {}): Candidate {
  return {
    cid: aCid(name),
    kind: 'work',
    mode: 'evaluation',
    summary: name,
    tags: [],
    places: [metric(1)],
    own: true,
    ...change,
  };
}

/** Signed as its holder would. */
export function signed(
  holder: Keypair,
  change: Partial<DigestRow> & { name: string; age?: number },
): WireSignedRow {
  const { name, age = 0, ...fields } = change;
  const row = {
    cid: aCid(name),
    kind: 'work',
    mode: 'evaluation',
    summary: name,
    tags: [],
    places: [metric(1)],
    holder: holder.id,
    seq: START,
    life: 10 * MINUTE,
    ...fields,
  };
  const bytes = encodeDigestRow(row);
  if (bytes === null) throw new Error('too large');
  return { row: bytes, signature: signatures.sign(digestMessage(GROVE, bytes), holder.seed), age };
}

export interface Peer {
  name: string;
  id: PeerId;
  keypair: Keypair;
  context: ContextControl;
  machine: Digests;
  facts: DigestFact[];
  /** Rows sent, by link. */
  sent: { link: LinkId; rows: number; lane: string }[];
  links: Map<LinkId, { peer: Peer; link: LinkId }>;
  /** Links that news go along; all where null. */
  eager: LinkId[] | null;
  receive(link: string, rows: WireSignedRow[]): void;
}

export function createBench(options: { contract?: string[]; members?: number } = {}) {
  const peers: Peer[] = [];
  const members = new Set<PeerId>();
  const contract = options.contract ?? ['loss'];
  let now = START;
  let serial = 0;

  /** Carries out what a peer wants, until nobody wants anything. */
  function settle(): void {
    for (let busy = true; busy;) {
      busy = false;
      for (const peer of peers) {
        for (const effect of peer.context.takeEffects()) {
          busy = true;
          if (effect.type === 'verify') {
            const ok = effect.items.map((item) => signatures.verify(item.key, item.message, item.signature));
            peer.context.resume({ type: 'verified', token: effect.token, ok });
          } else if (effect.type === 'link-send') {
            const frame = valueOf(decodeFrame(effect.frame));
            if (frame.type !== 'digest') throw new Error(`not a digest: ${frame.type}`);
            peer.sent.push({ link: effect.link, rows: frame.rows.length, lane: effect.lane });
            const other = peer.links.get(effect.link);
            other?.peer.machine.receive(other.link, frame.rows);
          }
        }
      }
    }
  }

  const bench = {
    peers,
    members,
    now: () => now,

    peer(name: string, change: { clock?: number } = {}): Peer {
      serial += 1;
      const keypair = keypairFromSeed(new Uint8Array(32).fill(serial));
      const context = createContext(createSeededRandom(serial), signatures);
      context.setNow(now + (change.clock ?? 0));
      const facts: DigestFact[] = [];
      members.add(keypair.id);
      const peer: Peer = {
        name,
        id: keypair.id,
        keypair,
        context,
        facts,
        sent: [],
        links: new Map(),
        eager: null,
        receive(link, rows) {
          peer.machine.receive(link as LinkId, rows);
          settle();
        },
        machine: createDigests({
          grove: GROVE,
          self: keypair.id,
          context,
          members: () => options.members ?? members.size,
          isMember: (id) => members.has(id),
          sign: (message) => signatures.sign(message, keypair.seed),
          metric: (metricName) =>
            contract.includes(metricName) ? { direction: 'minimize', inContract: true } : null,
          eager: () => peer.eager ?? [...peer.links.keys()],
          emit: (fact) => void facts.push(fact),
        }),
      };
      peers.push(peer);
      return peer;
    },

    connect(a: Peer, b: Peer): [LinkId, LinkId] {
      serial += 1;
      const ends: [LinkId, LinkId] = [
        `${a.name}-${b.name}-${serial}` as LinkId,
        `${b.name}-${a.name}-${serial}` as LinkId,
      ];
      a.links.set(ends[0], { peer: b, link: ends[1] });
      b.links.set(ends[1], { peer: a, link: ends[0] });
      a.machine.activated(ends[0], b.id);
      b.machine.activated(ends[1], a.id);
      settle();
      return ends;
    },

    cut(a: Peer, b: Peer): void {
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        for (const [link, { peer }] of [...from.links]) {
          if (peer !== to) continue;
          from.links.delete(link);
          from.machine.gone(link);
        }
      }
    },

    /** Time passes, in steps of 100 ms. */
    pass(ms: number): void {
      for (const end = now + ms; now < end;) {
        const step = Math.min(100, end - now);
        now += step;
        for (const peer of peers) {
          peer.context.setNow(peer.context.now() + step);
          peer.context.runTimers();
        }
        settle();
      }
    },

    settle,
    count: (peer: Peer, name: string): number => peer.context.counters.get(name) ?? 0,
  };
  return bench;
}
