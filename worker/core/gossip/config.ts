// Defaults of membership, each with its reason or source. Times in ms.

export interface MembershipLimits {
  /** Neighbours: as many as are asked for, below which more are asked at once, and as many as are ever taken. */
  want: number;
  min: number;
  max: number;
  passive: number;
  /** Members remembered across restarts, and how often one of them that isn't linked is tried. */
  remembered: number;
  tryRemembered: number;
  /** Between saves of what is remembered. */
  saveEvery: number;
  /** Known by gossip alone, and of these by one teller. Known by hand or by the endpoint: as many of each. */
  learned: number;
  learnedOfOne: number;
  met: number;
  /** Hops of a descriptor from its owner: to the next, and to one more. */
  hops: number;
  /** Hops of a walk, and how many before its end a newcomer enters the passive view. */
  walk: number;
  walkPassive: number;
  /** Of shuffles: the interval, its spread, what goes along, and the quick ones after a first neighbour was found. */
  shuffleEvery: number;
  shuffleSpread: number;
  shuffleActive: number;
  shufflePassive: number;
  shuffleSoon: readonly number[];
  /** Walks whose way back is known at once, and for how long. */
  walks: number;
  walkLife: number;
  /** Since the owner, or one linked to it, vouched for a descriptor. */
  suspectAfter: number;
  failedAfter: number;
  /** Own descriptors are signed anew after this, and not more often than `reissueLeast` however often they are doubted. */
  reissueEvery: number;
  reissueLeast: number;
  /** Descriptors whose signatures were checked, kept so that they are checked once. */
  verified: number;
  /** Of peers forgotten after failures, so that the same descriptor doesn't bring them back. */
  buried: number;
  /** Attempts in vain after which a peer is forgotten. */
  failures: number;
  /** Who refused or wasn't reached is passed over for this long. */
  passOver: number;
  /** …and for this long by who has no neighbour at all. */
  passOverAlone: number;
  /** Who asked to join and wasn't taken keeps its link for this long, to find others by it. */
  joinKeeps: number;
  /** A request to be neighbours is given up after this. */
  askTimeout: number;
  /** A dial that takes longer than this no longer keeps others from being dialled. */
  dialPatience: number;
  dialTimeout: number;
  dialsMost: number;
  /** Between dials while there are enough neighbours but fewer than wanted: doubling, as all others may have enough. */
  slowDial: { first: number; most: number; spread: number };
  /** How soon lacking neighbours is looked at again. */
  repairEvery: number;
  /** A neighbour is let go as surplus only after this: it may be the only bridge to others. */
  settled: number;
  /** Of a lost neighbour: how many are asked, how long for. */
  probes: number;
  probeTimeout: number;
  /** After the own clock jumped. */
  doubt: number;
  /** Token buckets, per neighbour or as named. */
  walkRate: Rate;
  shuffleRate: Rate;
  askRate: Rate;
  joinRate: Rate;
  evictionRate: Rate;
  dialRate: Rate;
}

export interface Rate {
  burst: number;
  perMinute: number;
}

const desktop: MembershipLimits = {
  // DESIGN 5; HyParView has log(n) + 1 = 5 for 10,000 in its paper.
  want: 5,
  min: 4,
  max: 8,
  // DESIGN 5; the paper's 6 (log(n) + 1).
  passive: 30,
  remembered: 16,
  tryRemembered: 60_000,
  saveEvery: 60_000,
  // DESIGN 5, "peer exchange": 50, a quarter from one.
  learned: 50,
  learnedOfOne: 12,
  met: 64,
  hops: 2,
  // The paper's ARWL and PRWL, section 5.
  walk: 6,
  walkPassive: 3,
  // DESIGN 5; 3 and 4 are the paper's ka and kp.
  shuffleEvery: 30_000,
  shuffleSpread: 0.2,
  shuffleActive: 3,
  shufflePassive: 4,
  // A newcomer knows one peer; three samples make it find its others within seconds.
  shuffleSoon: [300, 1_500, 5_000],
  walks: 256,
  // Out and back over 6 hops, each well under a second.
  walkLife: 20_000,
  // DESIGN 5, "liveness": three and five shuffles.
  suspectAfter: 90_000,
  failedAfter: 150_000,
  // Costs each who hears of it one check (FACTS: about 1 ms with noble).
  reissueEvery: 300_000,
  reissueLeast: 2_000,
  verified: 512,
  buried: 256,
  failures: 3,
  passOver: 30_000,
  passOverAlone: 5_000,
  joinKeeps: 30_000,
  askTimeout: 5_000,
  // A link comes about in 1-2 s or mostly not at all (10 s, DESIGN 5).
  dialPatience: 3_000,
  dialTimeout: 30_000,
  dialsMost: 12,
  slowDial: { first: 10_000, most: 300_000, spread: 0.25 },
  repairEvery: 1_000,
  settled: 45_000,
  probes: 3,
  probeTimeout: 5_000,
  doubt: 5_000,
  // 6 hops of a shuffle every 30 s make 12 walks a minute at each peer; a burst is a crowd of newcomers.
  walkRate: { burst: 40, perMinute: 120 },
  // 6 hops every 30 s over 5 neighbours make 2.4 a minute from each; who sends more wants to be heard more than others.
  shuffleRate: { burst: 40, perMinute: 120 },
  askRate: { burst: 10, perMinute: 30 },
  joinRate: { burst: 20, perMinute: 20 },
  evictionRate: { burst: 4, perMinute: 6 },
  dialRate: { burst: 10, perMinute: 10 },
};

export const GOSSIP = {
  desktop,
  phone: { ...desktop, want: 3, min: 2, max: 4, dialsMost: 6 },
} as const satisfies Record<string, MembershipLimits>;
