// Calls about who follows the owner (SPEC A19): whom it names, whom moderators elect, and taking over.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import { GOVERN_LIMITS } from '../model/governing.ts';
import type { PeerId } from '../model/ids.ts';
import { activeGrove, write, type Call } from './api.ts';
import { checkMember, checkPower } from './rank.ts';
import type { Turns } from './turns.ts';

export function successionCalls(core: Core, turns: Turns) {
  const self = core.identity.keypair.id;

  /** How far the owner's log goes here: what moderators say of it, they say of this. */
  const ownedTo = (grove: Grove, owner: PeerId): number => core.sync.log(grove.id)?.head(owner)?.seq ?? 0;

  function stateOf(grove: Grove) {
    const { members, persons } = grove;
    const { owner, powers } = members;
    const moderators = powers?.moderators() ?? [];
    const seq = owner === null ? 0 : ownedTo(grove, owner);
    const electorate = new Set(moderators.map(persons.personOf));
    const ballots = (powers?.ballots() ?? []).filter(({ source }) =>
      electorate.has(persons.personOf(source.author)),
    );
    return { owner, seq, ballots, electorate, successor: powers?.successor ?? null };
  }

  /** By which this device might take over, where it may: ballots of an older place are of when the owner was still there. */
  function claimOf(grove: Grove) {
    const { owner, seq, ballots, electorate, successor } = stateOf(grove);
    const { personOf } = grove.persons;
    const given = ballots.filter(({ body }) => body.to === self && body.seq === seq);
    const voters = new Set(given.map(({ source }) => personOf(source.author)));
    const isElected = voters.size * 2 > electorate.size;
    const others = [...electorate].filter((person) => person !== personOf(self));
    const isNamed =
      successor === self && (others.length === 0 || others.some((person) => voters.has(person)));
    return owner === null || owner === self || !(isElected || isNamed)
      ? null
      : { owner, seq, ballots: given };
  }

  return {
    succession(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const { owner, seq, ballots, electorate, successor } = stateOf(grove);
      const head = owner === null ? null : (core.sync.log(grove.id)?.head(owner) ?? null);
      const last = new Map(ballots.map((ballot) => [grove.persons.personOf(ballot.source.author), ballot]));
      call.reply({
        owner,
        ownerWroteAt: head?.at ?? null,
        successor,
        moderators: electorate.size,
        needed: Math.floor(electorate.size / 2) + 1,
        ballots: [...last.values()].slice(0, CONFIG.access.listed).map(({ source, body }) => ({
          ...{ by: source.author, byName: grove.members.nameOf(source.author), at: source.at },
          ...{ to: body.to, toName: grove.members.nameOf(body.to), current: body.seq === seq },
        })),
        mayClaim: claimOf(grove) !== null,
      });
    },

    setSuccessor(call: Call, id: string, peer: string | null): void {
      const grove = activeGrove(core, id);
      const to = peer as PeerId | null;
      turns.take(grove, call, (last) => {
        const rank = checkPower(core, grove, 'successor', 'name who follows');
        if (rank !== 'owner')
          throw new ThicketError('forbidden', 'role: only the owner names who follows it');
        if (to === self) throw new ThicketError('invalid', 'peer: a member other than this device');
        if (to !== null) checkMember(grove, to);
        if ((grove.members.powers?.successor ?? null) === to) return last.reply(null);
        write(core, last, grove, { kind: 'successor', to });
      });
    },

    elect(call: Call, id: string, peer: string): void {
      const grove = activeGrove(core, id);
      const to = peer as PeerId;
      turns.take(grove, call, (last) => {
        const rank = checkPower(core, grove, 'elect', 'elect who follows the owner');
        const { owner, seq, ballots } = stateOf(grove);
        if (rank === 'owner' || owner === null)
          throw new ThicketError('invalid', 'role: the owner hands the grove over itself');
        if (to === owner) throw new ThicketError('invalid', 'peer: a member other than the owner');
        checkMember(grove, to);
        const mine = ballots.findLast(({ source }) => source.author === self);
        if (mine?.body.to === to && mine.body.seq === seq) return last.reply(null);
        write(core, last, grove, { kind: 'elect', owner, seq, to });
      });
    },

    succeed(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      turns.take(grove, call, (last) => {
        const claim = claimOf(grove);
        if (claim === null)
          throw new ThicketError(
            'forbidden',
            'role: neither a majority of moderators nor the owner with the word of one lets this device take over',
          );
        const { owner, seq, ballots } = claim;
        const ids = ballots.map(({ source }) => source.id).slice(-GOVERN_LIMITS.ballots);
        write(core, last, grove, { kind: 'succeed', owner, seq, ballots: ids });
      });
    },
  };
}
