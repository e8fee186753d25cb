// Derives members, powers, cut-offs and what became of invites from the acts that are noted (SPEC A4-A7, A11-A14): any order,
// the same result. Keeps nothing.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, Body, ContractBody, InviteBody } from '../model/body.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';
import { countedAdmissions, logRoles, type Admit, type Admitted, type Source } from './admissions.ts';
import type { Authority, Powers } from './authority.ts';
import { Persons, type RevokeAct, type VouchAct } from './persons.ts';
import { Words, type JoinRule, type Petitions, type Request } from './petitions.ts';

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

export interface Invite {
  source: Source;
  body: InviteBody;
  /** By its author, the owner or a moderator. */
  revoked: boolean;
  /** Admissions that count, at most `uses`. */
  used: number;
}

/** What the log's acts say, as far as it counts by itself. */
export interface Noted {
  contract: { source: Source; body: ContractBody } | null;
  invites: ReadonlyMap<EntryId, Invite>;
  admits: readonly Admit[];
  /** By key: the roles of all its admissions, counted or void. */
  admittedRoles: ReadonlyMap<PeerId, ReadonlySet<AdmitBody['role']>>;
  names: ReadonlyMap<PeerId, { name: string }>;
  revocations: ReadonlyMap<EntryId, readonly { source: Source; keeps: ReadonlySet<EntryId> | null }[]>;
  /** The newest of each. */
  left: ReadonlyMap<PeerId, Source>;
  vouches: readonly VouchAct[];
  revokes: readonly RevokeAct[];
  authority: Authority;
  petitions: Petitions;
  /** Whom a device belongs to. */
  personOf: (peer: PeerId) => PeerId;
  held: ReadonlyMap<EntryId, { source: Source; body: Body }>;
}

export interface Folded {
  members: Map<PeerId, Membership>;
  /** Whoever counts or counted: what it wrote below its cut-off stays. */
  admitted: Map<PeerId, Admitted>;
  persons: Persons;
  powers: Powers | null;
  cuts: ReadonlyMap<PeerId, Cut>;
  logRoles: ReadonlyMap<PeerId, ReadonlySet<AdmitBody['role']>>;
  /** What the contract asks of who joins now (SPEC A17). */
  rule: JoinRule;
  words: Words;
  asking: ReadonlyMap<string, Request>;
  /** By invite. */
  used: ReadonlyMap<EntryId, readonly Admit[]>;
}

export const NO_CUTS: ReadonlyMap<PeerId, Cut> = new Map();
const ALL_VOID: Cut = { seq: 1, last: null, proof: null };
const isAfter = (a: Source | undefined, b: Source): boolean => a !== undefined && compareEntries(a, b) > 0;

/** All that is derived, anew. What invites came to is written into them. */
export function foldMembers(noted: Noted): Folded {
  const folded: Folded = {
    ...{ members: new Map(), admitted: new Map(), persons: new Persons(), powers: null, cuts: NO_CUTS },
    ...{ logRoles: noted.admittedRoles, used: new Map() },
    ...{ rule: 'open', words: new Words(), asking: new Map<string, Request>() },
  };
  if (noted.contract === null) return folded;
  const { source: founded } = noted.contract;
  const founder = founded.author;
  const heirs = foldPowers(noted, folded, founder);
  const { powers, cuts } = folded;
  const cutOf = (peer: PeerId): number => cuts.get(peer)?.seq ?? Infinity;
  const rankAt = (peer: PeerId, seq: number): 'owner' | 'moderator' | null =>
    powers === null ? (peer === founder ? 'owner' : null) : powers.rankAt(peer, seq);
  const counting = (invite: Invite): { keeps: ReadonlySet<EntryId> | null }[] =>
    (noted.revocations.get(invite.source.id) ?? []).filter(
      ({ source: { author, seq } }) =>
        seq < cutOf(author) && (author === invite.source.author || rankAt(author, seq) !== null),
    );
  const counted = countedAdmissions(founder, noted.admits, noted.vouches, {
    ...{ roots: [founder], cutOf, invites: noted.invites, isSplit: splitBy(powers) },
    ...{ rankAt, rules: noted.petitions.rules(rankAt) },
    ...{ words: noted.petitions.words.values(), requests: noted.petitions.requests.values() },
    wasRaised: (peer) => powers?.wasRaised(peer) ?? false,
    isDemoted: (peer) => powers?.role(peer) === 'reader',
    revokes: noted.revokes,
    isHeir: (vouch) => heirs.includes(vouch),
    isShutOut: ({ source, body }) => {
      const invite = noted.invites.get(body.invite);
      return invite !== undefined && counting(invite).some(({ keeps }) => keeps?.has(source.id) === false);
    },
  });
  const { admitted, used, persons } = counted;
  persons.revoke(noted.revokes);
  Object.assign(folded, counted);
  const add = (
    peer: PeerId,
    base: Role,
    rest: Pick<Membership, 'invitedBy' | 'since' | 'left' | 'name'>,
  ): void => {
    if ((powers !== null && powers.bans(peer).length > 0) || persons.revoked(peer) !== null) return;
    const owns = powers === null ? peer === founder : powers.isOwner(peer);
    const role = owns ? 'owner' : (powers?.role(peer) ?? base);
    folded.members.set(peer, { peer, role, ...rest });
  };
  const name = noted.names.get(founder)?.name ?? '';
  add(founder, 'member', { name, invitedBy: null, since: founded.at, left: false });
  for (const { peer, role, name: named, by, at, newest } of admitted.values())
    add(peer, role, {
      name: noted.names.get(peer)?.name ?? named,
      invitedBy: by,
      since: at,
      left: isAfter(noted.left.get(peer), newest),
    });
  for (const invite of noted.invites.values()) {
    invite.used = used.get(invite.source.id)?.length ?? 0;
    // One's own, or any as the owner or a moderator; other revocations say nothing.
    const { author, seq } = invite.source;
    invite.revoked = counting(invite).length > 0 || cutOf(author) <= seq || powers?.cut(author) != null;
  }
  return folded;
}

/** Who is banned vouches for nobody but whom the same ban names: what it was about is the person, as far as it was known. */
const splitBy =
  (powers: Powers | null) =>
  ({ by, key }: { by: PeerId; key: PeerId }): boolean =>
    powers !== null && powers.bans(by).length > 0 && powers.bans(key).length === 0;

/** What makes an owner of a device that stands in the owner's place. Nothing is folded where no act of power or vouch is. */
function foldPowers(noted: Noted, folded: Folded, founder: PeerId): readonly VouchAct[] {
  const { authority, vouches, revokes } = noted;
  if (authority.isEmpty && vouches.length === 0) return [];
  let powers = authority.fold(founder, noted.personOf);
  const heirs = vouches
    .filter(
      ({ source, body }) =>
        body.succeeds &&
        source.seq < (powers.cut(source.author)?.seq ?? Infinity) &&
        powers.bans(body.key).length === 0,
    )
    .sort((a, b) => compareEntries(a.source, b.source));
  if (heirs.length > 0) powers = authority.fold(founder, noted.personOf, { vouches: heirs, revokes });
  const cutOf = (peer: PeerId): number => powers.cut(peer)?.seq ?? Infinity;
  const roots = [founder, ...powers.named()];
  const held = [...noted.held.values()];
  const admits = held.flatMap(({ source, body }) => (body.kind === 'admit' ? [{ source, body }] : []));
  const more = held.flatMap(({ source, body }) => (body.kind === 'vouch' ? [{ source, body }] : []));
  const ground = { roots, cutOf, isSplit: splitBy(powers) };
  const taken = logRoles([...noted.admits, ...admits], [...vouches, ...more], ground);
  const cuts = new Map(powers.cuts());
  for (const peer of taken.void) cuts.set(peer, ALL_VOID);
  Object.assign(folded, { powers, cuts, logRoles: taken.roles });
  return heirs.filter(({ body }) => powers.everOwned(body.key) && powers.everOwned(body.by));
}
