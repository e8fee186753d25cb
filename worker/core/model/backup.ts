// What a backup of an identity holds, and the file that it is sealed into (M18). How long a passphrase takes to try is in
// `KDF`; where files lie, and what a restored identity does, is for others.
import { scrypt } from '@noble/hashes/scrypt.js';
import { asArray, asBytes, asBytesUpTo, asId, asMap, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { concat, utf8 } from './bytes.ts';
import { BODY_LIMITS } from './body.ts';
import { fail, ok, type Result } from './errors.ts';
import { idBytes, toGroveId, type GroveId } from './ids.ts';
import { MAX_ENDPOINTS } from './invite.ts';
import { deriveKey, open, seal } from './secrets.ts';
import { LABEL } from './labels.ts';

export interface Backup {
  /** Of the identity's key, 32 bytes. */
  seed: Uint8Array;
  name: string;
  /** ms since the epoch, by the clock of who wrote it. */
  at: number;
  endpoints: string[];
  groves: BackedGrove[];
}
export interface BackedGrove {
  id: GroveId;
  name: string;
  epoch: number;
  /** In use as the backup was made, 32 bytes. */
  secret: Uint8Array;
}

/**
 * scrypt's cost as OWASP's password storage cheat sheet (2025) sets it where Argon2id is not at hand: N 2^17, r 8, p 1, so
 * that each guess takes 128 MiB and about a second in JavaScript; measured here in test/unit/model/backup.test.ts. Noble has
 * Argon2id as well, but in plain JavaScript it takes several times as long for the same memory, which helps guessers only.
 */
export const KDF = { log2n: 17, r: 8, p: 1, salt: 16 } as const;
export const BACKUP_LIMITS = {
  /** Of a file: 1,000 groves take some 250 KB. */
  file: 1024 * 1024,
  groves: 1_000,
  /** What a file may ask for: 256 MiB, and a minute on a phone at most. */
  log2n: 18,
  p: 4,
  passphrase: 1024,
} as const;

const MAGIC = utf8('THICKET BACKUP 1\n');
const NONCE = 24;
const OLDEST = 10;

export function encodeBackup({ seed, name, at, endpoints, groves }: Backup): Uint8Array {
  return encode({ version: 1, seed, name, at, endpoints, groves: groves.map(groveRow) });
}

function readBackup(bytes: Uint8Array): Backup | null {
  const decoded = decode(bytes, { maxBytes: BACKUP_LIMITS.file });
  const fields = decoded.ok ? asMap(decoded.value) : null;
  const seed = asBytes(fields?.get('seed'), 32);
  const name = asText(fields?.get('name'), BODY_LIMITS.name);
  const at = asUint(fields?.get('at'));
  const texts = asArray(fields?.get('endpoints'), MAX_ENDPOINTS)?.map((raw) => asText(raw, 200));
  const rows = asArray(fields?.get('groves'), BACKUP_LIMITS.groves)?.map(readGroveRow);
  if (seed === null || name === null || at === null || texts === undefined || rows === undefined) return null;
  const endpoints = texts.filter((each) => each !== null);
  const groves = rows.filter((each) => each !== null);
  if (endpoints.length < texts.length || groves.length < rows.length) return null;
  return { seed, name, at, endpoints, groves };
}

export const groveRow = ({ id, name, epoch, secret }: BackedGrove) => [idBytes(id), name, epoch, secret];

export function readGroveRow(raw: unknown): BackedGrove | null {
  const row = asArray(raw, 8);
  const id = asId(row?.[0], toGroveId);
  const name = asText(row?.[1], 256);
  const epoch = asUint(row?.[2]);
  const secret = asBytes(row?.[3], 32);
  return id === null || name === null || epoch === null || secret === null
    ? null
    : { id, name, epoch, secret };
}

const keyOf = (passphrase: string, salt: Uint8Array, log2n: number, r: number, p: number): Uint8Array =>
  deriveKey(
    // The same letters typed on another keyboard are the same passphrase.
    scrypt(utf8(passphrase.normalize('NFKC')), salt, { N: 2 ** log2n, r, p, dkLen: 32 }),
    LABEL.backup,
  );

/** `cost` is for tests; a file says what it was made with. */
export function sealBackup(
  backup: Backup,
  passphrase: string,
  random: { bytes(count: number): Uint8Array },
  cost: { log2n: number } = KDF,
): Uint8Array {
  const salt = random.bytes(KDF.salt);
  const head = encode([cost.log2n, KDF.r, KDF.p, salt]);
  const key = keyOf(passphrase, salt, cost.log2n, KDF.r, KDF.p);
  const sealed = seal(key, random.bytes(NONCE), encodeBackup(backup), concat(MAGIC, head), { pad: true });
  return concat(MAGIC, encode([head, sealed]));
}

/** Never throws: what is wrong is told. */
export function openBackup(file: Uint8Array, passphrase: string): Result<Backup> {
  if (file.length > BACKUP_LIMITS.file)
    return fail('too-large', `backup: at most ${BACKUP_LIMITS.file} bytes, given ${file.length}`);
  if (!MAGIC.every((byte, at) => file[at] === byte)) {
    const isLater = MAGIC.slice(0, -2).every((byte, at) => file[at] === byte);
    return isLater
      ? fail('unsupported', 'backup: made by a later version of this software; update and try again')
      : fail('invalid', 'backup: this file is no backup of an identity');
  }
  const decoded = decode(file.subarray(MAGIC.length), { maxBytes: BACKUP_LIMITS.file });
  const parts = decoded.ok ? asArray(decoded.value, 2) : null;
  const head = asBytesUpTo(parts?.[0], 64);
  const sealed = asBytesUpTo(parts?.[1], BACKUP_LIMITS.file);
  const told = head && decode(head, { maxBytes: 64 });
  const row = told?.ok === true ? asArray(told.value, 4) : null;
  const [log2n, r, p] = [asUint(row?.[0]), asUint(row?.[1]), asUint(row?.[2])];
  const salt = asBytes(row?.[3], KDF.salt);
  if (head === null || sealed === null || log2n === null || r === null || p === null || salt === null)
    return fail('corrupt', 'backup: the file is damaged or cut short');
  // Anybody may have written it: it must not make this device work for hours, or without memory.
  if (log2n < OLDEST || log2n > BACKUP_LIMITS.log2n || r !== KDF.r || p < 1 || p > BACKUP_LIMITS.p)
    return fail('unsupported', 'backup: it asks for more work than any backup of this software takes');
  const plain = open(keyOf(passphrase, salt, log2n, r, p), sealed, concat(MAGIC, head));
  if (plain === null)
    return fail('forbidden', 'passphrase: it does not open this backup, or the file was changed');
  const backup = readBackup(plain);
  return backup === null ? fail('corrupt', 'backup: what is in it is not what a backup holds') : ok(backup);
}
