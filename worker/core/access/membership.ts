// Who is in a grove, as what, and which invites stand: folded from the log's entries (SPEC A4-A7). Knows no links.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, Body, ContractBody, InviteBody } from '../model/body.ts';
import type { EntryId, PeerId } from '../model/ids.ts';

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

export class Members {
  #contract: { source: Source; body: ContractBody } | null = null;
  readonly #invites = new Map<EntryId, Invite>();
  readonly #admits: { source: Source; body: AdmitBody }[] = [];
  readonly #names = new Map<PeerId, { name: string; lamport: number; id: EntryId }>();
  readonly #left = new Set<PeerId>();
  #folded: Map<PeerId, Membership> | null = null;

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
        const invite = this.#invites.get(body.invite);
        if (invite === undefined) break;
        // One's own, or any as the owner; other revocations say nothing.
        if (source.author === this.owner || source.author === invite.source.author) invite.revoked = true;
        break;
      }
      case 'admit':
        if (this.#invites.has(body.invite)) this.#admits.push({ source, body });
        break;
      case 'profile': {
        const known = this.#names.get(source.author);
        const named = { name: body.name, lamport: source.lamport, id: source.id };
        if (known === undefined || compareEntries(named, known) > 0) this.#names.set(source.author, named);
        break;
      }
      case 'leave':
        this.#left.add(source.author);
        break;
      case 'retract':
        return;
    }
    this.#folded = null;
  }

  role(peer: PeerId): Role | null {
    return this.#fold().get(peer)?.role ?? null;
  }

  /** A member that counts: what it wrote is in the views, and a grove opens to it. */
  isMember(peer: PeerId): boolean {
    return this.#fold().has(peer);
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
    const roles = this.#admits.filter(({ body }) => body.key === peer).map(({ body }) => body.role);
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
      if (members.has(body.key)) continue;
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
        left: this.#left.has(body.key),
      });
    }
    for (const invite of this.#invites.values()) invite.used = used.get(invite.source.id) ?? 0;
    this.#folded = members;
    return members;
  }
}
