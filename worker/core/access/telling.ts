// All that is derived of members, powers and invites as one text (SPEC O4): equal exactly where it is.
import { compareIds, type EntryId } from '../model/ids.ts';
import type { Members } from './membership.ts';

/** What nobody did is left out, so that groves without it tell what they told before it was known. */
export function tellMembers(members: Members, contract: EntryId | null, powers: boolean): string {
  const list = members.list().sort((a, b) => compareIds(a.peer, b.peer));
  const invites = members.invites().toSorted((a, b) => compareIds(a.source.id, b.source.id));
  const banned = members.bans().sort((a, b) => compareIds(a.peer, b.peer));
  const { hidden, open } = members.moderation;
  const asking = members.asking();
  const governed = [
    members.joinRule,
    asking.map(({ request, word }) => [request.source.id, word?.source.id ?? null]),
    [...hidden.values()].map(({ source }) => source.id).sort(compareIds),
    open.map(({ source }) => source.id),
    members.powers?.successor ?? null,
  ];
  const isGoverned = JSON.stringify(governed) !== JSON.stringify(['open', [], [], [], null]);
  return JSON.stringify([
    contract,
    list.map(({ peer, role, invitedBy, since, left }) => [
      ...[peer, role, members.nameOf(peer)],
      ...[invitedBy, since, left],
    ]),
    // What can't be seen says nothing: void invites differ where they were held.
    invites
      .filter(({ source: { author, seq } }) => seq < (members.cuts.get(author)?.seq ?? Infinity))
      .map(({ source, revoked, used }) => [source.id, revoked, used]),
    ...(banned.length === 0
      ? []
      : [banned.map(({ peer, bans }) => [peer, bans.map(({ source }) => source.id)])]),
    ...(powers ? [members.rotations().map(({ commit }) => commit)] : []),
    ...(isGoverned ? [governed] : []),
    ...members.persons.told(),
  ]);
}
