// What is to be thought of a peer, by when it was last vouched for (P8). A pure function of what is known of it.
import type { Known } from './book.ts';
import type { MembershipLimits } from './config.ts';
import type { LivenessState } from './types.ts';

/** Who is linked is there now. */
export const ageOf = (known: Known, now: number, linked: boolean): number =>
  linked ? 0 : Math.max(0, now - known.vouchedAt);

export function stateOf(
  known: Known,
  now: number,
  linked: boolean,
  { suspectAfter, failedAfter }: MembershipLimits,
): LivenessState {
  if (known.frozen) return 'frozen';
  if (linked) return 'alive';
  const age = ageOf(known, now, linked);
  const doubted = known.suspectedAt === null ? 0 : suspectAfter + now - known.suspectedAt;
  const worst = Math.max(age, doubted);
  return worst > failedAfter ? 'failed' : worst >= suspectAfter && worst > 0 ? 'suspect' : 'alive';
}
