// Small rows beside logs and blobs: what is noted of groves, forks, uses and answers (SPEC S18). What can't be read there counts
// as absent anyway, but for a grove's record: that is told, and never touched.
import { decodeRecord, GROVE_PREFIX } from '../access/record.ts';
import { decodeHalt } from '../cas/halts.ts';
import { haltKey, usedKey } from '../cas/keys.ts';
import { decodeUse } from '../cas/uses.ts';
import { CONFIG } from '../config.ts';
import { isHex32, toGroveId, type Hash } from '../model/ids.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Row, Table } from '../ports.ts';
import { decodeFork } from '../sync/proof.ts';
import { asArray, decode } from '../wire/cbor.ts';
import { inTurn, walk, type Run } from './run.ts';

interface Notes {
  table: Table;
  prefix: string;
  what: string;
  isReadable: (value: Uint8Array) => boolean;
}

const MAX_ANSWER = 64 * 1024;

const NOTES: readonly Notes[] = [
  {
    table: 'meta',
    prefix: 'fork/',
    what: 'a proof that an author forked its log',
    isReadable: (value) => decodeFork(value) !== null,
  },
  {
    table: 'blobs',
    prefix: usedKey('' as Hash),
    what: 'when an artifact was last used',
    isReadable: (value) => decodeUse(value) !== null,
  },
  {
    table: 'blobs',
    prefix: haltKey('' as Hash),
    what: 'that a transfer was paused or cancelled',
    isReadable: (value) => decodeHalt(value) !== null,
  },
  {
    table: 'requests',
    prefix: '',
    what: 'the answer of a call',
    isReadable(value) {
      const decoded = decode(value, { maxBytes: MAX_ANSWER });
      return decoded.ok && asArray(decoded.value, 2) !== null;
    },
  },
];

export function checkNotes(run: Run, then: () => void): void {
  const { core, findings, checked } = run;
  const { context } = core;

  function take({ table, what, isReadable }: Notes, rows: readonly Row[], next: () => void): void {
    checked.notes += rows.length;
    run.progress('notes', checked.notes, null);
    const damaged = rows.filter(({ value }) => !isReadable(value));
    inTurn(
      damaged.map(({ key }) => (done) => {
        const finding = findings.add('note', null, key, `${what} can’t be read`);
        if (!run.repair) return done();
        context.write([{ op: 'delete', table, key }], 'relaxed', (failure) => {
          if (failure === null) findings.settle(finding, 'repaired');
          done();
        });
      }),
      next,
    );
  }

  function takeRecords(rows: readonly Row[], next: () => void): void {
    checked.notes += rows.length;
    for (const { key, value } of rows) {
      const hex = key.slice(GROVE_PREFIX.length);
      const record = isHex32(hex) ? decodeRecord(toGroveId(hexToBytes(hex)), value) : null;
      if (record?.ok === true) continue;
      const detail =
        'what this device noted of a grove can’t be read, its secret among it: its log stays on the disk, and a new invite opens it again';
      findings.settle(findings.add('record', null, hex, detail), 'lost');
    }
    next();
  }

  inTurn(
    [
      (next) => walk(run, { table: 'meta', prefix: GROVE_PREFIX, each: takeRecords }, next),
      ...NOTES.map(
        (notes) => (next: () => void) =>
          walk(
            run,
            { ...notes, rows: CONFIG.storage.rows, each: (rows, done) => take(notes, rows, done) },
            next,
          ),
      ),
    ],
    then,
  );
}
