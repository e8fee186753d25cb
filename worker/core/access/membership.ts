// Who is in a grove, as what, who is banned, and which invites stand: notes what the log's entries say, and answers from
// what folding.ts makes of it (SPEC A4-A7, A11-A14). Knows no links.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, Body, ContractBody } from '../model/body.ts';
import { compareIds, type EntryId, type PeerId } from '../model/ids.ts';
import { isPowerKind, type Cut, type PowerBody } from '../model/powers.ts';
import type { Admit, Source } from './admissions.ts';
import { Authority, type BanAct, type Powers } from './authority.ts';
import { foldMembers, NO_CUTS, type Folded, type Invite, type Membership, type Role } from './folding.ts';
import { Rotations, type Rotation } from './rotations.ts';

/** Why an invite admits nobody now, or null where it does. */
export type InviteRefusal = 'expired' | 'used-up' | 'revoked' | null;

/** Kinds that a reader may write about itself. */
const READER_KINDS = new Set(['profile', 'leave']);
const CONTROL_KINDS = new Set(['contract', 'invite', 'revoke-invite', 'admit', 'leave']);

/** Kinds whose entry changes who is admitted, or by what. */
export const isControl = (kind: string): boolean => CONTROL_KINDS.has(kind) || isPowerKind(kind);

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
  readonly #authority = new Authority();
  readonly #rotations = new Rotations();
  /** Acts of authors who forked their logs, from there on, that nobody else has named yet (SPEC S8). */
  readonly #held = new Map<EntryId, { source: Source; body: Body }>();
  #folded: Folded | null = null;
  #told: string | null = null;

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
    if (this.#authority.isEmpty) {
      if (isPowerKind(kind)) return author === founder;
      const role = this.#admittedAs(author, this.#admittedRoles.get(author));
      return role !== null && (role !== 'reader' || READER_KINDS.has(kind));
    }
    const { powers, cuts, logRoles: roles } = this.#fold();
    if (seq >= (cuts.get(author)?.seq ?? Infinity)) return false;
    if (isPowerKind(kind)) return powers?.everHadPower(author) ?? false;
    if (powers !== null && (powers.everHadPower(author) || powers.wasRaised(author))) return true;
    const role = this.#admittedAs(author, roles.get(author));
    return role !== null && (role !== 'reader' || READER_KINDS.has(kind));
  }

  /** Where logs end before their authors did (SPEC A13): the same map until one changes. */
  get cuts(): ReadonlyMap<PeerId, Cut> {
    return this.#authority.isEmpty ? NO_CUTS : this.#fold().cuts;
  }

  apply(source: Source, body: Body): void {
    if (isPower(body)) {
      if (body.kind === 'rotate') this.#rotations.apply(source, body);
      this.#authority.apply(source, body);
    } else if (!this.#note(source, body)) return;
    this.#folded = null;
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
      default: // of contributions and settings: the views' to fold
        return false;
    }
  }

  /** Lies beyond a cut-off, and says nothing but whom it let in: what that one wrote is void as well (SPEC A13). */
  void(source: Source, body: Body): void {
    if (body.kind === 'admit') this.apply(source, body);
  }

  /** Without effect but for the log, which takes what any admission allows. Acts of power never stand so. */
  hold({ id, author, seq, lamport, at }: Source, body: Body): void {
    if (isPower(body)) return;
    this.#held.set(id, { source: { id, author, seq, lamport, at }, body });
    this.#folded = null;
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
    if (this.mayPublish(peer)) return 'member';
    return this.#counted(peer) ? 'reader' : null;
  }

  /** A member that counts: a grove opens to it. */
  isMember(peer: PeerId): boolean {
    return this.#fold().members.has(peer);
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
    const { members, admitted } = this.#fold();
    return this.#names.get(peer)?.name ?? members.get(peer)?.name ?? admitted.get(peer)?.name ?? '';
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
    if (this.#told !== null) return this.#told;
    const members = this.list().sort((a, b) => compareIds(a.peer, b.peer));
    const invites = this.invites().toSorted((a, b) => compareIds(a.source.id, b.source.id));
    const banned = this.bans().sort((a, b) => compareIds(a.peer, b.peer));
    this.#told = JSON.stringify([
      this.#contract?.source.id ?? null,
      members.map(({ peer, role, invitedBy, since, left }) => [
        peer,
        role,
        this.nameOf(peer),
        invitedBy,
        since,
        left,
      ]),
      // What can't be seen says nothing: void invites differ where they were held.
      invites
        .filter(({ source }) => !this.#isVoid(source))
        .map(({ source, revoked, used }) => [source.id, revoked, used]),
      ...(banned.length === 0
        ? []
        : [banned.map(({ peer, bans }) => [peer, bans.map(({ source }) => source.id)])]),
      ...(this.#authority.isEmpty ? [] : [this.rotations().map(({ commit }) => commit)]),
    ]);
    return this.#told;
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
    if (this.#authority.isEmpty)
      for (const { body } of this.#held.values())
        if (body.kind === 'admit' && body.key === peer) roles.push(body.role);
    if (roles.length === 0) return null;
    return roles.includes('member') ? 'member' : 'reader';
  }

  #isVoid({ author, seq }: Source): boolean {
    return seq >= (this.cuts.get(author)?.seq ?? Infinity);
  }

  #fold(): Folded {
    this.#folded ??= foldMembers({
      ...{ contract: this.#contract, invites: this.#invites, admits: this.#admits, names: this.#names },
      ...{ admittedRoles: this.#admittedRoles, revocations: this.#revocations, left: this.#left },
      ...{ authority: this.#authority, held: this.#held },
    });
    return this.#folded;
  }
}
