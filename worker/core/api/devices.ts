// Calls about the devices of this person (SPEC A20-A24): pairing, what a backup holds and brings back, ending a device, and
// a new key for this one. Files and passphrases are the RPC server's.
import { DEFAULT_POLICY } from '../access/policy.ts';
import { encodeRecord, erasedKey, recordKey, type GroveRecord } from '../access/record.ts';
import {
  encodeIdentity,
  encodeOwn,
  encodeSettings,
  IDENTITY_KEY,
  OWN_KEY,
  RENEWED,
  SETTINGS_KEY,
} from '../boot.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { BACKUP_LIMITS, type BackedGrove, type Backup } from '../model/backup.ts';
import type { Body } from '../model/body.ts';
import { utf8 } from '../model/bytes.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { toHash, type PeerId } from '../model/ids.ts';
import { MAX_ENDPOINTS } from '../model/invite.ts';
import { fingerprint, hash32, keypairFromSeed, type Keypair } from '../model/keys.ts';
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
import type { WriteOp } from '../ports.ts';
import type { Call } from './api.ts';
import { readErased } from './groves.ts';
import { writeEach } from './each-grove.ts';

/** `whenLoaded`: once what is stored of a grove was read back. */
export function deviceCalls(core: Core, whenLoaded: (grove: Grove, run: () => void) => void) {
  const { context, identity, own } = core;
  const { keypair } = identity;
  const self = keypair.id;
  const active = (): Grove[] =>
    [...core.groves.values()].filter(({ record, leaving }) => record.state === 'active' && !leaving);

  const backed = (): BackedGrove[] =>
    active()
      .slice(0, BACKUP_LIMITS.groves)
      .flatMap(({ id, name, record }) => {
        const used = record.secrets.at(-1);
        return used === undefined ? [] : [{ id, name, epoch: used.epoch, secret: used.secret }];
      });

  /** Another where a backup made now would hold something else that one needs. */
  const backupHash = (): ReturnType<typeof toHash> => {
    const rows = backed().map(({ id, epoch, secret }) => [id, epoch, toHash(secret)]);
    return toHash(hash32(utf8(JSON.stringify([self, rows.sort()]))));
  };

  function write(call: Call, ops: readonly WriteOp[], then: () => void): void {
    if (core.renewed) return call.refuse(...RENEWED);
    context.write(ops, 'strict', (failure) => {
      if (failure === null) call.attempt(then);
      else call.refuse(core.errorCode(failure.failure), failure.message);
    });
  }

  const putOwn = (): WriteOp => ({ op: 'put', table: 'meta', key: OWN_KEY, value: encodeOwn(own) });

  /** Groves that this device is let into by the word of another; those that it is in already are told of it. */
  function takeIn(call: Call, vouch: Vouch, groves: readonly BackedGrove[], more: Partial<Backup>): void {
    const known = own.vouches.filter(({ by, succeeds }) => by !== vouch.by || succeeds !== vouch.succeeds);
    const fresh = groves.filter(({ id }) => {
      const state = core.groves.get(id)?.record.state;
      return state === undefined || state === 'refused';
    });
    context.read(
      'meta',
      fresh.map(({ id }) => erasedKey(id)),
      (values) => {
        if (isFailure(values)) return call.refuse(core.errorCode(values.failure), values.message);
        const records = fresh.map(({ id, name, epoch, secret }, at): GroveRecord => ({
          ...{ id, name, state: 'joining', reason: null, invite: null, secrets: [{ epoch, secret }] },
          ...{ policy: DEFAULT_POLICY, fresh: true, pins: new Set(), acknowledged: 0 },
          resumeFrom: readErased(values[at] ?? null),
        }));
        own.vouches = [...known, vouch];
        if (identity.name === '') identity.name = more.name ?? '';
        if (core.settings.endpoints.length === 0) core.settings.endpoints = more.endpoints ?? [];
        const ops: WriteOp[] = [
          putOwn(),
          { op: 'put', table: 'meta', key: IDENTITY_KEY, value: encodeIdentity(identity) },
          { op: 'put', table: 'meta', key: SETTINGS_KEY, value: encodeSettings(core.settings) },
          ...records.map((record): WriteOp => {
            return { op: 'put', table: 'meta', key: recordKey(record.id), value: encodeRecord(record) };
          }),
        ];
        write(call, ops, () => {
          for (const record of records) core.peering.groveAdded(core.addGrove(record));
          for (const grove of active()) core.carrying.settle(grove);
          core.configureSignal();
          core.event('identity', { peerId: self, name: identity.name, fingerprint: fingerprint(self) });
          core.event('groves', {});
          call.reply({ name: identity.name, groves: groves.map(({ id, name }) => ({ id, name })) });
        });
      },
    );
  }

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
      takeIn(call, vouch, groves, {});
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

    /** A new key that the old one vouches for; the old one is ended as this device starts with the new one. */
    renewKey(call: Call): void {
      if (core.renewed) return call.refuse(...RENEWED);
      const next = keypairFromSeed(context.random.bytes(32));
      const vouch = vouchFor(keypair, next, 'This device, with a new key');
      const groves = active().filter(({ loaded, members }) => loaded && members.isMember(self));
      if (groves.some(({ record }) => record.policy.gossip === 'off'))
        throw new ThicketError(
          'forbidden',
          'grove: switch gossip on first, so that the others learn of the new key',
        );
      writeEach(
        core,
        groves,
        () => [{ kind: 'vouch', ...vouch }],
        (failed) => {
          const [first] = failed;
          if (first !== undefined)
            return call.refuse(
              'busy',
              `grove: "${first.name}" can't be written now; try again, nothing is lost`,
            );
          const after = { vouches: [...own.vouches, vouch], former: [...own.former, self], backup: null };
          const ops: WriteOp[] = active().map(({ record }) => {
            const value = encodeRecord({ ...record, acknowledged: 0, resumeFrom: 0 });
            return { op: 'put', table: 'meta', key: recordKey(record.id), value };
          });
          const seed = encodeIdentity({ keypair: next, name: identity.name });
          ops.push({ op: 'put', table: 'meta', key: OWN_KEY, value: encodeOwn(after) });
          ops.push({ op: 'put', table: 'meta', key: IDENTITY_KEY, value: seed });
          if (core.renewed) return call.refuse(...RENEWED);
          // Who we are is on disk now, and what is in memory must not be written over it until the restart.
          core.renewed = true;
          context.write(ops, 'strict', (failure) => {
            core.renewed = failure === null;
            const { id } = next;
            if (failure === null)
              call.reply({ peerId: id, name: identity.name, fingerprint: fingerprint(id) });
            else call.refuse(core.errorCode(failure.failure), failure.message);
          });
        },
      );
    },

    backupState(call: Call): void {
      const { backup } = own;
      call.reply({ at: backup?.at ?? null, stale: backup !== null && backup.hash !== backupHash() });
    },

    /** For the RPC server, which seals it. */
    backupContent(call: Call): void {
      const endpoints = core.settings.endpoints.slice(0, MAX_ENDPOINTS);
      const { name } = identity;
      call.reply({ seed: keypair.seed, name, at: context.now(), endpoints, groves: backed() });
    },

    /** For the RPC server: the file is with the person now. */
    backedUp(call: Call, at: number): void {
      own.backup = { at, hash: backupHash() };
      write(call, [putOwn()], () => call.reply(null));
    },

    /** For the RPC server, which opened the file. The old key signs once, here, and is forgotten. */
    restoreContent(call: Call, backup: Backup): void {
      const old = keypairFromSeed(backup.seed);
      if (old.id === self)
        throw new ThicketError('invalid', 'backup: it is of this very device, which still has its identity');
      const known = own.vouches.find(({ by, succeeds }) => by === old.id && succeeds);
      takeIn(call, known ?? vouchFor(old, keypair, deviceName(backup)), backup.groves, backup);
    },
  };

  function vouchFor(by: Keypair, key: Keypair, name: string): Vouch {
    const pairing = { by: by.id, key: key.id, box: key.boxPublic, name, succeeds: true };
    const signature = signVouch(context.signatures, by, pairing);
    return { ...pairing, signature, accepted: signAccept(context.signatures, key, pairing) };
  }

  function checkedAnswer(text: string) {
    const answer = unwrap(readAnswer(text));
    if (answer.by !== self)
      throw new ThicketError('invalid', 'text: it answers another device than this one');
    if (!isAccepted(context.signatures, answer))
      throw new ThicketError('forbidden', 'text: the other device did not sign it');
    return answer;
  }
}

const deviceName = ({ at }: Backup): string =>
  `Restored from the backup of ${new Date(at).toISOString().slice(0, 10)}`;
