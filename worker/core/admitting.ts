// Lets newcomers in: who may admit judges an invite, writes the admission, and hands over the secret (SPEC A5).
// Knows nothing of how this device itself is let in.
import { isProven, type JoinFrame } from './access/joins.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import { encodeBody } from './model/body.ts';

const REFUSALS = {
  expired: 'This invite has expired.',
  'used-up': 'This invite was used as often as it allows.',
  revoked: 'This invite was withdrawn.',
  forbidden: 'This device was banned from the grove.',
} as const;

export function createAdmitting(core: Core, isOpenable: (grove: Grove) => boolean) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  /** Admissions being written, by grove and peer. */
  const admitting = new Set<string>();

  function onJoin(link: PeerLink, frame: JoinFrame): void {
    for (const grove of core.groves.values()) {
      const role = isOpenable(grove) ? grove.members.role(self) : null;
      if (role === null || role === 'reader') continue;
      const found = grove.invites.find(frame, link.transcript, grove.members, grove.secrets);
      if (found === null) continue;
      if (!isProven(core.context.signatures, frame, found.keys, grove.id, link.transcript, link.peer))
        return context.count('join.unproven');
      const member = grove.members.list().find(({ peer }) => peer === link.peer);
      if (member?.left === false) return welcome(grove, link);
      if (grove.members.isBanned(link.peer)) return refuse(grove, link, 'forbidden');
      const refusal = grove.members.refusal(found.invite, context.now());
      if (refusal !== null) return refuse(grove, link, refusal);
      // Of an earlier epoch: a banned one may have it, and come by it under another key.
      if (!found.current) return refuse(grove, link, 'revoked');
      const body = encodeBody({
        kind: 'admit',
        invite: found.id,
        key: link.peer,
        role: found.invite.body.role,
        name: frame.name === '' ? 'Unnamed' : frame.name,
        box: frame.box,
        proof: frame.signature,
      });
      // Asked again before the answer was written: one admission is enough.
      if (admitting.has(`${grove.id}/${link.peer}`)) return;
      admitting.add(`${grove.id}/${link.peer}`);
      return core.sync.append(grove.id, {
        kind: 'admit',
        body,
        table: null,
        also: () => [],
        then: (outcome) => {
          admitting.delete(`${grove.id}/${link.peer}`);
          if ('entry' in outcome) welcome(grove, link);
          else core.problem({ failure: 'internal', message: outcome.message });
        },
      });
    }
    context.count('join.unknown');
  }

  function refuse(grove: Grove, link: PeerLink, code: keyof typeof REFUSALS): void {
    context.count(`join.${code}`);
    context.send(link.link, { type: 'refused', grove: grove.id, code, message: REFUSALS[code] }, 'control');
  }

  /** Hands over secret and contract, once the admission is committed. */
  function welcome(grove: Grove, link: PeerLink): void {
    const secret = grove.record.secrets.at(-1);
    if (secret === undefined || grove.contract === null || core.links.get(link.link) !== link) return;
    // Others used the invite up while this admission was written.
    if (!grove.members.isMember(link.peer)) return refuse(grove, link, 'used-up');
    context.send(
      link.link,
      { type: 'admitted', grove: grove.id, ...secret, entries: [grove.contract] },
      'control',
    );
  }

  return { onJoin };
}
