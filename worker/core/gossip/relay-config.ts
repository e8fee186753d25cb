// The defaults of relayed signaling (SPEC R), each with its reason. Durations in ms.

export interface RelayConfig {
  hops: number;
  hints: number;
  walkers: number;
  seen: number;
  neighbours: number;
  messages: { burst: number; perSecond: number };
  bytes: { burst: number; perSecond: number };
}

export const RELAY_CONFIG: RelayConfig = {
  /** R1: what a message may travel; twice the diameter of 1,000 peers with 5 neighbours each. */
  hops: 10,
  /** R2: peers of whom the way is remembered, about 200 bytes each. */
  hints: 4_096,
  /** Copies of a message that was sent in vain before: each walks its own way. */
  walkers: 3,
  /** Messages remembered, so that one that comes back takes another way. */
  seen: 512,
  /** Senders with a bucket: more than a device has links. */
  neighbours: 64,
  /** Of one neighbour. An attempt is about a dozen messages; a thousand peers that dial 500 times a minute make 0.5/s for each. */
  messages: { burst: 256, perSecond: 16 },
  /** Most are 0.5-2 KiB. */
  bytes: { burst: 512 * 1024, perSecond: 32 * 1024 },
};
