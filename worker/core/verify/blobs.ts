// Blocks against their hashes and the notes that say they are held, block lists against theirs, records against all that hangs
// below them, and what nothing leads to (SPEC C27). Repairs by forgetting what is damaged and fetching it anew.
import { hexToBytes } from '@noble/hashes/utils.js';
import { readHeld, readLists } from '../cas/blobs.ts';
import { blobKey, blockKey, heldKey, listKey } from '../cas/keys.ts';
import { decodeBlobRecord } from '../cas/record.ts';
import type { Tally } from '../cas/tally.ts';
import { CONFIG } from '../config.ts';
import { isFailure } from '../context.ts';
import { isHex32, toHash, type Hash } from '../model/ids.ts';
import type { Row, WriteOp } from '../ports.ts';
import type { Finding } from './findings.ts';
import { inTurn, walk, type Run } from './run.ts';

/** 52 bits of a hash: a million blocks in tens of MB. */
const short = (hash: Hash): number => Number.parseInt(hash.slice(0, 13), 16);

const hashIn = (key: string, prefix: string): Hash | null => {
  const hex = key.slice(prefix.length);
  return isHex32(hex) ? toHash(hexToBytes(hex)) : null;
};

export function checkBlobs(run: Run, then: () => void): void {
  const { core, hash, findings, checked } = run;
  const { context, storage } = core;
  const bad = new Set<Hash>();
  const seen = new Set<number>();
  let parts: Tally | null = null;
  const orphans = { blocks: 0, lists: 0 };

  /** Nothing leads to it, as far as can be told now; what is on its way in is led to in a moment. */
  function isOrphan(each: Hash): boolean {
    if (parts === null || !storage.isReady() || storage.usage.isDoubtful()) return false;
    return !storage.usage.all.has(each) && !parts.has(each) && !core.cas.isBusy(each);
  }

  /** Forgets a block or list that is not what its key says, in a step in which nobody else stores or deletes any. */
  function forget(what: 'block' | 'list', each: Hash, finding: Finding, next: () => void): void {
    if (!run.repair) return next();
    const [table, key] =
      what === 'block' ? (['blocks', blockKey(each)] as const) : (['blobs', listKey(each)] as const);
    storage.exclude((release) =>
      context.read(table, [key], (values) => {
        const bytes = isFailure(values) ? null : (values[0] ?? null);
        const isWhole = bytes !== null && toHash(hash(bytes)) === each;
        if (isFailure(values) || isWhole || core.cas.isBusy(each)) {
          release();
          if (isWhole) findings.settle(finding, 'repaired', `${finding.detail}; it came again meanwhile`);
          return next();
        }
        const ops: WriteOp[] = [{ op: 'delete', table, key }];
        if (what === 'block') ops.push({ op: 'delete', table: 'blobs', key: heldKey(each) });
        context.write(ops, 'strict', (failure) => {
          release();
          if (failure === null)
            findings.settle(finding, 'repaired', `${finding.detail}; what needs it fetches it anew`);
          next();
        });
      }),
    );
  }

  // ---- blocks and the notes of them ---------------------------------------------------------------------

  function takeBlocks(rows: readonly Row[], next: () => void): void {
    const found = rows.flatMap(({ key, value }) => {
      checked.blocks += 1;
      checked.bytes += value.length;
      const name = hashIn(key, '');
      if (name !== null) seen.add(short(name));
      return name === null ? [] : [{ name, isWhole: toHash(hash(value)) === name }];
    });
    run.progress('blocks', checked.bytes, storage.usage.all.bytes);
    orphans.blocks += found.filter(({ name }) => isOrphan(name)).length;
    readHeld(
      found.map(({ name }) => ({ hash: name, size: 0 })),
      context,
      (held) => {
        if (run.isStopped()) return;
        if (held === null) return run.fail('which blocks are held could not be read');
        const damaged = found.filter(({ isWhole }) => !isWhole).map(({ name }) => name);
        // Stored in one transaction with its note (C5): without one it is there and not known to be.
        const unnoted = found.filter(({ name, isWhole }) => isWhole && !held.has(name) && !isOrphan(name));
        for (const each of damaged) bad.add(each);
        inTurn(
          [
            ...damaged.map((each) => (done: () => void) => {
              forget(
                'block',
                each,
                findings.add('block', null, each, 'its bytes are not what its hash says'),
                done,
              );
            }),
            ...unnoted.map(({ name }) => (done: () => void) => {
              const finding = findings.add(
                'note',
                null,
                name,
                'the block is here, and the note that says so is not',
              );
              if (!run.repair) return done();
              context.write(
                [{ op: 'put', table: 'blobs', key: heldKey(name), value: new Uint8Array() }],
                'relaxed',
                (failure) => {
                  if (failure === null) findings.settle(finding, 'repaired');
                  done();
                },
              );
            }),
          ],
          next,
        );
      },
    );
  }

  /** Notes of blocks that are not here; looked for once more, since the disk may have failed for a moment. */
  function takeNotes(rows: readonly Row[], next: () => void): void {
    const names = rows
      .flatMap(({ key }) => hashIn(key, heldKey('' as Hash)) ?? [])
      .filter((name) => !seen.has(short(name)));
    if (names.length === 0) return next();
    context.read('blocks', names.map(blockKey), (values) => {
      if (run.isStopped()) return;
      if (isFailure(values)) return run.fail(values.message);
      const gone = names.filter((_, at) => (values[at] ?? null) === null);
      for (const each of gone) bad.add(each);
      inTurn(
        gone.map(
          (each) => (done) =>
            forget(
              'block',
              each,
              findings.add('block', null, each, 'it is noted as held, and is not here'),
              done,
            ),
        ),
        next,
      );
    });
  }

  function takeLists(rows: readonly Row[], next: () => void): void {
    const damaged = rows.flatMap(({ key, value }) => {
      checked.lists += 1;
      const name = hashIn(key, listKey('' as Hash));
      if (name === null) return [];
      if (isOrphan(name)) orphans.lists += 1;
      return toHash(hash(value)) === name ? [] : [name];
    });
    inTurn(
      damaged.map(
        (each) => (done) =>
          forget(
            'list',
            each,
            findings.add('list', null, each, 'its bytes are not what its hash says'),
            done,
          ),
      ),
      next,
    );
  }

  // ---- what they come to --------------------------------------------------------------------------------

  function takeRecords(rows: readonly Row[], next: () => void): void {
    inTurn(
      rows.map((row) => (done) => checkRecord(row, done)),
      next,
    );
  }

  function checkRecord({ key, value }: Row, next: () => void): void {
    const name = hashIn(key, blobKey('' as Hash));
    const record = decodeBlobRecord(value);
    checked.artifacts += 1;
    run.progress('artifacts', checked.artifacts, storage.usage.blobs.size);
    if (name === null) return next();
    if (!record.ok) return blame(name, 'its record can’t be read', next);
    if (!record.value.complete) return next();
    const { root, size } = record.value;
    readLists({ hash: root, size }, context, (listed) => {
      if (run.isStopped()) return;
      if (listed === null) return run.fail('block lists could not be read');
      if (listed.problem !== null) return blame(name, listed.problem, next);
      if (listed.missing.length > 0)
        return blame(name, `${listed.missing.length} of its block lists are missing`, next);
      const lacking = listed.blocks.filter((block) => bad.has(block.hash)).length;
      if (lacking > 0)
        return blame(name, `${lacking} of its ${listed.blocks.length} blocks are damaged or missing`, next);
      context.hashBlob(
        listed.blocks.map((block) => block.hash),
        (whole) => {
          if (run.isStopped()) return;
          if (isFailure(whole)) return run.fail(whole.message);
          if (whole === name) return next();
          blame(
            name,
            whole === null ? 'some of its blocks are missing' : 'its blocks do not come to it',
            next,
          );
        },
      );
    });
  }

  /** Its record goes, what of it is whole stays, and the rest is fetched where a grove names it. */
  function blame(name: Hash, detail: string, next: () => void): void {
    const naming = [...core.groves.values()].filter(({ blobs }) => blobs.has(name));
    const finding = findings.add('artifact', naming[0]?.id ?? null, name, detail);
    if (!run.repair || core.cas.isBusy(name)) return next();
    context.write([{ op: 'delete', table: 'blobs', key: blobKey(name) }], 'strict', (failure) => {
      if (failure !== null) return next();
      if (naming.length === 0) {
        findings.settle(finding, 'repaired', `${detail}; no grove names it, and it is forgotten`);
        return next();
      }
      storage.uses.touch(name);
      for (const grove of naming) {
        const blob = grove.blobs.get(name);
        if (blob !== undefined) blob.held = false;
        core.holdings.want(grove, name);
        core.changed(grove.id);
      }
      findings.settle(finding, 'asked', `${detail}; it is fetched anew from whoever holds it`);
      next();
    });
  }

  function takeOrphans(next: () => void): void {
    const { blocks, lists } = orphans;
    if (blocks + lists === 0) return next();
    const finding = findings.add(
      'orphan',
      null,
      'blocks',
      `${blocks} blocks and ${lists} block lists that nothing leads to`,
    );
    if (!run.repair) return next();
    storage.collector.collect(() => {
      findings.settle(finding, 'repaired');
      next();
    });
  }

  /** Of the store itself: blocks that are stored together share a file (D7). */
  function checkFiles(next: () => void): void {
    context.checkFiles(run.repair, (found) => {
      if (run.isStopped()) return;
      if (isFailure(found)) return run.fail(found.message);
      checked.files = found.files;
      if (found.loose > 0) {
        const finding = findings.add(
          'orphan',
          null,
          'files',
          `${found.loose} files of blocks that no block lies in`,
        );
        if (run.repair) findings.settle(finding, 'repaired');
      }
      next();
    });
  }

  inTurn(
    [
      (next) =>
        storage.collector.parts((known) => {
          parts = known;
          next();
        }),
      (next) =>
        walk(run, { table: 'blocks', prefix: '', rows: CONFIG.verify.blocks, each: takeBlocks }, next),
      (next) =>
        walk(
          run,
          { table: 'blobs', prefix: heldKey('' as Hash), rows: CONFIG.verify.blocks, each: takeNotes },
          next,
        ),
      (next) =>
        walk(
          run,
          { table: 'blobs', prefix: listKey('' as Hash), rows: CONFIG.storage.lists, each: takeLists },
          next,
        ),
      (next) => walk(run, { table: 'blobs', prefix: blobKey('' as Hash), each: takeRecords }, next),
      takeOrphans,
      checkFiles,
    ],
    then,
  );
}
