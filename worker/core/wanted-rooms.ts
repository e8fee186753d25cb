// Which rooms this device should be in, and by which keys. Decides only: knows neither links nor how rooms are entered.
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import type { PeerId } from './model/ids.ts';
import { inviteKeys } from './model/invite.ts';

export interface WantedRoom {
  key: Uint8Array;
  want: number;
  newcomer?: boolean;
  home?: string;
  only?: ReadonlyMap<PeerId, Uint8Array>;
}

/** Since this device started: a log that is still being read back says of nobody that they are members. */
const hasAsked = (core: Core, grove: Grove): boolean =>
  [...core.links.values()].some(({ asked }) => asked.has(grove.id));

/** The rooms to be in: each active grove's, those of its standing invites, and those we want to join by. */
export function wantedRooms(core: Core, isOpenable: (grove: Grove) => boolean): Map<string, WantedRoom> {
  const wanted = new Map<string, WantedRoom>();
  const self = core.identity.keypair.id;
  const now = core.context.now();
  for (const grove of core.groves.values()) {
    const { record, keys } = grove;
    // Let in, it stays until its log says so: those who answered too are on their way, and share what it has to catch up with.
    const isLetIn = record.state === 'active' && !grove.members.isMember(self) && hasAsked(core, grove);
    if ((record.state === 'joining' || isLetIn) && record.invite !== null) {
      const joining = inviteKeys(record.invite.key);
      const want = isLetIn ? CONFIG.links.wantLetIn : CONFIG.links.wantJoining;
      wanted.set(joining.room, { key: joining.seal, want, newcomer: true });
    }
    // Its secret came from another device of ours: whoever is there may let us in by that one's word (SPEC A23).
    if (record.state === 'joining' && record.invite === null && keys !== null)
      wanted.set(keys.room, { key: keys.seal, want: CONFIG.links.want });
    if (!isOpenable(grove) || keys === null || !grove.loaded) continue;
    wanted.set(keys.room, { key: keys.seal, want: CONFIG.links.want });
    // Whoever was away as the secret changed knows the room of before: members are answered there, and nobody else.
    if (grove.earlier.length > 0) {
      const members = grove.members.list().flatMap(({ peer, left }) => {
        const box = left || peer === self ? null : grove.members.boxOf(peer);
        return box === null ? [] : [[peer, box] as const];
      });
      for (const { room, seal } of grove.earlier.slice(-CONFIG.access.rooms))
        wanted.set(room, { key: seal, want: 0, home: keys.room, only: new Map(members) });
    }
    const role = grove.members.role(self);
    if (role === null || role === 'reader') continue;
    // Listening only: a member looks for nobody there, but answers who does. Lapsed invites come last: whoever opens
    // one shall hear why it lets nobody in.
    const all = grove.invites.all(grove.members, grove.secrets);
    const lapsed = all.filter(
      ({ invite, current }) => !current || grove.members.refusal(invite, now) !== null,
    );
    const standing = all.filter((each) => !lapsed.includes(each));
    const recent = lapsed.filter(({ invite }) => now - invite.source.at < CONFIG.join.lapsedFor);
    for (const { keys: invite } of [...standing, ...recent].slice(0, CONFIG.join.maxRooms)) {
      if (!wanted.has(invite.room)) wanted.set(invite.room, { key: invite.seal, want: 0, home: keys.room });
    }
  }
  return wanted;
}
