// Calls about the devices of this person (SPEC A20-A22): pairing, and ending a device.
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import type { Body } from '../model/body.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import type { PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import {
  PAIRING_LIMITS,
  readAnswer,
  readAsk,
  readGive,
  writeAnswer,
  writeAsk,
  writeGive,
} from '../model/pairing.ts';
import { isAccepted, isVouched, pairCode, signAccept, signVouch, type Vouch } from '../model/vouch.ts';
import type { Call } from './api.ts';
import { writeEach } from './each-grove.ts';
import { createOwn } from './own.ts';
import type { Turns } from './turns.ts';

/** `whenLoaded`: once what is stored of a grove was read back. */
export function deviceCalls(core: Core, turns: Turns, whenLoaded: (grove: Grove, run: () => void) => void) {
  const { context, identity } = core;
  const { keypair } = identity;
  const self = keypair.id;
  const { active, backed, takeIn } = createOwn(core);

  function sameDevice(by: PeerId): void {
    if (by === self) throw new ThicketError('invalid', "text: it is this device's own");
  }

  function checkDevice(target: string): PeerId {
    const peer = target as PeerId;
    const isOne = active().some(({ members }) => members.persons.devices(self).includes(peer));
    if (!isOne) throw new ThicketError('not-found', `peer: ${target} is no device of yours in any grove`);
    return peer;
  }

  return {
    devices(call: Call): void {
      const all = new Map<PeerId, { name: string; since: number; groves: string[]; ended: string[] }>();
      const row = (peer: PeerId) => {
        const known = all.get(peer) ?? { name: '', since: 0, groves: [], ended: [] };
        all.set(peer, known);
        return known;
      };
      row(self);
      for (const { id, members } of active()) {
        for (const peer of members.persons.devices(self)) {
          const device = row(peer);
          const since = members.since(peer);
          device.name ||= members.deviceName(peer) ?? '';
          device.since = device.since === 0 ? since : Math.min(device.since, since);
          if (members.persons.revoked(peer) === null) device.groves.push(id);
          else device.ended.push(id);
        }
      }
      call.reply(
        [...all].map(([peerId, { name, since, groves, ended }]) => ({
          ...{ peerId, fingerprint: fingerprint(peerId), name, self: peerId === self, since },
          ...{
            groves: groves.length,
            ended: ended.length,
            code: peerId === self ? '' : pairCode(self, peerId),
          },
        })),
      );
    },

    deviceAsk: (call: Call): void => call.reply({ text: writeAsk(self) }),

    deviceAnswer(call: Call, text: string, name: string): void {
      const by = unwrap(readAsk(text));
      sameDevice(by);
      const pairing = { by, key: self, box: keypair.boxPublic, name, succeeds: false };
      const accepted = signAccept(context.signatures, keypair, pairing);
      call.reply({
        text: writeAnswer({ ...pairing, accepted }),
        ...{ peerId: by, fingerprint: fingerprint(by), code: pairCode(self, by) },
      });
    },

    deviceCheck(call: Call, text: string): void {
      const answer = checkedAnswer(text);
      const { key, name } = answer;
      call.reply({ peerId: key, name, fingerprint: fingerprint(key), code: pairCode(self, key) });
    },

    deviceAdd(call: Call, text: string): void {
      const answer = checkedAnswer(text);
      const vouch: Vouch = { ...answer, signature: signVouch(context.signatures, keypair, answer) };
      const give = writeGive(vouch, backed().slice(0, PAIRING_LIMITS.groves), context.random);
      if (give === null) throw new ThicketError('invalid', 'text: the other device told no usable key');
      const groves = active().filter(({ loaded, members }) => loaded && members.isMember(self));
      writeEach(
        core,
        groves,
        ({ members }): Body[] => {
          const isNew = members.persons.of(vouch.key) !== members.persons.of(self);
          // Powers belong to a device: what the owner's own devices may do, the owner says.
          const raise = members.role(self) === 'owner' && !members.powers?.everHadPower(vouch.key);
          const none = { seq: 0, last: null, proof: null, replaces: [] };
          return [
            ...(isNew ? [{ kind: 'vouch' as const, ...vouch }] : []),
            ...(raise
              ? [{ kind: 'role' as const, target: vouch.key, role: 'moderator' as const, ...none }]
              : []),
          ];
        },
        (failed) => call.reply({ text: give, groves: groves.length - failed.length }),
      );
    },

    deviceAccept(call: Call, text: string): void {
      const { vouch, groves } = unwrap(readGive(text, keypair));
      if (!isVouched(context.signatures, vouch))
        throw new ThicketError('forbidden', 'text: it is not signed by both devices');
      turns.take(identity, call, (last) => takeIn(last, vouch, groves, {}));
    },

    endDevice(call: Call, target: string): void {
      const peer = checkDevice(target);
      if (peer === self)
        throw new ThicketError('invalid', 'peer: this device; take it out from another one of yours');
      const groves = active().filter(
        ({ loaded, members: { persons } }) =>
          loaded && persons.devices(self).includes(peer) && persons.revoked(peer) === null,
      );
      const bodies = (grove: Grove): Body[] => {
        const seq = core.sync.log(grove.id)?.head(peer)?.seq ?? 0;
        const { members } = grove;
        const fall = members.role(self) === 'owner' && members.role(peer) === 'moderator';
        const replaces = (members.powers?.standing(peer) ?? []).map(({ source }) => source.id).slice(0, 64);
        const role = { kind: 'role' as const, target: peer, role: 'reader' as const };
        return [
          { kind: 'revoke', target: peer, seq },
          ...(fall ? [{ ...role, seq, last: null, proof: null, replaces }] : []),
        ];
      };
      // It closes to the ended one as that is applied; this is the last that it hears of the grove.
      const links = new Map(groves.map(({ id }) => [id, core.peering.linkTo(id, peer)]));
      writeEach(core, groves, bodies, (failed, written) => {
        for (const { grove, entry, signature, body } of written) {
          const link = links.get(grove.id);
          if (entry.kind !== 'revoke' || link == null || !core.links.has(link)) continue;
          const entries = [{ header: entry.header, signature, body, table: null }];
          context.send(link, { type: 'entries', grove: grove.id, why: 'want', hops: 0, entries }, 'control');
        }
        const changed = groves.filter((grove) => !failed.includes(grove));
        // It holds the secrets: whoever may gives the others new ones.
        const mayRotate = ({ members }: Grove): boolean =>
          members.role(self) === 'owner' || members.role(self) === 'moderator';
        const kept = changed.filter((grove) => grove.loaded && !mayRotate(grove)).map(({ id }) => id);
        for (const grove of changed)
          whenLoaded(grove, () => {
            if (mayRotate(grove))
              core.rotating.rotate(grove, (failure) => {
                if (failure !== null) core.problem({ failure: failure.code, message: failure.message });
              });
          });
        call.reply({ groves: changed.length, failed: failed.map(({ id }) => id), kept });
      });
    },
  };

  function checkedAnswer(text: string) {
    const answer = unwrap(readAnswer(text));
    if (answer.by !== self)
      throw new ThicketError('invalid', 'text: it answers another device than this one');
    if (!isAccepted(context.signatures, answer))
      throw new ThicketError('forbidden', 'text: the other device did not sign it');
    return answer;
  }
}
