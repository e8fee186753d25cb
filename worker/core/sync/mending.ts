// Rows of applied entries that went bad on the disk, written anew in their places from what others give (SPEC S18): the log in
// memory goes on as it was. Knows nothing of how they were found, nor of what entries mean.
import { isFailure, type Context } from '../context.ts';
import { decodeEntry, entryMessage, groveOf, type Entry } from '../model/entry.ts';
import { idBytes, type EntryId, type GroveId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { LogEntry } from './log.ts';
import { isWhole } from './receive.ts';
import { encodeRow, rowKey } from './row.ts';
import { decodeSegment, encodeSegment, segmentKey } from './segment.ts';

interface Wanted {
  kept: LogEntry;
  /** Its body is lost as well: without one it is not whole again. */
  body: boolean;
  told: () => void;
}

export type Mending = ReturnType<typeof createMending>;

export function createMending(deps: {
  grove: GroveId;
  context: Context;
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Whether the body that came with it is to be stored. */
  wantsBody: (entry: Entry, body: Uint8Array) => boolean;
}) {
  const { grove, context, hash } = deps;
  const wanted = new Map<EntryId, Wanted>();
  /** One after the other: several may lie in one segment. */
  const jobs: (() => void)[] = [];
  let busy = false;

  function next(): void {
    const job = busy ? undefined : jobs.shift();
    if (job === undefined) return;
    busy = true;
    job();
  }

  function done(): void {
    busy = false;
    next();
  }

  function write(ops: readonly WriteOp[], each: Wanted): void {
    context.write(ops, 'strict', (failure) => {
      if (failure !== null) context.count('entries.notMended');
      else {
        context.count('entries.mended');
        wanted.delete(each.kept.id);
        each.told();
      }
      done();
    });
  }

  /** Where it lay: in its row, or in its place of a segment. What of a segment can't be read any more gives up its entries one by one. */
  function store(each: Wanted, entry: Entry, wire: WireEntry): void {
    const { kept } = each;
    if (!wanted.has(kept.id)) return done();
    const { index, receivedAt, receivedFrom } = kept;
    const body = wire.body !== null && (each.body || deps.wantsBody(entry, wire.body)) ? wire.body : null;
    const signature = kept.signed ? wire.signature : null;
    const row = encodeRow({ entry, signature, table: wire.table, index, receivedAt, receivedFrom });
    const alone = (): WriteOp[] => [
      { op: 'put', table: 'log', key: rowKey(grove, kept), value: row },
      ...(body === null ? [] : [{ op: 'put', table: 'bodies', key: entry.body, value: body } as const]),
    ];
    const { slot } = kept;
    if (slot === null) return write(alone(), each);
    const key = segmentKey(grove, slot.segment);
    context.read('log', [key], (values) => {
      if (isFailure(values)) return done();
      const bytes = values[0] ?? null;
      const packed = bytes && decodeSegment(bytes);
      if (packed?.ok !== true || packed.value[slot.slot] === undefined) {
        kept.slot = null;
        return write(alone(), each);
      }
      const whole = packed.value.map((old, at) =>
        at === slot.slot ? { row, body: body ?? (each.body ? null : old.body) } : old,
      );
      write([{ op: 'put', table: 'log', key, value: encodeSegment(whole) }], each);
    });
  }

  function take(wire: WireEntry): void {
    const decoded = decodeEntry(wire.header, hash);
    if (!decoded.ok || groveOf(decoded.value) !== grove) return;
    const entry = decoded.value;
    const each = wanted.get(entry.id);
    if (each === undefined || !isWhole(entry, wire, hash) || (each.body && wire.body === null)) return;
    const keep = (): void => {
      jobs.push(() => store(each, entry, wire));
      next();
    };
    if (!each.kept.signed) return keep();
    const { signature } = wire;
    if (signature === null) return;
    const item = { key: idBytes(entry.author), message: entryMessage(entry.id), signature };
    context.verify([item], (verdicts) => {
      if (!isFailure(verdicts) && verdicts[0] === true) keep();
    });
  }

  return {
    isWanted: (id: EntryId): boolean => wanted.has(id),

    want(kept: LogEntry, body: boolean, told: () => void): void {
      wanted.set(kept.id, { kept, body, told });
    },
    forget: (id: EntryId): void => void wanted.delete(id),

    /** What came, whatever it came for. */
    take(entries: readonly WireEntry[]): void {
      if (wanted.size > 0) entries.forEach(take);
    },
  };
}
