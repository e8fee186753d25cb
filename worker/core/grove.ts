// One grove as this device knows it: its record and secret, its members, its views, and the blobs that it names.
// Fed with applied entries; knows no links and no store.
import { Members, isControl } from './access/membership.ts';
import { InviteBook } from './access/joins.ts';
import type { GroveRecord } from './access/record.ts';
import { createActs, type Acts, type FoldOptions } from './graph/acts.ts';
import { contractOf } from './graph/contract.ts';
import { createViews, type Views } from './graph/views.ts';
import { isActKind, type ActBody } from './model/acts.ts';
import { decodeBody, type Body } from './model/body.ts';
import { CONTRACT, type ContractParts } from './model/contract.ts';
import { ENTRY_VERSION, MAX_INLINE_BODY, type Entry } from './model/entry.ts';
import { cidOf, hashOfCid, toHash, type Cid, type EntryId, type Hash, type PeerId } from './model/ids.ts';
import { groveKeys, type GroveKeys } from './model/invite.ts';
import { utf8 } from './model/bytes.ts';
import { hash32, nobleSignatures } from './model/keys.ts';
import { parseManifest, type Manifest } from './model/manifest.ts';
import { isVouched } from './model/vouch.ts';
import { checkTable, decodeTable, type BlobRow } from './model/table.ts';
import type { Signatures } from './ports.ts';
import type { AppliedEntry } from './sync/types.ts';
import type { WireEntry } from './wire/frame.ts';
import { Withdrawals, type Withdrawn } from './withdrawals.ts';

export interface BlobState {
  /** What the log says of it. Publishers may contradict each other; none where they only named it. */
  rows: BlobRow[];
  /** Null until the store was asked. */
  held: boolean | null;
  /** Bytes, known for sure where it is held. */
  size: number;
  /** Contributions that name it. */
  cids: Set<Cid>;
}

export interface Applied {
  control: boolean;
  blobs: readonly Hash[];
  cid: Cid | null;
  malformed: boolean;
  /** Of a later version, or of a kind not known here: kept and passed on, but not looked into. */
  unknown: boolean;
}

interface Contribution {
  entry: Entry;
  manifest: Manifest | null;
  /** The manifest's text. */
  body: Uint8Array | null;
  table: Uint8Array | null;
}

interface Done {
  entry: Entry;
  act: ActBody;
}

const isAct = (body: Body): body is ActBody => isActKind(body.kind);

/** Of what is quarantined this never counts, whoever names it. */
const isContent = (kind: string): boolean =>
  kind === 'contribution' || kind === 'retract' || (isActKind(kind) && kind !== 'profile');

export class Grove {
  readonly record: GroveRecord;
  readonly invites = new InviteBook();
  readonly blobs = new Map<Hash, BlobState>();
  /** What somebody withdrew; others may stand by it. */
  readonly retracted = new Set<Cid>();
  /** Bodies of contributions that belong beside their headers and aren't here. */
  readonly missing = new Set<Hash>();
  members = new Members();
  views: Views;
  acts: Acts;
  /** The contract as it is handed to newcomers. */
  contract: WireEntry | null = null;
  /** The contract in effect (SPEC G17); null before its entry is here. */
  terms: ContractParts | null = null;
  loaded = false;
  /** A member said that this device has to wait until somebody lets it in (SPEC A17). */
  waiting = false;
  /** It is being taken off this device: nothing of it is written any more. */
  leaving = false;
  readonly #hash: (bytes: Uint8Array) => Uint8Array;
  readonly #signatures: Signatures;
  /** What members and invites were when their hash was last asked for. */
  #told: { text: string; hash: Hash | '' } = { text: '', hash: '' };
  /** Contributions of a log that is being read: what counts of them is known once all admissions are. Null after that. */
  #reading: (Contribution | Done | Withdrawn)[] | null = [];
  readonly #withdrawals = new Withdrawals();
  #keys: { secret: Uint8Array; keys: GroveKeys } | null = null;
  #earlier: { secret: Uint8Array; keys: GroveKeys }[] = [];

  /** `hash`: BLAKE3-256; noble's where none is given. */
  constructor(
    record: GroveRecord,
    hash: (bytes: Uint8Array) => Uint8Array = hash32,
    signatures: Signatures = nobleSignatures,
  ) {
    this.record = record;
    this.#signatures = signatures;
    this.#hash = hash;
    this.views = createViews({ metrics: [], hash });
    this.acts = this.#newActs();
  }

  get id() {
    return this.record.id;
  }

  /** Keys of the secret in use, or null while joining. */
  get keys(): GroveKeys | null {
    const secret = this.record.secrets.at(-1)?.secret;
    if (secret === undefined) return null;
    if (this.#keys?.secret !== secret) this.#keys = { secret, keys: groveKeys(secret) };
    return this.#keys.keys;
  }

  /** Keys of the secrets that were in use before. */
  get earlier(): GroveKeys[] {
    const secrets = this.secrets.slice(0, -1);
    if (
      this.#earlier.length !== secrets.length ||
      this.#earlier.some(({ secret }, at) => secret !== secrets[at])
    )
      this.#earlier = secrets.map((secret) => ({ secret, keys: groveKeys(secret) }));
    return this.#earlier.map(({ keys }) => keys);
  }

  get secrets(): Uint8Array[] {
    return this.record.secrets.map(({ secret }) => secret);
  }

  get name(): string {
    return this.terms?.name ?? this.record.name;
  }

  /** Back to what was before the first entry: the log is about to be read again. */
  reset(): void {
    this.members = new Members();
    this.views = createViews({ metrics: [], hash: this.#hash });
    this.acts = this.#newActs();
    this.contract = null;
    this.terms = null;
    this.loaded = false;
    this.missing.clear();
    this.retracted.clear();
    this.#withdrawals.clear();
    this.#reading = [];
  }

  /** Of all that is derived from the log: equal exactly where that is (SPEC O4). Costs as much as changed since the last. */
  viewHash(): Uint8Array {
    const told = this.members.told();
    if (told !== this.#told.text) this.#told = { text: told, hash: toHash(this.#hash(utf8(told))) };
    const { views, acts } = this;
    return this.#hash(utf8(`thicket/derived/3 ${views.digest()} ${acts.digest()} ${this.#told.hash}`));
  }

  /** Whose word is whose, and what it weighs. */
  readonly persons: Pick<FoldOptions, 'personOf' | 'roleOf'> = {
    personOf: (peer) => this.members.persons.of(peer),
    roleOf: (peer, seq) => (seq === undefined ? this.members.role(peer) : this.members.roleAt(peer, seq)),
  };

  #newActs(): Acts {
    return createActs({ hash: this.#hash, ...this.persons });
  }

  /** What its settings say of the contract, or who may say it, is another now. */
  #settle(): void {
    const { contract } = this.members;
    this.terms = contract && contractOf(contract, this.acts.settings);
    if (this.terms !== null) this.views.setMetrics(this.terms.metrics);
    if (this.#reading === null) this.views.hide(this.#hidden());
  }

  #hidden(): ReadonlySet<Cid> {
    const { hidden } = this.members.moderation;
    const cids = [...hidden].flatMap(([hash, { body }]) =>
      body.about === 'contribution' ? [cidOf(hash)] : [],
    );
    return new Set(cids);
  }

  /** The entries that published a CID, in the order in which they were applied. */
  publications(cid: Cid): readonly EntryId[] {
    return this.views.entriesOf(cid);
  }

  /** Folds one applied entry into members, views and blobs. A malformed body is kept in the log and adds nothing. */
  apply(applied: AppliedEntry): Applied {
    const result = this.#fold(applied);
    if (result.control) this.#settle();
    return result;
  }

  #fold({ kept, entry, signature, body, table }: AppliedEntry): Applied {
    // What others name of what is quarantined stands as far as membership goes (SPEC S8).
    this.members.stand(kept.stands);
    const nothing: Applied = {
      control: isControl(entry.kind) || kept.stands.length > 0,
      blobs: [],
      cid: null,
      malformed: false,
      unknown: false,
    };
    // A later version keeps its place in the chain, but what it means is not known here.
    if (entry.version > ENTRY_VERSION) return { ...nothing, unknown: true };
    if (kept.quarantined && isContent(entry.kind)) return nothing;
    if (entry.kind === 'contribution')
      return { ...this.#applyContribution(entry, body, table), control: nothing.control };
    if (body === null) return { ...nothing, malformed: true };
    const decoded = decodeBody(entry.kind, body);
    if (!decoded.ok) return { ...nothing, malformed: true };
    if (decoded.value.kind === 'unknown') return { ...nothing, unknown: true };
    if (decoded.value.kind === 'contract' && this.contract === null) {
      this.contract = { header: entry.header, signature, body, table };
      this.views = createViews({ metrics: decoded.value.metrics, hash: this.#hash });
    }
    // Only what both devices signed says that they are one person's.
    if (decoded.value.kind === 'vouch' && !isVouched(this.#signatures, decoded.value))
      return { ...nothing, malformed: true };
    if (kept.void) this.members.void(entry, decoded.value);
    else if (kept.quarantined) this.members.hold(entry, decoded.value);
    else if (decoded.value.kind === 'retract') this.#applyRetraction(entry, cidOf(decoded.value.target));
    else {
      this.members.apply(entry, decoded.value);
      if (isAct(decoded.value)) this.#applyAct({ entry, act: decoded.value });
    }
    return nothing;
  }

  #applyRetraction({ author, seq }: Entry, target: Cid): void {
    this.retracted.add(target);
    if (this.#reading === null) this.#withdrawals.withdraw(this, { author, seq, target });
    else this.#reading.push({ author, seq, target });
  }

  /** Whether two devices are one person's. */
  isOne(a: PeerId, b: PeerId): boolean {
    return this.members.persons.of(a) === this.members.persons.of(b);
  }

  #applyAct(done: Done): void {
    if (this.#reading !== null) return void this.#reading.push(done);
    this.#act(done);
    if (done.act.kind === 'setting' && done.act.key.startsWith(CONTRACT)) this.#settle();
  }

  /** What a reader does counts for itself only: its profile (SPEC A4). */
  #act({ entry: { id, author, seq, lamport, at }, act }: Done): void {
    if (seq > this.members.persons.lastOf(author)) return;
    const counts = act.kind === 'profile' ? this.members.counts(author) : this.members.mayPublish(author);
    if (counts) this.acts.apply({ entry: id, author, seq, lamport, at }, act);
  }

  #applyContribution(entry: Entry, body: Uint8Array | null, table: Uint8Array | null): Applied {
    const parsed = body === null ? null : parseManifest(body);
    const nothing: Applied = { control: false, blobs: [], cid: null, malformed: false, unknown: false };
    if (parsed?.ok === false) return { ...nothing, malformed: true };
    const contribution = { entry, manifest: parsed?.value ?? null, body, table };
    if (this.#reading === null) return this.#publish(contribution);
    this.#reading.push(contribution);
    return nothing;
  }

  /** The log was read: who may publish does not change any more by what follows in it. */
  finishReading(): void {
    const read = this.#reading ?? [];
    this.#reading = null;
    for (const each of read) {
      if ('act' in each) this.#act(each);
      else if ('target' in each) this.#withdrawals.withdraw(this, each);
      else this.#publish(each);
    }
    this.#settle();
  }

  #publish({ entry, manifest, body, table }: Contribution): Applied {
    const cid = cidOf(entry.body);
    // The log holds what any admission allowed; the views show what the admissions that count allow (SPEC A6, A7).
    if (!this.members.publishes(entry.author, entry.seq))
      return { control: false, blobs: [], cid: null, malformed: false, unknown: false };
    const blobs = this.#addBlobs(cid, entry, table, manifest);
    if (manifest !== null) this.missing.delete(entry.body);
    else if (entry.size <= MAX_INLINE_BODY && !this.views.isHeld(cid)) this.missing.add(entry.body);
    this.views.addContribution(entry, cid, manifest, body ?? undefined);
    this.#withdrawals.published(this, entry.author, cid);
    return { control: false, blobs, cid, malformed: false, unknown: false };
  }

  /** Says where the blobs of a contribution start. A table that doesn't fit its manifest says nothing (SPEC M10). */
  #addBlobs(cid: Cid, entry: Entry, table: Uint8Array | null, manifest: Manifest | null): Hash[] {
    const named = manifest === null ? [] : this.artifactHashes(manifest);
    for (const hash of named) this.#blob(hash).cids.add(cid);
    const rows = table === null ? null : decodeTable(table);
    if (!rows?.ok) return named;
    if (manifest !== null) {
      const large = entry.size > MAX_INLINE_BODY ? entry.body : null;
      if (!checkTable(rows.value, entry.blobs?.total ?? 0, named, large).ok) return named;
    }
    for (const row of rows.value) {
      const blob = this.#blob(row.hash);
      blob.cids.add(cid);
      if (!blob.rows.some(({ root, size }) => root === row.root && size === row.size)) blob.rows.push(row);
      if (blob.held !== true) blob.size = blob.rows[0]?.size ?? 0;
    }
    return [...new Set([...named, ...rows.value.map(({ hash }) => hash)])];
  }

  #blob(hash: Hash): BlobState {
    const known = this.blobs.get(hash) ?? { rows: [], held: null, size: 0, cids: new Set<Cid>() };
    this.blobs.set(hash, known);
    return known;
  }

  /** A body that came apart from its header. */
  addBody(cid: Cid, manifest: Manifest): void {
    this.views.addBody(cid, manifest);
    for (const hash of this.artifactHashes(manifest)) this.#blob(hash).cids.add(cid);
  }

  artifactHashes(manifest: Manifest): Hash[] {
    if (Object.keys(manifest.artifacts).length === 0) return [];
    return [...new Set(Object.values(manifest.artifacts))].map((hash) => hashOfCid(hash as Cid));
  }

  /** Whether the manifest and every artifact it names are held here. */
  isComplete(cid: Cid): boolean {
    const manifest = this.views.manifest(cid);
    return (
      manifest !== null && this.artifactHashes(manifest).every((hash) => this.blobs.get(hash)?.held === true)
    );
  }
}
