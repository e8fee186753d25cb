// What this device says that it is at, and what others say (SPEC G26).
import type { Core } from '../core.ts';
import type { Presence, Status } from '../gossip/presence-row.ts';
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
import { activeGrove, type Call } from './api.ts';

interface Change {
  status?: Status;
  cid?: Cid | null;
  note?: string;
}

export function presenceCalls(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;

  return {
    presence(call: Call, id: string, change: Change = {}): void {
      const grove = activeGrove(core, id);
      if (Object.keys(change).length > 0) {
        if (!grove.members.isMember(self))
          throw new ThicketError('not-member', `grove: this device is no member of "${grove.name}"`);
        const before: Presence = core.presences.own(grove) ?? { status: 'idle', cid: null, note: '' };
        const said = { ...before, ...change };
        core.presences.set(grove, said.status === 'none' ? null : said);
      }
      const [now, elapsed] = [context.now(), context.elapsed()];
      call.reply(
        core.presences.list(grove).map(({ row, bornAt }) => ({
          peerId: row.peer,
          name: grove.members.nameOf(row.peer),
          status: row.status,
          cid: row.cid,
          note: row.note,
          at: Math.round(now - (elapsed - bornAt)),
          self: row.peer === self,
        })),
      );
    },
  };
}
