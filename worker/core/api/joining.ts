// Calls about who asks to be let in (SPEC A17): what waits, and what members answer.
import type { Request, Word } from '../access/petitions.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import type { PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import { activeGrove, checkMayWrite, write, type Call } from './api.ts';
import { checkPower } from './rank.ts';
import type { Turns } from './turns.ts';

export function joiningCalls(core: Core, turns: Turns) {
  function requestInfo(grove: Grove, { request, word }: { request: Request; word: Word | null }) {
    const { members } = grove;
    const { source, body } = request;
    const invite = members.invites().find((each) => each.source.id === body.invite);
    const inviter = invite?.source.author ?? '';
    return {
      ...{ id: source.id, peerId: body.key, name: body.name, fingerprint: fingerprint(body.key) },
      ...{ role: invite?.body.role ?? 'reader', at: source.at },
      ...{ inviter, inviterName: inviter === '' ? '' : members.nameOf(inviter) },
      ...{ by: source.author, byName: members.nameOf(source.author) },
      state: word === null ? 'waiting' : word.body.approved ? 'approved' : 'declined',
      answeredBy: word === null ? null : word.source.author,
      answeredByName: word === null ? null : members.nameOf(word.source.author),
      reason: word?.body.reason ?? '',
    };
  }

  function answer(call: Call, id: string, peer: string, approved: boolean, reason: string): void {
    const grove = activeGrove(core, id);
    turns.take(grove, call, (last) => {
      const { members } = grove;
      if (members.joinRule === 'moderated') checkPower(core, grove, 'approve', 'say who comes in');
      else checkMayWrite(core, grove, 'approve');
      const asked = members.asking().filter(({ request }) => request.body.key === (peer as PeerId));
      if (asked.length === 0)
        throw new ThicketError('not-found', `peer: nobody of that key asks to be let in to "${grove.name}"`);
      const rest = asked.filter(({ word }) => word?.body.approved !== approved);
      const next = (at: number): void => {
        const one = rest[at];
        if (one === undefined) return last.reply(null);
        const { invite, key } = one.request.body;
        const isLast = at === rest.length - 1;
        const to = isLast ? last : { ...last, note: () => [], reply: () => next(at + 1) };
        write(core, to, grove, { kind: 'approve', invite, key, approved, reason });
      };
      next(0);
    });
  }

  return {
    joinRequests(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const all = grove.members.asking().slice(0, CONFIG.access.listed);
      call.reply(all.map((each) => requestInfo(grove, each)));
    },
    approveJoin(call: Call, id: string, peer: string, options: { reason?: string } = {}): void {
      answer(call, id, peer, true, options.reason ?? '');
    },
    declineJoin(call: Call, id: string, peer: string, options: { reason?: string } = {}): void {
      answer(call, id, peer, false, options.reason ?? '');
    },
  };
}
