// Who is in a grove, as what, and which invites stand: folded from the log's entries (SPEC A4-A7). Knows no links.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, Body, ContractBody, InviteBody } from '../model/body.ts';
import { compareIds, type EntryId, type PeerId } from '../model/ids.ts';

export type Role = 'owner' | 'moderator' | 'member' | 'reader';

export interface Membership {
  peer: PeerId;
  role: Role;
  name: string;
  invitedBy: PeerId | null;
  /** ms since the epoch, as the admitting entry says. */
  since: number;
  left: boolean;
}

interface Source {
  id: EntryId;
  author: PeerId;
  lamport: number;
  at: number;
}

export interface Invite {
  source: Source;
  body: InviteBody;
  /** By its author or the owner. */
  revoked: boolean;
  /** Admissions that count, at most `uses`. */
  used: number;
}

/** Why an invite admits nobody now, or null where it does. */
export type InviteRefusal = 'expired' | 'used-up' | 'revoked' | null;

/** Kinds that a reader may write about itself. */
const READER_KINDS = new Set(['profile', 'leave']);
const CONTROL_KINDS = new Set(['contract', 'invite', 'revoke-invite', 'admit', 'leave']);

/** Kinds whose entry changes who is admitted, or by what. */
export const isControl = (kind: string): boolean => CONTROL_KINDS.has(kind);

const isAfter = (a: Source | undefined, b: Source): boolean => a !== undefined && compareEntries(a, b) > 0;

export class Members {
  #contract: { source: Source; body: ContractBody } | null = null;
  readonly #invites = new Map<EntryId, Invite>();
  readonly #admits: { source: Source; body: AdmitBody }[] = [];
  /** By key: the roles of all its admissions, counted or void. */
  readonly #admittedRoles = new Map<PeerId, Set<AdmitBody['role']>>();
  readonly #names = new Map<PeerId, { name: string; lamport: number; id: EntryId }>();
  readonly #revocations = new Map<EntryId, Set<PeerId>>();
  /** The newest of each. */
  readonly #left = new Map<PeerId, Source>();
  /** Acts of authors who forked their logs, from there on, that nobody else has named yet (SPEC S8). */
  readonly #held = new Map<EntryId, { source: Source; body: Body }>();
  #folded: Map<PeerId, Membership> | null = null;
  #told: string | null = null;

  get contract(): ContractBody | null {
    return this.#contract?.body ?? null;
  }

  get owner(): PeerId | null {
    return this.#contract?.source.author ?? null;
  }

  /** Whether an entry may enter the log. Depends only on what is applied, and never turns from yes to no. */
  admits(author: PeerId, kind: string): boolean {
    if (this.#contract === null) return kind === 'contract';
    if (kind === 'contract') return false;
    const role = this.#admittedAs(author);
    if (role === null) return false;
    return role !== 'reader' || READER_KINDS.has(kind);
  }

  apply(source: Source, body: Body): void {
    switch (body.kind) {
      case 'contract':
        this.#contract ??= { source, body };
        this.#names.set(source.author, { name: body.ownerName, lamport: 0, id: source.id });
        break;
      case 'invite':
        this.#invites.set(source.id, { source, body, revoked: false, used: 0 });
        break;
      case 'revoke-invite': {
        this.#revocations.set(
          body.invite,
          (this.#revocations.get(body.invite) ?? new Set()).add(source.author),
        );
        break;
      }
      case 'admit':
        this.#admits.push({ source, body });
        this.#admittedRoles.set(body.key, (this.#admittedRoles.get(body.key) ?? new Set()).add(body.role));
        break;
      case 'profile': {
        const known = this.#names.get(source.author);
        const named = { name: body.name, lamport: source.lamport, id: source.id };
        if (known === undefined || compareEntries(named, known) > 0) this.#names.set(source.author, named);
        break;
      }
      case 'leave': {
        const known = this.#left.get(source.author);
        if (known === undefined || compareEntries(source, known) > 0) this.#left.set(source.author, source);
        break;
      }
      default: // of contributions and settings: the views' to fold
        return;
    }
    this.#folded = null;
    this.#told = null;
  }

  /** Without effect but for the log, which takes what any admission allows. */
  hold({ id, author, lamport, at }: Source, body: Body): void {
    this.#held.set(id, { source: { id, author, lamport, at }, body });
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
    return this.#fold().get(peer)?.role ?? null;
  }

  /** A member that counts: what it wrote is in the views, and a grove opens to it. */
  isMember(peer: PeerId): boolean {
    return this.#fold().has(peer);
  }

  /** Whether what it contributes is in the views. */
  mayPublish(peer: PeerId): boolean {
    return (this.role(peer) ?? 'reader') !== 'reader';
  }

  /** Those whose contributions are in the views. */
  publishers(): Set<PeerId> {
    return new Set([...this.#fold().keys()].filter((peer) => this.mayPublish(peer)));
  }

  get count(): number {
    return this.#fold().size;
  }

  list(): Membership[] {
    return [...this.#fold().values()];
  }

  nameOf(peer: PeerId): string {
    return this.#names.get(peer)?.name ?? this.#fold().get(peer)?.name ?? '';
  }

  invites(): readonly Invite[] {
    this.#fold();
    return [...this.#invites.values()];
  }

  /** All that is derived here, as one text: equal exactly where it is (SPEC O4). */
  told(): string {
    if (this.#told !== null) return this.#told;
    const members = this.list().sort((a, b) => compareIds(a.peer, b.peer));
    const invites = this.invites().toSorted((a, b) => compareIds(a.source.id, b.source.id));
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
      invites.map(({ source, revoked, used }) => [source.id, revoked, used]),
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
  #admittedAs(peer: PeerId): Role | null {
    if (peer === this.owner) return 'owner';
    const roles = [...(this.#admittedRoles.get(peer) ?? [])];
    for (const { body } of this.#held.values())
      if (body.kind === 'admit' && body.key === peer) roles.push(body.role);
    if (roles.length === 0) return null;
    return roles.includes('member') ? 'member' : 'reader';
  }

  /** Admissions in (lamport, id) order; those beyond an invite's uses, or by one who may not admit, are void. */
  #fold(): Map<PeerId, Membership> {
    if (this.#folded !== null) return this.#folded;
    const members = new Map<PeerId, Membership>();
    const used = new Map<EntryId, number>();
    const mayAdmit = (peer: PeerId): boolean => (members.get(peer)?.role ?? 'reader') !== 'reader';
    if (this.#contract !== null) {
      const { source } = this.#contract;
      members.set(source.author, {
        peer: source.author,
        role: 'owner',
        name: this.#names.get(source.author)?.name ?? '',
        invitedBy: null,
        since: source.at,
        left: false,
      });
    }
    for (const { source, body } of [...this.#admits].sort((a, b) => compareEntries(a.source, b.source))) {
      const invite = this.#invites.get(body.invite);
      if (invite === undefined || !mayAdmit(source.author) || !mayAdmit(invite.source.author)) continue;
      const known = members.get(body.key);
      if (known !== undefined) {
        // Who left and was let in again is back, and uses nothing up.
        const left = this.#left.get(body.key);
        if (left !== undefined && compareEntries(source, left) > 0) known.left = false;
        continue;
      }
      const count = used.get(body.invite) ?? 0;
      if (count >= invite.body.uses) continue;
      used.set(body.invite, count + 1);
      members.set(body.key, {
        peer: body.key,
        // The invite says what it grants; an admission can't raise it.
        role: invite.body.role,
        name: this.#names.get(body.key)?.name ?? body.name,
        invitedBy: source.author,
        since: source.at,
        left: isAfter(this.#left.get(body.key), source),
      });
    }
    for (const invite of this.#invites.values()) {
      invite.used = used.get(invite.source.id) ?? 0;
      // One's own, or any as the owner; other revocations say nothing.
      const by = this.#revocations.get(invite.source.id);
      invite.revoked =
        by !== undefined && (by.has(invite.source.author) || (this.owner !== null && by.has(this.owner)));
    }
    this.#folded = members;
    return members;
  }
}
