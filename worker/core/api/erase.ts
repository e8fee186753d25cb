// Takes a grove off this device: its record and secret always, its log where that is asked. Its blobs are the collector's.
import { erasedKey, recordKey } from '../access/record.ts';
import type { Failure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { encode } from '../wire/cbor.ts';
import { glanceKey } from './glance.ts';
import { cutsKey } from '../sync/cuts.ts';
import { forkPrefix } from '../sync/proof.ts';
import { logPrefix } from '../sync/row.ts';
import { segmentPrefix } from '../sync/segment.ts';

export function eraseGrove(
  core: Core,
  grove: Grove,
  erase: boolean,
  note: readonly WriteOp[],
  then: (failure: Failure | null) => void,
): void {
  const { context } = core;
  const record: WriteOp = { op: 'delete', table: 'meta', key: recordKey(grove.id) };
  const glance: WriteOp = { op: 'delete', table: 'meta', key: glanceKey(grove.id) };
  if (!erase) return context.write([record, glance, ...note], 'strict', then);

  const others = [...core.groves.values()].filter((other) => other !== grove);
  const needed = new Set(others.flatMap((other) => bodiesOf(core, other)));
  const bodies = bodiesOf(core, grove).filter((body) => !needed.has(body));
  context.write(
    [
      record,
      glance,
      ...tombstone(core, grove),
      { op: 'clear', table: 'log', prefix: logPrefix(grove.id) },
      { op: 'clear', table: 'log', prefix: segmentPrefix(grove.id) },
      { op: 'clear', table: 'meta', prefix: forkPrefix(grove.id) },
      { op: 'delete', table: 'meta', key: cutsKey(grove.id) },
      ...bodies.map((key): WriteOp => ({ op: 'delete', table: 'bodies', key })),
      ...note,
    ],
    'strict',
    (failure) => {
      if (failure === null) core.watch.forget(grove.id);
      then(failure);
    },
  );
}

/** Who erased its own log must not start it anew: others hold what it wrote (SPEC S11). */
function tombstone(core: Core, grove: Grove): WriteOp[] {
  const seq = core.sync.log(grove.id)?.head(core.identity.keypair.id)?.seq ?? 0;
  const newest = Math.max(seq, grove.record.resumeFrom);
  return newest === 0
    ? []
    : [{ op: 'put', table: 'meta', key: erasedKey(grove.id), value: encode([newest]) }];
}

function bodiesOf(core: Core, grove: Grove): Hash[] {
  const log = core.sync.log(grove.id);
  return log === null ? [] : log.since(0, log.size).map(({ body }) => body);
}
