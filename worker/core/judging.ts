// What a grove's contract says of its contributions: whether one passes the gates or is verified, and whether work should
// stop. Puts together what the folds and views of a grove know; decides nothing itself.
import { judgeGates, type GateResult } from './graph/gates.ts';
import { judgeStops, type StopResult } from './graph/stops.ts';
import { verificationOf, type Verification } from './graph/verification.ts';
import type { Grove } from './grove.ts';
import type { Cid } from './model/ids.ts';
import type { Manifest } from './model/manifest.ts';

/** Null where nothing is judged (SPEC G19). */
export function gatesOf(grove: Grove, cid: Cid): { passed: boolean; results: GateResult[] } | null {
  const { views, terms, persons } = grove;
  const results = judgeGates(terms?.gates ?? [], cid, views.evidence, persons.personOf);
  return results && { passed: results.every(({ passed }) => passed), results };
}

export const stopsOf = ({ views, terms, persons }: Grove, now: number): StopResult[] =>
  judgeStops(terms?.stops ?? [], views.evidence, persons.personOf, now);

/** Null where it doesn't ask to be verified (SPEC G21). */
export const verifiedOf = (
  { views, acts, persons }: Grove,
  item: { cid: Cid; manifest: Manifest | null; withdrawn: boolean },
): Verification | null =>
  verificationOf(item, { evidence: views.evidence, outcomes: acts.outcomes, ...persons });

/** As lists tell it. */
export function verifiedBrief(
  grove: Grove,
  item: Parameters<typeof verifiedOf>[1],
): Pick<Verification, 'state' | 'confirmed' | 'quorum'> | null {
  const verification = verifiedOf(grove, item);
  if (verification === null) return null;
  const { state, confirmed, quorum } = verification;
  return { state, confirmed, quorum };
}
