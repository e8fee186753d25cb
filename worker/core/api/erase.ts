// Takes a grove off this device: its record and secret always, its log and what only it names where that is asked.
import { erasedKey, recordKey } from '../access/record.ts';
import { readLists, type BlockRef } from '../cas/blobs.ts';
import { blobKey, blockKey, heldKey, listKey } from '../cas/keys.ts';
import type { Failure } from '../context.ts';
import type { Core } from '../core.ts';
import type { BlobState, Grove } from '../grove.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { encode } from '../wire/cbor.ts';
import { forkPrefix } from '../sync/proof.ts';
import { logPrefix } from '../sync/row.ts';

interface Contents {
  blocks: Set<Hash>;
  lists: Set<Hash>;
}

export function eraseGrove(
  core: Core,
  grove: Grove,
  erase: boolean,
  note: readonly WriteOp[],
  then: (failure: Failure | null) => void,
): void {
  const { context } = core;
  const record: WriteOp = { op: 'delete', table: 'meta', key: recordKey(grove.id) };
  if (!erase) return context.write([record, ...note], 'strict', then);

  const others = [...core.groves.values()].filter((other) => other !== grove);
  const kept = new Set(others.flatMap(({ blobs }) => [...blobs.keys()]));
  const gone = [...grove.blobs].filter(([hash]) => !kept.has(hash));
  const shared = others.flatMap(({ blobs }) => [...blobs.values()]).flatMap(rootsOf);

  contentsOf(core, shared, (keep) => {
    contentsOf(
      core,
      gone.flatMap(([, blob]) => rootsOf(blob)),
      (drop) => {
        const needed = new Set(others.flatMap((other) => bodiesOf(core, other)));
        const bodies = bodiesOf(core, grove).filter((body) => !needed.has(body));
        context.write(
          [
            record,
            ...tombstone(core, grove),
            { op: 'clear', table: 'log', prefix: logPrefix(grove.id) },
            { op: 'clear', table: 'meta', prefix: forkPrefix(grove.id) },
            ...bodies.map((key): WriteOp => ({ op: 'delete', table: 'bodies', key })),
            ...gone.map(([hash]): WriteOp => ({ op: 'delete', table: 'blobs', key: blobKey(hash) })),
            ...[...drop.lists].filter((list) => !keep.lists.has(list)).map(removeList),
            ...[...drop.blocks].filter((block) => !keep.blocks.has(block)).flatMap(removeBlock),
            ...note,
          ],
          'strict',
          (failure) => {
            if (failure === null) core.watch.forget(grove.id);
            then(failure);
          },
        );
      },
    );
  });
}

/** Who erased its own log must not start it anew: others hold what it wrote (SPEC S11). */
function tombstone(core: Core, grove: Grove): WriteOp[] {
  const seq = core.sync.log(grove.id)?.head(core.identity.keypair.id)?.seq ?? 0;
  const newest = Math.max(seq, grove.record.resumeFrom);
  return newest === 0
    ? []
    : [{ op: 'put', table: 'meta', key: erasedKey(grove.id), value: encode([newest]) }];
}

const rootsOf = ({ rows }: BlobState): Hash[] => rows.map(({ root }) => root);
const removeList = (list: Hash): WriteOp => ({ op: 'delete', table: 'blobs', key: listKey(list) });
const removeBlock = (block: Hash): WriteOp[] => [
  { op: 'delete', table: 'blocks', key: blockKey(block) },
  { op: 'delete', table: 'blobs', key: heldKey(block) },
];

function bodiesOf(core: Core, grove: Grove): Hash[] {
  const log = core.sync.log(grove.id);
  return log === null ? [] : log.since(0, log.size).map(({ body }) => body);
}

/** What hangs below these roots, as far as it is held. One after the other. */
function contentsOf(core: Core, roots: readonly Hash[], then: (contents: Contents) => void): void {
  const contents: Contents = { blocks: new Set(), lists: new Set() };
  const queue = [...new Set(roots)];
  function next(): void {
    const root = queue.pop();
    if (root === undefined) return then(contents);
    readLists({ hash: root, size: null }, core.context, (found) => {
      for (const list of found?.lists ?? []) contents.lists.add(list);
      for (const { hash } of found?.blocks ?? ([] as BlockRef[])) contents.blocks.add(hash);
      next();
    });
  }
  next();
}
