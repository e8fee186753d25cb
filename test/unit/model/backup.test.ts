// The file of an identity's backup, and the texts by which two devices find each other: whole, hostile and damaged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KDF, openBackup, sealBackup, type Backup } from '../../../worker/core/model/backup.ts';
import { concat, utf8 } from '../../../worker/core/model/bytes.ts';
import { toGroveId } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed, nobleSignatures } from '../../../worker/core/model/keys.ts';
import {
  readAnswer,
  readAsk,
  readGive,
  writeAnswer,
  writeAsk,
  writeGive,
} from '../../../worker/core/model/pairing.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { isAccepted, isVouched, pairCode, signAccept, signVouch } from '../../../worker/core/model/vouch.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { SEED } from './fixtures.ts';

const random = createSeededRandom(7);
const groves = [{ id: toGroveId(hash32(utf8('g'))), name: 'Grove', epoch: 2, secret: hash32(utf8('s')) }];
const backup: Backup = {
  seed: hash32(utf8('seed')),
  name: 'Ada',
  at: 5,
  endpoints: ['wss://x.test'],
  groves,
};
/** So that tests are quick; the cost that is in use is measured once. */
const quick = { log2n: 10 };
const file = sealBackup(backup, 'correct horse', random, quick);
const codeOf = (bytes: Uint8Array, passphrase = 'correct horse'): string => {
  const opened = openBackup(bytes, passphrase);
  return opened.ok ? 'ok' : opened.code;
};

describe('a backup', () => {
  it('M18: gives back what was put in, to whoever has the passphrase, however it was typed', () => {
    expect(openBackup(file, 'correct horse')).toEqual({ ok: true, value: backup });
    expect(codeOf(file, 'correct hors')).toBe('forbidden');
    const accented = sealBackup(backup, 'e\u0301t\u00e9', random, quick);
    expect(codeOf(accented, '\u00e9te\u0301')).toBe('ok');
  });

  it('M18: says of a file whether it is none, of a later version, cut short or changed', () => {
    expect(codeOf(utf8('PK\u0003\u0004 something else'))).toBe('invalid');
    expect(codeOf(new Uint8Array(0))).toBe('invalid');
    expect(codeOf(concat(utf8('THICKET BACKUP 2\n'), file.subarray(17)))).toBe('unsupported');
    expect(codeOf(file.subarray(0, file.length - 1))).toBe('corrupt');
    expect(codeOf(new Uint8Array(2_000_000))).toBe('too-large');
    const changed = file.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(codeOf(changed)).toBe('forbidden');
  });

  it('M18: a file that asks for more work than any backup takes is refused before it gets it', () => {
    for (const [log2n, r, p] of [
      [19, 8, 1],
      [60, 8, 1],
      [14, 1024, 1],
      [14, 8, 5],
      [14, 8, 0],
    ] as const) {
      const head = encode([log2n, r, p, new Uint8Array(16)]);
      expect(codeOf(concat(utf8('THICKET BACKUP 1\n'), encode([head, new Uint8Array(300)])))).toBe(
        'unsupported',
      );
    }
  });

  it('M18: whatever the bytes, there is an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
        expect(typeof codeOf(bytes)).toBe('string');
        expect(codeOf(concat(utf8('THICKET BACKUP 1\n'), bytes))).not.toBe('ok');
        const damaged = file.slice();
        const place = 17 + (at % (file.length - 17));
        damaged[place] = (damaged[place] ?? 0) ^ 0x55;
        // The cost may be what was changed: only what is not costly is tried.
        if (place > 30) expect(codeOf(damaged)).not.toBe('ok');
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('M18: the cost in use is paid for each guess', () => {
    const start = performance.now();
    const sealed = sealBackup(backup, 'a', random);
    const took = performance.now() - start;
    console.info(`scrypt N 2^${KDF.log2n} r ${KDF.r} p ${KDF.p}: ${Math.round(took)} ms`);
    expect(took).toBeGreaterThan(50);
    expect(codeOf(sealed, 'a')).toBe('ok');
  }, 60_000);
});

const key = (name: string) => keypairFromSeed(hash32(utf8(name)));
const [a, b, c] = [key('a'), key('b'), key('c')];

const pairing = { by: a.id, key: b.id, box: b.boxPublic, name: 'Phone', succeeds: false };
const accepted = signAccept(nobleSignatures, b, pairing);
const vouch = { ...pairing, accepted, signature: signVouch(nobleSignatures, a, pairing) };

describe('pairing', () => {
  it('M17: a vouch needs both signatures, over all that it says', () => {
    expect(isVouched(nobleSignatures, vouch)).toBe(true);
    expect(isVouched(nobleSignatures, { ...vouch, signature: vouch.accepted })).toBe(false);
    for (const change of [
      { key: c.id },
      { by: c.id },
      { box: c.boxPublic },
      { name: 'X' },
      { succeeds: true },
    ]) {
      expect(isVouched(nobleSignatures, { ...vouch, ...change })).toBe(false);
      expect(isAccepted(nobleSignatures, { ...vouch, ...change })).toBe(false);
    }
  });

  it('M19: texts come through, with line breaks, and only to whom they are for', () => {
    expect(readAsk(` ${writeAsk(a.id)}\n`)).toEqual({ ok: true, value: a.id });
    const answer = writeAnswer({ ...pairing, accepted });
    expect(readAnswer(answer.replace(/(.{60})/g, '$1\r\n'))).toEqual({
      ok: true,
      value: { ...pairing, accepted },
    });
    const give = writeGive(vouch, groves, random);
    if (give === null) throw new Error('it seals');
    expect(readGive(give, b)).toEqual({ ok: true, value: { vouch, groves } });
    expect(readGive(give, c).ok).toBe(false);
    expect(give).not.toContain('Grove');
    // A text of another step says so.
    const wrong = readAnswer(give);
    expect(wrong.ok ? '' : wrong.message).toContain('another step');
  });

  it('M19: whatever the text, there is an answer', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('', 'thicket-device:', 'thicket-device-groves:'),
        (text, prefix) => {
          for (const read of [readAsk, readAnswer]) expect(read(prefix + text).ok).toBe(false);
          expect(readGive(prefix + text, b).ok).toBe(false);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('M19: the code is the same on both sides, and another for another pair', () => {
    expect(pairCode(a.id, b.id)).toBe(pairCode(b.id, a.id));
    expect(pairCode(a.id, b.id)).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/);
    expect(pairCode(a.id, c.id)).not.toBe(pairCode(a.id, b.id));
  });
});
