// What moderators hide of a grove's contributions, and who of its members has something to answer (SPEC A17, A18). Only asks.
import type { Request } from './access/petitions.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import { hashOfCid, type Cid } from './model/ids.ts';

/** By whom, and why (SPEC A18). */
export function hiddenBy({ members }: Grove, cid: Cid) {
  const act = members.moderation.hidden.get(hashOfCid(cid));
  if (act?.body.about !== 'contribution') return null;
  const { source, body } = act;
  return { by: source.author, byName: members.nameOf(source.author), reason: body.reason, at: source.at };
}

/** Whether what this device says of who asks counts. */
export function mayAnswer(core: Core, { members }: Grove): boolean {
  const role = members.role(core.identity.keypair.id);
  if (role === null || role === 'reader') return false;
  return role !== 'member' || members.joinRule !== 'moderated';
}

/** Those whom nobody answered yet, where this device may. */
export const unanswered = (core: Core, grove: Grove): Request[] =>
  mayAnswer(core, grove)
    ? grove.members.asking().flatMap(({ request, word }) => (word === null ? [request] : []))
    : [];

/** Whether this device may hide, and so hears of reports. */
export function moderates(core: Core, { members }: Grove): boolean {
  const role = members.role(core.identity.keypair.id);
  return role === 'owner' || role === 'moderator';
}
