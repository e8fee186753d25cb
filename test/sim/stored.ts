// A grove that many devices are in already, as it lies on their disks: one contract, one invite, an admission for each.
// Real keys, signatures and rows, written as the node would have written them. Knows no scenario.
import { sealInviteKey } from '../../worker/core/access/joins.ts';
import { DEFAULT_POLICY } from '../../worker/core/access/policy.ts';
import { encodeRecord, recordKey } from '../../worker/core/access/record.ts';
import { encodeIdentity, IDENTITY_KEY } from '../../worker/core/boot.ts';
import { encodeBody, type Body } from '../../worker/core/model/body.ts';
import {
  encodeEntry,
  ENTRY_VERSION,
  groveOf,
  signEntry,
  ZERO_HASH,
  type Entry,
} from '../../worker/core/model/entry.ts';
import { idBytes, toHash, type GroveId, type PeerId } from '../../worker/core/model/ids.ts';
import { INVITE_KEY } from '../../worker/core/model/invite.ts';
import { hash32, keypairFromSeed, sign, type Keypair } from '../../worker/core/model/keys.ts';
import { LABEL } from '../../worker/core/model/labels.ts';
import { canonicalManifest, checkManifest } from '../../worker/core/model/manifest.ts';
import { ThicketError } from '../../worker/core/model/errors.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import type { Signatures, Table } from '../../worker/core/ports.ts';
import { encodeRow, logKey } from '../../worker/core/sync/row.ts';
import { EPOCH } from './ports/clock.ts';
import type { Disk } from './ports/store.ts';

/** Before the run began, so that nothing of it looks new. */
const FOUNDED = EPOCH - 3_600_000;
const USES = 1_000_000;

type Rows = Map<string, Uint8Array>;
type Laid = readonly (readonly [string, Uint8Array])[];

export interface StoredGrove {
  id: GroveId;
  /** The owner first. */
  members: readonly Keypair[];
  entries: readonly Entry[];
  /** Makes an empty disk that of a member. Disks share the bytes: nobody changes them. */
  fill(disk: Disk, member: Keypair): void;
}

/** `contributions`: so many are in the log already, by random members. */
export function createStoredGrove(
  seed: string,
  count: number,
  signatures: Signatures,
  contributions = 0,
): StoredGrove {
  const random = createSeededRandom(new TextEncoder().encode(seed));
  const owner = keypairFromSeed(random.bytes(32));
  const others = Array.from({ length: count - 1 }, () => keypairFromSeed(random.bytes(32)));
  const entries: Entry[] = [];
  const heads = new Map<PeerId, Entry>();
  let control: Entry | null = null;
  const bodies: Rows = new Map();
  /** A row says who sent it: its author has none. */
  const written: Rows = new Map();
  const received: Rows = new Map();

  function add(grove: GroveId | null, kind: string, bytes: Uint8Array, author = owner): Entry {
    const at = FOUNDED + entries.length;
    const head = heads.get(author.id) ?? null;
    const last = entries.at(-1) ?? null;
    // As sync/log.ts has it: the newest control entry, and what nobody named yet.
    const parents = new Set(
      [control, last].flatMap((each) => (each === null || each === head ? [] : [each.id])),
    );
    const entry = encodeEntry({
      version: ENTRY_VERSION,
      grove: grove ?? ZERO_HASH,
      author: author.id,
      seq: (head?.seq ?? 0) + 1,
      prev: head?.id ?? null,
      parents: [...parents],
      lamport: entries.length + 1,
      at,
      kind,
      body: toHash(hash32(bytes)),
      size: bytes.length,
      blobs: null,
    });
    heads.set(author.id, entry);
    if (kind !== 'contribution') control = entry;
    const signature = signEntry(signatures, author, entry.id);
    const row = { entry, signature, table: null, index: entries.length, receivedAt: at };
    const key = logKey(groveOf(entry), author.id, entry.seq);
    written.set(key, encodeRow({ ...row, receivedFrom: null }));
    received.set(key, encodeRow({ ...row, receivedFrom: owner.id }));
    bodies.set(entry.body, bytes);
    entries.push(entry);
    return entry;
  }
  const addBody = (grove: GroveId | null, body: Body): Entry => add(grove, body.kind, encodeBody(body));

  const name = 'Grove of many';
  const id = groveOf(
    addBody(null, {
      kind: 'contract',
      nonce: random.bytes(16),
      name,
      description: '',
      metrics: [{ name: 'loss', direction: 'minimize' }],
      ownerName: 'Owner',
      box: owner.boxPublic,
    }),
  );
  const secret = random.bytes(32);
  const sealed = sealInviteKey(random.bytes(INVITE_KEY), secret, random);
  const invite = addBody(id, { kind: 'invite', sealed, role: 'member', expiresAt: null, uses: USES }).id;
  others.forEach((peer, n) =>
    addBody(id, {
      kind: 'admit',
      invite,
      key: peer.id,
      role: 'member',
      name: `Member ${n + 1}`,
      box: peer.boxPublic,
      proof: sign(signatures, peer, LABEL.admit, idBytes(id), peer.boxPublic),
    }),
  );
  for (let n = 0; n < contributions; n += 1) {
    const author = [owner, ...others][random.int(count)] ?? owner;
    add(id, 'contribution', manifestOf(author, n, random.int(1_000) / 100), author);
  }
  const record = encodeRecord({
    id,
    state: 'active',
    name,
    reason: null,
    secrets: [{ epoch: 0, secret }],
    invite: null,
    policy: DEFAULT_POLICY,
    fresh: false,
    pins: new Set(),
    acknowledged: 0,
    resumeFrom: 0,
  });
  const tables = { written: byKey(written), received: byKey(received), bodies: byKey(bodies) };

  return {
    id,
    members: [owner, ...others],
    entries,
    fill(disk, keypair) {
      const identity = encodeIdentity({ keypair, name: '' });
      lay(disk, 'meta', [
        [recordKey(id), record],
        [IDENTITY_KEY, identity],
      ]);
      lay(disk, 'log', tables.received);
      const own = logKey(id, keypair.id, 0).slice(0, -16);
      for (const [key, value] of tables.written)
        if (key.startsWith(own)) disk.data.log.values.set(key, value);
      lay(disk, 'bodies', tables.bodies);
    },
  };
}

/** A contribution like those that scenarios write. */
function manifestOf(author: Keypair, n: number, loss: number): Uint8Array {
  const checked = checkManifest({
    manifestVersion: 1,
    kind: 'work',
    mode: 'evaluation',
    summary: `Entry ${n} from before the run`,
    artifacts: {},
    relations: [],
    scores: { loss: { value: loss, direction: 'minimize' } },
    tags: [`t${n % 5}`],
    agent: { agentId: author.id, platform: 'thicket' },
    createdAt: new Date(FOUNDED + n).toISOString(),
  });
  const made = checked.ok ? canonicalManifest(checked.value) : checked;
  if (!made.ok) throw new ThicketError('internal', made.message);
  return made.value.bytes;
}

const byKey = (rows: Rows): Laid => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

/** Rows in order of their keys, into an empty table. */
function lay(disk: Disk, name: Table, rows: Laid): void {
  const { values, keys } = disk.data[name];
  for (const [key, value] of rows) {
    values.set(key, value);
    keys.push(key);
  }
}
