// Members by person: the devices of one stand together, under one name. Pure.
import type { Member, Role } from '../../worker/rpc/api.ts';

export interface Person {
  /** The one whose name and key stand for all: the senior device, if it is still a member. */
  face: Member;
  /** The highest of any of its devices: powers belong to a device. */
  role: Role;
  /** When the first of them came, ms since the epoch. */
  since: number;
  devices: Member[];
}

const RANK: readonly Role[] = ['owner', 'moderator', 'member', 'reader'];

/** In the order in which they first come. */
export function personsOf(members: readonly Member[]): Person[] {
  const byPerson = new Map<string, Member[]>();
  for (const member of members) {
    const known = byPerson.get(member.person);
    if (known === undefined) byPerson.set(member.person, [member]);
    else known.push(member);
  }
  return [...byPerson].flatMap(([person, devices]): Person[] => {
    const face = devices.find(({ peerId }) => peerId === person) ?? devices[0];
    if (face === undefined) return [];
    const role = RANK.find((rank) => devices.some((device) => device.role === rank)) ?? face.role;
    return [{ face, role, since: Math.min(...devices.map(({ since }) => since)), devices }];
  });
}

/** Whose device it is; itself where it is no member. */
export const personOf = (members: readonly Member[], peer: string): string =>
  members.find(({ peerId }) => peerId === peer)?.person ?? peer;
