// What this device knows of itself, changed one call after the other and in memory once it is written (SPEC A23): for the calls
// about devices, backups and keys.
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
  type Own,
} from '../boot.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { BACKUP_LIMITS, type BackedGrove, type Backup } from '../model/backup.ts';
import { fingerprint } from '../model/keys.ts';
import type { Vouch } from '../model/vouch.ts';
import type { WriteOp } from '../ports.ts';
import type { Call } from './api.ts';
import { readErased } from './groves.ts';

export function createOwn(core: Core) {
  const { context, identity, own } = core;
  const self = identity.keypair.id;
  const active = (): Grove[] =>
    [...core.groves.values()].filter(({ record, leaving }) => record.state === 'active' && !leaving);

  const backed = (): BackedGrove[] =>
    active()
      .slice(0, BACKUP_LIMITS.groves)
      .flatMap(({ id, name, record }) => {
        const used = record.secrets.at(-1);
        return used === undefined ? [] : [{ id, name, epoch: used.epoch, secret: used.secret }];
      });

  /** Beside other writes, if any; what it knows of itself changes in memory once it is written. */
  function changeOwn(call: Call, change: Partial<Own>, ops: readonly WriteOp[], then: () => void): void {
    if (core.renewed) return call.refuse(...RENEWED);
    const value = encodeOwn({ ...own, ...change });
    context.write([{ op: 'put', table: 'meta', key: OWN_KEY, value }, ...ops], 'strict', (failure) => {
      if (failure !== null) return call.refuse(core.errorCode(failure.failure), failure.message);
      Object.assign(own, change);
      call.attempt(then);
    });
  }

  /** Groves that this device is let into by the word of another; those that it is in already are told of it. */
  function takeIn(call: Call, vouch: Vouch, groves: readonly BackedGrove[], more: Partial<Backup>): void {
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
        const known = own.vouches.filter(
          ({ by, succeeds }) => by !== vouch.by || succeeds !== vouch.succeeds,
        );
        const name = identity.name || (more.name ?? '');
        const { endpoints } = core.settings;
        const settings = {
          ...core.settings,
          endpoints: endpoints.length === 0 ? (more.endpoints ?? []) : endpoints,
        };
        const ops: WriteOp[] = [
          { op: 'put', table: 'meta', key: IDENTITY_KEY, value: encodeIdentity({ ...identity, name }) },
          { op: 'put', table: 'meta', key: SETTINGS_KEY, value: encodeSettings(settings) },
          ...records.map((record): WriteOp => {
            return { op: 'put', table: 'meta', key: recordKey(record.id), value: encodeRecord(record) };
          }),
        ];
        changeOwn(call, { vouches: [...known, vouch] }, ops, () => {
          identity.name = name;
          core.settings = settings;
          for (const record of records) core.peering.groveAdded(core.addGrove(record));
          for (const grove of active()) core.carrying.settle(grove);
          core.configureSignal();
          core.event('identity', { peerId: self, name, fingerprint: fingerprint(self) });
          core.event('groves', {});
          call.reply({ name, groves: groves.map(({ id, name }) => ({ id, name })) });
        });
      },
    );
  }

  return { active, backed, change: changeOwn, takeIn };
}
