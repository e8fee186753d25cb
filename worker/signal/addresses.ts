// What one network address may do to the endpoint, over all its connections (SPEC E5). Addresses are kept in memory
// while they are connected and until their buckets are full, and told to nobody. Must not know rooms.
import type { Bucket } from './bucket.ts';
import { createBucket, refill } from './bucket.ts';
import type { RoomLimits } from './config.ts';

export interface Addresses {
  /** Counts a connection in, or says why it is refused. */
  open(address: string, now: number): string | null;
  close(address: string): void;
  /** Of messages and bytes of all its connections together; null of an address that is not known. */
  spent(address: string): Bucket | null;
  /** Remembered now. */
  count(): number;
}

interface Known {
  connections: number;
  readonly opens: Bucket;
  readonly spent: Bucket;
}

type Limits = Pick<RoomLimits, 'connectionsPerAddress' | 'opensPerAddress' | 'address' | 'addresses'>;

export function createAddresses(limits: Limits): Addresses {
  /** Those that connected last come last. */
  const known = new Map<string, Known>();
  return { open, close, spent: (address) => known.get(address)?.spent ?? null, count: () => known.size };

  function open(address: string, now: number): string | null {
    const one = known.get(address) ?? {
      connections: 0,
      opens: createBucket(limits.opensPerAddress, now),
      spent: createBucket(limits.address, now),
    };
    known.delete(address);
    known.set(address, one);
    if (known.size > limits.addresses) forgetIdle(now);
    refill(one.opens, limits.opensPerAddress, now);
    if (one.connections >= limits.connectionsPerAddress)
      return `at most ${limits.connectionsPerAddress} connections from one address`;
    if (one.opens.tokens < 1) return 'too many new connections from one address';
    one.opens.tokens -= 1;
    one.connections += 1;
    return null;
  }

  function close(address: string): void {
    const one = known.get(address);
    if (one) one.connections -= 1;
  }

  /** Those whose buckets are full again have nothing to be remembered for; where that frees none, the oldest idle one goes. */
  function forgetIdle(now: number): void {
    let oldest: string | null = null;
    for (const [address, one] of known) {
      if (one.connections > 0) continue;
      refill(one.opens, limits.opensPerAddress, now);
      refill(one.spent, limits.address, now);
      oldest ??= address;
      const full =
        one.opens.tokens >= limits.opensPerAddress.burst && one.spent.tokens >= limits.address.burst;
      if (full) known.delete(address);
    }
    if (known.size > limits.addresses && oldest !== null) known.delete(oldest);
  }
}

/**
 * The key under which an address is counted: an IPv4 address, also one written as IPv6, as it is; of IPv6 the first 64
 * bits, since that is what one customer gets. What is no address counts as one and the same.
 */
export function addressKey(address: string): string {
  const four = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (four !== undefined) return four;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  if (!/^[0-9a-f:]*$/.test(head) || !address.includes(':')) return 'unknown';
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...new Array<string>(gap).fill('0'), ...after].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/**
 * Who asks. Behind `proxies` proxies of the operator's own each has appended whom it saw to `X-Forwarded-For`: the
 * entry that the outermost of them wrote counts, and what a client put before it does not.
 */
export function addressOf(
  remote: string | undefined,
  forwarded: string | undefined,
  proxies: number,
): string {
  if (proxies === 0) return addressKey(remote ?? '');
  const hops = (forwarded ?? '').split(',').map((hop) => hop.trim());
  return addressKey(hops.at(-proxies) ?? hops[0] ?? '');
}
