// A grove as its owner's device would have it on disk after a long life: a valid log with real signatures, of any size, by
// a seed. Knows neither browser nor job.
import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { DEFAULT_POLICY } from '../../worker/core/access/policy.ts';
import { encodeRecord, recordKey } from '../../worker/core/access/record.ts';
import { encodeIdentity, IDENTITY_KEY } from '../../worker/core/boot.ts';
import { encodeBody, type Body } from '../../worker/core/model/body.ts';
import { encodeEntry, entryMessage, ZERO_HASH, type Entry } from '../../worker/core/model/entry.ts';
import { unwrap } from '../../worker/core/model/errors.ts';
import {
  cidOf,
  idBytes,
  toGroveId,
  toHash,
  type EntryId,
  type GroveId,
} from '../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed, type Keypair } from '../../worker/core/model/keys.ts';
import { canonicalManifest, type Manifest, type RelationType } from '../../worker/core/model/manifest.ts';
import type { Table } from '../../worker/core/ports.ts';
import { encodeRow, logKey } from '../../worker/core/sync/row.ts';
import { createNoise, type Noise } from './noise.ts';

export interface GrownOptions {
  contributions: number;
  /** Altogether. */
  relations: number;
  authors: number;
  /** Of each manifest, where they are filled up to so many: without scores. */
  bytes?: number;
  seed?: string;
}
export interface GrownRow {
  table: Table;
  key: string;
  value: Uint8Array;
}
export interface Grown {
  grove: GroveId;
  owner: Keypair;
  /** All that the store holds. */
  rows: GrownRow[];
  /** Of the contributions, in log order. */
  bodies: Uint8Array[];
}

interface Author {
  keypair: Keypair;
  key: KeyObject;
  seq: number;
  head: Head | null;
}
interface Head {
  id: EntryId;
  lamport: number;
}

/** So many authors write at the same time, and see afterwards what the others wrote. */
const AT_ONCE = 4;
const BEGAN = Date.UTC(2026, 0, 1);
/** RFC 8410: what precedes the 32 bytes of an Ed25519 secret. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KINDS = ['work', 'review', 'discussion', 'reproduction', 'adoption'] as const;
const TYPES: readonly RelationType[] = [
  'derives_from',
  'derives_from',
  'responds_to',
  'reviews',
  'reproduces',
  'adopts',
];
const WORDS =
  'gradient schedule warmup batch token optimizer memory kernel attention residual norm rotary decay window'.split(
    ' ',
  );

export function grow(options: GrownOptions): Grown {
  const { contributions, relations, authors, seed = 'grown' } = options;
  const noise = createNoise(seed);
  const people = Array.from({ length: authors }, (_, at) => newAuthor(at));
  const [owner] = people;
  if (owner === undefined) throw new Error('a grove has an owner');
  const rows: GrownRow[] = [];
  const bodies: Uint8Array[] = [];
  const cids: string[] = [];
  let grove: GroveId | null = null as GroveId | null;
  let control: Head | null = null;
  let index = 0;

  function write(author: Author, kind: string, body: Uint8Array, tips: readonly Head[]): Entry {
    const named = [...(control === null ? [] : [control]), ...tips].filter(
      ({ id }) => id !== author.head?.id,
    );
    const heads = [...new Map(named.map((head) => [head.id, head])).values()].slice(0, 8);
    const before = [...heads, ...(author.head === null ? [] : [author.head])];
    author.seq += 1;
    const entry = encodeEntry({
      version: 1,
      grove: grove ?? ZERO_HASH,
      author: author.keypair.id,
      seq: author.seq,
      prev: author.head?.id ?? null,
      parents: heads.map(({ id }) => id),
      lamport: 1 + Math.max(0, ...before.map(({ lamport }) => lamport)),
      at: BEGAN + index * 1000,
      kind,
      body: toHash(hash32(body)),
      size: body.length,
      blobs: null,
    });
    author.head = { id: entry.id, lamport: entry.lamport };
    grove ??= toGroveId(idBytes(entry.id));
    const signature = new Uint8Array(sign(null, entryMessage(entry.id), author.key));
    const row = { entry, signature, table: null, index, receivedAt: entry.at, receivedFrom: null };
    rows.push({ table: 'log', key: logKey(grove, entry.author, entry.seq), value: encodeRow(row) });
    rows.push({ table: 'bodies', key: entry.body, value: body });
    index += 1;
    return entry;
  }

  const rule = (body: Body): Entry => {
    const entry = write(owner, body.kind, encodeBody(body), []);
    control = { id: entry.id, lamport: entry.lamport };
    return entry;
  };

  rule({
    kind: 'contract',
    nonce: noise.bytes(16),
    name: 'Grown',
    description: '',
    metrics: [{ name: 'loss', direction: 'minimize' }],
    ownerName: 'Owner',
    box: owner.keypair.boxPublic,
  });
  const invite = rule({
    kind: 'invite',
    sealed: noise.bytes(8),
    role: 'member',
    expiresAt: null,
    uses: authors,
  });
  for (const { keypair } of people.slice(1))
    rule({
      kind: 'admit',
      invite: invite.id,
      key: keypair.id,
      role: 'member',
      name: `Author ${keypair.id.slice(0, 6)}`,
      box: keypair.boxPublic,
      proof: new Uint8Array(64),
    });

  let tips: Head[] = [];
  for (let at = 0; at < contributions; at += AT_ONCE) {
    const next: Head[] = [];
    for (let i = at; i < Math.min(at + AT_ONCE, contributions); i++) {
      const author = people[i % authors] ?? owner;
      const many =
        Math.floor(((i + 1) * relations) / contributions) - Math.floor((i * relations) / contributions);
      const manifest = manifestOf(
        i,
        author.keypair,
        noise,
        targets(cids, many, noise),
        options.bytes === undefined,
      );
      const { bytes, cid } = unwrap(
        canonicalManifest(options.bytes === undefined ? manifest : filled(manifest, options.bytes)),
      );
      const { id, lamport } = write(author, 'contribution', bytes, tips);
      next.push({ id, lamport });
      bodies.push(bytes);
      cids.push(cid);
    }
    tips = next;
  }

  if (grove === null) throw new Error('no contract was written');
  rows.push({
    table: 'meta',
    key: IDENTITY_KEY,
    value: encodeIdentity({ keypair: owner.keypair, name: 'Owner' }),
  });
  rows.push({ table: 'meta', key: recordKey(grove), value: encodeRecord(recordOf(grove, noise)) });
  return { grove, owner: owner.keypair, rows, bodies };
}

function newAuthor(at: number): Author {
  const seed = hash32(new TextEncoder().encode(`grown author ${at}`));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  return { keypair: keypairFromSeed(seed), key, seq: 0, head: null };
}

const recordOf = (id: GroveId, noise: Noise) => ({
  id,
  state: 'active' as const,
  name: 'Grown',
  reason: null,
  secrets: [{ epoch: 1, secret: noise.bytes(32) }],
  invite: null,
  policy: DEFAULT_POLICY,
  pins: new Set<never>(),
  acknowledged: 0,
  resumeFrom: 0,
  fresh: false,
});

/** Most of what is pointed at is recent, some of it old and popular. */
function targets(cids: readonly string[], many: number, noise: Noise): string[] {
  const chosen = new Set<string>();
  for (let i = 0; i < many && cids.length > 0; i++) {
    const back = noise.below(3) === 0 ? cids.length : Math.min(cids.length, 200);
    const cid = cids[cids.length - 1 - noise.below(back)];
    if (cid !== undefined) chosen.add(cid);
  }
  return [...chosen];
}

function manifestOf(
  at: number,
  { id }: Keypair,
  noise: Noise,
  named: readonly string[],
  scored: boolean,
): Manifest {
  const word = (): string => WORDS[noise.below(WORDS.length)] ?? '';
  return {
    manifestVersion: 1,
    kind: KINDS[noise.below(KINDS.length)] ?? 'work',
    mode: 'evaluation',
    summary: `Run ${at}: ${word()} ${word()} ${word()}`,
    artifacts: {},
    relations: named.map((targetCid) => relationOf(targetCid, noise)),
    ...(scored && noise.below(2) === 0
      ? { scores: { loss: { value: 3 + noise.below(10_000) / 10_000, direction: 'minimize' } } }
      : {}),
    tags: [word(), word()],
    agent: { agentId: id.slice(0, 16), platform: 'thicket' },
    createdAt: new Date(BEGAN + at * 1000).toISOString(),
  };
}

function relationOf(targetCid: string, noise: Noise): Manifest['relations'][number] {
  const relationType = TYPES[noise.below(TYPES.length)] ?? 'responds_to';
  if (relationType !== 'reviews') return { targetCid, relationType };
  return { targetCid, relationType, metadata: { score: noise.below(100) / 100, verdict: 'approve' } };
}

/** A description makes up for what lacks; nothing is taken from one that is longer. */
function filled(manifest: Manifest, bytes: number): Manifest {
  const size = unwrap(canonicalManifest({ ...manifest, description: '' })).bytes.length;
  return { ...manifest, description: 'x'.repeat(Math.max(0, bytes - size)) };
}

/** The CIDs, in log order. */
export const cidsOf = ({ bodies }: Grown): string[] => bodies.map((bytes) => cidOf(toHash(hash32(bytes))));
