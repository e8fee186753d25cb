// What makes this device one of a person's: the vouches that name it, carried into each grove that both devices are in, and
// the key that it had before, ended there (SPEC A20-A23). Knows nothing of how the devices agreed.
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import { encodeBody } from './model/body.ts';
import { utf8, equalBytes } from './model/bytes.ts';
import { idBytes, type PeerId } from './model/ids.ts';
import { mac } from './model/keys.ts';
import { LABEL } from './model/labels.ts';
import { isVouched, type DeviceBody, type Vouch } from './model/vouch.ts';
import { mayWrite } from './openings.ts';
import type { Frame } from './wire/frame.ts';

export type VouchedFrame = Extract<Frame, { type: 'vouched' }>;
export type Carrying = ReturnType<typeof createCarrying>;

const tagOf = (key: Uint8Array, transcript: Uint8Array, peer: PeerId): Uint8Array =>
  mac(key, utf8(LABEL.vouched), transcript, idBytes(peer));

export function createCarrying(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  /** Being written, by grove and what. */
  const underWay = new Set<string>();

  function write(grove: Grove, what: string, body: DeviceBody): void {
    const key = `${grove.id}/${what}`;
    if (underWay.has(key) || !mayWrite(core, grove, body.kind)) return;
    underWay.add(key);
    core.sync.append(grove.id, {
      kind: body.kind,
      body: encodeBody(body),
      table: null,
      also: () => [],
      then: (outcome) => {
        underWay.delete(key);
        if ('entry' in outcome) return;
        context.count('devices.waiting');
        // More of our own log is on its way, say: later then.
        const timer = `carry/${grove.id}`;
        if (!context.isScheduled(timer))
          context.schedule(timer, context.elapsed() + CONFIG.join.retry, () => {
            if (core.groves.get(grove.id) === grove) settle(grove);
          });
      },
    });
  }

  /** Whether that device is in the grove as another person, which these words make the same one. */
  function isApart(grove: Grove, by: PeerId): boolean {
    const { members } = grove;
    return members.counts(by) && members.persons.of(by) !== members.persons.of(self);
  }

  /** Says in the grove whose device this is, and which one it was before. */
  function settle(grove: Grove): void {
    const { members } = grove;
    if (grove.record.state !== 'active' || !grove.loaded || !members.isMember(self)) return;
    for (const vouch of core.own.vouches) {
      const isDone = !isApart(grove, vouch.by) && !isUnsaid(grove, vouch);
      if (!isDone && members.persons.revoked(vouch.by) === null)
        write(grove, `vouch/${vouch.by}`, { kind: 'vouch', ...vouch });
    }
    for (const before of core.own.former) {
      if (isApart(grove, before) || !members.counts(before) || members.persons.revoked(before) !== null)
        continue;
      const seq = core.sync.log(grove.id)?.head(before)?.seq ?? 0;
      write(grove, `revoke/${before}`, { kind: 'revoke', target: before, seq });
    }
  }

  /** One person's already, but this device does not stand in the other's place yet. */
  function isUnsaid({ members }: Grove, { by, key, succeeds }: Vouch): boolean {
    if (!succeeds || !members.counts(by)) return false;
    const devices = members.persons.devices(self);
    return devices.indexOf(by) < devices.indexOf(key);
  }

  return {
    settle,

    /** To be let in by the word of another device: told to whoever may be in a grove whose secret is here. */
    ask({ keys }: Grove, link: PeerLink): boolean {
      const { vouches } = core.own;
      if (keys === null || vouches.length === 0) return false;
      const tag = tagOf(keys.tag, link.transcript, self);
      for (const { by, box, name, succeeds, signature, accepted } of vouches.slice(-CONFIG.devices.asks))
        context.send(
          link.link,
          { type: 'vouched', tag, by, box, name, succeeds, signature, accepted },
          'control',
        );
      return true;
    },

    /** What a vouched device says, as far as it holds: of the grove whose secret it has. */
    judge(grove: Grove, link: PeerLink, { tag, ...rest }: VouchedFrame): Judged {
      const holds = (key: Uint8Array): boolean => equalBytes(tag, tagOf(key, link.transcript, link.peer));
      const isCurrent = grove.keys !== null && holds(grove.keys.tag);
      if (!isCurrent && !grove.earlier.some((keys) => holds(keys.tag))) return { says: 'other' };
      const { by, box, name, succeeds, signature, accepted } = rest;
      const vouch = { by, key: link.peer, box, name, succeeds, signature, accepted };
      if (!isVouched(context.signatures, vouch)) return { says: 'unproven' };
      const { members } = grove;
      const { persons } = members;
      if ([by, link.peer].some((each) => members.isBanned(each) || persons.revoked(each) !== null))
        return { says: 'ended' };
      const person = members.list().find(({ peer }) => peer === by);
      // Its admission may not have arrived here, or it left.
      if (person === undefined || person.left) return { says: 'unknown' };
      return isCurrent ? { says: 'vouched', vouch } : { says: 'earlier' };
    },
  };
}

export type Judged =
  { says: 'other' | 'unproven' | 'ended' | 'unknown' | 'earlier' } | { says: 'vouched'; vouch: Vouch };
