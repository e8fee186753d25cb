// What a page may ask about the devices of this person and the backup of its identity.
import * as v from 'valibot';
import { BACKUP_LIMITS } from '../../core/model/backup.ts';
import { PAIRING_LIMITS } from '../../core/model/pairing.ts';
import { DEVICE_NAME } from '../../core/model/vouch.ts';
import { named, peer } from './parts.ts';

/** With room for the line breaks of mail. */
const pairing = named(2 * PAIRING_LIMITS.text);
const passphrase = named(BACKUP_LIMITS.passphrase);

export const DEVICE_SCHEMAS = {
  devices: v.strictTuple([]),
  deviceAsk: v.strictTuple([]),
  deviceAnswer: v.strictTuple([pairing, named(DEVICE_NAME)]),
  deviceCheck: v.strictTuple([pairing]),
  deviceAdd: v.strictTuple([pairing]),
  deviceAccept: v.strictTuple([pairing]),
  endDevice: v.strictTuple([peer]),
  renewKey: v.strictTuple([]),
  backupState: v.strictTuple([]),
  backup: v.strictTuple([passphrase]),
  restore: v.strictTuple([v.instance(Blob), passphrase]),
};
