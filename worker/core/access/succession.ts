// Who owns a grove when (SPEC A12, A19): handed over, or taken over from an owner who is gone by whom it named or the
// moderators elected. Depends on nothing that any of those it empowers can cut off. Pure: told the acts in their order.
import type { EntryId, PeerId } from '../model/ids.ts';
import type { BanBody, HandoverBody, PowerBody, RoleBody, UnbanBody } from '../model/powers.ts';
import type { ElectBody, SucceedBody, SuccessorBody } from '../model/governing.ts';
import { NEVER, type RevokeBody, type VouchBody } from '../model/vouch.ts';

interface Act<Body> {
  source: { id: EntryId; author: PeerId; seq: number };
  body: Body;
}

export interface Period {
  author: PeerId;
  /** It owned as it wrote what lies above `from`, up to `to`. */
  from: number;
  to: number;
}
export interface Ownership {
  periods: Period[];
  /** By author: its last ballot that counted. Nobody whom it brought to power may cut it off below. */
  ballots: ReadonlyMap<PeerId, number>;
}

/** What devices say of each other, as far as ownership goes with it (A24): vouches by (lamport, id). */
export interface Heirs {
  vouches: readonly Act<VouchBody>[];
  revokes: readonly Act<RevokeBody>[];
}
export const NO_HEIRS: Heirs = { vouches: [], revokes: [] };

const only =
  <Body extends PowerBody>(kind: Body['kind']) =>
  (act: Act<PowerBody>): act is Act<Body> =>
    act.body.kind === kind;

/** `acts` by (lamport, id). */
export function ownership(
  founder: PeerId,
  acts: readonly Act<PowerBody>[],
  personOf: (peer: PeerId) => PeerId,
  heirs: Heirs,
): Ownership {
  const handovers = acts.filter(only<HandoverBody>('handover'));
  const claims = acts.filter(only<SucceedBody>('succeed'));
  const roles = acts.filter(only<RoleBody>('role'));
  const bans = acts.filter(only<BanBody>('ban'));
  const unbans = acts.filter(only<UnbanBody>('unban'));
  const named = acts.filter(only<SuccessorBody>('successor'));
  const cast = new Map(acts.filter(only<ElectBody>('elect')).map((act) => [act.source.id, act]));
  const periods: Period[] = [];
  const ballots = new Map<PeerId, number>();
  const used = new Set<EntryId>();
  let author = founder;
  let from = 0;

  /** The ballots by which a claim counts, or null where it doesn't. */
  function supporters({ source, body }: Act<SucceedBody>): Act<ElectBody>[] | null {
    const claimant = source.author;
    const until = [...periods, { author, from, to: body.seq }];
    const isOwners = (act: Act<unknown>): boolean =>
      until.some(
        ({ author: owner, from: above, to }) =>
          act.source.author === owner && act.source.seq > above && act.source.seq <= to,
      );
    const lifted = new Set(unbans.filter(isOwners).flatMap((act) => act.body.lifts));
    const banned = new Set(
      bans.filter((act) => isOwners(act) && !lifted.has(act.source.id)).map((act) => act.body.target),
    );
    if (banned.has(claimant)) return null;
    const byTarget = new Map<PeerId, Act<RoleBody>[]>();
    for (const act of roles.filter(isOwners))
      byTarget.set(act.body.target, [...(byTarget.get(act.body.target) ?? []), act]);
    const moderated = (peer: PeerId, seq: number): boolean =>
      peer !== author &&
      !banned.has(peer) &&
      byTarget.get(peer)?.findLast((act) => act.body.seq < seq)?.body.role === 'moderator';
    const electorate = new Set(
      [...byTarget.keys()].filter((peer) => moderated(peer, Infinity)).map(personOf),
    );
    electorate.delete(personOf(author));
    const votes = body.ballots.flatMap((id) => {
      const ballot = cast.get(id);
      const fits =
        ballot !== undefined &&
        ballot.body.owner === author &&
        ballot.body.seq === body.seq &&
        ballot.body.to === claimant &&
        moderated(ballot.source.author, ballot.source.seq) &&
        electorate.has(personOf(ballot.source.author));
      return fits ? [ballot] : [];
    });
    const voters = new Set(votes.map((vote) => personOf(vote.source.author)));
    if (voters.size * 2 > electorate.size) return votes;
    const last = named.findLast(
      (act) => act.source.author === author && isOwners(act) && act.source.seq > from,
    );
    if (last?.body.to !== claimant) return null;
    // Whom the owner named needs one witness that it is gone, where there is another moderator at all.
    const self = personOf(claimant);
    const others = [...electorate].filter((person) => person !== self);
    return others.length === 0 || others.some((person) => voters.has(person)) ? votes : null;
  }

  for (;;) {
    const handover = handovers
      .filter(({ source, body }) => source.author === author && source.seq > from && body.to !== author)
      .sort((a, b) => a.source.seq - b.source.seq)[0];
    let votes: Act<ElectBody>[] = [];
    // The first by (lamport, id): what came to pass is not undone by those who would have it otherwise later.
    const claim = claims.find((each) => {
      const { source, body } = each;
      if (used.has(source.id) || body.owner !== author || source.author === author) return false;
      if (body.seq < from || (handover !== undefined && handover.source.seq <= body.seq)) return false;
      const found = supporters(each);
      votes = found ?? [];
      return found !== null;
    });
    let next: PeerId;
    let above: number;
    if (claim !== undefined) {
      used.add(claim.source.id);
      for (const { source } of votes)
        ballots.set(source.author, Math.max(source.seq, ballots.get(source.author) ?? 0));
      periods.push({ author, from, to: claim.body.seq });
      next = claim.source.author;
      above = claim.source.seq;
    } else if (handover !== undefined) {
      // Each hands over once, by the first act that it wrote while it owned.
      periods.push({ author, from, to: handover.source.seq });
      next = handover.body.to;
      above = handover.body.seq;
    } else {
      // A device of its own stands in its place. Its log is never cut for that: a handover always is where it counts.
      const heir = heirs.vouches.find(
        ({ body }) =>
          body.by === author && body.succeeds && !periods.some((period) => period.author === body.key),
      )?.body.key;
      if (heir === undefined) break;
      const ends = heirs.revokes.filter(
        ({ source, body }) => source.author === heir && body.target === author,
      );
      const end = ends.toSorted((a, b) => a.source.seq - b.source.seq).at(-1)?.body.seq ?? NEVER;
      periods.push({ author, from, to: end === NEVER ? Infinity : Math.max(end, from) });
      [author, from] = [heir, 0];
      continue;
    }
    // What it wrote as owner before it wrote as that, and nothing of it twice.
    const before = periods.filter((period) => period.author === next).map((period) => period.to);
    author = next;
    from = Math.max(above, ...before);
  }
  periods.push({ author, from, to: Infinity });
  return { periods, ballots };
}
