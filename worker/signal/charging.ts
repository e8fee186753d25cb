// Who pays for what the endpoint is made to do: the connection, its address, and the room (SPEC E2, E5). Must not know
// what is said.
import type { Addresses } from './addresses.ts';
import type { Bucket } from './bucket.ts';
import { refill } from './bucket.ts';
import type { RoomLimits } from './config.ts';

export interface Payer {
  /** The key of its network address, where one is known. */
  readonly address: string | null;
  readonly spent: Bucket;
  /** Messages dropped since the bucket was last half full. */
  refused: number;
}

/** `first`: refused, and not said yet. `flood`: refused too often. */
export type Charge = 'paid' | 'first' | 'again' | 'flood';

export function createCharging(limits: RoomLimits, addresses: Addresses) {
  return { take, pay };

  /** A token of the connection and one of its address, or none of either. */
  function take(payer: Payer, now: number): Charge {
    const { spent } = payer;
    const shared = sharedBy(payer);
    refill(spent, limits, now);
    if (shared) refill(shared, limits.address, now);
    if (spent.tokens >= limits.burst / 2) payer.refused = 0;
    if (spent.tokens > 0 && (shared === null || shared.tokens > 0)) {
      spent.tokens -= 1;
      if (shared) shared.tokens -= 1;
      return 'paid';
    }
    payer.refused += 1;
    if (payer.refused > limits.refusalsBeforeClose) return 'flood';
    return payer.refused === 1 ? 'first' : 'again';
  }

  /** For bytes that are sent on, which may leave a bucket in debt. */
  function pay(payer: Payer, room: Bucket | null, bytes: number): void {
    const cost = bytes / limits.bytesPerToken;
    for (const bucket of [payer.spent, sharedBy(payer), room]) if (bucket) bucket.tokens -= cost;
  }

  /** What all connections of the same address spend together. */
  function sharedBy({ address }: Payer): Bucket | null {
    return address === null ? null : addresses.spent(address);
  }
}
