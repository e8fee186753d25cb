// What this device fetches of a grove by itself, whether it speaks there at all, and what it keeps whatever happens
// (SPEC Y1, Y2). As data: nothing here acts on it.
import { LIMITS } from '../model/manifest.ts';
import { BODY_LIMITS } from '../model/body.ts';
import { ARTIFACTS, BODIES } from '../model/contract.ts';
import { cidOf, hashOfCid, idBytes, toHash, type Cid } from '../model/ids.ts';
import { asArray, asId, asOneOf, asText, asUint } from '../wire/cbor.ts';

export { ARTIFACTS, BODIES };
export const GOSSIP = ['on', 'off'] as const;

export interface GrovePolicy {
  bodies: (typeof BODIES)[number];
  artifacts: (typeof ARTIFACTS)[number];
  /** Off: nothing goes out for the grove, and nothing that arrives changes it. */
  gossip: (typeof GOSSIP)[number];
  /** Most bytes of blocks that this device keeps of the grove's artifacts; null: no limit (SPEC C14). */
  budget: number | null;
  /** By metric: nothing worse is fetched for being among the best. */
  thresholds: Record<string, number>;
  /** Whether others' prompts and settings are in effect here (SPEC G18). */
  adopt: boolean;
}

export const DEFAULT_POLICY: GrovePolicy = {
  bodies: 'all',
  artifacts: 'all',
  gossip: 'on',
  budget: null,
  thresholds: {},
  adopt: true,
};

/** Contributions that this device keeps whole, whatever the policy. */
export const MAX_PINS = 1_000;

/** Fields of a grove's record. */
export const encodePolicy = ({
  bodies,
  artifacts,
  gossip,
  budget,
  thresholds,
  adopt,
}: GrovePolicy): object => ({
  adopt,
  artifacts,
  bodies,
  budget,
  gossip,
  thresholds: Object.entries(thresholds).map(([metric, value]) => [metric, value]),
});

/** Null where a field is malformed. Records of earlier builds know of artifacts only. */
export function decodePolicy(fields: ReadonlyMap<string, unknown> | null): GrovePolicy | null {
  const artifacts = asOneOf(fields?.get('artifacts'), ARTIFACTS);
  const bodies = asOneOf(fields?.get('bodies') ?? DEFAULT_POLICY.bodies, BODIES);
  const gossip = asOneOf(fields?.get('gossip') ?? DEFAULT_POLICY.gossip, GOSSIP);
  const budget = asUint(fields?.get('budget') ?? 0);
  const rows = asArray(fields?.get('thresholds') ?? [], BODY_LIMITS.metrics);
  const adopt = fields?.get('adopt') ?? DEFAULT_POLICY.adopt;
  if (artifacts === null || bodies === null || gossip === null || budget === null || rows === null)
    return null;
  if (typeof adopt !== 'boolean') return null;
  const thresholds = rows.map((raw): [string, number] | null => {
    const [rawMetric, value] = asArray(raw, 2) ?? [];
    const metric = asText(rawMetric, LIMITS.name);
    return metric === null || typeof value !== 'number' ? null : [metric, value];
  });
  if (thresholds.includes(null)) return null;
  return {
    ...{ bodies, artifacts, gossip, adopt },
    // A budget of nothing is a budget: only an absent one is none.
    budget: asUint(fields?.get('budget')),
    // Metric names are anybody's words: as entries, none reaches the object's prototype.
    thresholds: Object.fromEntries(thresholds.filter((each) => each !== null)),
  };
}

export const encodePins = (pins: ReadonlySet<Cid>): Uint8Array[] =>
  [...pins].map((cid) => idBytes(hashOfCid(cid)));

export function decodePins(raw: unknown): Set<Cid> | null {
  const rows = asArray(raw ?? [], MAX_PINS);
  const hashes = rows?.map((row) => asId(row, toHash));
  if (hashes === undefined || hashes.includes(null)) return null;
  return new Set(hashes.filter((hash) => hash !== null).map((hash) => cidOf(hash)));
}
