// Who is in a grove: role, what each says of itself, and whose log is forked (SPEC G11, S13). Changes nothing.
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { cidOf, type PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import { groveOf, type Call } from './api.ts';

/** What a person's newest profile says; what it leaves out is empty. Given `body` is not folded yet. */
export function profileOf(
  grove: Grove,
  peer: PeerId,
  given = grove.acts.profiles.newest(grove.members.persons.devices(peer))?.body,
) {
  const by = grove.members.namedBy(peer);
  // What moderators hide is told of nobody (SPEC A18).
  const hidden = by !== null && grove.members.isHidden(by);
  const body = hidden ? undefined : given;
  return {
    peerId: peer,
    name: body?.name ?? grove.members.nameOf(peer),
    avatar: body?.avatar === undefined ? null : cidOf(body.avatar),
    description: body?.description ?? '',
    capabilities: [...(body?.capabilities ?? [])],
    hidden,
  };
}

export const memberCalls = (core: Core) => ({
  members(call: Call, id: string): void {
    const grove = groveOf(core, id);
    const quarantine = core.sync.log(grove.id)?.quarantine;
    const present = grove.members.list().filter(({ left }) => !left);
    call.reply(
      present.map(({ peer, role, invitedBy, since }) => ({
        ...profileOf(grove, peer),
        ...{ person: grove.members.persons.of(peer), device: grove.members.deviceName(peer) },
        ...{ fingerprint: fingerprint(peer), role, invitedBy, since },
        quarantined: quarantine?.forkOf(peer) ?? null,
      })),
    );
  },
});
