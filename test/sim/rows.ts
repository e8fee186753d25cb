// Rows of logs as they lie on simulated disks, read for the checks: headers are decoded once for all devices. Knows no check.
import { decodeEntry, type Entry } from '../../worker/core/model/entry.ts';
import { toPeerId, type PeerId } from '../../worker/core/model/ids.ts';
import { decodeSegment, segmentOf, type Packed } from '../../worker/core/sync/segment.ts';
import { asArray, asBytes, decode } from '../../worker/core/wire/cbor.ts';
import { textOf } from './ports/bytes.ts';

/** What the checks look at of a row. */
export interface Row {
  entry: Entry;
  receivedFrom: PeerId | null;
}

/** What lies at a key: a row, or those of a segment with their bodies. */
export function packedAt(key: string, value: Uint8Array): readonly Packed[] {
  if (segmentOf(key) === null) return [{ row: value, body: null }];
  const segment = decodeSegment(value);
  return segment.ok ? segment.value : [];
}

export function createRowReader() {
  const headers = new Map<string, Entry | null>();

  function decodeHeader(header: Uint8Array): Entry | null {
    const key = textOf(header);
    const known = headers.get(key);
    if (known !== undefined) return known;
    const decoded = decodeEntry(header);
    const entry = decoded.ok ? decoded.value : null;
    headers.set(key, entry);
    return entry;
  }

  /** As sync/row.ts writes it. */
  function readRow(value: Uint8Array): Row | null {
    const decoded = decode(value, { maxBytes: Infinity });
    const fields = decoded.ok ? asArray(decoded.value, Infinity) : null;
    const header = asBytes(fields?.[0]);
    const from = asBytes(fields?.[5], 32);
    const entry = header && decodeHeader(header);
    return entry && { entry, receivedFrom: from && toPeerId(from) };
  }

  return { decodeHeader, readRow };
}
