// Calls about a backup and a new key (SPEC A23): what a backup holds and brings back, and a key that follows this device's.
// Files and passphrases are the RPC server's.
import { encodeRecord, recordKey } from '../access/record.ts';
import { encodeIdentity, encodeOwn, IDENTITY_KEY, OWN_KEY, RENEWED } from '../boot.ts';
import type { Core } from '../core.ts';
import type { Backup } from '../model/backup.ts';
import { utf8 } from '../model/bytes.ts';
import { ThicketError } from '../model/errors.ts';
import { toHash } from '../model/ids.ts';
import { MAX_ENDPOINTS } from '../model/invite.ts';
import { fingerprint, hash32, keypairFromSeed, type Keypair } from '../model/keys.ts';
import { signAccept, signVouch, type Vouch } from '../model/vouch.ts';
import type { WriteOp } from '../ports.ts';
import type { Call } from './api.ts';
import { writeEach } from './each-grove.ts';
import { createOwn } from './own.ts';
import type { Turns } from './turns.ts';

export function backupCalls(core: Core, turns: Turns) {
  const { context, identity, own } = core;
  const { keypair } = identity;
  const self = keypair.id;
  const { active, backed, change, takeIn } = createOwn(core);

  /** Another where a backup made now would hold something else that one needs. */
  const backupHash = (): ReturnType<typeof toHash> => {
    const rows = backed().map(({ id, epoch, secret }) => [id, epoch, toHash(secret)]);
    return toHash(hash32(utf8(JSON.stringify([self, rows.sort()]))));
  };

  function vouchFor(by: Keypair, key: Keypair, name: string): Vouch {
    const pairing = { by: by.id, key: key.id, box: key.boxPublic, name, succeeds: true };
    const signature = signVouch(context.signatures, by, pairing);
    return { ...pairing, signature, accepted: signAccept(context.signatures, key, pairing) };
  }

  function renewKey(call: Call): void {
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
        // Who we are is on disk now, and what is in memory must not be written over it until the restart.
        core.renewed = true;
        context.write(ops, 'strict', (failure) => {
          core.renewed = failure === null;
          const { id } = next;
          if (failure === null) call.reply({ peerId: id, name: identity.name, fingerprint: fingerprint(id) });
          else call.refuse(core.errorCode(failure.failure), failure.message);
        });
      },
    );
  }

  return {
    /** A new key that the old one vouches for; the old one is ended as this device starts with the new one. */
    renewKey: (asked: Call): void => turns.take(identity, asked, renewKey),

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
      turns.take(identity, call, (last) =>
        change(last, { backup: { at, hash: backupHash() } }, [], () => last.reply(null)),
      );
    },

    /** For the RPC server, which opened the file. The old key signs once, here, and is forgotten. */
    restoreContent(call: Call, backup: Backup): void {
      const old = keypairFromSeed(backup.seed);
      if (old.id === self)
        throw new ThicketError('invalid', 'backup: it is of this very device, which still has its identity');
      turns.take(identity, call, (last) => {
        const known = own.vouches.find(({ by, succeeds }) => by === old.id && succeeds);
        takeIn(last, known ?? vouchFor(old, keypair, deviceName(backup)), backup.groves, backup);
      });
    },
  };
}

const deviceName = ({ at }: Backup): string =>
  `Restored from the backup of ${new Date(at).toISOString().slice(0, 10)}`;
