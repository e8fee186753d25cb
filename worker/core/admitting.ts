// Lets newcomers in: who may admit judges an invite, asks for a yes where the contract wants one, writes the admission, and
// hands over the secret (SPEC A5, A17). Knows nothing of how this device itself is let in.
import { isProven, type JoinFrame, type OpenInvite } from './access/joins.ts';
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import type { VouchedFrame } from './carrying.ts';
import { encodeBody } from './model/body.ts';
import { isWellFormed } from './model/bytes.ts';

const REFUSALS = {
  expired: 'This invite has expired.',
  'used-up': 'This invite was used as often as it allows.',
  revoked: 'This invite was withdrawn.',
  forbidden: 'This device was banned from the grove.',
  ended: 'That device was taken out of the grove: it vouches for nobody any more.',
  earlier: 'The secret of the grove changed since that backup was made: ask for an invite.',
} as const;

interface Knock {
  grove: Grove;
  link: PeerLink;
  frame: JoinFrame;
}

export function createAdmitting(core: Core, isOpenable: (grove: Grove) => boolean) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  /** Admissions and requests being written, by grove and peer. */
  const writing = new Set<string>();
  /** Those who wait, by grove and peer: once somebody says yes they need not ask again. */
  const knocks = new Map<string, Knock>();

  function onJoin(link: PeerLink, frame: JoinFrame): void {
    for (const grove of core.groves.values()) {
      const role = isOpenable(grove) ? grove.members.role(self) : null;
      if (role === null || role === 'reader') continue;
      const found = grove.invites.find(frame, link.transcript, grove.members, grove.secrets);
      if (found === null) continue;
      if (!isProven(core.context.signatures, frame, found.keys, grove.id, link.transcript, link.peer))
        return context.count('join.unproven');
      return judge({ grove, link, frame }, found);
    }
    context.count('join.unknown');
  }

  function judge(knock: Knock, found: OpenInvite): void {
    const { grove, link, frame } = knock;
    const { members } = grove;
    const member = members.list().find(({ peer }) => peer === link.peer);
    if (member?.left === false) return welcome(grove, link);
    if (members.isBanned(link.peer)) return refuse(grove, link, 'forbidden');
    if (members.persons.revoked(link.peer) !== null) return refuse(grove, link, 'ended');
    const { isAsked, word } = members.answerTo({ invite: found.id, key: link.peer });
    if (word?.body.approved === false) return decline(grove, link, word.body.reason);
    const isApproved = word !== null;
    const refusal = members.refusal(found.invite, context.now());
    // Who asked in time is let in whenever somebody says yes.
    if (refusal !== null && !(refusal === 'expired' && (isAsked || isApproved)))
      return refuse(grove, link, refusal);
    // Of an earlier epoch: a banned one may have it, and come by it under another key.
    if (!found.current) return refuse(grove, link, 'revoked');
    const said = {
      ...{ invite: found.id, key: link.peer, name: frame.name === '' ? 'Unnamed' : frame.name },
      ...{ box: frame.box, proof: frame.signature },
    };
    // Who counted once, and left, is known.
    if (members.joinRule === 'open' || isApproved || members.counts(link.peer))
      return write(grove, link, 'admit', { ...said, role: found.invite.body.role }, () =>
        welcome(grove, link),
      );
    wait(knock, found, isAsked, said);
  }

  /** What is written tells all members who asks; the asking one gets nothing but that it has to wait. */
  function wait(
    knock: Knock,
    { id, invite }: OpenInvite,
    isAsked: boolean,
    said: Omit<Parameters<typeof bodyOf>[1], 'role'>,
  ): void {
    const { grove, link } = knock;
    const others = grove.members.asking().filter(({ request }) => request.body.invite === id);
    const waiting = others.filter(({ word }) => word === null).length;
    const place = `${grove.id}/${link.peer}`;
    knocks.delete(place);
    knocks.set(place, knock);
    for (const [each, { link: other }] of knocks)
      if (core.links.get(other.link) !== other) knocks.delete(each);
    const tell = (): void => {
      if (core.links.get(link.link) === link)
        context.send(link.link, { type: 'waiting', grove: grove.id }, 'control');
    };
    // Whoever has the invite has as many keys as it likes: no more of them are noted than may come in.
    const isFull = waiting >= Math.min(CONFIG.join.waiting, invite.body.uses - invite.used);
    if (isFull && !isAsked) context.count('join.full');
    if (isAsked || isFull) tell();
    else write(grove, link, 'request', said, tell);
  }

  const bodyOf = (
    kind: 'admit' | 'request',
    said: Pick<JoinFrame, 'name' | 'box'> & {
      invite: OpenInvite['id'];
      key: PeerLink['peer'];
      proof: Uint8Array;
      role?: OpenInvite['invite']['body']['role'];
    },
  ): Uint8Array => {
    const { role = 'reader', ...rest } = said;
    return kind === 'admit' ? encodeBody({ kind, ...rest, role }) : encodeBody({ kind, ...rest });
  };

  function write(
    grove: Grove,
    link: PeerLink,
    kind: 'admit' | 'request',
    said: Parameters<typeof bodyOf>[1],
    then: () => void,
  ): void {
    append(grove, link, kind, bodyOf(kind, said), then);
  }

  function append(grove: Grove, link: PeerLink, kind: string, body: Uint8Array, then: () => void): void {
    const place = `${grove.id}/${link.peer}`;
    // Asked again before the answer was written: one is enough.
    if (writing.has(place)) return;
    writing.add(place);
    core.sync.append(grove.id, {
      kind,
      body,
      table: null,
      also: () => [],
      then: (outcome) => {
        writing.delete(place);
        if ('entry' in outcome) then();
        else core.problem({ failure: 'internal', message: outcome.message });
      },
    });
  }

  /** Another device of a member vouches for this one (SPEC A23): what let that person in lets it in. */
  function onVouched(link: PeerLink, frame: VouchedFrame): void {
    for (const grove of core.groves.values()) {
      const role = isOpenable(grove) && grove.loaded ? grove.members.role(self) : null;
      if (role === null || role === 'reader') continue;
      const judged = core.carrying.judge(grove, link, frame);
      if (judged.says === 'other') continue;
      if (judged.says === 'unproven' || judged.says === 'unknown')
        return context.count(`vouch.${judged.says}`);
      if (judged.says !== 'vouched') return refuse(grove, link, judged.says);
      if (grove.members.isMember(link.peer)) return welcome(grove, link);
      const body = encodeBody({ kind: 'vouch', ...judged.vouch });
      return append(grove, link, 'vouch', body, () => welcome(grove, link));
    }
    context.count('vouch.unknown');
  }

  function refuse(grove: Grove, link: PeerLink, code: keyof typeof REFUSALS): void {
    context.count(`join.${code}`);
    context.send(link.link, { type: 'refused', grove: grove.id, code, message: REFUSALS[code] }, 'control');
  }

  function decline(grove: Grove, link: PeerLink, reason: string): void {
    context.count('join.declined');
    const why =
      [reason.slice(0, CONFIG.join.reason), reason.slice(0, CONFIG.join.reason - 1)].find(isWellFormed) ?? '';
    const message = `A member said no${why === '' ? '.' : `: ${why}`}`;
    context.send(link.link, { type: 'refused', grove: grove.id, code: 'forbidden', message }, 'control');
  }

  /** Hands over secret and contract, once the admission is committed. */
  function welcome(grove: Grove, link: PeerLink): void {
    const secret = grove.record.secrets.at(-1);
    if (secret === undefined || grove.contract === null || core.links.get(link.link) !== link) return;
    // Others used the invite up while this admission was written.
    if (!grove.members.isMember(link.peer)) return refuse(grove, link, 'used-up');
    knocks.delete(`${grove.id}/${link.peer}`);
    context.send(
      link.link,
      { type: 'admitted', grove: grove.id, ...secret, entries: [grove.contract] },
      'control',
    );
  }

  /** What members say changed: those who wait here and were answered need not ask again. */
  function look(grove: Grove): void {
    for (const [place, knock] of [...knocks]) {
      if (knock.grove !== grove) continue;
      if (core.groves.get(grove.id) !== grove || core.links.get(knock.link.link) !== knock.link) {
        knocks.delete(place);
        continue;
      }
      const { members } = grove;
      const asked = members.asking().find(({ request }) => request.body.key === knock.link.peer);
      if (asked?.word === null && members.joinRule !== 'open') continue;
      knocks.delete(place);
      onJoin(knock.link, knock.frame);
    }
  }

  return { onJoin, onVouched, look };
}
