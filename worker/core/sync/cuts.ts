// Where a grove's logs are cut off, as it lies in the store beside the log (SPEC S16): it follows from the log, and spares
// reading that twice. What is found is checked against the log once that is read.
import { toEntryId, toPeerId, idBytes, type GroveId, type PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';
import type { WriteOp } from '../ports.ts';
import { asArray, asBytes, asId, asUint, decode, encode } from '../wire/cbor.ts';
import type { Log } from './log.ts';

export const cutsKey = (grove: GroveId): string => `cuts/${grove}`;

/** Of 150 bytes at most each; whoever is beyond is found anew. */
const MAX_CUTS = 5_000;

export function putCuts(grove: GroveId, cuts: ReadonlyMap<PeerId, Cut>): WriteOp {
  const rows = [...cuts].slice(0, MAX_CUTS);
  const value = encode(
    rows.map(([author, { seq, last, proof }]) => [idBytes(author), seq, last && idBytes(last), proof]),
  );
  return { op: 'put', table: 'meta', key: cutsKey(grove), value };
}

/** Empty where it is damaged: the log says it again. */
export function decodeCuts(bytes: Uint8Array | null): Map<PeerId, Cut> {
  const decoded = bytes && decode(bytes, { maxBytes: MAX_CUTS * 200 });
  const cuts = new Map<PeerId, Cut>();
  for (const raw of (decoded?.ok ? asArray(decoded.value, MAX_CUTS) : null) ?? []) {
    const row = asArray(raw, 4);
    const author = asId(row?.[0], toPeerId);
    const seq = asUint(row?.[1]);
    if (author !== null && seq !== null && seq > 0)
      cuts.set(author, { seq, last: asId(row?.[2], toEntryId), proof: asBytes(row?.[3], 64) });
  }
  return cuts;
}

const sameCut = (a: Cut | undefined, b: Cut | undefined): boolean => a?.seq === b?.seq && a?.last === b?.last;

/**
 * Whose cut-offs change, and whether the log goes on as it is: not where it holds more than these allow, nor where one
 * reached further before.
 */
export function cutsChange(
  log: Log,
  cuts: ReadonlyMap<PeerId, Cut>,
): { authors: readonly PeerId[]; fits: boolean } {
  const before = log.quarantine.cuts;
  const authors = [...new Set([...before.keys(), ...cuts.keys()])].filter(
    (author) => !sameCut(before.get(author), cuts.get(author)),
  );
  const fits = authors.every((author) => {
    const seq = cuts.get(author)?.seq ?? Infinity;
    return seq <= (before.get(author)?.seq ?? Infinity) && (log.head(author)?.seq ?? 0) < seq;
  });
  return { authors, fits };
}
