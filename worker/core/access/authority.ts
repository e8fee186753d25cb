// Who owns and moderates a grove as each entry was written, who is banned, and where logs are cut off (SPEC A11-A13, A19): folded
// from acts of power by rank, so that the order of arrival can't matter. Knows nothing of invites, links and stores.
import { compareEntries } from '../model/entry.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { ElectBody, SuccessorBody } from '../model/governing.ts';
import type { BanBody, Cut, CutOff, PowerBody, RoleBody, UnbanBody } from '../model/powers.ts';
import { ownership, NO_HEIRS, type Heirs } from './succession.ts';

export interface PowerSource {
  id: EntryId;
  author: PeerId;
  seq: number;
  lamport: number;
  at: number;
}
interface Act<Body> {
  source: PowerSource;
  body: Body;
}
export type RoleAct = Act<RoleBody>;
export type BanAct = Act<BanBody>;
export type ElectAct = Act<ElectBody>;

export interface Powers {
  owner: PeerId;
  /** The owner, and a device of it in whose place that stands and that wasn't ended (A19). */
  isOwner(peer: PeerId): boolean;
  /** It owned once, or does. */
  everOwned(peer: PeerId): boolean;
  /** What its author was as it wrote the entry of this seq, as far as acts of power say it. */
  rankAt(peer: PeerId, seq: number): 'owner' | 'moderator' | null;
  isModerator(peer: PeerId): boolean;
  /** Whether it ever owned or moderated: the log takes its acts of power, whether they count or not. */
  everHadPower(peer: PeerId): boolean;
  /** What stands of role acts; null where none says anything. */
  role(peer: PeerId): RoleBody['role'] | null;
  /** Any role act that counts made it a member or moderator. */
  wasRaised(peer: PeerId): boolean;
  /** Role acts that a new one about the target replaces. */
  standing(peer: PeerId): readonly RoleAct[];
  bans(peer: PeerId): readonly BanAct[];
  banned(): readonly PeerId[];
  cut(peer: PeerId): Cut | null;
  /** Whom the owner named last to follow it; null for nobody. */
  successor: PeerId | null;
  /** What of its log the owner wrote as one begins above. */
  ownsFrom: number;
  /** Those who moderate now. */
  moderators(): PeerId[];
  /** Ballots for following the owner, of the present turn. */
  ballots(): readonly ElectAct[];
  /** Whoever was owner, or a role act that counts says something of. */
  named(): PeerId[];
  /** Everybody that some act cuts off. */
  cuts(): ReadonlyMap<PeerId, Cut>;
}

const isRole = (act: Act<PowerBody>): act is RoleAct => act.body.kind === 'role';
const isBan = (act: Act<PowerBody>): act is BanAct => act.body.kind === 'ban';
const isUnban = (act: Act<PowerBody>): act is Act<UnbanBody> => act.body.kind === 'unban';

const isSuccessor = (act: Act<PowerBody>): act is Act<SuccessorBody> => act.body.kind === 'successor';
const isElect = (act: Act<PowerBody>): act is ElectAct => act.body.kind === 'elect';

const byPlace = (a: Act<unknown>, b: Act<unknown>): number => compareEntries(a.source, b.source);

export class Authority {
  readonly #acts = new Map<EntryId, Act<PowerBody>>();

  apply({ id, author, seq, lamport, at }: PowerSource, body: PowerBody): void {
    this.#acts.set(id, { source: { id, author, seq, lamport, at }, body });
  }

  get isEmpty(): boolean {
    return this.#acts.size === 0;
  }

  /** Whom a moderator's ballot, or an owner, named: the log takes its claim, whether it counts or not (SPEC A19). */
  mayClaim(peer: PeerId): boolean {
    for (const { body } of this.#acts.values())
      if ((body.kind === 'elect' || body.kind === 'successor') && body.to === peer) return true;
    return false;
  }

  fold(founder: PeerId, personOf: (peer: PeerId) => PeerId, heirs: Heirs = NO_HEIRS): Powers {
    const acts = [...this.#acts.values()].sort(byPlace);
    const { periods, ballots } = ownership(founder, acts, personOf, heirs);
    const owner = periods.at(-1)?.author ?? founder;
    const ownsFrom = periods.at(-1)?.from ?? 0;
    const isOwner = (peer: PeerId): boolean =>
      periods.some(({ author, to }) => author === peer && to === Infinity);
    const owned = (peer: PeerId, seq: number): boolean =>
      periods.some(({ author, from, to }) => author === peer && seq > from && seq <= to);
    const byOwner = acts.filter(({ source }) => owned(source.author, source.seq));
    const ownerRoles = groupBy(byOwner.filter(isRole));
    const lifted = new Set(byOwner.filter(isUnban).flatMap(({ body }) => body.lifts));
    const ownerBans = groupBy(byOwner.filter(isBan).filter(({ source }) => !lifted.has(source.id)));

    const moderated = (peer: PeerId, seq: number): boolean =>
      (ownerRoles.get(peer) ?? []).findLast(({ body }) => body.seq < seq)?.body.role === 'moderator';
    const isModerator = (peer: PeerId): boolean => !isOwner(peer) && moderated(peer, Infinity);
    /** The last seq that it wrote with power over others; only the owner may cut below. */
    const lastOwned = (peer: PeerId): number =>
      Math.max(
        ballots.get(peer) ?? 0,
        ...periods.filter(({ author }) => author === peer).map(({ to }) => to),
      );
    const lastModerated = (peer: PeerId): number => {
      const turns = (ownerRoles.get(peer) ?? []).map(({ body }) => body.seq);
      return Math.max(0, ...turns.filter((seq) => moderated(peer, seq)));
    };

    const ownersCut = (peer: PeerId): number => Math.max(least(ownerBans.get(peer) ?? []), lastOwned(peer));
    const byModerators = acts.filter(
      ({ source, body }) =>
        'target' in body &&
        !isOwner(body.target) &&
        body.target !== source.author &&
        !isModerator(body.target) &&
        !owned(source.author, source.seq) &&
        moderated(source.author, source.seq) &&
        source.seq <= ownersCut(source.author),
    );
    for (const { body } of byModerators.filter(isUnban)) for (const id of body.lifts) lifted.add(id);
    const modRoles = groupBy(byModerators.filter(isRole).filter(({ body }) => body.role !== 'moderator'));
    const modBans = groupBy(byModerators.filter(isBan).filter(({ source }) => !lifted.has(source.id)));

    /** Best first: the owner's, then the highest. */
    function standing(peer: PeerId): RoleAct[] {
      const own = (ownerRoles.get(peer) ?? []).slice(-1);
      const others = modRoles.get(peer) ?? [];
      const replaced = new Set([...own, ...others].flatMap(({ body }) => body.replaces));
      const stands = (act: RoleAct): boolean => !replaced.has(act.source.id);
      return [...own.filter(stands), ...others.filter(stands).reverse()];
    }
    const role = (peer: PeerId): RoleBody['role'] | null => standing(peer)[0]?.body.role ?? null;

    function cutOf(peer: PeerId): Cut | null {
      if (isOwner(peer)) return null;
      const demotions =
        role(peer) === 'reader' ? standing(peer).filter(({ body }) => body.role === 'reader') : [];
      const isOwners = ({ source }: Act<unknown>): boolean => owned(source.author, source.seq);
      const own = [...(ownerBans.get(peer) ?? []), ...demotions.filter(isOwners)];
      const others = [...(modBans.get(peer) ?? []), ...demotions.filter((act) => !isOwners(act))];
      const last = Math.min(
        Math.max(least(own), lastOwned(peer)),
        Math.max(least(others), lastOwned(peer), lastModerated(peer)),
      );
      if (last === Infinity) return null;
      // Of several that say it the least: all devices keep the same.
      const says = [...own, ...others].filter(({ body }) => body.seq === last && body.proof !== null);
      const { last: id = null, proof = null } = says.sort(byPlace)[0]?.body ?? {};
      return { seq: last + 1, last: id, proof };
    }

    const targets = new Set([
      ...ownerBans.keys(),
      ...modBans.keys(),
      ...ownerRoles.keys(),
      ...modRoles.keys(),
    ]);
    const cuts = new Map<PeerId, Cut>();
    for (const peer of targets) {
      const cut = cutOf(peer);
      if (cut !== null) cuts.set(peer, cut);
    }
    const bans = (peer: PeerId): BanAct[] =>
      isOwner(peer) ? [] : [...(ownerBans.get(peer) ?? []), ...(modBans.get(peer) ?? [])].sort(byPlace);

    return {
      owner,
      isOwner,
      everOwned: (peer) => periods.some(({ author }) => author === peer),
      rankAt(peer, seq) {
        if (owned(peer, seq)) return 'owner';
        return moderated(peer, seq) && seq <= ownersCut(peer) ? 'moderator' : null;
      },
      isModerator,
      everHadPower: (peer) =>
        periods.some(({ author }) => author === peer) ||
        (ownerRoles.get(peer) ?? []).some(({ body }) => body.role === 'moderator'),
      role,
      wasRaised: (peer) =>
        [...(ownerRoles.get(peer) ?? []), ...(modRoles.get(peer) ?? [])].some(
          ({ body }) => body.role !== 'reader',
        ),
      standing,
      bans,
      banned: () =>
        [...new Set([...ownerBans.keys(), ...modBans.keys()])].filter((peer) => bans(peer).length > 0),
      successor:
        byOwner.filter(isSuccessor).findLast(({ source }) => source.author === owner && source.seq > ownsFrom)
          ?.body.to ?? null,
      ownsFrom,
      moderators: () => [...ownerRoles.keys()].filter((peer) => isModerator(peer) && bans(peer).length === 0),
      ballots: () => acts.filter(isElect).filter(({ body }) => body.owner === owner && body.seq >= ownsFrom),
      named: () => [...periods.map(({ author }) => author), ...ownerRoles.keys(), ...modRoles.keys()],
      cut: (peer) => cuts.get(peer) ?? null,
      cuts: () => cuts,
    };
  }
}

function groupBy<Body extends { target: PeerId }>(acts: readonly Act<Body>[]): Map<PeerId, Act<Body>[]> {
  const groups = new Map<PeerId, Act<Body>[]>();
  for (const act of acts) {
    const group = groups.get(act.body.target);
    if (group === undefined) groups.set(act.body.target, [act]);
    else group.push(act);
  }
  return groups;
}

const least = (acts: readonly Act<CutOff>[]): number =>
  acts.reduce((sum, { body }) => Math.min(sum, body.seq), Infinity);
