// Who is in a grove, as what, who is banned, who asks to be let in, and which invites stand: notes what the log's entries
// say, and answers from what folding.ts makes of it (SPEC A4-A7, A11-A19). Knows no links.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, Body, ContractBody } from '../model/body.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import { idBytes, toHash } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import { isPetitionKind } from '../model/governing.ts';
import { isPowerKind, type Cut, type PowerBody } from '../model/powers.ts';
import type { Admit, Source } from './admissions.ts';
import { Authority, type BanAct, type Powers } from './authority.ts';
import { signedPersons, type Persons, type RevokeAct, type VouchAct } from './persons.ts';
import { foldMembers, NO_CUTS, type Folded, type Invite, type Membership, type Role } from './folding.ts';
import { Moderation, type Told } from './moderation.ts';
import { Petitions, placeOf, type JoinRule, type Request, type Word } from './petitions.ts';
import { Rotations, type Rotation } from './rotations.ts';
import { tellMembers } from './telling.ts';

/** Why an invite admits nobody now, or null where it does. */
export type InviteRefusal = 'expired' | 'used-up' | 'revoked' | null;

const VOID_COUNTS: ReadonlySet<string> = new Set(['elect', 'succeed']);
/** Of a key, where there is no name to show. */
const SHORT = 9;
/** Kinds that a reader may write about itself. */
const READER_KINDS = new Set(['profile', 'leave', 'vouch', 'revoke']);
const CONTROL_KINDS = new Set([
  ...['contract', 'invite', 'revoke-invite', 'admit', 'leave'],
  ...['vouch', 'revoke'],
]);

/** Kinds whose entry changes who is admitted, or by what. */
export const isControl = (kind: string): boolean => CONTROL_KINDS.has(kind) || isPowerKind(kind);

/** Kinds whose entry may change what members see of members, or of what they wrote. */
export const mayTurn = (kind: string): boolean =>
  isControl(kind) || isPetitionKind(kind) || kind === 'setting';

const isPower = (body: Body): body is PowerBody => isPowerKind(body.kind);

export class Members {
  #contract: { source: Source; body: ContractBody } | null = null;
  readonly #invites = new Map<EntryId, Invite>();
  readonly #admits: Admit[] = [];
  /** By key: the roles of all its admissions, counted or void. */
  readonly #admittedRoles = new Map<PeerId, Set<AdmitBody['role']>>();
  readonly #names = new Map<PeerId, { name: string; lamport: number; id: EntryId }>();
  readonly #revocations = new Map<EntryId, { source: Source; keeps: ReadonlySet<EntryId> | null }[]>();
  /** The newest of each. */
  readonly #left = new Map<PeerId, Source>();
  /** Some device vouched for another, as far as is known. */
  #vouched = false;
  readonly #vouches: VouchAct[] = [];
  readonly #revokes: RevokeAct[] = [];
  readonly #authority = new Authority();
  readonly #rotations = new Rotations();
  /** Acts of authors who forked their logs, from there on, that nobody else has named yet (SPEC S8). */
  readonly #held = new Map<EntryId, { source: Source; body: Body }>();
  readonly #petitions = new Petitions();
  readonly #moderation = new Moderation();
  readonly #personOf: ((peer: PeerId) => PeerId) | null;
  #folded: Folded | null = null;
  #moderated: Told | null = null;
  #told: string | null = null;

  /** `personOf`: whom a device belongs to, as majorities are counted; as its vouches say where it isn't given. */
  constructor(personOf: ((peer: PeerId) => PeerId) | null = null) {
    this.#personOf = personOf;
  }

  get contract(): ContractBody | null {
    return this.#contract?.body ?? null;
  }

  get owner(): PeerId | null {
    return this.#fold().powers?.owner ?? this.#contract?.source.author ?? null;
  }

  /**
   * Whether an entry may enter the log. Depends only on what is applied; what turns it from yes to no is a cut-off, from
   * which on the log ends wherever it is known (SPEC S16).
   */
  admits(author: PeerId, kind: string, seq: number): boolean {
    if (this.#contract === null) return kind === 'contract';
    if (kind === 'contract') return false;
    const founder = this.#contract.source.author;
    if (this.#isPlain) {
      if (isPowerKind(kind)) return author === founder;
      const role = this.#admittedAs(author, this.#admittedRoles.get(author));
      return role !== null && (role !== 'reader' || READER_KINDS.has(kind));
    }
    const { powers, cuts, logRoles: roles } = this.#fold();
    if (seq >= (cuts.get(author)?.seq ?? Infinity)) return false;
    if (kind === 'succeed' && this.#authority.mayClaim(author)) return true;
    if (isPowerKind(kind)) return powers?.everHadPower(author) ?? false;
    if (powers !== null && (powers.everHadPower(author) || powers.wasRaised(author))) return true;
    const role = this.#admittedAs(author, roles.get(author));
    return role !== null && (role !== 'reader' || READER_KINDS.has(kind));
  }

  /** Where logs end before their authors did (SPEC A13): the same map until one changes. */
  get cuts(): ReadonlyMap<PeerId, Cut> {
    return this.#isPlain ? NO_CUTS : this.#fold().cuts;
  }

  /** No act of power and no vouch: who was admitted is all there is to know. */
  get #isPlain(): boolean {
    return this.#authority.isEmpty && !this.#vouched;
  }

  apply(source: Source, body: Body): void {
    if (isPower(body)) {
      if (body.kind === 'rotate') this.#rotations.apply(source, body);
      if (body.kind === 'moderate') this.#moderation.act(source, body);
      this.#authority.apply(source, body);
    } else if (!this.#note(source, body)) return;
    this.#forget();
  }

  #forget(): void {
    this.#folded = null;
    this.#moderated = null;
    this.#told = null;
  }

  #note(source: Source, body: Exclude<Body, PowerBody>): boolean {
    switch (body.kind) {
      case 'contract':
        this.#contract ??= { source, body };
        this.#names.set(source.author, { name: body.ownerName, lamport: 0, id: source.id });
        return true;
      case 'invite':
        this.#invites.set(source.id, { source, body, revoked: false, used: 0 });
        return true;
      case 'revoke-invite': {
        const keeps = body.keeps === undefined ? null : new Set(body.keeps);
        const before = this.#revocations.get(body.invite) ?? [];
        this.#revocations.set(body.invite, [...before, { source, keeps }]);
        return true;
      }
      case 'admit':
        this.#admits.push({ source, body });
        this.#admittedRoles.set(body.key, (this.#admittedRoles.get(body.key) ?? new Set()).add(body.role));
        return true;
      case 'vouch':
        this.#vouched = true;
        this.#vouches.push({ source, body });
        return true;
      case 'revoke':
        this.#revokes.push({ source, body });
        return true;
      case 'profile': {
        const known = this.#names.get(source.author);
        const named = { name: body.name, lamport: source.lamport, id: source.id };
        if (known === undefined || compareEntries(named, known) > 0) this.#names.set(source.author, named);
        return true;
      }
      case 'leave': {
        const known = this.#left.get(source.author);
        if (known === undefined || compareEntries(source, known) > 0) this.#left.set(source.author, source);
        return true;
      }
      case 'request':
        this.#petitions.request(source, body);
        return true;
      case 'approve':
        this.#petitions.word(source, body);
        return true;
      case 'report':
        this.#moderation.report(source, body);
        return true;
      case 'setting':
        return this.#petitions.rule(source, body);
      default: // of contributions: the views' to fold
        return false;
    }
  }

  /**
   * Lies beyond a cut-off, and says nothing but whom it let in: what that one wrote is void as well (SPEC A13). Who owns is
   * told by what stood as it was written, and by no cut-off since (A19).
   */
  void(source: Source, body: Body): void {
    if (body.kind === 'admit' || body.kind === 'vouch' || VOID_COUNTS.has(body.kind))
      this.apply(source, body);
  }

  /** Without effect but for the log, which takes what any admission allows. Acts of power never stand so. */
  hold({ id, author, seq, lamport, at }: Source, body: Body): void {
    if (isPower(body)) return;
    if (body.kind === 'vouch') this.#vouched = true;
    this.#held.set(id, { source: { id, author, seq, lamport, at }, body });
    this.#forget();
  }

  /** Entries of others name these: what was held of them counts. */
  stand(ids: readonly EntryId[]): void {
    for (const id of ids) {
      const held = this.#held.get(id);
      this.#held.delete(id);
      if (held !== undefined) this.apply(held.source, held.body);
    }
  }

  role(peer: PeerId): Role | null {
    return this.#fold().members.get(peer)?.role ?? null;
  }

  /** What it was as it wrote the entry of this seq, whatever became of it since; null where that never counted. */
  roleAt(peer: PeerId, seq: number): Role | null {
    const { powers } = this.#fold();
    const rank = powers === null ? null : powers.rankAt(peer, seq);
    if (rank !== null) return rank;
    if (powers === null && peer === this.#contract?.source.author) return 'owner';
    if (seq > this.persons.lastOf(peer)) return null;
    if (this.mayPublish(peer)) return 'member';
    return this.#counted(peer) ? 'reader' : null;
  }

  /** A member that counts: a grove opens to it. */
  isMember(peer: PeerId): boolean {
    return this.#fold().members.has(peer);
  }

  /** Devices by whose they are (SPEC A20). */
  get persons(): Persons {
    return this.#fold().persons;
  }

  isBanned(peer: PeerId): boolean {
    return this.bansOf(peer).length > 0;
  }

  /** Those that stand. */
  bansOf(peer: PeerId): readonly BanAct[] {
    return this.#authority.isEmpty ? [] : (this.#fold().powers?.bans(peer) ?? []);
  }

  #counted(peer: PeerId): boolean {
    return peer === this.#contract?.source.author || this.#fold().admitted.has(peer);
  }

  /** Whether what the log has of it says something of itself: the views take it. */
  counts(peer: PeerId): boolean {
    return this.#counted(peer);
  }

  /** Whether what the log has of its contributions is in the views: what came before a ban or demotion stays. */
  mayPublish(peer: PeerId): boolean {
    if (!this.#counted(peer)) return false;
    const { admitted, powers } = this.#fold();
    const known = admitted.get(peer);
    return known === undefined || known.role === 'member' || powers?.wasRaised(peer) === true;
  }

  /** Whether what it wrote up there is in the views: not what a device wrote after another of its person ended it. */
  publishes(peer: PeerId, seq: number): boolean {
    return seq <= this.persons.lastOf(peer) && this.mayPublish(peer);
  }

  /** When it was let in, by the clock of who wrote that; of the founder when it founded the grove. 0 for others. */
  since(peer: PeerId): number {
    const founded = this.#contract?.source;
    return this.#fold().admitted.get(peer)?.at ?? (founded?.author === peer ? founded.at : 0);
  }

  /** What it calls itself, where another device of its person let it in. */
  deviceName(peer: PeerId): string | null {
    return this.#fold().admitted.get(peer)?.device ?? null;
  }

  /** Those whose contributions are in the views. */
  publishers(): Set<PeerId> {
    const founder = this.#contract?.source.author;
    const counted = [...(founder === undefined ? [] : [founder]), ...this.#fold().admitted.keys()];
    return new Set(counted.filter((peer) => this.mayPublish(peer)));
  }

  get count(): number {
    return this.#fold().members.size;
  }

  list(): Membership[] {
    return [...this.#fold().members.values()];
  }

  /** Standing bans, by whom they are about. */
  bans(): { peer: PeerId; bans: readonly BanAct[] }[] {
    const { powers } = this.#fold();
    return powers === null ? [] : powers.banned().map((peer) => ({ peer, bans: powers.bans(peer) }));
  }

  get powers(): Powers | null {
    return this.#fold().powers;
  }

  /** X25519, as told on joining. */
  boxOf(peer: PeerId): Uint8Array | null {
    if (peer === this.#contract?.source.author) return this.#contract.body.box;
    return this.#fold().admitted.get(peer)?.box ?? null;
  }

  /** Secrets that followed the first, in order: the last is in use. One that a banned key was given comes before all others. */
  rotations(): Rotation[] {
    const { powers } = this.#fold();
    if (powers === null) return [];
    const all = this.#rotations.all(({ author, seq }) => powers.rankAt(author, seq) !== null);
    const banned = powers.banned();
    const isKnown = ({ boxes }: Rotation): boolean => banned.some((peer) => boxes.has(peer));
    return [...all.filter(isKnown), ...all.filter((each) => !isKnown(each))];
  }

  nameOf(peer: PeerId): string {
    const { admitted, persons } = this.#fold();
    // A name that moderators hide is nobody's to read.
    const by = this.namedBy(peer);
    if (by !== null && this.isHidden(by)) return fingerprint(peer).slice(0, SHORT);
    const devices = persons.devices(peer);
    const given = devices.map((each) => admitted.get(each)?.name ?? '').find((name) => name !== '');
    return this.#said(peer)?.name ?? given ?? '';
  }

  /** The entry that says how it is called, and what it says of itself. */
  namedBy(peer: PeerId): EntryId | null {
    return this.#said(peer)?.id ?? this.#fold().admitted.get(peer)?.first.id ?? null;
  }

  /** A person has one name: what any of the devices said last. */
  #said(peer: PeerId): { name: string; id: EntryId } | null {
    const devices = this.#fold().persons.devices(peer);
    const said = devices.flatMap((each) => this.#names.get(each) ?? []);
    return said.sort(compareEntries).at(-1) ?? null;
  }

  invites(): readonly Invite[] {
    this.#fold();
    return [...this.#invites.values()];
  }

  /** The admissions by an invite that count. */
  admittedBy(invite: EntryId): EntryId[] {
    return (this.#fold().used.get(invite) ?? []).map(({ source }) => source.id);
  }

  /** All that is derived here, as one text: equal exactly where it is (SPEC O4). */
  told(): string {
    this.#told ??= tellMembers(this, this.#contract?.source.id ?? null, !this.#authority.isEmpty);
    return this.#told;
  }

  /** What the contract asks of who joins now (SPEC A17). */
  get joinRule(): JoinRule {
    return this.#fold().rule;
  }

  /** Who asks to be let in by an invite that counts, and what stands of what was answered. */
  asking(): { request: Request; word: Word | null }[] {
    const { asking, words, rule } = this.#fold();
    return [...asking.values()]
      .filter(({ body }) => !this.isBanned(body.key))
      .map((request) => ({ request, word: words.standing(request.body, rule) }));
  }

  /** What stands of what was answered to one who asks by an invite. */
  answerTo(of: { invite: EntryId; key: PeerId }): { isAsked: boolean; word: Word | null } {
    const { asking, words, rule } = this.#fold();
    const heard = words.standing(of, rule === 'open' ? 'approval' : rule);
    return { isAsked: asking.has(placeOf(of)), word: heard };
  }

  /** What is hidden and was reported (SPEC A18). */
  get moderation(): Told {
    this.#moderated ??= this.#moderation.tell({
      rankAt: (author, seq) => this.#rankAt(author, seq),
      reports: (author) => this.mayPublish(author) && !this.isBanned(author),
    });
    return this.#moderated;
  }

  isHidden(entry: EntryId): boolean {
    return this.moderation.hidden.get(toHash(idBytes(entry)))?.body.about === 'entry';
  }

  #rankAt(author: PeerId, seq: number): 'owner' | 'moderator' | null {
    const { powers } = this.#fold();
    if (powers !== null) return powers.rankAt(author, seq);
    return author === this.#contract?.source.author ? 'owner' : null;
  }

  /** Judged by the admitting peer's own clock and log (SPEC A5). */
  refusal(invite: Invite, now: number): InviteRefusal {
    this.#fold();
    if (invite.revoked) return 'revoked';
    if (invite.body.expiresAt !== null && now >= invite.body.expiresAt) return 'expired';
    return invite.used >= invite.body.uses ? 'used-up' : null;
  }

  /** The role of any admission, counted or void: for the log, which must not depend on what arrives later. */
  #admittedAs(peer: PeerId, known: ReadonlySet<AdmitBody['role']> | undefined): Role | null {
    if (peer === this.#contract?.source.author) return 'owner';
    const roles = [...(known ?? [])];
    if (this.#isPlain)
      for (const { body } of this.#held.values())
        if (body.kind === 'admit' && body.key === peer) roles.push(body.role);
    if (roles.length === 0) return null;
    return roles.includes('member') ? 'member' : 'reader';
  }

  #fold(): Folded {
    this.#folded ??= foldMembers({
      ...{ contract: this.#contract, invites: this.#invites, admits: this.#admits, names: this.#names },
      ...{ admittedRoles: this.#admittedRoles, revocations: this.#revocations, left: this.#left },
      ...{ vouches: this.#vouches, revokes: this.#revokes },
      ...{ authority: this.#authority, held: this.#held },
      ...{ petitions: this.#petitions, personOf: this.#personOf ?? signedPersons(this.#vouches) },
    });
    return this.#folded;
  }
}
